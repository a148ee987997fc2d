package report

import (
	"strings"
	"testing"

	"reprise/replay"
	"reprise/replay/cause"
	"reprise/replay/results"
)

// TestEnded holds what a page is told at the end of a run: how it ended, whose limits it has, and the causes.
func TestEnded(t *testing.T) {
	stopped, gaveUp := run(t), burst(t)
	stopped.Footer.State, stopped.Summary.Verdict = replay.Interrupted, results.Verdict{Limits: []results.Limit{{What: "unsent", Amount: "500 requests", Whose: results.Tool}}}
	gaveUp.Footer.State = replay.Aborted
	for _, tc := range []struct {
		name string
		r    *results.Run
		why  *Why
		want []string
	}{
		{"played", run(t), whyOf(cause.Report{Findings: shapes()[:1], Requests: 600}), []string{
			"faithful, 3.00 % failed|bad", "The run was played to its end. Limits of the tool: none; of the target: timeout (20 requests), unavailable (40 requests).", "Requests of a person who had texted",
		}},
		{"stopped", stopped, nil, []string{"not faithful, 3.00 % failed|bad", "The run was stopped by hand. Limits of the tool: 500 requests not sent; of the target: none seen."}},
		{"gave up", gaveUp, nil, []string{"not faithful, 50.00 % failed|bad", "The run gave up. Limits of the tool: lag p99 19.0 ms; by hand: 2 changes; of the target: unavailable"}},
		{"cut", &results.Run{}, nil, []string{"not faithful|bad", "The run has no end. "}},
	} {
		e := EndOf(tc.r, tc.why)
		text := e.Verdict + "|" + e.Mood + "\n" + e.Says + "\n" + strings.Join(e.Why, "\n")
		for _, want := range tc.want {
			if !strings.Contains(text, want) {
				t.Errorf("%s: %q is not in\n%s", tc.name, want, text)
			}
		}
		if len(e.Figures) != 8 {
			t.Errorf("%s: %d figures", tc.name, len(e.Figures))
		}
	}
}
