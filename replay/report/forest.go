package report

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"reprise/capture/wording"
	"reprise/replay/compare"
)

// forest draws effects with their intervals below each other: one row for each kind and quantile, on one axis.
type forest struct {
	// Summary says in words what is drawn, for who cannot see it.
	Summary string
	// Axis are places from 0 to 1 and their labels, Zero that of no change.
	Axis []tick
	Zero float64
	Rows []forestRow
	// Legend are the marks that occur.
	Legend []forestMark
}

// forestRow is one effect. Places are from 0 to 1; what lies beyond the axis is cut there.
type forestRow struct {
	Kind, Metric string
	// First says that a kind begins, Y is the row's middle in SVG units.
	First bool
	Y     int
	// FloorLow to FloorHigh does not count, Low to High is the interval, where there is one, and At the effect.
	FloorLow, FloorHigh, Low, High, At float64
	Interval, CutLow, CutHigh          bool
	forestMark
	// Sides is "23.0 ms → 33.0 ms", By the absolute change and Change the relative one; that of failures is absolute.
	Base, Candidate, By, Change string
	// Range is the interval in words.
	Range string
	// Turn counts the rows of a kind where only some are told.
	Turn int
}

// forestMark tells verdicts apart by colour and by shape.
type forestMark struct{ Verdict, Name, Sign, Path string }

func markOf(v compare.Verdict, judged bool) forestMark {
	switch {
	case !judged:
	case v == compare.Regressed:
		return forestMark{string(v), "regressed", ">", "M-5,-5.5 L6,0 L-5,5.5 Z"}
	case v == compare.Improved:
		return forestMark{string(v), "improved", "<", "M5,-5.5 L-6,0 L5,5.5 Z"}
	case v == compare.Equivalent:
		return forestMark{string(v), "no change", "o", "M-4,-4 H4 V4 H-4 Z"}
	case v == compare.Inconclusive:
		return forestMark{string(v), "cannot be told", "?", "M0,-6 L6,0 L0,6 L-6,0 Z"}
	}
	return forestMark{"unjudged", "not judged", "-", "M-3.5,0 A3.5,3.5 0 1 1 3.5,0 A3.5,3.5 0 1 1 -3.5,0 Z"}
}

// The forest's size and columns in SVG units.
const (
	forestWidth, forestLeft, forestRight = 900, 178, 596
	forestRowHeight, forestTop           = 17, 24
	forestSides, forestBy, forestChange  = 744, 822, 896
)

// Width and Height are the drawing's.
func (f *forest) Width() int { return forestWidth }

// Height is the drawing's.
func (f *forest) Height() int { return forestTop + len(f.Rows)*forestRowHeight + 6 }

// X is a place in SVG units.
func (f *forest) X(at float64) string {
	return fmt.Sprintf("%.1f", forestLeft+at*(forestRight-forestLeft))
}

// Wide is the width of a stretch in SVG units.
func (f *forest) Wide(from, to float64) string {
	return fmt.Sprintf("%.1f", max(to-from, 0)*(forestRight-forestLeft))
}

// forestEffect is a row before it has a place.
type forestEffect struct {
	forestRow
	floor    compare.Interval
	interval *compare.Interval
	value    float64
}

// scale turns an effect into a length on the axis.
type scale struct {
	of    func(float64) float64
	write func(float64) string
	ticks []float64
}

// shares is the scale of ratios: twice as slow is as far from no change as half as slow.
func shares() scale {
	of := func(v float64) float64 { return math.Log1p(max(v, -0.999)) }
	return scale{of, roundPercent, []float64{
		0, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2, 4, 9, 19, 49, 99, 999, -0.01, -0.02, -0.05, -0.1, -0.2, -0.33, -0.5, -0.67, -0.8, -0.9, -0.95, -0.99,
	}}
}

func roundPercent(v float64) string {
	if v == 0 {
		return "0"
	}
	if p := v * 100; p >= 1000 {
		return "+" + count(int64(p+0.5)) + " %"
	}
	return fmt.Sprintf("%+.3g %%", v*100)
}

// inPoints is the scale of differences of shares.
func inPoints() scale {
	s := scale{of: func(v float64) float64 { return v }, write: func(v float64) string {
		if v == 0 {
			return "0"
		}
		return fmt.Sprintf("%+.3g", v*100)
	}, ticks: []float64{0}}
	for _, sign := range []float64{1, -1} {
		for _, v := range []float64{0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1} {
			s.ticks = append(s.ticks, sign*v)
		}
	}
	return s
}

// latencyForest draws every quantile of each kind of which there is enough to say something; left are the kinds that are left out.
func latencyForest(c *compare.Comparison, kinds []compare.Kind) (f *forest, left []string) {
	var list []forestEffect
	for i := range kinds {
		k := &kinds[i]
		before := len(list)
		for j := range k.Latency {
			if l := &k.Latency[j]; l.Change95 != nil {
				list = append(list, latencyEffect(c, k.Name, l))
			}
		}
		if len(list) == before && !slices.ContainsFunc(k.Latency, failedAnswers) { // of which there may be many
			left = append(left, k.Name)
		}
	}
	return growForest(list, shares(), "Change of latency"), left
}

