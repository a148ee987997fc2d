package cli

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"reprise/replay/completions"
)

// TestMapExamples reads the maps in the help, and by each a line such as it is for.
func TestMapExamples(t *testing.T) {
	examples := regexp.MustCompile(`(?m)(^    .*\n?)+`).FindAllString(mapHelp, -1)
	lines := []string{
		"finished_at;correlation;test_run;state\n1795780800250;7.1;r;sent\n",
		"2026-11-27 12:00:00,250 INFO done record=7.1 sent\n",
	}
	if len(examples) != len(lines) {
		t.Fatalf("%d examples, want %d", len(examples), len(lines))
	}
	for i, text := range examples {
		file := filepath.Join(t.TempDir(), "map.yaml")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		o := completionFlags{fields: file, offset: "auto"}
		if err := o.parse(); err != nil {
			t.Errorf("example %d: %v", i+1, err)
			continue
		}
		var set completions.Set
		if err := set.Read(t.Context(), strings.NewReader(lines[i]), "f", "r", o.Map); err != nil {
			t.Errorf("example %d: %v", i+1, err)
		}
		if at, outcome, ok := set.Of(7, 1); !ok || outcome != "sent" || at.UnixMilli() != 1795780800250 {
			t.Errorf("example %d: %v %q at %v, %s", i+1, ok, outcome, at, set.Account.String())
		}
	}
}
