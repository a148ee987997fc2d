package report

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"time"

	"reprise/capture/wording"
	"reprise/replay"
)

// plainEvery is how often a plain line is printed, besides at each tenth of the schedule.
const plainEvery = 10 * time.Second

// Progress tells how a run stands while it goes on: by a line that renews itself, by plain lines, or as data. It is for one
// goroutine.
type Progress struct {
	plan    *replay.Plan
	planned time.Duration
	total   int64
	control *replay.Control

	last  time.Duration // Elapsed at the last call
	done  int64         // then: those with a result
	said  time.Duration // Elapsed at the last plain line
	tenth int
	step  int // at the last plain line
}

// NewProgress begins to follow a run of a plan; control, where set, tells whether it is paused and at what tempo.
func NewProgress(plan *replay.Plan, control *replay.Control) *Progress {
	return &Progress{plan: plan, planned: plan.Duration, total: plan.Requests(), control: control}
}

// Standing is how a run stands; its JSON is relied on. Times are nanoseconds.
type Standing struct {
	State    string        `json:"state"`
	Elapsed  time.Duration `json:"elapsed_ns"`
	Position time.Duration `json:"position_ns"`
	Planned  time.Duration `json:"planned_duration_ns"`
	// Left is how much of the schedule is left, at the tempo of its plan.
	Left      time.Duration `json:"left_ns"`
	TimeScale float64       `json:"time_scale"`
	Total     int64         `json:"planned"`
	OK        int64         `json:"ok"`
	Failed    int64         `json:"failed"`
	Shed      int64         `json:"shed"`
	InFlight  int           `json:"in_flight"`
	Lag       time.Duration `json:"lag_ns"`
	// Step is the number of the step that is played, from 1, of Steps; 0 in a run without steps. In a search Steps is 0, and Position, Planned
	// and Left are the step's own.
	Step  int `json:"step,omitempty"`
	Steps int `json:"steps,omitempty"`
	// StepName is what the user calls the step, and StepText the step as it was written.
	StepName string `json:"step_name,omitempty"`
	StepText string `json:"step_text,omitempty"`
	// Waiting is how many requests are still to be answered once the schedule is over; 0 before, and where none is.
	Waiting int64 `json:"waiting,omitempty"`
	// Retries is how many requests a vendor's schedule has had sent again or will, beside Total; Retrying how many of them still wait for their time, and
	// RetriesLeft how long that takes at most.
	Retries     int64         `json:"retries,omitempty"`
	Retrying    int64         `json:"retrying,omitempty"`
	RetriesLeft time.Duration `json:"retries_left_ns,omitempty"`
	// Rate is how many requests came to a result, well or not, in a second since the last time.
	Rate float64 `json:"rate_per_second"`
}

// Next says how the run stands, and the rate since it was asked last.
func (r *Progress) Next(g replay.Progress) Standing {
	s := Standing{
		State: "running", Elapsed: max(g.Elapsed, 0), Position: min(max(g.Position, 0), r.planned), Planned: r.planned, TimeScale: 1,
		Retries: g.Retries, Retrying: g.Retrying, RetriesLeft: g.RetriesLeft,
		Total: r.total, OK: g.OK, Failed: g.Failed, Shed: g.Shed, InFlight: g.InFlight, Lag: g.Lag,
	}
	if r.control != nil {
		c := r.control.Status()
		s.State, s.TimeScale = c.State, c.TimeScale
		s.Step, s.Steps, s.StepName, s.StepText = c.Step, c.Steps, c.StepName, c.StepText
		if g.Step > 0 { // how many requests there will be depends on the answers
			s.Step, s.Planned, s.Position, s.Total = g.Step, c.Planned, min(max(g.Position, 0), c.Planned), 0
		}
	}
	done := g.OK + g.Failed
	if span := s.Elapsed - r.last; span > 0 {
		s.Rate = float64(done-r.done) / span.Seconds()
	}
	if g.Elapsed > 0 {
		s.Left = s.Planned - s.Position
	}
	if s.Position >= s.Planned && g.Elapsed > 0 && !s.searching() {
		s.Waiting = max(s.Total+s.Retries-done-s.Shed, 0)
	}
	r.last, r.done = s.Elapsed, done
	return s
}

