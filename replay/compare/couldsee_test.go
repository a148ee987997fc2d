package compare

import (
	"math"
	"testing"
	"time"

	"reprise/capture"
	"reprise/replay"
	"reprise/replay/results"
)

// TestCouldSee holds that the finest judged quantile of all counts, and of the kinds that of which least is seen.
func TestCouldSee(t *testing.T) {
	row := func(metric string, judged bool, v float64) Latency {
		l := Latency{Metric: metric, Judged: judged}
		if v > 0 {
			l.Detectable = &v
		}
		return l
	}
	c := &Comparison{
		Verdict: Equivalent,
		All:     Kind{Name: "all", Latency: []Latency{row("p50", true, 0.3), row("p90", true, 0.2), row("p99", false, 0.1)}},
		Kinds: []Kind{
			{Name: "help", Latency: []Latency{row("p50", true, 0.4), row("p90", true, 0.5)}},
			{Name: "info", Latency: []Latency{row("p50", true, 0)}},
			{Name: "reaction", Latency: []Latency{row("p50", true, 0.35)}},
		},
	}
	s := c.CouldSee()
	if *s.All != (Smallest{"all", "p90", 0.2}) || *s.Worst != (Smallest{"help", "p50", 0.4}) || len(s.Blind) != 1 || s.Blind[0] != "info" || s.Errors != nil {
		t.Errorf("%+v, all %+v, worst %+v", s, s.All, s.Worst)
	}
	c.Kinds = c.Kinds[:1]
	if s := c.CouldSee(); s.Worst != nil {
		t.Errorf("one kind is worse than itself: %+v", s.Worst)
	}
	c.Verdict = Invalid
	if s := c.CouldSee(); s.All != nil || s.Blind != nil {
		t.Errorf("runs that cannot be compared show %+v", s)
	}
}

// TestPairTellsWhatFailuresItCouldSee holds the smallest rise of failures against what is judged: a rise a little beyond it is found, and
// half of it is not.
func TestPairTellsWhatFailuresItCouldSee(t *testing.T) {
	const n = 3000
	run := func(failed int) *fake { // its failures are spread evenly
		f := &fake{header: results.Header{Corpus: "c", PlanHash: "p"}}
		for i := range n {
			at := time.Duration(i) * 50 * time.Millisecond
			res := replay.Result{Seq: int64(i), Kind: capture.Help, Intended: at, Sent: at, Done: at + 20*time.Millisecond, Status: 200}
			if (i+1)*failed/n > i*failed/n {
				res.Status = 500
			}
			f.rows = append(f.rows, res)
		}
		return f
	}
	d := runs(t, run(0), run(0)).All.Errors.Detectable
	if d == nil || *d <= FloorErrors || *d > 2*FloorErrors || math.IsNaN(*d) {
		t.Fatalf("detectable %v", d)
	}
	for _, tc := range []struct {
		share float64
		found bool
	}{{*d * 1.5, true}, {*d / 2, false}} {
		if got := runs(t, run(0), run(int(tc.share*n))).All.Errors.Verdict == Regressed; got != tc.found {
			t.Errorf("%.2f %% more failures: found %v", 100*tc.share, got)
		}
	}
}
