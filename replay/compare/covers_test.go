package compare

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// kindRow makes a kind of words, a quantile each: "+10" is judged regressed by 10 ms from 20 ms, "-10" improved, "=" equivalent,
// "?" undecided, "." too few, "(12)" not judged and 12 ms slower. A fifth is failures in points.
func kindRow(name, words string) Kind {
	k := Kind{Name: name, Errors: Errors{Verdict: Equivalent, Why: Within}}
	for i, w := range strings.Fields(words) {
		verdict, why, judged, by := Inconclusive, TooFew, true, 0.0
		switch {
		case w == "=":
			verdict, why = Equivalent, Within
		case w == "?":
			why = Across
		case strings.HasPrefix(w, "("):
			judged, verdict, why = false, "", ""
			_, _ = fmt.Sscanf(w, "(%g)", &by)
		case w != ".":
			_, _ = fmt.Sscanf(w, "%g", &by)
			if verdict, why = Regressed, Beyond; by < 0 {
				verdict = Improved
			}
		}
		if i == len4 {
			k.Errors = Errors{Verdict: verdict, Why: why, Difference: by / 100}
			continue
		}
		d := time.Duration(by * 1e6)
		k.Latency = append(k.Latency, Latency{
			Metric: quantiles()[i].name, Base: 20 * time.Millisecond, Candidate: 20*time.Millisecond + d, Difference: d, Change: by / 20,
			Judged: judged, Verdict: verdict, Why: why,
		})
	}
	return k
}

// said writes a cover in few letters.
func said(c *Cover) string {
	s := fmt.Sprintf("%s %s %s[%s]", c.Metric, c.Verdict, c.Scope, strings.Join(c.Kinds, " "))
	if len(c.Except)+len(c.Open) > 0 {
		s += fmt.Sprintf(" but[%s]?[%s]", strings.Join(c.Except, " "), strings.Join(c.Open, " "))
	}
	if c.Metric == "latency" {
		s += fmt.Sprintf(" whole=%t up=%t %s %+.0f..%+.0fms %+.0f..%+.0f%%", c.Whole, c.Upward, quantileWords(c),
			c.Difference.Low/1e6, c.Difference.High/1e6, c.Change.Low*100, c.Change.High*100)
	} else {
		s += fmt.Sprintf(" %+.1f..%+.1f", c.Difference.Low*100, c.Difference.High*100)
	}
	if c.Most != "" {
		s += " most " + c.Most
	}
	return s
}

func quantileWords(c *Cover) string {
	out := strings.Join(c.Quantiles, ",")
	if len(c.Partly) > 0 {
		out += ";" + strings.Join(c.Partly, ",")
	}
	return out
}

