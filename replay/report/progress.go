package report

import (
	"fmt"
	"io"
	"strconv"
	"time"

	"reprise/capture/wording"
	"reprise/replay"
)

// plainEvery is how often a plain line is printed, besides at each tenth of the schedule.
const plainEvery = 10 * time.Second

// Progress tells how a run stands while it goes on: by a line that renews itself, by plain lines, or as data. It is for one
// goroutine.
type Progress struct {
	planned time.Duration
	total   int64
	control *replay.Control

	last     time.Duration // Elapsed at the last call
	answered int64         // then
	said     time.Duration // Elapsed at the last plain line
	tenth    int
	step     int // of a search, at the last plain line
}

// NewProgress begins to follow a run of a plan; control, where set, tells whether it is paused and at what tempo.
func NewProgress(plan *replay.Plan, control *replay.Control) *Progress {
	return &Progress{planned: plan.Duration, total: plan.Requests(), control: control}
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
	// Step is the step of a search that is under way: Position, Planned and Left are its own. 0 in any other run.
	Step int `json:"step,omitempty"`
	// Rate is in answers a second since the last time.
	Rate float64 `json:"rate_per_second"`
}

// Next says how the run stands, and the rate since it was asked last.
func (r *Progress) Next(g replay.Progress) Standing {
	s := Standing{
		State: "running", Elapsed: max(g.Elapsed, 0), Position: min(max(g.Position, 0), r.planned), Planned: r.planned, TimeScale: 1,
		Total: r.total, OK: g.OK, Failed: g.Failed, Shed: g.Shed, InFlight: g.InFlight, Lag: g.Lag,
	}
	if r.control != nil {
		c := r.control.Status()
		s.State, s.TimeScale = c.State, c.TimeScale
		if s.Step = g.Step; s.Step > 0 { // how many requests there will be depends on the answers
			s.Planned, s.Position, s.Total = c.Planned, min(max(g.Position, 0), c.Planned), 0
		}
	}
	done := g.OK + g.Failed
	if span := s.Elapsed - r.last; span > 0 {
		s.Rate = float64(done-r.answered) / span.Seconds()
	}
	if g.Elapsed > 0 {
		s.Left = s.Planned - s.Position
	}
	r.last, r.answered = s.Elapsed, done
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
	if s.Step > 0 {
		return fmt.Sprintf("step %d at %sx%s  %s of %s  %.0f/s  lag %s  %d failed  %d in flight", s.Step, plainDigits(s.TimeScale), what, short(s.Position), short(s.Planned), s.Rate,
			s.Lag.Round(10*time.Microsecond), s.Failed+s.Shed, s.InFlight)
	}
	return fmt.Sprintf("%3d%%%s %s of %s  %.0f/s  lag %s  %d failed  %d in flight  %s left", s.percent(), what, short(s.Position), short(s.Planned), s.Rate,
		s.Lag.Round(10*time.Microsecond), s.Failed+s.Shed, s.InFlight, short(s.Left))
}

// short is a time as people say it: to the second, below ten seconds to the tenth.
func short(d time.Duration) string {
	if d < 10*time.Second {
		return d.Round(100 * time.Millisecond).String()
	}
	return d.Round(time.Second).String()
}

// Plain prints a line every ten seconds and at each tenth of the schedule, or at each step of a search.
func (r *Progress) Plain(w io.Writer, g replay.Progress) {
	elapsed := max(g.Elapsed, 0)
	if g.Step > 0 {
		if elapsed-r.said < plainEvery && g.Step == r.step {
			return
		}
		r.said, r.step = elapsed, g.Step
		s := r.Next(g)
		fmt.Fprintf(w, "step %d at %sx, %s of %s: %d answered, %.0f/s, %d failed, %d shed, %d in flight, lag %s\n", s.Step, plainDigits(s.TimeScale), short(s.Position), short(s.Planned),
			s.OK+s.Failed, s.Rate, s.Failed, s.Shed, s.InFlight, s.Lag.Round(10*time.Microsecond))
		return
	}
	tenth := 0
	if r.planned > 0 {
		tenth = int(10 * min(max(g.Position, 0), r.planned) / r.planned)
	}
	if elapsed-r.said < plainEvery && tenth <= r.tenth {
		return
	}
	r.said, r.tenth = elapsed, tenth
	s := r.Next(g)
	fmt.Fprintf(w, "%s of %s (%d%%): %d of %d answered, %.0f/s, %d failed, %d shed, %d in flight, lag %s, %s left\n", short(s.Position), short(s.Planned), s.percent(),
		s.OK+s.Failed, s.Total, s.Rate, s.Failed, s.Shed, s.InFlight, s.Lag.Round(10*time.Microsecond), short(s.Left))
}

// WriteStatus writes in a line how a run stands that is steered from outside.
func WriteStatus(w io.Writer, st replay.Status) error {
	step := ""
	if st.Step > 0 {
		step = fmt.Sprintf("step %d of a search, ", st.Step)
	}
	_, err := fmt.Fprintf(w, "%s%s at %v of %v (%v since the start), time-scale %s: %d ok, %d failed, %d shed, %d in flight, lag %v\n",
		step, st.State, st.Position.Round(time.Millisecond), st.Planned.Round(time.Millisecond), st.Elapsed.Round(time.Millisecond),
		strconv.FormatFloat(st.TimeScale, 'g', -1, 64), st.OK, st.Failed, st.Shed, st.InFlight, st.Lag.Round(time.Microsecond))
	if st.Says != "" && err == nil {
		_, err = fmt.Fprintf(w, "%s\n", st.Says)
	}
	if n := st.LastNote; n != nil && err == nil {
		_, err = fmt.Fprintf(w, "%s, the last at %v: %s\n", wording.Count(int64(st.Notes), "note"), n.At.Round(time.Millisecond), wording.InLine(n.Text))
	}
	return err
}
