package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"reprise/fixtures/sink"
)

// FuzzSinkProfile reads whatever file: it is refused with the file's name, or the sink takes it.
func FuzzSinkProfile(f *testing.F) {
	_, example, _ := strings.Cut(profileExample, ":\n")
	f.Add(example)
	f.Add("default: {latency: {p50: 1ms, p99: 1s}, errors: {500: 50%, never: 0.5}}")
	f.Add("default: &a {latency: 1ms}\nkinds: {help: *a, info: {queue: none}}")
	f.Add("default: &a [*a]")
	f.Add("kinds: {help: {stall: {every: 1s}}}")
	name := filepath.Join(f.TempDir(), "profile.yaml")
	f.Fuzz(func(t *testing.T, text string) {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		usual, kinds, err := readSinkProfile(name)
		if err != nil {
			if !strings.Contains(err.Error(), name) {
				t.Errorf("the error %q does not name the file", err)
			}
			return
		}
		if _, err := sink.New(sink.Options{Profile: usual, Kinds: kinds}); err != nil {
			t.Errorf("the sink refuses what was read: %v", err)
		}
	})
}

// TestProfileExample reads the example in the help.
func TestProfileExample(t *testing.T) {
	_, example, _ := strings.Cut(profileExample, ":\n")
	name := filepath.Join(t.TempDir(), "profile.yaml")
	if err := os.WriteFile(name, []byte(example), 0o600); err != nil {
		t.Fatal(err)
	}
	usual, kinds, err := readSinkProfile(name)
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
