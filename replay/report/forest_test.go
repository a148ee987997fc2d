package report

import (
	"bytes"
	"fmt"
	"math"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"reprise/replay/compare"
)

// pairMethod is how a pair of runs is judged.
func pairMethod() compare.Method {
	return compare.Method{FloorChange: 0.25, FloorLatency: 5 * time.Millisecond, FloorErrors: 0.01}
}

// effectRow is a quantile of 100 ms that changed by a share, with an interval.
func effectRow(metric string, change, low, high float64, v compare.Verdict) compare.Latency {
	base := 100 * time.Millisecond
	by := time.Duration(change * float64(base))
	return compare.Latency{
		Metric: metric, BaseCount: 500, CandidateCount: 500, Base: base, Candidate: base + by, Difference: by, Change: change,
		Change95: &compare.Interval{Low: low, High: high}, Judged: v != "", Verdict: v,
	}
}

func TestForestPlaces(t *testing.T) {
	c := &compare.Comparison{Verdict: compare.Regressed, Method: pairMethod()}
	c.Kinds = []compare.Kind{
		{Name: "help", Latency: []compare.Latency{
			effectRow("p50", 0.5, 0.4, 0.6, compare.Regressed), effectRow("p90", -0.4, -0.5, -0.3, compare.Improved),
			effectRow("p95", 0.01, -0.05, 0.05, compare.Equivalent), effectRow("p99", 0.2, -0.2, 900, compare.Inconclusive), effectRow("p99", 0.1, 0, 0.2, ""),
		}},
		{Name: "info", Latency: []compare.Latency{{Metric: "p50", Judged: true, Verdict: compare.Inconclusive, Why: compare.TooFew}}},
	}
	f, left := latencyForest(c, c.Kinds)
	if strings.Join(left, " ") != "info" || len(f.Rows) != 5 {
		t.Fatalf("%d rows, left out %v", len(f.Rows), left)
	}
	for i, want := range []string{">", "<", "o", "?", "-"} {
		r := f.Rows[i]
		if r.Sign != want || r.First != (i == 0) {
			t.Errorf("row %d: sign %s, first %t", i, r.Sign, r.First)
		}
		inside := r.FloorLow < r.At && r.At < r.FloorHigh
		if outside := r.Sign == ">" || r.Sign == "<"; inside == outside {
			t.Errorf("row %d at %.2f, floor %.2f to %.2f", i, r.At, r.FloorLow, r.FloorHigh)
		}
		if r.Low > r.At || r.At > r.High || r.CutHigh != (i == 3) || r.CutLow {
			t.Errorf("row %d: %.2f in %.2f to %.2f, cut %t %t", i, r.At, r.Low, r.High, r.CutLow, r.CutHigh)
		}
	}
	paths := make(map[string]bool)
	for _, m := range f.Legend {
		paths[m.Path] = true
	}
	if len(paths) != 5 {
		t.Errorf("%d shapes for five verdicts", len(paths))
	}
	c.Verdict = compare.Invalid
	if f, _ = latencyForest(c, c.Kinds); len(f.Legend) != 1 || f.Legend[0].Verdict != "unjudged" {
		t.Errorf("runs that cannot be compared have marks of %v", f.Legend)
	}
}

