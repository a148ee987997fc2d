package report

import (
	"slices"
	"testing"
	"time"

	"reprise/replay/compare"
)

func TestLagLines(t *testing.T) {
	row := func(v compare.Verdict, w compare.Why) compare.Latency {
		return compare.Latency{Metric: "p50", Judged: true, Verdict: v, Why: w, Bound: &compare.Bound{Lag: time.Millisecond}}
	}
	const rule = "The tool's own lag is part of every interval: the true latency lies between service time and latency, and a difference counts from 5 times what lag can make."
	for _, tc := range []struct {
		name string
		c    compare.Comparison
		want []string
	}{
		{"faithful runs", compare.Comparison{Verdict: compare.Regressed, All: compare.Kind{Latency: []compare.Latency{{Judged: true}}}}, nil},
		{"all judged", compare.Comparison{Verdict: compare.Regressed, All: compare.Kind{Latency: []compare.Latency{row(compare.Regressed, compare.Beyond)}}}, []string{rule}},
		{
			"some not",
			compare.Comparison{Verdict: compare.Improved, All: compare.Kind{Latency: []compare.Latency{row(compare.Improved, compare.Beyond), row(compare.Invalid, compare.LagTooLarge)}}},
			[]string{rule + " 1 of 2 rows of latency differ by less, and are not judged."},
		},
		{"invalid, which the reasons tell", compare.Comparison{Verdict: compare.Invalid, All: compare.Kind{Latency: []compare.Latency{row(compare.Invalid, compare.LagTooLarge)}}}, nil},
	} {
		if got := lagLines(&tc.c); !slices.Equal(got, tc.want) {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
	}
}
