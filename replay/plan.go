package replay

import "time"

// Plan is what a pass over the corpus says of a run before it starts.
type Plan struct {
	// Ledger holds recorded, added and filtered, and under unsent every request that is scheduled.
	Ledger Ledger `json:"ledger"`
	// First and Last are the recorded times of the first and the last record that is played.
	First time.Time `json:"first"`
	Last  time.Time `json:"last"`
	// Duration runs from the first deadline to the last.
	Duration time.Duration `json:"duration_ns"`
	// Peak is the number of requests in the busiest second of the run, seconds counted from its start.
	Peak int64 `json:"peak_per_second"`
	// Curve counts the requests in each stretch of Window, at most MaxWindows of them.
	Window time.Duration `json:"window_ns"`
	Curve  []int64       `json:"curve"`
}

// MaxWindows bounds the number of windows in a curve.
const MaxWindows = 600

// Requests is the number of requests that the plan schedules.
func (p *Plan) Requests() int64 { return p.Ledger.Scheduled() }

// Mean is the planned rate in requests a second over the run's duration; see Rate.
func (p *Plan) Mean() float64 { return Rate(p.Requests(), p.Duration) }

// Rate returns n requests over d as requests a second. Of a run shorter than one second it says how many fall into that
// second, so that three requests in a microsecond are not called millions.
func Rate(n int64, d time.Duration) float64 {
	return float64(n) / max(d, time.Second).Seconds()
}

// EndState says how a run ended.
type EndState string

// The end states. The texts are part of the run file.
const (
	Complete    EndState = "complete"
	Interrupted EndState = "interrupted" // the context was cancelled
	Aborted     EndState = "aborted"     // the error fuse blew, or the source or the recorder broke
)

// Stats is what the loop and the sender say of themselves, for the verdict.
type Stats struct {
	// AtCap counts the requests that found every in-flight slot taken, and CapWait how long the schedule waited for one.
	AtCap   int64         `json:"at_cap"`
	CapWait time.Duration `json:"cap_wait_ns"`
	// PeakInFlight is the largest number of requests on their way at once.
	PeakInFlight int `json:"peak_in_flight"`
	MaxInFlight  int `json:"max_in_flight"`
	// LateRender counts the requests whose rendering was not done by their deadline.
	LateRender int64 `json:"late_render"`
}

// Outcome is what Run returns.
type Outcome struct {
	State  EndState `json:"state"`
	Ledger Ledger   `json:"ledger"`
	// Planned is the last deadline the schedule reached: of a complete run, its planned duration.
	Planned time.Duration `json:"planned_ns"`
	// Started is the wall-clock moment of deadline 0.
	Started time.Time `json:"started"`
	Stats   Stats     `json:"stats"`
}

// FirstWindow is the width at which the windows of a curve start; it doubles whenever a run outgrows MaxWindows of them.
const FirstWindow = 100 * time.Millisecond
