package cause

import (
	"testing"
	"time"
)

// TestFilledByTool: in-flight slots that fill up are a slow target's, or those of a tool without a processor.
func TestFilledByTool(t *testing.T) {
	short := Tool{CPUWait: 400 * time.Millisecond, Elapsed: time.Second, MaxInFlight: 512, PeakInFlight: 512}
	for _, tc := range []struct {
		name    string
		tool    Tool
		service Micros
		want    bool
	}{
		{"a quick target, and no processor", short, 10_000, true},
		{"a target too slow for the slots, and no processor", short, 90_000, false},
		{"a quick target, and processors", Tool{CPUWait: 40 * time.Millisecond, Elapsed: time.Second, MaxInFlight: 512, PeakInFlight: 512}, 10_000, false},
	} {
		table := &Table{Tool: tc.tool}
		flight := Column{Attribute: InFlight, Edges: []float64{0, 100, 300}}
		for i := range 10_000 {
			table.Intended = append(table.Intended, time.Duration(i)*100*time.Microsecond)
			table.Lag, table.Service = append(table.Lag, 0), append(table.Service, tc.service)
			flight.Codes = append(flight.Codes, uint8(i%3))
		}
		table.Columns = []Column{flight}
		if got := filledByTool(table); got != tc.want {
			t.Errorf("%s: %v", tc.name, got)
		}
	}
}
