package report

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"reprise/replay/compare"
)

// inSteps is a comparison of four steps, of which the given ones, from 1, became slower, and all as a whole if so said.
func inSteps(whole bool, slow ...int) *compare.Comparison {
	row := func(slower bool) []compare.Latency {
		l := compare.Latency{
			Metric: "p50", BaseCount: 900, CandidateCount: 900, Base: 20 * time.Millisecond, Candidate: 20 * time.Millisecond, Judged: true,
			Verdict: compare.Equivalent, Why: compare.Within, Change95: &compare.Interval{Low: -0.01, High: 0.01}, Change90: &compare.Interval{Low: -0.01, High: 0.01},
		}
		if slower {
			l.Candidate, l.Difference, l.Change, l.Verdict, l.Why = 40*time.Millisecond, 20*time.Millisecond, 1, compare.Regressed, compare.Beyond
			l.Change95, l.Change90 = &compare.Interval{Low: 0.9, High: 1.1}, &compare.Interval{Low: 0.9, High: 1.1}
		}
		return []compare.Latency{l}
	}
	fine := compare.Errors{Pairs: 900, Verdict: compare.Equivalent, Why: compare.Within}
	c := &compare.Comparison{Verdict: compare.Equivalent, Caveat: "One run each.", Method: compare.Method{FloorChange: compare.FloorChange, FloorLatency: compare.FloorLatency}}
	c.Base.Name, c.Candidate.Name = "base.rpr", "candidate.rpr"
	c.All = compare.Kind{Name: "all", Latency: row(whole), Errors: fine}
	c.Kinds = []compare.Kind{{Name: "help", Latency: row(whole), Errors: fine}, {Name: "info", Latency: row(whole), Errors: fine}}
	for i, name := range []string{"step 1", "step 2", "step 3 (rush)", "step 4"} {
		s := compare.Step{Number: i + 1, Text: "30s at 1x", Kind: compare.Kind{Name: name, Latency: row(false), Errors: fine}}
		for _, n := range slow {
			if n == i+1 {
				s.Latency = row(true)
			}
		}
		c.Steps = append(c.Steps, s)
	}
	if len(slow) > 0 {
		c.Verdict = compare.Regressed
	}
	return c
}

// TestComparedSteps holds what every format says of the steps that changed.
func TestComparedSteps(t *testing.T) {
	for _, tc := range []struct {
		name string
		c    *compare.Comparison
		want string // "" for nothing of steps
	}{
		{"one alone", inSteps(false, 3), "step 3 (rush) alone: +20 ms (+100 %)."},
		{"some", inSteps(false, 1, 3), "step 1 and step 3 (rush): +20 ms (+100 %)."},
		{"every one, as every kind", inSteps(true, 1, 2, 3, 4), ""},
		{"every one, and no kind by itself", inSteps(false, 1, 2, 3, 4), "every step: +20 ms (+100 %)."},
		{"none", inSteps(false), "Every step: no change beyond the floor."},
	} {
		lead := strings.Join(comparisonLead(tc.c), "\n")
		if tc.want == "" && strings.Contains(lead, "step") || !strings.Contains(lead, tc.want) {
			t.Errorf("%s: %q, want %q", tc.name, lead, tc.want)
		}
	}
	for f, want := range map[Format]string{
		Text: "step 3 (rush) alone: +20 ms", Markdown: "| step 3 (rush) | p50 | regressed |", JSON: `"steps":[{"step":1,"text":"30s at 1x","name":"step 1",`,
		JUnit: `classname="step 3 (rush)" name="p50 latency"`, HTML: "step 3 (rush)",
	} {
		var b bytes.Buffer
		if err := WriteComparison(&b, f, inSteps(false, 3)); err != nil || !strings.Contains(b.String(), want) {
			t.Errorf("%s: %v, want %s in %s", f, err, want, b.String())
		}
	}
	for name, want := range map[string]string{
		"some steps": `"says":["step 3 (rush) alone: +20 ms (+100 %).","Could have seen: nothing, in so few requests.","One run each."],"covers":[],"step_covers":[{"metric":"latency","verdict":"regressed","scope":"alone","kinds":["step 3 (rush)"]`,
		"all kinds":  `"says":["every kind: +20 ms (+100 %).","Could have seen: nothing, in so few requests.","One run each."],"covers":[{"metric":"latency","verdict":"regressed","scope":"every","kinds":["help","info"]`,
	} {
		c := inSteps(false, 3)
		if name == "all kinds" {
			c = inSteps(true, 1, 2, 3, 4)
		}
		var b bytes.Buffer
		if err := WriteComparison(&b, JSON, c); err != nil || !strings.Contains(b.String(), want) {
			t.Errorf("%s: %v, want %s in %s", name, err, want, b.String())
		}
	}
}
