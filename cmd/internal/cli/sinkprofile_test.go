package cli

import (
	"strings"
	"testing"

	"reprise/fixtures/sink"
)

// TestProfileExample reads the example in the help.
func TestProfileExample(t *testing.T) {
	_, example, _ := strings.Cut(profileExample, ":\n")
	usual, kinds, err := sink.ParseProfiles([]byte(example))
	if err != nil {
		t.Fatal(err)
	}
	if usual.Queue == nil || usual.Queue.Limit != 100 || len(usual.Errors.Status) != 2 || usual.Latency.Sigma == 0 || len(kinds) != 2 {
		t.Errorf("%+v %+v", usual, kinds)
	}
	for kind, p := range kinds {
		if shared := p.Queue == usual.Queue; shared != (kind.String() == "custom_keyword") {
			t.Errorf("%v: shares the queue: %v", kind, shared)
		}
	}
}
