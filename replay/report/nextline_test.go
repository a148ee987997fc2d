package report

import (
	"strings"
	"testing"

	"reprise/replay/cause"
)

// TestNextCompletions holds that a run whose file has its completions is explained without their files.
func TestNextCompletions(t *testing.T) {
	why := &Why{Run: "run.rpr", Again: Again{Given: []string{"--completions", "done.ndjson"}}, Report: &cause.Report{Findings: shapes()[:1]}}
	next := Next{Run: "run.rpr", Named: optionNames}
	for _, holds := range []bool{false, true} {
		line := next.line(why, holds)
		if !strings.Contains(line, "reprise why run.rpr") || strings.Contains(line, "done.ndjson") == holds {
			t.Errorf("held %v: %s", holds, line)
		}
	}
	if len(why.Again.Given) == 0 {
		t.Error("the why itself has forgotten what it was given")
	}
}
