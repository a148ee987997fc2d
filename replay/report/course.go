package report

import (
	"cmp"
	"math"
	"sort"
	"strconv"
	"time"

	"reprise/capture"
	"reprise/replay"
	"reprise/replay/compare"
	"reprise/replay/results"
)

// CourseSchema names the version of a Course's JSON.
const CourseSchema = "reprise.course/1"

// Course is what a run's plots are drawn from, in a page and in the dashboard alike: at most replay.MaxWindows points a
// line. Times are seconds since the run's start, latencies milliseconds, rates requests a second.
type Course struct {
	Schema string `json:"schema"`
	// Name says which run it is, where there are two.
	Name  string  `json:"name,omitempty"`
	Width float64 `json:"width"`
	T     values  `json:"t"`
	// Planned and Achieved are rates, Lag the tool's p99.
	Planned  values `json:"planned"`
	Achieved values `json:"achieved"`
	Lag      values `json:"lag"`
	P50      values `json:"p50"`
	P95      values `json:"p95"`
	P99      values `json:"p99"`
	// Kinds holds the p95 of each kind, Status the rate of each class of answers.
	Kinds  []track `json:"kinds"`
	Status []track `json:"status"`
	Heat   heat    `json:"heat"`
	// Marks are what was done to the run by hand.
	Marks []mark `json:"marks"`
	// Notes are what somebody said of moments of it.
	Notes []mark `json:"notes,omitempty"`
	// Events are all that is told of moments, in their order.
	Events []event `json:"events,omitempty"`
	// Completion is the p95 to completion, of all and by kind, and Backlog what was answered and not completed, at the seconds
	// DoneT; all are empty where that is not known.
	DoneT      values  `json:"done_t,omitempty"`
	Completion []track `json:"completion,omitempty"`
	Backlog    []track `json:"backlog,omitempty"`
	// Watched are figures of the platform's own.
	Watched []track `json:"watched,omitempty"`
	// Clock says which moment of the recording a second is, where there is one answer, and Apart where the two runs are apart.
	Clock *clock `json:"clock,omitempty"`
	Apart []band `json:"apart,omitempty"`
	// Steps are where the steps of a shaped run begin.
	Steps []mark `json:"steps,omitempty"`
	// Peak is the busiest second; nil where there is nothing planned.
	Peak *peak `json:"peak,omitempty"`
	// Base is the run that this one is compared with.
	Base *Course `json:"base,omitempty"`
}

// track is a line with a name.
type track struct {
	Name string `json:"name"`
	Y    values `json:"y"`
}

// heat counts answers by window and latency: Rows[w][i] those above Edges[i-1] and at most Edges[i].
type heat struct {
	Edges values     `json:"edges"`
	Rows  [][]uint32 `json:"rows"`
}

// mark is a moment with a word.
type mark struct {
	At   float64 `json:"at"`
	Text string  `json:"text"`
}

// values are numbers to four digits; what is not a number is null.
type values []float64

// MarshalJSON writes the numbers.
func (v values) MarshalJSON() ([]byte, error) {
	b := []byte{'['}
	for i, x := range v {
		if i > 0 {
			b = append(b, ',')
		}
		if math.IsNaN(x) || math.IsInf(x, 0) {
			b = append(b, "null"...)
			continue
		}
		b = strconv.AppendFloat(b, round4(x), 'f', -1, 64)
	}
	return append(b, ']'), nil
}

// round4 keeps four significant digits.
func round4(x float64) float64 {
	if x == 0 {
		return 0
	}
	scale := math.Pow(10, 3-math.Floor(math.Log10(math.Abs(x))))
	return math.Round(x*scale) / scale
}

