package report

import (
	"slices"
	"testing"

	"reprise/replay/compare"
)

func TestNewStatusesInWords(t *testing.T) {
	two := []compare.Kind{{Name: "help"}, {Name: "stop"}}
	news := func(status string, kinds ...string) (list []compare.NewStatus) {
		for _, k := range kinds {
			list = append(list, compare.NewStatus{Kind: k, Status: status, Answers: 250, Rounds: 1})
		}
		return list
	}
	for name, tc := range map[string]struct {
		c    compare.Comparison
		want []string
	}{
		"of every kind": {compare.Comparison{Kinds: two, NewStatuses: news("500", "help", "stop")}, []string{"every kind: status 500, which no base run answered with, 500 times."}},
		"of one": {
			compare.Comparison{Kinds: two, NewStatuses: news("500", "stop"), Rounds: make([]compare.Round, 3)},
			[]string{"stop: status 500, which no base run answered with, 250 times in 1 of the runs."},
		},
		"of many": {
			compare.Comparison{Kinds: two, NewStatuses: []compare.NewStatus{{Kind: "help", Status: "500", Answers: 3000, Rounds: 2}}, Rounds: make([]compare.Round, 2)},
			[]string{"help: status 500, which no base run answered with, 3,000 times in 2 of the runs."},
		},
		"of the only kind":         {compare.Comparison{Kinds: two[:1], NewStatuses: news("503", "help")}, []string{"help: status 503, which no base run answered with, 250 times."}},
		"another that is no error": {compare.Comparison{Kinds: two, NewStatuses: news("202", "help", "stop")}, []string{"every kind: also status 202, 500 times."}},
		"what was broken works":    {compare.Comparison{Verdict: compare.Improved, Kinds: two, NewStatuses: news("200", "help", "stop")}, nil},
	} {
		if got := newStatuses(&tc.c); !slices.Equal(got, tc.want) {
			t.Errorf("%s: got %q, want %q", name, got, tc.want)
		}
	}
}
