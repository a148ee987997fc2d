package cause

import (
	"testing"
	"time"
)

// race makes who writes again within a second slow.
func (w *world) race(times float64) {
	w.since(func(i int) int { return w.person[i] }, func(i int, gap time.Duration) {
		if gap >= 0 && gap < time.Second {
			w.service[i] *= times
		}
	})
}

func TestSearchTellsTwoCauses(t *testing.T) {
	w := newWorld(11, 6000, 100)
	w.race(8)
	for i := range w.at {
		if w.recipient[i] == 5 {
			w.service[i] *= 5
		}
	}
	r, err := Search(t.Context(), w.table(), Limits{})
	if err != nil || len(r.Findings) != 2 {
		t.Fatalf("%s, %v", tell(r), err)
	}
	a, b := r.Findings[0].Where[0].Attribute, r.Findings[1].Where[0].Attribute
	if min(a, b) != Recipient || max(a, b) != SamePersonWithin {
		t.Errorf("told:%s", tell(r))
	}
}

// TestSearchTellsApart has a kind that comes in bursts alone: once the kind is slow, once the bursts are.
func TestSearchTellsApart(t *testing.T) {
	inOneGoroutine(t)
	for seed := range uint64(3) {
		for _, byKind := range []bool{true, false} {
			w := newWorld(20+seed, 6000, 100)
			burst := w.burst(100*time.Millisecond, func(int) int { return 0 })
			for i := range w.at {
				if w.kind[i] == 3 {
					w.kind[i] = 6
				}
				inBurst := burst[i] >= 20
				if inBurst && w.r.Float64() < 0.5 {
					w.kind[i] = 3
				}
				if byKind && w.kind[i] == 3 || !byKind && inBurst {
					w.service[i] *= 6
				}
			}
			r, err := Search(t.Context(), w.table(), Limits{})
			if err != nil || len(r.Findings) == 0 {
				t.Fatalf("seed %d: %s, %v", seed, tell(r), err)
			}
			if got := r.Findings[0].Where[0].Attribute; byKind != (got == Kind) || !byKind && !isLoad(got) {
				t.Errorf("seed %d, the kind is slow: %v; told:%s", seed, byKind, tell(r))
			}
		}
	}
}

func TestSearchSaysWhose(t *testing.T) {
	race := newWorld(31, 6000, 100)
	race.race(8)
	alone := race.table()
	alone.Traffic = Traffic{People: 1, TopPerson: 1}
	stopped := newWorld(32, 6000, 100)
	for i, at := range stopped.at { // the tool stands still for 200 ms every three seconds
		if into := at % (3 * time.Second); into < 200*time.Millisecond {
			stopped.lag[i] += float64(200*time.Millisecond-into) / 1e6
		}
	}
	full := stopped.table()
	full.Tool.MaxInFlight, full.Tool.PeakInFlight = 64, 64
	for _, tc := range []struct {
		name    string
		table   *Table
		whose   Owner
		pattern Pattern
	}{
		{"of many people", race.table(), OfTarget, PersonRace},
		{"of one person", alone, OfTest, TooFewSenders},
		{"a tool that stops", stopped.table(), OfTool, ToolStarved},
		{"a cap that is full", full, OfTarget, CapFull},
	} {
		r, err := Search(t.Context(), tc.table, Limits{})
		if err != nil || len(r.Findings) == 0 || r.Findings[0].Whose != tc.whose || r.Findings[0].Pattern != tc.pattern {
			t.Errorf("%s: want %s's, pattern %d; told:%s, %v", tc.name, tc.whose, tc.pattern, tell(r), err)
		}
	}
}
