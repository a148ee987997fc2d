package report

import (
	"strings"
	"testing"

	"reprise/replay/compare"
)

// TestLooksAreTold holds that a look of several is told with its level, and a single one is not.
func TestLooksAreTold(t *testing.T) {
	c := &compare.Comparison{Verdict: compare.Inconclusive, Method: compare.Method{Rounds: 4, Level: compare.LevelOfLooks, Looks: &compare.LooksUsed{
		Look: 2, Of: 5, MostRounds: 7, Level: 0.0025510204,
	}}}
	want := "Look 2 of up to 5, after 4 rounds of up to 7: changes were looked for at 0.26 %, so that all looks together raise false alarms at 3.50 % at most."
	ended := " No more were played, as more rounds would not have decided it."
	if got := strings.Join(lookLines(c), "\n"); got != want+ended {
		t.Errorf("%q", got)
	}
	c.All.Latency = []compare.Latency{{Why: compare.Across}}
	if got := strings.Join(lookLines(c), "\n"); got != want {
		t.Errorf("a run that goes on, or was ended: %q", got)
	}
	c.Verdict, ended = compare.Invalid, " No more were played, as more rounds do not make these comparable."
	if got := strings.Join(lookLines(c), "\n"); got != want+ended {
		t.Errorf("%q", got)
	}
	c.Verdict, c.All.Latency = compare.Inconclusive, nil
	if got, want := LookedAt(c), "inconclusive after round 4 of up to 7. Could have seen: nothing, in so few requests."; got != want {
		t.Errorf("%q", got)
	}
	c.Method.Looks.Look = 0
	if got := lookLines(c); got != nil {
		t.Errorf("one round alone is a look: %q", got)
	}
	c.Method.Looks = nil
	if got := lookLines(c); got != nil {
		t.Errorf("without a plan there is a look: %q", got)
	}
}