// TestForestHoldsAnything holds that no value leaves the picture: nothing is below 0, above 1 or no number, and labels have room.
func TestForestHoldsAnything(t *testing.T) {
	for name, rows := range map[string][]compare.Latency{
		"nothing":  {effectRow("p50", 0, 0, 0, compare.Equivalent)},
		"a little": {effectRow("p50", 1e-9, 0, 2e-9, compare.Equivalent)},
		"all":      {effectRow("p50", -1, -1, -1, compare.Improved)},
		"enormous": {effectRow("p50", 1e6, 1e5, 1e9, compare.Regressed), effectRow("p99", 0.01, -0.99, 3, "")},
		"no base":  {{Metric: "p50", Candidate: 1, Change95: &compare.Interval{High: 1}, Judged: true, Verdict: compare.Inconclusive}},
		"both":     {effectRow("p50", 20, 19, 21, compare.Regressed), effectRow("p90", -0.95, -0.96, -0.94, compare.Improved)},
		"no width": {effectRow("p50", 0.3, 0.3, 0.3, compare.Regressed)},
		"below a floor": {{
			Metric: "p50", BaseCount: 1, CandidateCount: 1, Base: time.Microsecond, Candidate: 2 * time.Microsecond, Difference: time.Microsecond, Change: 1,
			Change95: &compare.Interval{Low: 0.5, High: 1.5}, Judged: true, Verdict: compare.Equivalent,
		}},
	} {
		c := &compare.Comparison{Method: pairMethod(), Kinds: []compare.Kind{{Name: "all", Latency: rows}}}
		f, _ := latencyForest(c, c.Kinds)
		for _, r := range f.Rows {
			for _, v := range []float64{r.At, r.Low, r.High, r.FloorLow, r.FloorHigh, f.Zero} {
				if !(v >= 0 && v <= 1) {
					t.Errorf("%s: a place %v", name, v)
				}
			}
		}
		zero := false
		for i, a := range f.Axis {
			zero = zero || a.Text == "0"
			for _, b := range f.Axis[i+1:] {
				if math.Abs(a.At-b.At) < 0.1 {
					t.Errorf("%s: %s is beside %s", name, a.Text, b.Text)
				}
			}
		}
		if !zero || len(f.Axis) < 2 {
			t.Errorf("%s: axis %v", name, f.Axis)
		}
		var b strings.Builder
		f.write(&b)
		if strings.Contains(b.String(), "NaN") || strings.Contains(b.String(), "Inf") {
			t.Errorf("%s: %s", name, b.String())
		}
	}
	if growForest(nil, shares(), "") != nil {
		t.Error("a forest of nothing")
	}
}

// TestForestInText holds that text has so many rows and columns at most, of each kind that changed first the row that did so most, and
// counts the others.
func TestForestInText(t *testing.T) {
	c := &compare.Comparison{Verdict: compare.Regressed, Method: pairMethod(), All: compare.Kind{Name: "all"}}
	for i := range 12 {
		k := compare.Kind{Name: fmt.Sprintf("kind_%d_\x1b[31m", i)}
		for j, metric := range []string{"p50", "p90", "p95", "p99"} {
			v, change := compare.Regressed, 0.3+0.1*float64(j)
			if i%4 == 3 {
				v, change = compare.Equivalent, 0.01
			}
			k.Latency = append(k.Latency, effectRow(metric, change, change-0.02, change+0.02, v))
		}
		c.Kinds = append(c.Kinds, k)
	}
	var b bytes.Buffer
	if err := WriteComparison(&b, Text, c); err != nil {
		t.Fatal(err)
	}
	rows := regexp.MustCompile(`(?m)^  (kind_\d+|      ).* (p\d\d) .*[<>o?-].* to .*%$`).FindAllStringSubmatch(b.String(), -1)
	if len(rows) != forestMostRows {
		t.Errorf("%d rows in\n%s", len(rows), b.String())
	}
	if n := strings.Count(b.String(), " p99 "); n < 9 {
		t.Errorf("the row that changed most of %d kinds of 9 in\n%s", n, b.String())
	}
	if !strings.Contains(b.String(), "32 more rows: 20 regressed, 12 no change.") || strings.Contains(b.String(), "\x1b") {
		t.Errorf("got\n%s", b.String())
	}
	_, drawing, _ := strings.Cut(b.String(), "Change of latency")
	for _, l := range strings.Split(drawing, "\n") {
		if n := utf8.RuneCountInString(l); n > 120 {
			t.Errorf("a line of %d characters: %s", n, l)
		}
	}
}

// TestForestOfFailedAnswers holds that times of errors are drawn as not judged, and that a kind of which most answers failed is not said to
// have too few requests.
func TestForestOfFailedAnswers(t *testing.T) {
	row := compare.Latency{Metric: "p50", Judged: true, Verdict: compare.Inconclusive, Why: compare.MostFailed, Change95: &compare.Interval{Low: -0.98, High: -0.97}}
	kinds := []compare.Kind{{Name: "all", Latency: []compare.Latency{row}}}
	c := &compare.Comparison{Verdict: compare.Regressed, All: kinds[0]}
	if f, left := latencyForest(c, kinds); f == nil || f.Rows[0].Name != "not judged" || len(left) > 0 {
		t.Errorf("drawn as %+v, left %v", f, left)
	}
	kinds[0].Latency[0].Change95 = nil
	if f, left := latencyForest(c, kinds); f != nil || len(left) > 0 {
		t.Errorf("drawn as %+v, left %v", f, left)
	}
}
