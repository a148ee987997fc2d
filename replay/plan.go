package replay

import (
	"time"

	"reprise/capture"
	"reprise/replay/pace"
)

// Plan is what a pass over the corpus says of a run before it starts.
type Plan struct {
	// Ledger holds recorded, added and filtered, and under unsent every request that is scheduled.
	Ledger Ledger `json:"ledger"`
	// Origins count, of the requests that are scheduled, those whose bytes the vendor never sent.
	Origins capture.Origins `json:"origins,omitzero"`
	// First and Last are the recorded times of the first and the last record that is played.
	First time.Time `json:"first"`
	Last  time.Time `json:"last"`
	// Duration runs from the first deadline to the last.
	Duration time.Duration `json:"duration_ns"`
	// Stretch is the longest time by which a cap on the rate shifts a request.
	Stretch time.Duration `json:"stretch_ns,omitempty"`
	// Idle is the recorded time that a bound on gaps leaves out, in all loops.
	Idle time.Duration `json:"idle_left_out_ns,omitempty"`
	// Peak is the number of requests in the busiest second of the run, seconds counted from its start.
	Peak int64 `json:"peak_per_second"`
	// Curve counts the requests in each stretch of Window, at most MaxWindows of them.
	Window time.Duration `json:"window_ns"`
	Curve  []int64       `json:"curve"`
	// Outages are those of the vendor that the run plays, in order of time; none where there is none.
	Outages []PlannedOutage `json:"outages,omitempty"`
	// Steps are those of the shape, in order; none where there is no shape.
	Steps []PlannedStep `json:"steps,omitempty"`
}

// PlannedStep is what a plan says of one step of a shape.
type PlannedStep struct {
	// Name is what the user calls the step, Text the step as it was written.
	Name string `json:"name,omitempty"`
	Text string `json:"text"`
	// Start is when it begins, since the run's start, and Duration how long it lasts.
	Start    time.Duration `json:"start_ns"`
	Duration time.Duration `json:"duration_ns"`
	// First and Last are the recorded times of its first and its last record.
	First time.Time `json:"first"`
	Last  time.Time `json:"last"`
	// TimeScale and Volume are those at its beginning and at its end.
	TimeScale [2]float64 `json:"time_scale"`
	Volume    [2]float64 `json:"volume"`
	// Requests counts what is scheduled in it, Kinds by kind, and Peak in its busiest second.
	Requests int64            `json:"requests"`
	Kinds    map[string]int64 `json:"kinds"`
	Peak     int64            `json:"peak_per_second"`
	// CutShort says that the recording ends in the step.
	CutShort bool `json:"cut_short,omitempty"`
}

// StepAt is the step that is played at a position of the schedule, and its number from 1; nil and 0 where a plan has no steps.
func (p *Plan) StepAt(position time.Duration) (number int, step *PlannedStep) {
	if p == nil {
		return 0, nil
	}
	for i := range p.Steps {
		if s := &p.Steps[i]; s.Start <= max(position, 0) {
			number, step = i+1, s
		}
	}
	return number, step
}

// MaxSteps is how many steps a run can have.
const MaxSteps = pace.MaxSteps

// PlannedOutage is what a plan says of one outage of the vendor.
type PlannedOutage struct {
	// From and To bound it in recorded time; To is not part of it.
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
	// Held counts the messages that are due in it, in all loops, and Kinds by kind.
	Held  int64            `json:"held"`
	Kinds map[string]int64 `json:"kinds"`
	// Loops is how often the outage comes, where that is more than once, and First how many messages it holds in the first loop.
	Loops int   `json:"loops,omitempty"`
	First int64 `json:"held_first_loop,omitempty"`
	// Start is when the queue begins to be sent, since the run's start and in the first loop; Drain is how long that takes, and Rate the
	// requests a second of the queue of one loop.
	Start time.Duration `json:"start_ns"`
	Drain time.Duration `json:"drain_ns"`
	Rate  float64       `json:"rate"`
	// Capped is how long that takes where the cap on the rate, which holds for the queue and what comes beside it together, makes it longer
	// than Drain: of several loops the longest. 0 where it does not. Rate is that of this time then.
	Capped time.Duration `json:"capped_drain_ns,omitempty"`
	// Order is "fifo" or "shuffled". Within is how many messages at least a shuffled one was drawn from, where memory did not hold the
	// whole queue; 0 where it did.
	Order  string `json:"order"`
	Within int    `json:"shuffled_within,omitempty"`
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
	Aborted     EndState = "aborted"     // a condition to stop on was met, or the source or the recorder broke
)

