package send

import (
	"testing"
	"time"
)

func TestTimeLimits(t *testing.T) {
	limits := TimeLimits{All: 10 * time.Second}
	if err := limits.Set("connect=2s, first-byte=500ms"); err != nil || limits.All != 10*time.Second || limits.Connect != 2*time.Second {
		t.Errorf("%+v, %v", limits, err)
	}
	if got, want := limits.String(), "10s,connect=2s,first-byte=500ms"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	var again TimeLimits
	if err := again.Set(limits.String()); err != nil || again != limits {
		t.Errorf("%+v, %v", again, err)
	}
	for _, text := range []string{"", "0s", "fast", "body=-1s", "firstbyte=1s", "1s,"} {
		if err := new(TimeLimits).Set(text); err == nil {
			t.Errorf("%q is read", text)
		}
	}
}
