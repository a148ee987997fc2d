package cause

import (
	"testing"
	"time"

	"reprise/capture"
)

// TestFindingInSteps holds that a finding says in which steps its slow requests, and those that failed, were due, and in none of a run without steps.
func TestFindingInSteps(t *testing.T) {
	table := func(steps []StepSpan, slowIn, failIn int) *Table {
		b := NewBuilder(Options{})
		for i := range 3000 {
			step := i / 1000
			due := time.Duration(i) * 10 * time.Millisecond
			row := Row{Seq: int64(i), Kind: capture.Help, Intended: due, Sent: due, Status: 200, InFlight: -1, Person: uint64(1 + i%700)}
			took := 20*time.Millisecond + time.Duration(i%7)*100*time.Microsecond
			if i%3 == 0 {
				row.Kind = capture.Reaction
			}
			if row.Kind == capture.Reaction && step == slowIn {
				took += 80 * time.Millisecond
			}
			if row.Kind == capture.Help && step == failIn {
				row.Status, row.Failure = 503, "unavailable"
			}
			row.Done = due + took
			b.Add(&row)
		}
		tb := b.Table()
		tb.Steps = steps
		return tb
	}
	steps := []StepSpan{{1, "", 0}, {2, "rush", 10 * time.Second}, {3, "", 20 * time.Second}}
	for _, tc := range []struct {
		name         string
		slow, failed int
		measure      Measure
		number       int
	}{{"slow", 1, -1, ServiceTime, 2}, {"failing", -1, 2, Failing, 3}} {
		r, err := Search(t.Context(), table(steps, tc.slow, tc.failed), Limits{})
		if err != nil || len(r.Findings) == 0 {
			t.Fatalf("%s: %v, %+v", tc.name, err, r)
		}
		for _, f := range r.Findings {
			if f.Measure != tc.measure {
				continue
			}
			if len(f.Steps) != 1 || f.Steps[0].Number != tc.number || f.Steps[0].Share != 1 || f.Steps[0].Requests < 300 {
				t.Errorf("%s: %+v, want all in step %d", tc.name, f.Steps, tc.number)
			}
		}
		r, err = Search(t.Context(), table(nil, tc.slow, tc.failed), Limits{})
		if err != nil || len(r.Findings) == 0 || r.Findings[0].Steps != nil {
			t.Errorf("%s, without steps: %v, %+v", tc.name, err, r.Findings)
		}
	}
}
