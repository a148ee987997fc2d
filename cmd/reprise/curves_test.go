package main

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// sameCurve checks that a receiver's log has the curve and the steps that a plan has: samecurve PLAN.json RUN.json LOG. No arrival is
// sooner or later than its plan by more than the slowest answer of the run took, so that the check holds however busy the machine is:
// the fuller the machine, the less it says.
func sameCurve(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: samecurve PLAN.json RUN.json LOG")
	}
	var plan struct {
		Requests int
		Window   time.Duration `json:"window_ns"`
		Curve    []int
		Steps    []struct {
			Requests int
			Start    time.Duration `json:"start_ns"`
			Duration time.Duration `json:"duration_ns"`
		}
	}
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0])), &plan))
	var run struct{ Latency struct{ Max time.Duration } }
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[1])), &run))
	slack := run.Latency.Max + time.Millisecond
	var arrivals []time.Duration
	for line := range strings.Lines(ts.ReadFile(args[2])) {
		var r struct {
			Arrival time.Duration `json:"arrival_ns"`
		}
		ts.Check(json.Unmarshal([]byte(line), &r))
		arrivals = append(arrivals, r.Arrival)
	}
	slices.Sort(arrivals)
	if len(arrivals) != plan.Requests || len(plan.Steps) == 0 || slack == time.Millisecond {
		ts.Fatalf("%d arrivals, %d planned in %d steps, the slowest answer after %v", len(arrivals), plan.Requests, len(plan.Steps), run.Latency.Max)
	}
	before := func(at time.Duration) int {
		n, _ := slices.BinarySearch(arrivals, at)
		return n
	}
	planned := 0
	for i, n := range plan.Curve {
		planned += n
		end := time.Duration(i+1) * plan.Window
		if before(end-slack) > planned || before(end+slack) < planned {
			ts.Fatalf("%d are planned until %v, and %d had come by %v, %d by %v", planned, end, before(end-slack), end-slack, before(end+slack), end+slack)
		}
	}
	for i, s := range plan.Steps {
		from, to := s.Start, s.Start+s.Duration
		most, least := before(to+slack)-before(from-slack), before(to-slack)-before(from+slack)
		if s.Requests > most || s.Requests < least {
			ts.Fatalf("step %d has %d requests, and %d to %d arrivals between %v and %v", i+1, s.Requests, least, most, from, to)
		}
		ts.Logf("step %d: planned %d, achieved %d (%d to %d within %v)", i+1, s.Requests, before(to)-before(from), least, most, slack)
	}
}
