package report

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"reprise/replay/cause"
	"reprise/replay/compare"
)

// causedComparison is a comparison of runs of which one has a race, a kind that became faster and one that fails.
func causedComparison() *compare.Comparison {
	ms := time.Millisecond
	where := func(c ...cause.Condition) []cause.Condition { return c }
	d := &cause.Difference{Pairs: 600, Rest: 400, RestShift: cause.Shift{P50: 200 * time.Microsecond, P90: 4 * ms}, Floor: 1500 * time.Microsecond}
	d.Slower = []cause.Change{
		{
			Where: where(within(cause.SamePersonWithin, time.Second)), Whose: cause.OfTarget, Requests: 114, Share: 0.19, With: cause.Shift{P50: 180 * ms, P90: 186 * ms},
			Without: cause.Shift{P50: 200 * time.Microsecond, P90: 4 * ms}, Base: quantiles(10, 15, 20), Candidate: quantiles(190, 198, 210), Explained: 0.94, P: 1e-6,
		},
		{
			Where: where(atLeast(cause.ToolStop, 5e6)), Whose: cause.OfTool, Requests: 30, Share: 0.05, With: cause.Shift{P50: 1 * ms, P90: 40 * ms},
			Without: cause.Shift{P50: 200 * time.Microsecond, P90: 4 * ms}, Base: quantiles(10, 15, 20), Candidate: quantiles(11, 55, 80), Explained: 0.2, P: 0.0001,
		},
	}
	d.Faster = []cause.Change{{
		Where: where(oneOf(cause.Kind, "help")), Same: [][]cause.Condition{where(oneOf(cause.Recipient, "1"))}, Whose: cause.OfTarget, Requests: 50, Share: 0.083,
		With: cause.Shift{P50: -40 * ms, P90: -30 * ms}, Base: quantiles(50, 60, 70), Candidate: quantiles(10, 20, 30), Explained: 0.9, P: 0.001,
	}}
	d.Failing = []cause.Change{{
		Measure: cause.Failing, Where: where(oneOf(cause.Kind, "info")), Whose: cause.OfTarget, Requests: 60, Share: 0.1, FailedBase: 0.01, FailedCandidate: 0.25, RestCandidate: 0.001,
		Explained: 0.9, P: 0.0002,
	}}
	return &compare.Comparison{Verdict: compare.Regressed, Base: compare.Side{Name: "base.rpr"}, Candidate: compare.Side{Name: "candidate.rpr"}, Causes: d}
}

func TestCausesOfAComparison(t *testing.T) {
	c := causedComparison()
	want := []string{
		"Slower for requests of a person who had texted less than 1 s before: +180 ms in the middle (p50 10.0 ms to 190 ms, p90 15.0 ms to 198 ms), 114 requests (19 %).",
		"Slower for requests during which the tool stood still for 5 ms or more: +40.0 ms or more for a tenth of them (p50 10.0 ms to 11.0 ms, p90 15.0 ms to 55.0 ms), 30 requests (5.0 %); that is the tool's own, whose lag or stops grew in them.",
		"Faster for requests of kind help: -40.0 ms in the middle (p50 50.0 ms to 10.0 ms, p90 60.0 ms to 20.0 ms), 50 requests (8.3 %). It cannot be told apart here from requests to the recipient with the most requests: they are nearly the same requests.",
		"Nobody else: the other 400 requests differ by less than 1.50 ms in the middle.",
		"Failing more for requests of kind info: 1.0 % to 25 %, the others none to 0.10 %; 60 requests (10 %).",
	}
	if got := causeLines(c); strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("says\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	for _, f := range []Format{Text, Markdown, HTML} {
		var b bytes.Buffer
		if err := WriteComparison(&b, f, c); err != nil || f != Markdown && !strings.Contains(b.String(), "For whom it changed") || !strings.Contains(b.String(), "180 ms in the middle") {
			t.Errorf("%v: %v: %s", f, err, b.String())
		}
	}
}

// TestKindsAreToldOnce holds that a group of requests that is the kinds of the first sentence is not told again.
func TestKindsAreToldOnce(t *testing.T) {
	c := causedComparison()
	c.Causes.Slower, c.Causes.Faster, c.Causes.Failing = c.Causes.Faster, nil, nil
	c.Causes.Slower[0].Same = nil
	row := compare.Latency{Metric: "p50", Judged: true, Verdict: compare.Regressed, Base: 1, Candidate: 2, Difference: 1, Change: 1}
	c.Kinds = []compare.Kind{{Name: "help", Latency: []compare.Latency{row}}}
	if got := causeLines(c); len(got) > 0 {
		t.Errorf("says again: %s", strings.Join(got, "\n"))
	}
	c.Kinds[0].Name = "info"
	if got := causeLines(c); len(got) == 0 {
		t.Error("a group of another kind is not told")
	}
}

// What moved alike for all is told where the comparison counts it, and only there.
func TestRestOfAComparison(t *testing.T) {
	for _, tc := range []struct {
		shift   time.Duration
		verdict compare.Verdict
		slower  bool
		want    string
	}{
		{20 * time.Millisecond, compare.Regressed, false, "Slower for all alike: nothing that is known of a request goes with it."},
		{-20 * time.Millisecond, compare.Improved, false, "Faster for all alike: nothing that is known of a request goes with it."},
		{20 * time.Millisecond, compare.Equivalent, false, ""},
		{-20 * time.Millisecond, compare.Regressed, false, ""},
		{0, compare.Regressed, false, ""},
		{20 * time.Millisecond, compare.Regressed, true, "All others: +20.0 ms in the middle."},
	} {
		c := causedComparison()
		c.Verdict, c.Causes.RestShift.P50, c.Causes.Faster = tc.verdict, tc.shift, nil
		if !tc.slower {
			c.Causes.Slower = nil
		}
		if got := restSays(c); got != tc.want {
			t.Errorf("%v, %s: %q, want %q", tc.shift, tc.verdict, got, tc.want)
		}
	}
}

func TestCausesJSON(t *testing.T) {
	var b bytes.Buffer
	if err := WriteComparison(&b, JSON, causedComparison()); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Verdict string
		Causes  struct {
			Slower, Faster, Failing []struct {
				Where map[string]any
				Whose string
				With  struct{ P50 int64 }
				Says  string
			}
			Rest struct {
				Requests int64
				Added    struct{ P50 int64 }
			}
		}
	}
	if err := json.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if got.Verdict != "regressed" || len(got.Causes.Slower) != 2 || got.Causes.Slower[0].Where["same_person_within"] != "<1s" || got.Causes.Slower[0].With.P50 != 180e6 ||
		got.Causes.Slower[1].Whose != "tool" || got.Causes.Rest.Requests != 400 || got.Causes.Rest.Added.P50 != 200e3 || len(got.Causes.Failing) != 1 {
		t.Errorf("%s", b.String())
	}
	b.Reset()
	if err := WriteComparison(&b, JSON, &compare.Comparison{Verdict: compare.Invalid}); err != nil || strings.Contains(b.String(), "causes") {
		t.Errorf("an invalid pair has causes: %v: %s", err, b.String())
	}
}
