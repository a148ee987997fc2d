package session_test

import (
	"slices"
	"testing"
	"time"

	"reprise/replay"
	"reprise/replay/session"
)

func TestParseStopOn(t *testing.T) {
	got, err := session.ParseStopOn("errors>50%/10s, errors>0.05/5m")
	if want := []replay.Fuse{{Share: 0.5, Window: 10 * time.Second}, {Share: 0.05, Window: 5 * time.Minute}}; err != nil || !slices.Equal(got, want) {
		t.Errorf("%v, %v", got, err)
	}
	if got, err := session.ParseStopOn("none"); err != nil || got == nil || len(got) > 0 {
		t.Errorf("none is %v, %v", got, err)
	}
	if got, err := session.ParseStopOn(session.DefaultStopOn); err != nil || !slices.Equal(got, []replay.Fuse{replay.DefaultFuse()}) {
		t.Errorf("the default is %v, %v", got, err)
	}
	for _, text := range []string{"", "errors", "errors>50%", "errors>200%/1s", "errors>1%/-1s", "errors>1%/1s,", "p99>1s/1s"} {
		if got, err := session.ParseStopOn(text); err == nil {
			t.Errorf("%q is %v", text, got)
		}
	}
}
