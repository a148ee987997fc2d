package report

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"reprise/replay/compare"
	"reprise/replay/results"
)

// lateRun is a run whose tool was late, by a cause.
func lateRun(n int, lag time.Duration, cause string) compare.HistoryRun {
	r := historyRun(n, 1)
	r.Faithful = false
	r.Summary.Lag.P99 = lag
	r.Summary.Verdict = results.Verdict{Limits: []results.Limit{{What: "moved", Whose: results.Tool, Cause: cause, Text: "lag moved the curve."}}, Bottlenecks: []results.Limit{}}
	return r
}

// Runs that are left out are told by cause, once each, and in full in a part that is folded.
func TestHistoryLeftOut(t *testing.T) {
	const cpu = "the tool had no CPU"
	runs := []compare.HistoryRun{
		lateRun(1, 122e6, cpu), historyRun(2, 1), historyRun(3, 1), lateRun(4, 770e6, cpu), lateRun(5, 300e6, cpu), lateRun(6, 400e6, cpu),
		lateRun(7, 50e6, "the tool was stopped"), lateRun(8, 0, ""),
	}
	h := historyOfRuns(t, runs)
	want := []string{
		"Runs 1 and 4 to 6 are left out: the tool had no CPU (lag p99 122 to 770 ms).",
		"Run 7 is left out: the tool was stopped (lag p99 50.0 ms).",
		"Run 8 is left out: the tool sent too late.",
	}
	if got := leftOutSays(h); !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	parts := leftOutPart(h)
	if len(parts) != 1 || !parts[0].Detail || len(parts[0].Notes) != 6 || !strings.Contains(parts[0].Notes[1], "Run 4: runs/04.rpr is not faithful") {
		t.Errorf("parts %+v", parts)
	}
	if parts := leftOutPart(stepped(t)); len(parts) != 1 {
		t.Errorf("parts %+v", parts)
	}
}

// Who changed is named so that it is true of kinds without figures, too.
func TestHistoryWho(t *testing.T) {
	series := func(known ...string) *compare.History {
		s := compare.Series{}
		for _, kind := range []string{"all", "a", "b", "c", "d", "e"} {
			v := math.NaN()
			if kind == "all" || slices.Contains(known, kind) {
				v = 1
			}
			s.Tracks = append(s.Tracks, compare.Track{Kind: kind, Metric: "p90", Values: compare.Figures{v}, Tested: true})
		}
		return &compare.History{Series: []compare.Series{s}}
	}
	every := []string{"a", "b", "c", "d", "e"}
	for _, tc := range []struct {
		known, changed []string
		want           string
	}{
		{every, append([]string{"all"}, every...), "every kind"},
		{every, []string{"all"}, "all kinds together"},
		{every, []string{"a"}, "a alone"},
		{every, []string{"all", "a"}, "a alone"},
		{every, []string{"a", "b", "c"}, "a, b and c"},
		{every, []string{"a", "b", "c", "d"}, "4 of 5 kinds"},
		{[]string{"a"}, []string{"a"}, "a"},
		{[]string{"a"}, []string{"all", "a"}, "all kinds together and of a"},
		{[]string{"a", "b"}, []string{"all", "a"}, "all kinds together and of a"},
		{[]string{"a", "b", "c", "d"}, []string{"all", "a", "b", "c", "d"}, "4 of 5 kinds, all that have enough answers"},
	} {
		var changes []compare.TrackChange
		for _, kind := range tc.changed {
			changes = append(changes, compare.TrackChange{Kind: kind, Metric: "p90", Change: 0.1})
		}
		if got := changeGroups(series(tc.known...), 0, changes); len(got) != 1 || got[0].who != tc.want {
			t.Errorf("%v of %v: %+v, want %s", tc.changed, tc.known, got, tc.want)
		}
	}
}