// percent is how far the schedule is.
func (s *Standing) percent() int {
	if s.Planned <= 0 {
		return 0
	}
	return int(100 * s.Position / s.Planned)
}

// Line is one line of at most 100 characters: what is most wanted comes first, as a narrow terminal cuts the end.
func (s Standing) Line() string {
	what := ""
	if s.State == "paused" {
		what = " paused"
	}
	if s.searching() {
		return fmt.Sprintf("step %d at %sx%s  %s of %s  %.0f/s  lag %s  %d failed  %d in flight", s.Step, plainDigits(s.TimeScale), what, short(s.Position), short(s.Planned), s.Rate,
			s.Lag.Round(10*time.Microsecond), s.Failed+s.Shed, s.InFlight)
	}
	far := fmt.Sprintf("%3d%%%s %s of %s", s.percent(), what, short(s.Position), short(s.Planned))
	if s.Waiting > 0 {
		return fmt.Sprintf("%3d%%%s %s", s.percent(), what, s.waits())
	}
	rest := fmt.Sprintf("  %.0f/s  lag %s  %d failed  %d in flight  %s left", s.Rate, s.Lag.Round(10*time.Microsecond), s.Failed+s.Shed, s.InFlight, short(s.Left))
	if s.Step > 0 {
		far += "  " + cutTo(stepOf(s.Step, s.Steps, s.StepName, s.StepText), max(mostLine-len(far)-len(rest)-2, leastStep))
	}
	return far + rest
}

// waits says what a run waits for whose schedule is over: for answers alone, or also for its own turn to send what is left.
func (s *Standing) waits() string {
	text := "all is due; " + count(s.Waiting)
	if int64(s.InFlight) >= s.Waiting {
		text = "all sent; waiting for " + count(s.Waiting) + " answers"
		if s.Waiting == 1 {
			text = "all sent; waiting for 1 answer"
		}
	} else if s.Retrying > 0 {
		return s.waitsForRetries()
	} else {
		text += fmt.Sprintf(" wait for an answer or to be sent, %s of them in flight", count(int64(s.InFlight)))
	}
	return fmt.Sprintf("%s  %.0f/s  %d failed", text, s.Rate, s.Failed+s.Shed)
}

// waitsForRetries says what a run waits for whose schedule is over but for what vendors send again.
func (s *Standing) waitsForRetries() string {
	text := "all is due; " + count(s.Retrying) + " wait for the vendor's retries, the last in " + short(s.RetriesLeft) + " at most"
	if s.Retrying == 1 {
		text = "all is due; 1 waits for the vendor's retry, the last in " + short(s.RetriesLeft) + " at most"
	}
	return fmt.Sprintf("%s  %s in flight  %d failed", text, count(int64(s.InFlight)), s.Failed+s.Shed)
}

const (
	// mostLine is how long a line is at most, in characters, and leastStep what of it the step gets at least.
	mostLine, leastStep = 100, 14
)

// cutTo cuts a text to so many characters.
func cutTo(text string, most int) string {
	if r := []rune(text); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return text
}

// searching says whether the run searches for a tempo: how many steps there will be nobody knows.
func (s *Standing) searching() bool { return s.Step > 0 && s.Steps == 0 }

// stepOf says which step of a shaped run is played: "step 2 of 4: 20k at 3x".
func stepOf(number, of int, name, text string) string {
	return fmt.Sprintf("step %d of %d: %s", number, of, wording.InLine(cmp.Or(name, text)))
}

// short is a time as people say it: to the second, below ten seconds to the tenth.
func short(d time.Duration) string {
	if d < 10*time.Second {
		return d.Round(100 * time.Millisecond).String()
	}
	return d.Round(time.Second).String()
}

