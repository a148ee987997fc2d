package report

import (
	"strings"
	"testing"

	"reprise/replay/compare"
)

func TestCoversInWords(t *testing.T) {
	ms := func(low, high float64) compare.Interval { return compare.Interval{Low: low * 1e6, High: high * 1e6} }
	share := func(low, high float64) *compare.Interval { return &compare.Interval{Low: low, High: high} }
	for _, tc := range []struct {
		want string
		c    compare.Cover
	}{
		{
			"every kind: +10 ms (+39 to +50 %)",
			compare.Cover{Scope: compare.EveryKind, Whole: true, Difference: ms(9.6, 10.4), Change: share(0.39, 0.5)},
		},
		{
			"every kind, p95 on: +300 ms (+150 %)",
			compare.Cover{Scope: compare.EveryKind, Upward: true, Quantiles: []string{"p95"}, Difference: ms(300, 300), Change: share(1.5, 1.5)},
		},
		{
			"reaction alone: +5.0 ms (+26 %)",
			compare.Cover{Scope: compare.AloneKind, Kinds: []string{"reaction"}, Whole: true, Difference: ms(4.9, 5.1), Change: share(0.25, 0.26)},
		},
		{
			"reaction and help: +5.0 to +12 ms (p50, p90, of some p95; +4.2 to +26 %), help the most",
			compare.Cover{Scope: compare.SomeKinds, Kinds: []string{"reaction", "help"}, Quantiles: []string{"p50", "p90"}, Partly: []string{"p95"}, Difference: ms(5, 12), Change: share(0.042, 0.26), Most: "help"},
		},
		{
			"every kind but help and info: -1.2 to -3.0 s (-10 %)",
			compare.Cover{Scope: compare.EveryBut, Except: []string{"help"}, Open: []string{"info"}, Whole: true, Difference: ms(-3000, -1200), Change: share(-0.1, -0.1)},
		},
		{
			"a, b, c and 2 more kinds: +900 µs to +1.1 ms (+10 %)",
			compare.Cover{Scope: compare.SomeKinds, Kinds: []string{"a", "b", "c", "d", "e"}, Whole: true, Difference: ms(0.9, 1.1), Change: share(0.1, 0.1)},
		},
		{
			"failed requests of every kind: +2.1 points",
			compare.Cover{Metric: "failed", Scope: compare.EveryKind, Difference: compare.Interval{Low: 0.0205, High: 0.0215}},
		},
		{
			"failed requests of all kinds together: +0.15 to +0.9 points",
			compare.Cover{Metric: "failed", Scope: compare.Together, Difference: compare.Interval{Low: 0.0015, High: 0.009}},
		},
	} {
		if got := coverSays(&tc.c, "kind", "", "failed requests"); got != tc.want {
			t.Errorf("got  %s\nwant %s", got, tc.want)
		}
	}
	var list []compare.Cover
	for range 6 {
		list = append(list, compare.Cover{Scope: compare.OnlyKind, Kinds: []string{"help"}, Open: []string{"info"}, Whole: true})
	}
	got := coverLines(list, "kind", "time to completion", "never or failed")
	if len(got) != 6 || got[0] != "time to completion of help: 0." || got[4] != "2 more changes: see the tables." || got[5] != "Cannot be told: info." {
		t.Errorf("got %s", strings.Join(got, "\n"))
	}
}
