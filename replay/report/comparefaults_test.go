package report

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"reprise/replay/compare"
	"reprise/replay/results"
)

func TestFaultsByCause(t *testing.T) {
	const noCPU = "the tool had no CPU"
	got := faultLines([]compare.Reason{
		{What: "lag", Text: "requests left late."},
		{What: "unfaithful", Run: "r0.rpr", Text: "long", Cause: noCPU, Lag: "905ms", Moved: "48%"},
		{What: "unfaithful", Run: "r1.rpr", Text: "long", Cause: noCPU, Lag: "770ms", Moved: "40%"},
		{What: "unfaithful", Run: "r2.rpr", Text: "long", Cause: "the process was stopped", Lag: "1.2s", Longer: "800ms"},
		{What: "unfaithful", Run: "r3.rpr", Text: "r3.rpr is not faithful: 3 requests were shed."},
	})
	want := []string{
		"requests left late.",
		"r0.rpr and r1.rpr are not faithful: the tool had no CPU (lag p99 905 and 770 ms; moved 48 and 40 %).",
		"r2.rpr is not faithful: the process was stopped (lag p99 1.20 s; longer by 800 ms).",
		"r3.rpr is not faithful: 3 requests were shed.",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestNoShareOfNothing(t *testing.T) {
	l := compare.Latency{
		BaseCount: 9, CandidateCount: 9, Candidate: 2e7, Difference: 2e7, Change: 2e7,
		Difference95: &compare.Interval{Low: 9e5, High: 3e7}, Change95: &compare.Interval{Low: 9e5, High: 3e7},
	}
	if x := sidesOf(&l); x.change != dash || x.difference != "+20.0 ms" || rangeOf(&l) != "+900 µs to +30 ms" {
		t.Errorf("got %+v and %q", x, rangeOf(&l))
	}
	l.Base, l.Change = 1e9, -0.0001
	if x := sidesOf(&l); x.change != "+0.0 %" {
		t.Errorf("got %q", x.change)
	}
}

func TestInvalidIsNotExplained(t *testing.T) {
	c := compare.Comparison{Verdict: compare.Invalid, Invalid: []compare.Reason{{What: "repeated"}}}
	c.Candidate.Name = "b.rpr"
	if got := causeLines(&c); got != nil {
		t.Errorf("a run given twice: %q", got)
	}
	c.Invalid = []compare.Reason{{What: "lag"}, {What: "unfaithful"}}
	if got := causeLines(&c); len(got) != 1 {
		t.Errorf("lag: %q", got)
	}
	if got := apartNotes(&c); !slices.Equal(got, []string{"As measured: not judged, as the runs cannot be compared."}) {
		t.Errorf("apart: %q", got)
	}
	c.Answers = &compare.Answers{Pairs: 3, Findings: []compare.AnswerFinding{{Kind: "help"}}}
	if p := answerPart(&c); len(p.Table.Rows) != 1 {
		t.Errorf("answers of pairs: %+v", p)
	}
	c.Invalid = []compare.Reason{{What: "corpus"}}
	if p := answerPart(&c); len(p.Table.Rows) != 0 {
		t.Errorf("answers of no pairs: %+v", p)
	}
}

func TestAdviceByCause(t *testing.T) {
	for _, tc := range []struct{ cause, has, hasNot string }{
		{results.CauseNoCPU, "taskset", "rate"},
		{results.CauseAllCPU, "a lower rate", "mend"},
		{"garbage collection stopped the tool", "mend that cause", "rate"},
		{"", "at a lower rate", "taskset"},
	} {
		c := &compare.Comparison{Invalid: []compare.Reason{{What: "lag"}, {What: "unfaithful", Cause: tc.cause}}}
		got := strings.Join(toCompare(c), "")
		if !strings.Contains(got, tc.has) || strings.Contains(got, tc.hasNot) {
			t.Errorf("%s: %s", tc.cause, got)
		}
	}
	c := &compare.Comparison{Invalid: []compare.Reason{{What: "plan"}, {What: "unfaithful", Cause: results.CauseNoCPU}}}
	if got := strings.Join(toCompare(c), ""); strings.Contains(got, "taskset") {
		t.Errorf("other plans: %s", got)
	}
}

func TestNoSingleKind(t *testing.T) {
	c := &compare.Comparison{Verdict: compare.Equivalent, Kinds: make([]compare.Kind, 2)}
	c.All = compare.Kind{Name: "all", Latency: []compare.Latency{{Judged: true, Verdict: compare.Equivalent}}}
	if got := strings.Join(unchanged(c), ""); got != "No single kind was judged: all kinds together: no change beyond the floor." {
		t.Error(got)
	}
}

func TestDifferencesAreAList(t *testing.T) {
	var b bytes.Buffer
	if err := WriteComparison(&b, JSON, &compare.Comparison{}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.String(), `"differences":[]`) {
		t.Errorf("no list of differences in %s", b.String())
	}
}
