package report

import (
	"bytes"
	"errors"
	"slices"
	"strings"
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

func TestSpoiledLines(t *testing.T) {
	s := func(windows int, leftOut, faithful bool, list ...compare.Stretch) *compare.Spoiled {
		return &compare.Spoiled{Window: 100 * time.Millisecond, Windows: windows, Of: 40, LeftOut: leftOut, Requests: 394, OfRequests: 1600, Faithful: faithful, Stretches: list}
	}
	at := func(from, to time.Duration) compare.Stretch {
		return compare.Stretch{From: from * time.Millisecond, To: to * time.Millisecond}
	}
	many := []compare.Stretch{at(0, 100), at(200, 300), at(400, 500), at(600, 700), at(800, 900), at(1000, 1100)}
	for _, tc := range []struct {
		name string
		c    compare.Comparison
		want []string
	}{
		{"not looked for", compare.Comparison{}, nil},
		{"none", compare.Comparison{Spoiled: s(0, false, false)}, nil},
		{"left out", compare.Comparison{Spoiled: s(6, true, true, at(12_040, 12_440), at(13_000, 13_200))}, []string{
			"Left out of both runs: 6 of 40 windows of 100 ms (394 of 1,600 requests), in which the tool was held up (12.0 to 12.4 s and 13.0 to 13.2 s); what remains is faithful.",
		}},
		{"many, and not enough", compare.Comparison{Spoiled: s(6, true, false, many...)}, []string{
			"Left out of both runs: 6 of 40 windows of 100 ms (394 of 1,600 requests), in which the tool was held up (0.0 to 0.1 s, 0.2 to 0.3 s, 0.4 to 0.5 s, 0.6 to 0.7 s and 2 more stretches); what remains is not faithful either.",
		}},
		{"too many", compare.Comparison{Verdict: compare.Invalid, Spoiled: s(30, false, false, many...)}, []string{
			"The tool was held up in 30 of 40 windows of 100 ms: too many to leave out.",
		}},
		{"a round", compare.Comparison{Rounds: []compare.Round{{}, {Spoiled: s(1, true, true, at(0, 100))}, {Spoiled: s(30, false, false)}}}, []string{
			"Left out of both runs of round 2: 1 of 40 windows of 100 ms (394 of 1,600 requests), in which the tool was held up (0.0 to 0.1 s); what remains is faithful.",
			"The tool was held up in 30 of 40 windows of 100 ms of round 3: too many to leave out.",
		}},
	} {
		if got := lagLines(&tc.c); !slices.Equal(got, tc.want) {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
	}
}

// TestLeftOutBesideVerdict holds that a verdict says in one line with it of how many requests it is not.
func TestLeftOutBesideVerdict(t *testing.T) {
	spoiled := &compare.Spoiled{Window: 100 * time.Millisecond, Windows: 6, Of: 40, LeftOut: true, Requests: 394, OfRequests: 1600, Faithful: true, Stretches: []compare.Stretch{}}
	const said = "but for 394 of 1,600 requests, which were left out"
	for _, tc := range []struct {
		name string
		c    compare.Comparison
		want bool
	}{
		{"equivalent", compare.Comparison{Verdict: compare.Equivalent, Spoiled: spoiled}, true},
		{"one of two rounds", compare.Comparison{Verdict: compare.Improved, Rounds: []compare.Round{{}, {Spoiled: spoiled}}}, true},
		{"all was compared", compare.Comparison{Verdict: compare.Equivalent}, false},
		{"no verdict", compare.Comparison{Verdict: compare.Invalid, Invalid: []compare.Reason{{What: "lag"}}, Spoiled: spoiled}, false},
	} {
		tc.c.Base.Name, tc.c.Candidate.Name = "monday.rpr", "friday.rpr"
		var text, comment bytes.Buffer
		if err := errors.Join(WriteVerdict(&text, &tc.c), writeComment(&comment, &tc.c)); err != nil {
			t.Fatal(err)
		}
		for _, b := range []string{text.String(), comment.String()} {
			first, _, _ := strings.Cut(b, "\n")
			if got := strings.Contains(first, said); got != tc.want {
				t.Errorf("%s: %q", tc.name, first)
			}
		}
	}
}