// Stats is what the run says of itself, for the verdict.
type Stats struct {
	// AtCap counts the requests that found every in-flight slot taken, and CapWait how long the schedule waited for one.
	AtCap   int64         `json:"at_cap"`
	CapWait time.Duration `json:"cap_wait_ns"`
	// PeakInFlight is the largest number of requests on their way at once.
	PeakInFlight int `json:"peak_in_flight"`
	MaxInFlight  int `json:"max_in_flight"`
	// Late counts the requests sent more than LateFrom after they were due, by what held them up.
	Late LateBy `json:"late"`
	// Held is how late those were in all, by the same; nothing in the runs of before it was kept.
	Held HeldBy `json:"held,omitzero"`
	// ServiceAtCap is the mean service time of the requests that took the last slot, ServiceFree that of those sent with the fewest
	// others on their way: of some twenty at least, where so many had fewer than half of the slots taken. 0 where there were none.
	ServiceAtCap time.Duration `json:"service_at_cap_ns"`
	ServiceFree  time.Duration `json:"service_free_ns"`
	// LongestStall is the longest time for which the sending loop did not come to run although something was due.
	LongestStall time.Duration `json:"longest_stall_ns"`
	// Thinking is what waiting for answers and pauses did to the plan; nothing where senders do not think.
	Thinking Thinking `json:"thinking,omitzero"`
	// Standstills are the stops of LongStop at least, and Asleep the times for which the whole machine slept.
	Standstills Standstills `json:"standstills,omitzero"`
	Asleep      Asleep      `json:"asleep,omitzero"`
	// RecorderWait is how long sending waited for the run file, and RecorderBehind the most results that waited for it at once.
	RecorderWait   time.Duration `json:"recorder_wait_ns"`
	RecorderBehind int64         `json:"recorder_behind"`
	// SourceWait is how long nothing was in line because the corpus was not read in time.
	SourceWait time.Duration `json:"source_wait_ns"`
	// CPU is the user and system time of this process over the run, CPUs how many processors it could use (GOMAXPROCS, or the
	// quota of its control group), Elapsed how long the run took.
	CPU     time.Duration `json:"cpu_ns"`
	CPUs    float64       `json:"cpus"`
	Elapsed time.Duration `json:"elapsed_ns"`
	// CPUWait is the time for which its threads could run and had no processor, summed over threads (/proc/self/schedstat);
	// 0 where that is not known.
	CPUWait time.Duration `json:"cpu_wait_ns"`
	// GCPause is the time for which garbage collection stopped the process, in all, and GCPauseMax the longest such stop.
	GCPause    time.Duration `json:"gc_pause_ns"`
	GCPauseMax time.Duration `json:"gc_pause_max_ns"`
	// Paused is how long the run was paused by hand, and Changes what was done to it, in order.
	Paused  time.Duration `json:"paused_ns"`
	Changes []Change      `json:"changes,omitempty"`
	// Thinned counts what was left out by a volume below the plan's.
	Thinned int64 `json:"thinned,omitempty"`
	// AddedIn says what a volume above the plan's added to each step, also in the earlier part of a run that goes on.
	AddedIn AddedIn `json:"added_in,omitempty"`
	// Skips are the stretches of the schedule that were jumped over, also in the earlier part of a run that goes on.
	Skips []Skip `json:"skips,omitempty"`
	// Notes are what somebody said of moments of the run, in order; those of its earlier part, where it goes on, are among them.
	Notes []Note `json:"notes,omitempty"`
	// Retries counts the requests sent again on the vendor's schedule.
	Retries int64 `json:"retries"`
	// Shortcomings count the requests that were sent otherwise than asked for.
	Shortcomings Shortcomings `json:"shortcomings,omitzero"`
	// Engine names what sent, and Connections is how many connections it opened.
	Engine      string `json:"engine"`
	Connections int    `json:"connections"`
}

// Shortcomings count requests that were sent otherwise than asked for, as the renderer could not do it.
type Shortcomings struct {
	// Unread could not be read by their dialect: they were sent as recorded, with ids and people.
	Unread int64 `json:"unread,omitempty"`
	// Unsigned went out without a signature, as no key was for them though there were keys.
	Unsigned int64 `json:"unsigned,omitempty"`
	// SamePeople are copies that the recorded person sent, as the pool holds no further number.
	SamePeople int64 `json:"same_people,omitempty"`
	// Unstamped kept a recorded time, whose form is not known.
	Unstamped int64 `json:"unstamped,omitempty"`
	// Unsendable had bytes with which no request can be sent: those headers were left out, and those bytes of a URL escaped.
	Unsendable int64 `json:"unsendable,omitempty"`
}

// LateFrom is how long after its due time a request counts as late.
const LateFrom = time.Millisecond

// LateBy counts late requests by what held them up; each counts once.
type LateBy struct {
	// Cap: every in-flight slot was taken.
	Cap int64 `json:"cap"`
	// Sender: the requests of a sender go one after the other, and its earlier one was not answered.
	Sender int64 `json:"sender"`
	// Render: the request was not prepared in time.
	Render int64 `json:"render"`
	// Stall: the sending loop itself was late; it had no CPU, was stopped, or was busy.
	Stall int64 `json:"stall"`
}

// HeldBy adds up how late the requests of LateBy were: what holds many up for a moment weighs less than what holds them up for long.
type HeldBy struct {
	Cap    time.Duration `json:"cap_ns"`
	Sender time.Duration `json:"sender_ns"`
	Render time.Duration `json:"render_ns"`
	Stall  time.Duration `json:"stall_ns"`
}

// Change is one thing that was done to a run while it was going.
type Change struct {
	// At is when, since the run's start.
	At time.Duration `json:"at_ns"`
	// What is "pause", "resume" or "scale" with the factor: "scale 3".
	What string `json:"what"`
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
	// Stopped is the condition that ended the run, nil where none did.
	Stopped *Broken `json:"stopped_on,omitempty"`
}

// FirstWindow is the width at which the windows of a curve start. It becomes Wider whenever a run outgrows MaxWindows of them.
const FirstWindow = 100 * time.Millisecond

// Wider is the width that a curve's windows have after this one, and how many of this one it holds: 100 ms, 200 ms, 1 s, 2 s, 10 s, 30 s, 1 m, 5 m,
// 10 m, 30 m, 1 h, 6 h, 24 h, and twice as long from there on. Each is a multiple of all before it, so that curves of two widths can be
// laid over one another; from a second on they are times that people count by.
func Wider(window time.Duration) (wider time.Duration, of int) {
	switch window {
	case 200 * time.Millisecond, 2 * time.Second, time.Minute:
		of = 5
	case 10 * time.Second, 10 * time.Minute:
		of = 3
	case time.Hour:
		of = 6
	case 6 * time.Hour:
		of = 4
	default:
		of = 2
	}
	return time.Duration(of) * window, of
}
