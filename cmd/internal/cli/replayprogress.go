package cli

import (
	"fmt"
	"io"
	"os"
	"time"

	"reprise/replay"
)

// plainEvery is how often a plain line is printed, besides at each tenth of the schedule.
const plainEvery = 10 * time.Second

// runProgress tells how a run stands: a line that renews itself, plain lines, or JSON for machines.
type runProgress struct {
	w       io.Writer
	planned time.Duration
	total   int64
	control *replay.Control

	last     time.Duration // Elapsed at the last call
	answered int64         // then
	said     time.Duration // Elapsed at the last plain line
	tenth    int
}

// stand is what a display shows of a run.
type stand struct {
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
	// Rate is in answers a second since the last time.
	Rate float64 `json:"rate_per_second"`
}

// showProgress returns what shows how a run stands, and what ends the display.
func (o *replayOptions) showProgress(w io.Writer, p *replay.Plan, socket string, c *replay.Control) (show func(replay.Progress), stop func()) {
	r := &runProgress{w: w, planned: p.Duration, total: p.Requests(), control: c}
	switch o.progressMode(w) {
	case "line":
		w = bytesTo(w)
		return func(g replay.Progress) { fmt.Fprintf(w, "\r\x1b[K%s", r.next(g).line()) }, func() { fmt.Fprint(w, "\r\x1b[K") }
	case "plain":
		if socket != "" && o.progress == "plain" {
			fmt.Fprintf(w, "steer it with: reprise ctl pause --socket %s\n", socket)
		}
		return r.plain, func() {}
	case "json":
		return func(g replay.Progress) { _ = printJSON(w, r.next(g)) }, func() {}
	}
	return func(replay.Progress) {}, func() {}
}

// progressMode is how progress is shown: what was asked for, else a line on a terminal and plain lines elsewhere.
func (o *replayOptions) progressMode(w io.Writer) string {
	switch {
	case o.progress != "auto":
		return o.progress
	case o.quiet:
		return "none"
	case isTerminal(w) && os.Getenv("CI") == "":
		return "line"
	}
	return "plain"
}

// next sums up how the run stands.
func (r *runProgress) next(g replay.Progress) stand {
	s := stand{
		State: "running", Elapsed: max(g.Elapsed, 0), Position: min(max(g.Position, 0), r.planned), Planned: r.planned, TimeScale: 1,
		Total: r.total, OK: g.OK, Failed: g.Failed, Shed: g.Shed, InFlight: g.InFlight, Lag: g.Lag,
	}
	if r.control != nil {
		c := r.control.Status()
		s.State, s.TimeScale = c.State, c.TimeScale
	}
	done := g.OK + g.Failed
	if span := s.Elapsed - r.last; span > 0 {
		s.Rate = float64(done-r.answered) / span.Seconds()
	}
	if g.Elapsed > 0 {
		s.Left = r.planned - s.Position
	}
	r.last, r.answered = s.Elapsed, done
	return s
}

// percent is how far the schedule is.
func (s *stand) percent() int {
	if s.Planned <= 0 {
		return 0
	}
	return int(100 * s.Position / s.Planned)
}

// line is one line of at most 100 characters: what is most wanted comes first, as a narrow terminal cuts the end.
func (s stand) line() string {
	what := ""
	if s.State == "paused" {
		what = " paused"
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

// plain prints a line every ten seconds and at each tenth of the schedule.
func (r *runProgress) plain(g replay.Progress) {
	elapsed := max(g.Elapsed, 0)
	tenth := 0
	if r.planned > 0 {
		tenth = int(10 * min(max(g.Position, 0), r.planned) / r.planned)
	}
	if elapsed-r.said < plainEvery && tenth <= r.tenth {
		return
	}
	r.said, r.tenth = elapsed, tenth
	s := r.next(g)
	fmt.Fprintf(r.w, "%s of %s (%d%%): %d of %d answered, %.0f/s, %d failed, %d shed, %d in flight, lag %s, %s left\n", short(s.Position), short(s.Planned), s.percent(),
		s.OK+s.Failed, s.Total, s.Rate, s.Failed, s.Shed, s.InFlight, s.Lag.Round(10*time.Microsecond), short(s.Left))
}