// failedAnswers says of a row that it is not judged, as most answers of a side failed.
func failedAnswers(l compare.Latency) bool { return l.Why == compare.MostFailed }

func latencyEffect(c *compare.Comparison, kind string, l *compare.Latency) forestEffect {
	x := sidesOf(l)
	e := forestEffect{floor: c.Method.Floor(l), interval: l.Change95, value: l.Change}
	e.Kind, e.Metric, e.forestMark = kind, l.Metric, markOf(l.Verdict, l.Judged && !failedAnswers(*l) && c.Verdict != compare.Invalid)
	e.Base, e.Candidate, e.By, e.Change = x.base, x.candidate, x.difference, x.change
	e.Range = rangeOf(l)
	return e
}

// errorForest draws the failures of each kind that has any in either run, and of all; nil where nothing failed.
func errorForest(c *compare.Comparison, kinds []compare.Kind) *forest {
	if e := c.All.Errors; e.BaseFailed == 0 && e.CandidateFailed == 0 {
		return nil
	}
	var list []forestEffect
	for i := range kinds {
		e := &kinds[i].Errors
		if e.Difference95 == nil || i > 0 && e.BaseFailed == 0 && e.CandidateFailed == 0 {
			continue
		}
		x := forestEffect{floor: compare.Interval{Low: -c.Method.FloorErrors, High: c.Method.FloorErrors}, interval: e.Difference95, value: e.Difference}
		x.Kind, x.Metric, x.forestMark = kinds[i].Name, "failed", markOf(e.Verdict, c.Verdict != compare.Invalid)
		x.Base, x.Candidate, x.Change = wording.Percent(e.Base), wording.Percent(e.Candidate), points(e.Difference)
		x.Range = interval(e.Difference95, points)
		list = append(list, x)
	}
	return growForest(list, inPoints(), "Change of failed requests")
}

// growForest gives effects their places; nil where there are none.
func growForest(list []forestEffect, s scale, title string) *forest {
	if len(list) == 0 {
		return nil
	}
	low, high := reach(list, s)
	place := func(v float64) float64 { return min(max((s.of(v)-low)/(high-low), 0), 1) }
	f := &forest{Zero: place(0), Axis: s.axis(low, high)}
	var said []string
	for i, e := range list {
		r := e.forestRow
		r.First = i == 0 || list[i-1].Kind != r.Kind
		r.Y = forestTop + i*forestRowHeight + forestRowHeight/2
		r.FloorLow, r.FloorHigh, r.At = place(e.floor.Low), place(e.floor.High), place(e.value)
		r.Interval, r.Low, r.High = true, place(e.interval.Low), place(e.interval.High)
		r.CutLow, r.CutHigh = s.of(e.interval.Low) < low, s.of(e.interval.High) > high
		f.Rows = append(f.Rows, r)
		f.legend(r.forestMark)
		said = append(said, fmt.Sprintf("%s %s %s (%s)", r.Kind, r.Metric, r.Change, r.Name))
	}
	f.Summary = title + ": " + strings.Join(said, ", ")
	return f
}

// legend takes in a mark, in the order of markOf.
func (f *forest) legend(m forestMark) {
	for i, have := range f.Legend {
		if have == m {
			return
		}
		if strings.Index("><o?-", m.Sign) < strings.Index("><o?-", have.Sign) {
			f.Legend = append(f.Legend[:i], append([]forestMark{m}, f.Legend[i:]...)...)
			return
		}
	}
	f.Legend = append(f.Legend, m)
}

// reach is the part of the axis that is drawn: all effects and floors, and of intervals what is not far beyond them.
func reach(list []forestEffect, s scale) (low, high float64) {
	const farthest = 3 // floors beyond four times as slow are cut
	for _, e := range list {
		low = min(low, s.of(e.value), max(s.of(e.floor.Low), s.of(-farthest/(1.+farthest))))
		high = max(high, s.of(e.value), min(s.of(e.floor.High), s.of(farthest)))
	}
	const beyond = 0.6
	room := (high - low) * beyond
	least, most := low-room, high+room
	for _, e := range list {
		low, high = min(low, max(s.of(e.interval.Low), least)), max(high, min(s.of(e.interval.High), most))
	}
	margin := max((high-low)*0.03, 1e-6)
	return low - margin, high + margin
}

// axis are the ticks that have room: from no change outwards.
func (s scale) axis(low, high float64) []tick {
	const apart = 0.115
	var out []tick
	for _, v := range s.ticks {
		at := (s.of(v) - low) / (high - low)
		if at < 0 || at > 1 {
			continue
		}
		free := true
		for _, t := range out {
			free = free && math.Abs(t.At-at) >= apart
		}
		if free {
			out = append(out, tick{at, s.write(v)})
		}
	}
	return out
}
