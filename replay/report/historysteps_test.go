package report

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"time"

	"reprise/replay/compare"
	"reprise/replay/results"
)

// historyInSteps is a history of 12 runs of three steps, of which the last is slower from run 7 on.
func historyInSteps(t *testing.T) *compare.History {
	t.Helper()
	var runs []compare.HistoryRun
	for n := 1; n <= 12; n++ {
		r := historyRun(n, 1+0.01*float64(n%3))
		for i, name := range []string{"", "rush", ""} {
			part := r.Summary
			if i == 2 && n >= 7 {
				l := &part.Latency
				for _, d := range []*time.Duration{&l.P50, &l.P90, &l.P95, &l.P99} {
					*d = *d * 13 / 10
				}
			}
			part.Steps = nil
			r.Summary.Steps = append(r.Summary.Steps, results.Step{Number: i + 1, Name: name, Text: "20k at 2x", Summary: part})
		}
		runs = append(runs, r)
	}
	h, err := compare.HistoryOf(t.Context(), runs)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestHistoryInSteps(t *testing.T) {
	h := historyInSteps(t)
	golden(t, "historysteps.txt", func(w io.Writer) error { return WriteHistory(w, Text, h) })
	for f, want := range map[Format]string{
		JSON: `"steps":[{"step":1,"text":"20k at 2x","runs":[0,1,2,3,4,5],"p50_ns":22`,
		CSV:  ",step3.p50_ms,step3.p90_ms,step3.p99_ms,step3.error_rate,lag.p99_ms\n",
		HTML: "<h2>By step</h2>", Markdown: "p50, p90 and p99 of step 3 alone: +30.0 %",
	} {
		var b bytes.Buffer
		if err := WriteHistory(&b, f, h); err != nil || !strings.Contains(b.String(), want) {
			t.Errorf("%s: %v, want %q in %s", f, err, want, b.String())
		}
	}
}

// TestStepsThatChangedAsKindsDid holds that every step is not told beside every kind, but is where no kind changed.
func TestStepsThatChangedAsKindsDid(t *testing.T) {
	h := historyInSteps(t)
	change := func(kind string, step int, by float64) compare.TrackChange {
		return compare.TrackChange{Kind: kind, Step: step, Metric: compare.MetricP50, Before: 20e6, After: 20e6 * (1 + by), Change: by}
	}
	steps := []compare.TrackChange{change("step 1", 1, 0.2), change("step 2 (rush)", 2, 0.2), change("step 3", 3, 0.2)}
	kinds := []compare.TrackChange{change("reaction", 0, 0.2), change("help", 0, 0.2)}
	for _, tc := range []struct {
		name string
		list []compare.TrackChange
		want string
	}{
		{"all of both", append(kinds, steps...), "every kind"},
		{"steps alone", steps, "every step"},
		{"two steps", steps[:2], "step 1 and step 2 (rush)"},
		{"one step beside kinds", append(kinds[:2:2], steps[1]), "every kind; step 2 (rush) alone"},
		{"the other way", []compare.TrackChange{change("help", 0, 0.2), change("step 1", 1, -0.2)}, "help alone; step 1 alone"},
	} {
		var who []string
		for _, g := range changeGroups(h, 0, tc.list) {
			who = append(who, g.who)
		}
		if got := strings.Join(who, "; "); got != tc.want {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
	}
}