// Plain prints a line every ten seconds, at each tenth of the schedule and at each step.
func (r *Progress) Plain(w io.Writer, g replay.Progress) {
	elapsed := max(g.Elapsed, 0)
	if g.Step > 0 {
		if elapsed-r.said < plainEvery && g.Step == r.step {
			return
		}
		r.said, r.step = elapsed, g.Step
		s := r.Next(g)
		fmt.Fprintf(w, "step %d at %sx, %s of %s: %s ok, %s, %s failed, %s shed, %s in flight, lag %s\n", s.Step, plainDigits(s.TimeScale), short(s.Position), short(s.Planned),
			count(s.OK), perSecondText(s.Rate), count(s.Failed), count(s.Shed), count(int64(s.InFlight)), s.Lag.Round(10*time.Microsecond))
		return
	}
	tenth := 0
	if r.planned > 0 {
		tenth = int(10 * min(max(g.Position, 0), r.planned) / r.planned)
	}
	step, _ := r.plan.StepAt(g.Position)
	if elapsed-r.said < plainEvery && tenth <= r.tenth && step == r.step {
		return
	}
	r.said, r.tenth, r.step = elapsed, tenth, step
	s := r.Next(g)
	if s.Step > 0 {
		fmt.Fprintf(w, "%s, ", stepOf(s.Step, s.Steps, s.StepName, s.StepText))
	}
	if s.Waiting > 0 {
		fmt.Fprintf(w, "%s of %s (100%%): %s\n", short(s.Position), short(s.Planned), s.waits())
		return
	}
	fmt.Fprintf(w, "%s of %s (%d%%): %s of %s ok, %s, %s failed, %s shed, %s in flight, lag %s, %s left\n", short(s.Position), short(s.Planned), s.percent(),
		count(s.OK), count(s.Total+s.Retries), perSecondText(s.Rate), count(s.Failed), count(s.Shed), count(int64(s.InFlight)), s.Lag.Round(10*time.Microsecond), short(s.Left))
}

// perSecondText is a rate as a line of progress has it, without a fraction.
func perSecondText(v float64) string { return count(int64(math.Round(v))) + "/s" }

// waitOf says how many requests wait.
func waitOf(n int64) string {
	if n == 1 {
		return "1 request waits"
	}
	return count(n) + " requests wait"
}

// WriteStatus writes in a line how a run stands that is steered from outside.
func WriteStatus(w io.Writer, st replay.Status) error {
	step := ""
	switch {
	case st.Step > 0 && st.Steps > 0:
		step = stepOf(st.Step, st.Steps, st.StepName, st.StepText) + ", "
	case st.Step > 0:
		step = fmt.Sprintf("step %d of a search, ", st.Step)
	}
	tempo := "time-scale " + plainDigits(st.TimeScale)
	if st.Volume != 0 && st.Volume != 1 {
		tempo += ", volume " + plainDigits(st.Volume)
	}
	_, err := fmt.Fprintf(w, "%s%s at %v of %v (%v since the start), %s: %s ok, %s failed, %s shed, %s in flight, lag %v\n",
		step, st.State, st.Position.Round(time.Millisecond), st.Planned.Round(time.Millisecond), st.Elapsed.Round(time.Millisecond),
		tempo, count(st.OK), count(st.Failed), count(st.Shed), count(int64(st.InFlight)), st.Lag.Round(time.Microsecond))
	if st.Retrying > 0 && err == nil {
		_, err = fmt.Fprintf(w, "%s to be sent again by the vendor's schedule, the last in %s at most\n", waitOf(st.Retrying), short(st.RetriesLeft))
	}
	if st.Run != "" && err == nil {
		_, err = fmt.Fprintln(w, whichRun(&st))
	}
	if st.Says != "" && err == nil {
		_, err = fmt.Fprintf(w, "%s\n", st.Says)
	}
	if n := st.LastNote; n != nil && err == nil {
		_, err = fmt.Fprintf(w, "%s, the last at %v: %s\n", wording.Count(int64(st.Notes), "note"), n.At.Round(time.Millisecond), wording.InLine(n.Text))
	}
	return err
}
