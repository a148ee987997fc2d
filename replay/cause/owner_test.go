package cause

import (
	"math"
	"testing"
	"time"
)

// TestSlotsOfAToolThatStood holds that in-flight slots which were taken as the tool itself stood still are the tool's: only where it ran
// do they say that the target was slow.
func TestSlotsOfAToolThatStood(t *testing.T) {
	for _, tc := range []struct {
		name    string
		stopped bool
		whose   Owner
		want    Pattern
	}{
		{"the tool stood", true, OfTool, ToolStarved},
		{"the tool ran", false, OfTarget, CapFull},
	} {
		w := newWorld(7, 4000, 100)
		stops := Column{Attribute: ToolStop, Codes: make([]uint8, len(w.at)), Edges: []float64{0, 80e6}}
		for i, at := range w.at {
			if in := at % (5 * time.Second); in < 200*time.Millisecond {
				w.lag[i] += 200 - float64(in.Milliseconds())
				if tc.stopped {
					stops.Codes[i] = 1
				}
			}
		}
		table := w.table()
		if tc.stopped {
			table.Columns = append(table.Columns, stops)
		}
		table.Tool = Tool{MaxInFlight: 512, PeakInFlight: 512}
		report, err := Search(t.Context(), table, Limits{})
		if err != nil || len(report.Findings) == 0 {
			t.Fatalf("%s: %v, %+v", tc.name, err, report)
		}
		for _, f := range report.Findings {
			if f.Whose != tc.whose || f.Pattern != tc.want {
				t.Errorf("%s: a cause of %s, pattern %d, measure %d: %+v", tc.name, f.Whose, f.Pattern, f.Measure, f.Where)
			}
		}
	}
}

// TestWhoCameBefore holds that a rule of those who had come before, whenever that was, is none of new people.
func TestWhoCameBefore(t *testing.T) {
	nan := math.NaN()
	before := Condition{Attribute: SamePersonWithin, From: nan, To: nan}
	kind := Condition{Attribute: Kind, Values: []string{"subscribe"}, From: nan, To: nan}
	long := Condition{Attribute: SamePersonWithin, From: 1e9, To: nan}
	for _, tc := range []struct {
		where []Condition
		want  Pattern
	}{{[]Condition{before, kind}, RepeatSlow}, {[]Condition{before}, PersonRace}, {[]Condition{long}, FirstSeen}} {
		if got := patternOf(&Finding{Where: tc.where}); got != tc.want {
			t.Errorf("%+v is pattern %d, want %d", tc.where, got, tc.want)
		}
	}
}