// RunCourse is the course of one run.
func RunCourse(ws []results.Window, changes []replay.Change) *Course {
	c := &Course{Schema: CourseSchema, Kinds: []track{}, Status: []track{}, Marks: []mark{}}
	if len(ws) > 0 {
		c.Width = ws[0].Width.Seconds()
	}
	for _, w := range ws {
		// Middles are told exactly, so that they are evenly apart.
		c.T = append(c.T, w.Start.Seconds()+w.Width.Seconds()/2)
		c.Planned = append(c.Planned, perSecond(w.Planned, w.Width))
		c.Achieved = append(c.Achieved, perSecond(w.Achieved, w.Width))
		c.Lag = append(c.Lag, lagOf(w))
	}
	c.P50 = series("", "", ws, answered(func(w results.Window) time.Duration { return w.LatencyP50 })).Y
	c.P95 = series("", "", ws, answered(func(w results.Window) time.Duration { return w.LatencyP95 })).Y
	c.P99 = series("", "", ws, answered(func(w results.Window) time.Duration { return w.LatencyP99 })).Y
	for _, l := range kindLines(ws) {
		c.Kinds = append(c.Kinds, track{l.Name, l.Y})
	}
	for _, l := range statusLines(ws) {
		c.Status = append(c.Status, track{l.Name, l.Y})
	}
	c.Heat = heatOf(ws)
	for _, x := range changes[:min(len(changes), mostMarks)] {
		c.Marks = append(c.Marks, mark{x.At.Seconds(), x.What})
	}
	return c
}

// mostMarks is how many changes, and how many notes, are drawn.
const mostMarks = 200

// AddNotes adds what somebody said of moments of the run.
func (c *Course) AddNotes(notes []replay.Note) {
	for _, n := range notes[:min(len(notes), mostMarks)] {
		c.Notes = append(c.Notes, mark{n.At.Seconds(), n.Text})
	}
}

// AddPlan adds what a run that goes on is to come to, and puts what was told of its moments in order. Of one that was steered by hand it does not
// say where steps begin, as they begin at other moments.
func (c *Course) AddPlan(p *replay.Plan, ws []results.Window) {
	steered := len(c.Marks) > 0
	c.Peak = planPeak(p, ws, steered)
	if p != nil && !steered {
		for i := range p.Steps {
			c.Steps = append(c.Steps, mark{p.Steps[i].Start.Seconds(), cmp.Or(p.Steps[i].Name, strconv.Itoa(i+1))})
		}
	}
	c.number()
}

// Until forgets what a run that is going has not come to yet, but for what is planned.
func (c *Course) Until(elapsed time.Duration) {
	n := sort.SearchFloat64s(c.T, elapsed.Seconds())
	c.Achieved = c.Achieved[:min(n, len(c.Achieved))]
	for i := range c.Status {
		c.Status[i].Y = c.Status[i].Y[:min(n, len(c.Status[i].Y))]
	}
}

// comparisonCourse is the candidate's over the base's.
func comparisonCourse(c *compare.Comparison) *Course {
	if len(c.Candidate.Windows) == 0 {
		return nil
	}
	out := RunCourse(c.Candidate.Windows, nil)
	out.Name = "candidate"
	out.Clock, out.Apart = clockOf(c.Candidate.Recorded), bandsOf(c)
	if sameWidth(c.Base.Windows, c.Candidate.Windows) {
		out.Base = RunCourse(c.Base.Windows, nil)
		out.Base.Name = "base"
	}
	if base, candidate := c.Base.Summary.Completion, c.Candidate.Summary.Completion; out.Base != nil && overlaid(base, candidate) {
		out.addCompletion(candidate)
		out.Base.addCompletion(base)
		if len(out.Base.DoneT) > len(out.DoneT) {
			out.DoneT = out.Base.DoneT
		}
	}
	return out
}

// heatOf cuts off the edges below which and above which there is nothing.
func heatOf(ws []results.Window) heat {
	h := heat{Rows: [][]uint32{}}
	first, last := math.MaxInt, -1
	for _, w := range ws {
		for i, n := range w.Heat {
			if n > 0 {
				first, last = min(first, i), max(last, i)
			}
		}
	}
	if last < 0 {
		return h
	}
	for i := first; i <= last; i++ {
		h.Edges = append(h.Edges, milliseconds(results.HeatEdge(i)))
	}
	for _, w := range ws {
		row := make([]uint32, 0, len(h.Edges))
		if len(w.Heat) > first {
			row = append(row, w.Heat[first:]...)
		}
		h.Rows = append(h.Rows, row)
	}
	return h
}

// kindLines are the p95 of each kind that has an answer.
func kindLines(ws []results.Window) []line {
	var out []line
	for _, k := range capture.Kinds() {
		name := k.String()
		l := series(name, "k"+strconv.Itoa(int(k)), ws, func(w results.Window) float64 {
			if p := w.Kinds[name].LatencyP95; p > 0 {
				return milliseconds(p)
			}
			return math.NaN()
		})
		if l.any() {
			out = append(out, l)
		}
	}
	return out
}
