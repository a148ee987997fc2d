package cause

import (
	"testing"
	"time"
)

// TestFilledByTool: in-flight slots that fill up are a slow target's, or those of a tool without a processor.
func TestFilledByTool(t *testing.T) {
	short := Tool{CPUWait: 400 * time.Millisecond, Elapsed: time.Second, MaxInFlight: 512, PeakInFlight: 512}
	for _, tc := range []struct {
		name   string
		tool   Tool
		free   Micros // service time with slots free
		taken  Micros // and with all of them taken
		ownLag Micros // of every fifth request that is sent with slots free
		want   bool
	}{
		{"a quick target, and no processor", short, 10_000, 10_000, 0, true},
		{"a target too slow for the slots, and no processor", short, 90_000, 90_000, 0, false},
		{"a quick target, and processors", Tool{CPUWait: 40 * time.Millisecond, Elapsed: time.Second, MaxInFlight: 512, PeakInFlight: 512}, 10_000, 10_000, 0, false},
		{"a target that requests queue for, and no processor", short, 10_000, 2_500_000, 50_000, false},
		{"no processor, answers as late as requests", short, 10_000, 900_000, 800_000, true},
	} {
		table := &Table{Tool: tc.tool}
		flight := Column{Attribute: InFlight, Edges: []float64{0, 100, 300}}
		for i := range 10_000 {
			service, lag := tc.free, Micros(0)
			switch {
			case i%3 == 2:
				service, lag = tc.taken, 5_000_000
			case i%5 == 0:
				lag = tc.ownLag
			}
			table.Intended = append(table.Intended, time.Duration(i)*100*time.Microsecond)
			table.Lag, table.Service = append(table.Lag, lag), append(table.Service, service)
			flight.Codes = append(flight.Codes, uint8(i%3))
		}
		table.Columns = []Column{flight}
		if got := filledByTool(table); got != tc.want {
			t.Errorf("%s: %v", tc.name, got)
		}
	}
}

// TestLagOfTheVerdict holds that whose the wait for a slot is does not differ between the verdict of a run and why it was slow.
func TestLagOfTheVerdict(t *testing.T) {
	for _, tc := range []struct {
		of   Owner
		want Pattern
	}{{OfTarget, CapFull}, {OfTool, ToolStarved}} {
		w := newWorld(7, 4000, 100)
		for i, at := range w.at {
			if in := at % (5 * time.Second); in < 200*time.Millisecond {
				w.lag[i] += 200 - float64(in.Milliseconds())
			}
		}
		table := w.table()
		table.Tool = Tool{MaxInFlight: 512, PeakInFlight: 512, CPUWait: 40 * time.Second, Elapsed: time.Minute, LagOf: tc.of}
		report, err := Search(t.Context(), table, Limits{})
		if err != nil || len(report.Findings) == 0 {
			t.Fatalf("%q: %v, %+v", tc.of, err, report)
		}
		for _, f := range report.Findings {
			if f.Pattern != tc.want || f.Whose != tc.of {
				t.Errorf("lag is %q's: a cause of %s, pattern %d: %+v", tc.of, f.Whose, f.Pattern, f.Where)
			}
		}
	}
}
