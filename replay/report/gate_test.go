package report

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"strings"
	"testing"

	"reprise/replay/compare"
)

// TestNothingThatFailsIsGreen holds of each verdict and each gate that JUnit has a failure or an error where the gate fails, that none of
// what is written is silent of what could have been seen, and that JSON says what failed.
func TestNothingThatFailsIsGreen(t *testing.T) {
	lagged := []compare.Reason{{What: "unfaithful", Run: "candidate", Text: "candidate is not faithful, by the tool's own fault: lag."}}
	across := compare.Latency{Metric: "p50", Judged: true, Verdict: compare.Inconclusive, Why: compare.Across}
	few := compare.Latency{Metric: "p50", Judged: true, Verdict: compare.Inconclusive, Why: compare.TooFew}
	for _, c := range []compare.Comparison{
		{Verdict: compare.Equivalent},
		{Verdict: compare.Equivalent, Doubts: lagged},
		{Verdict: compare.Equivalent, Join: compare.Join{Pairs: 1000, StatusChanged: 12}},
		{Verdict: compare.Improved, NewStatuses: []compare.NewStatus{{Kind: "help", Status: "418", Answers: 3, Rounds: 1}}},
		{Verdict: compare.Regressed}, // such as by a new status, which is no row's
		{Verdict: compare.Inconclusive, All: compare.Kind{Latency: []compare.Latency{across}}},
		{Verdict: compare.Inconclusive, All: compare.Kind{Latency: []compare.Latency{few}}},
		{Verdict: compare.Invalid, Invalid: lagged, Doubts: lagged, Join: compare.Join{Pairs: 1000, StatusChanged: 12}},
	} {
		for _, on := range []compare.FailOn{
			nil,
			{compare.FailNone},
			{compare.FailInconclusive},
			{compare.FailDifference},
			{compare.FailUnfaithful},
			{compare.FailInconclusive, compare.FailDifference, compare.FailUnfaithful},
		} {
			c.FailOn = on
			s := readSuite(t, &c)
			found := s.Failures+s.Errors > 0
			asFound := c.Verdict == compare.Regressed || c.Verdict == compare.Invalid // they are told of also where nothing fails
			if fails := len(c.Fails()) > 0; fails && !found || found && !fails && !asFound {
				t.Errorf("%s, fails on %v: it fails %v, with %d failures and %d errors", c.Verdict, on.List(), c.Fails(), s.Failures, s.Errors)
			}
			if s.Tests != len(s.Cases) || s.Cases[0].Name != "verdict" {
				t.Errorf("%d tests of %d cases, %s first", s.Tests, len(s.Cases), s.Cases[0].Name)
			}
			holdsJSON(t, &c)
			for _, f := range []Format{Text, Markdown, HTML, JUnit} {
				var b bytes.Buffer
				if err := WriteComparison(&b, f, &c); err != nil || !strings.Contains(b.String(), "Could have seen: ") {
					t.Errorf("%s, %s: %v, and it does not say what could have been seen", c.Verdict, f, err)
				}
			}
		}
	}
}

func readSuite(t *testing.T, c *compare.Comparison) (s suite) {
	t.Helper()
	var b bytes.Buffer
	if err := WriteComparison(&b, JUnit, c); err != nil {
		t.Fatal(err)
	}
	if err := xml.Unmarshal(b.Bytes(), &s); err != nil {
		t.Fatal(err)
	}
	return s
}

func holdsJSON(t *testing.T, c *compare.Comparison) {
	t.Helper()
	var b bytes.Buffer
	if err := WriteComparison(&b, JSON, c); err != nil {
		t.Fatal(err)
	}
	var got struct {
		FailOn   []string         `json:"fail_on"`
		Fails    []string         `json:"fails"`
		CouldSee *json.RawMessage `json:"could_see"`
	}
	if err := json.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if len(got.FailOn) == 0 || got.Fails == nil || len(got.Fails) != len(c.Fails()) || got.CouldSee == nil {
		t.Errorf("%s: %+v", c.Verdict, got)
	}
}

// TestUndecidedRowsAreFailuresWhereAskedFor holds that the row which could not be told fails a gate on it, and one with too few
// requests does not.
func TestUndecidedRowsAreFailuresWhereAskedFor(t *testing.T) {
	c := &compare.Comparison{Verdict: compare.Inconclusive, All: compare.Kind{Name: "all", Latency: []compare.Latency{
		{Metric: "p50", Judged: true, Verdict: compare.Inconclusive, Why: compare.Across},
		{Metric: "p90", Judged: true, Verdict: compare.Inconclusive, Why: compare.TooFew},
	}}}
	if s := readSuite(t, c); s.Failures != 0 || s.Cases[0].Skipped == nil || s.Cases[1].Skipped == nil {
		t.Errorf("it is not asked for: %+v", s)
	}
	c.FailOn = compare.FailOn{compare.FailInconclusive}
	if s := readSuite(t, c); s.Failures != 2 || s.Cases[0].Failure == nil || s.Cases[1].Failure == nil || s.Cases[2].Skipped == nil {
		t.Errorf("it is asked for: %+v", s)
	}
}

func TestCouldSeeSays(t *testing.T) {
	errors := 0.012
	row := func(kind string, v float64) compare.Kind {
		return compare.Kind{Name: kind, Latency: []compare.Latency{{Metric: "p50", Judged: true, Evidence: compare.Evidence{Detectable: &v}}}}
	}
	c := &compare.Comparison{All: row("all", 0.06), Kinds: []compare.Kind{row("help", 0.12), row("info", 0.08), {Name: "reaction"}}}
	c.All.Errors.Detectable = &errors
	for _, tc := range []struct {
		c    *compare.Comparison
		want string
	}{
		{c, "Could have seen: +6.0 % in p50 of all; +1.20 points of failures; of help only +12.0 % (p50); no latency of reaction."},
		{&compare.Comparison{All: row("all", 0.06), Kinds: []compare.Kind{row("help", 0.06)}}, "Could have seen: +6.0 % in p50 of all."},
		{&compare.Comparison{}, "Could have seen: nothing, in so few requests."},
		{&compare.Comparison{Verdict: compare.Invalid, All: row("all", 0.06)}, "Could have seen: nothing, as the runs cannot be compared."},
	} {
		if got := couldSeeSays(tc.c); got != tc.want {
			t.Errorf("%q, want %q", got, tc.want)
		}
	}
}