func TestCovers(t *testing.T) {
	for _, tc := range []struct {
		name string
		all  string
		rows []string // kinds a, b, c, …
		want []string
	}{
		{"nothing changed", "= = = =", []string{"= = = =", ". . . ."}, nil},
		{
			"every kind alike", "+10 +10 +10 (10)",
			[]string{"+10 +10 +10 (10)", "+10 +10 +8 (10)"},
			[]string{"latency regressed every[a b] whole=true up=false p50,p90,p95 +8..+10ms +40..+50%"},
		},
		{
			"kinds with too few requests are no exception", "+10 +10 +10 (10)",
			[]string{"+10 +10 +10 (10)", "+10 +10 +10 (10)", ". . . (0)"},
			[]string{"latency regressed every[a b] whole=true up=false p50,p90,p95 +10..+10ms +50..+50%"},
		},
		{
			"one alone", "= = = =",
			[]string{"= = = =", "= = = =", "+5 +5 +5 +6"},
			[]string{"latency regressed alone[c] but[a b]?[] whole=true up=false p50,p90,p95,p99 +5..+6ms +25..+30%"},
		},
		{
			"one, and of another it cannot be told", "= = = =",
			[]string{"? = = =", "= = = =", "+5 +5 +5 +5"},
			[]string{"latency regressed some[c] but[b]?[a] whole=true up=false p50,p90,p95,p99 +5..+5ms +25..+25%"},
		},
		{
			"every kind but one", "+10 +10 +10 +10",
			[]string{"+10 +10 +10 +10", "+10 +10 +10 +10", "= = = ="},
			[]string{"latency regressed but[a b] but[c]?[] whole=true up=false p50,p90,p95,p99 +10..+10ms +50..+50%"},
		},
		{
			"an undecided quantile among those that changed", "+10 +10 +10 +10",
			[]string{"+10 ? +10 +10", "+10 +10 ? ?"},
			[]string{"latency regressed every[a b] whole=true up=false p50,p90,p95,p99 +10..+10ms +50..+50%"},
		},
		{
			"quantiles undecided in all", "+10 ? ? (10)",
			[]string{"+10 ? ? (10)", "+10 ? ? (10)"},
			[]string{"latency regressed every[a b] whole=false up=false p50 +10..+10ms +50..+50%"},
		},
		{
			"the tail, not judged above", "= = +300 (300)",
			[]string{"= = +300 (400)", "= ? +320 (300)"},
			[]string{"latency regressed every[a b] whole=false up=true p95 +300..+320ms +1500..+1600%"},
		},
		{
			"p95 and not what is above it", "= = +30 =",
			[]string{"= = +30 =", "= = +30 ="},
			[]string{"latency regressed every[a b] whole=false up=false p95 +30..+30ms +150..+150%"},
		},
		{
			"two groups: the greater first", "+5 +5 +5 =",
			[]string{"+5 +5 +5 =", "= = +300 +300", "+5 +5 +5 ="},
			[]string{
				"latency regressed but[a c] but[b]?[] whole=false up=false p50,p90,p95 +5..+5ms +25..+25%",
				"latency regressed some[b] but[a c]?[] whole=false up=true p95,p99 +300..+300ms +1500..+1500%",
			},
		},
		{
			"as far, and one quantile in some alone", "+10 +10 +10 =",
			[]string{"+10 +10 +10 =", "+10 +10 = =", "= = = ="},
			[]string{"latency regressed but[a b] but[c]?[] whole=false up=false p50,p90;p95 +10..+10ms +50..+50%"},
		},
		{
			"one changed most", "+5 +5 +5 +5",
			[]string{"+5 +5 +5 +5", "+50 +50 +50 +50", "+5 +6 +5 +5"},
			[]string{"latency regressed every[a b c] whole=true up=false p50,p90,p95,p99 +5..+50ms +25..+250% most b"},
		},
		{
			"together alone", "+3 +3 +3 +3",
			[]string{"? ? ? ?", "? ? ? ?"},
			[]string{"latency regressed together[] but[]?[a b] whole=true up=false p50,p90,p95,p99 +3..+3ms +15..+15%"},
		},
		{
			"one as all did, and of no other it is known", "+10 +10 +10 (10)",
			[]string{"+11 +11 +11 (11)", ". . . .", "? . . ."},
			[]string{"latency regressed together[] but[]?[c] whole=true up=false p50,p90,p95 +10..+10ms +50..+50%"},
		},
		{
			"one far more than all, and of no other it is known", "= = +10 (10)",
			[]string{"= = +90 (90)", ". . . ."},
			[]string{"latency regressed only[a] whole=false up=true p95 +90..+90ms +450..+450%"},
		},
		{
			"one as all did, and another is known not to have", "+10 +10 +10 (10)",
			[]string{"+10 +10 +10 (10)", "= = = ="},
			[]string{"latency regressed alone[a] but[b]?[] whole=true up=false p50,p90,p95 +10..+10ms +50..+50%"},
		},
		{
			"the only kind", "+5 +5 +5 (5)",
			[]string{"+5 +5 +5 (5)"},
			[]string{"latency regressed only[a] whole=true up=false p50,p90,p95 +5..+5ms +25..+25%"},
		},
		{
			"both ways, worse first", "= = = =",
			[]string{"+5 +5 +5 +5", "-5 -5 -5 -5"},
			[]string{
				"latency regressed alone[a] but[b]?[] whole=true up=false p50,p90,p95,p99 +5..+5ms +25..+25%",
				"latency improved alone[b] but[a]?[] whole=true up=false p50,p90,p95,p99 -5..-5ms -25..-25%",
			},
		},
		{
			"failures of every kind", "= = = = +2",
			[]string{"= = = = +1.5", "= = = = +2.5", "= = = = ."},
			[]string{"failed regressed every[a b] +1.5..+2.5"},
		},
	} {
		c := &Comparison{All: kindRow("all", tc.all)}
		for i, words := range tc.rows {
			c.Kinds = append(c.Kinds, kindRow(string(rune('a'+i)), words))
		}
		var got []string
		for _, x := range c.Covers() {
			got = append(got, said(&x))
		}
		if strings.Join(got, "\n") != strings.Join(tc.want, "\n") {
			t.Errorf("%s:\n got  %s\n want %s", tc.name, strings.Join(got, "\n      "), strings.Join(tc.want, "\n      "))
		}
	}
}

func TestFloor(t *testing.T) {
	pair := Method{FloorChange: 0.25, FloorLatency: 5 * time.Millisecond}
	rounds := Method{Rounds: 3, FloorChange: 0.05, FloorLatency: time.Millisecond, FloorTail: 0.1, FloorTailLatency: 5 * time.Millisecond}
	for _, tc := range []struct {
		m               *Method
		metric          string
		base, candidate time.Duration
		low, high       float64
	}{
		{&pair, "p50", 100 * time.Millisecond, 100 * time.Millisecond, -0.2, 0.25},
		{&pair, "p99", 10 * time.Millisecond, 20 * time.Millisecond, -0.5, 0.5},
		{&pair, "p50", time.Millisecond, time.Millisecond, -1, 5},
		{&rounds, "p50", 100 * time.Millisecond, 200 * time.Millisecond, 1/1.05 - 1, 0.05},
		{&rounds, "p50", 10 * time.Millisecond, 5 * time.Millisecond, 1/1.2 - 1, 0.2},
		{&rounds, "p99", 100 * time.Millisecond, 200 * time.Millisecond, 1/1.1 - 1, 0.1},
	} {
		got := tc.m.Floor(&Latency{Metric: tc.metric, Base: tc.base, Candidate: tc.candidate})
		if fmt.Sprintf("%.4f %.4f", got.Low, got.High) != fmt.Sprintf("%.4f %.4f", tc.low, tc.high) {
			t.Errorf("%s of %v: %+v, want %v to %v", tc.metric, tc.base, got, tc.low, tc.high)
		}
	}
}
