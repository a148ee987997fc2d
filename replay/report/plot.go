package report

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"reprise/capture/wording"
)

// The drawing's size and margins, in SVG units.
const (
	plotWidth, plotHeight = 900, 260
	left, right           = 72, 12
	top, bottom           = 14, 30
)

// overPeak is how high a plot with a peak is, in parts of its highest value.
const overPeak = 1.2

// drawing is a plot with every coordinate worked out, for the template.
type drawing struct {
	Width, Height            int
	Left, Right, Top, Bottom int // the frame's edges
	X, Y                     []tick
	Shapes                   []shape
	Bands                    []strip
	Steps                    []tick
	Flags                    []banner
	// StepsAt and FlagsAt are the heights of their words, Tall the frame's height.
	StepsAt, FlagsAt, Tall int
	Peak                   *pointer
	// Zone says which time the x axis has, where that is the recording's.
	Zone             string
	Unit, Title, Key string
	// Summary says in words what the plot shows, for who cannot see it.
	Summary string
}

// tick is a place on an axis and its label.
type tick struct {
	At   float64
	Text string
}

// pointer is a stretch of a plot at a height, with its words at the top where there is room.
type pointer struct {
	From, To, X, Y float64
	TextAt         float64
	Text           string
}

// shape is a line or an area: the points attributes of its polylines, one for each stretch without a gap, or of its polygon.
type shape struct {
	Name, Style string
	Points      []string
	Area        bool
	// Key says that it is named below the drawing.
	Key bool
}

// strip is a shaded stretch of the x axis.
type strip struct {
	From, Wide float64
	Slower     bool
}

// Middle is the middle of the frame's height, below 0: where the unit stands once it is turned.
func (d drawing) Middle() int { return -(d.Top + d.Bottom) / 2 }

func sortLines(lines []line) {
	slices.SortFunc(lines, func(a, b line) int { return strings.Compare(a.Name, b.Name) })
}

// draw works out a plot.
func (p *plot) draw() drawing {
	d := drawing{Width: plotWidth, Top: top, Left: left, Right: plotWidth - right, Tall: plotHeight - top - bottom, Unit: p.Unit, Title: p.Title, Key: p.Key}
	for _, row := range []struct {
		any bool
		at  *int
	}{{len(p.Steps) > 0, &d.StepsAt}, {len(p.Events) > 0, &d.FlagsAt}} {
		if row.any {
			d.Top += labelRow
			*row.at = d.Top - 4
		}
	}
	d.Bottom = d.Top + d.Tall
	d.Height = d.Bottom + bottom
	if len(p.Lines) == 0 { // the script's alone
		return d
	}
	length := 1.0
	if n := len(p.Seconds); n > 0 {
		length = max(p.Seconds[n-1]+p.Seconds[0], 1e-3)
	}
	highest := p.highest()
	x := func(seconds float64) float64 { return left + seconds/length*(plotWidth-left-right) }
	y := func(v float64) float64 { return float64(d.Bottom) - v/highest*float64(d.Tall) }
	for _, v := range steps(highest) {
		text := strconv.FormatFloat(v, 'f', -1, 64)
		if v >= 1000 {
			text = count(int64(v))
		}
		d.Y = append(d.Y, tick{y(v), text})
	}
	d.X = apartEnough(p.moments(length, x))
	if p.Clock != nil && p.Clock.Zone != "" {
		d.Zone = "recorded time, " + p.Clock.Zone
	}
	for _, m := range p.Steps {
		if m.At < length {
			d.Steps = append(d.Steps, tick{x(max(m.At, 0)), m.Text})
		}
	}
	stepLabels(d.Steps, float64(d.Right))
	d.Flags = p.flags(length, x)
	d.Peak = p.pointed(length, x, y)
	for _, b := range p.Bands {
		d.Bands = append(d.Bands, strip{x(b.From), x(min(b.To, length)) - x(b.From), b.Slower})
	}
	d.Shapes = p.shapes(x, y)
	var names []string
	for _, l := range p.Lines {
		names = append(names, fmt.Sprintf("%s up to %s", l.Name, wording.Digits(l.highest())))
	}
	d.Summary = fmt.Sprintf("%s in %s over %s: %s", p.Title, p.Unit, time.Duration(length*1e9).Round(time.Millisecond), strings.Join(names, ", "))
	return d
}

// moments label the x axis: by the recording where that is known, else by the run's own time.
func (p *plot) moments(length float64, x func(float64) float64) (list []tick) {
	if p.Clock != nil {
		for _, v := range p.Clock.steps(length) {
			list = append(list, tick{x(v), p.Clock.label(v)})
		}
		return list
	}
	for _, v := range steps(length) {
		list = append(list, tick{x(v), time.Duration(v * float64(time.Second)).Round(time.Millisecond).String()})
	}
	return list
}

// on draws a plot over the time of a course, with what is told of its moments.
func (p *plot) on(c *Course) { p.Clock, p.Steps, p.Events = c.Clock, c.Steps, c.Events }

// flags are the events within the plot.
func (p *plot) flags(length float64, x func(float64) float64) []banner {
	var list []event
	var at []float64
	for _, e := range p.Events {
		if e.At <= length {
			list, at = append(list, e), append(at, x(max(e.At, 0)))
		}
	}
	return flags(list, at, plotWidth-right)
}

// pointed is where the busiest second is drawn, and its words, which do not leave the frame.
func (p *plot) pointed(length float64, x, y func(float64) float64) *pointer {
	k := p.Peak
	if k == nil {
		return nil
	}
	out := &pointer{From: x(max(k.At-k.Wide/2, 0)), To: x(min(k.At+k.Wide/2, length)), X: x(k.At), Y: y(min(k.Rate, p.highest())), Text: k.Text}
	if p.Clock != nil {
		out.Text += " at " + p.Clock.says(max(k.At-k.Wide/2, 0), length)
	}
	out.TextAt = max(min(out.X+8, plotWidth-right-bold*float64(utf8.RuneCountInString(out.Text))), left+4)
	return out
}

// apartEnough leaves out labels that would touch the one before: where the tempo changes, whole moments are not evenly apart.
func apartEnough(list []tick) (out []tick) {
	const least = 58
	for _, t := range list {
		if len(out) == 0 || t.At-out[len(out)-1].At >= least {
			out = append(out, t)
		}
	}
	return out
}

// highest is the top of the y axis.
func (p *plot) highest() float64 {
	top := 0.0
	for i := range p.Seconds {
		sum := 0.0
		for _, l := range p.Lines {
			v := at(l.Y, i)
			if p.Stacked {
				sum += v
			} else {
				sum = max(sum, v)
			}
		}
		top = max(top, sum)
	}
	switch {
	case top == 0:
		return 1
	case p.Peak != nil:
		return top * overPeak // which leaves room for its words
	}
	return top * 1.05
}

// highest is the line's largest value.
func (l line) highest() (top float64) {
	for _, v := range l.Y {
		if v > top { // never of a gap
			top = v
		}
	}
	return top
}

// at is the value of a line at a place; a shorter line is at 0 after its end, and a gap is 0.
func at(y []float64, i int) float64 {
	if i < len(y) && !math.IsNaN(y[i]) {
		return y[i]
	}
	return 0
}

func (p *plot) shapes(x, y func(float64) float64) []shape {
	if p.Stacked {
		return p.areas(x, y)
	}
	var out []shape
	for _, l := range p.Lines {
		if l.Filled {
			out = append(out, shape{Name: l.Name, Style: l.Style, Points: []string{p.below(l, x, y)}, Area: true})
		}
		out = append(out, shape{Name: l.Name, Style: l.Style, Points: p.stretches(l, x, y), Key: true})
	}
	return out
}

// stretches are the parts of a line between its gaps; a point by itself is drawn as a dot.
func (p *plot) stretches(l line, x, y func(float64) float64) []string {
	var out []string
	var points []string
	end := func() {
		if len(points) == 1 {
			points = append(points, points[0])
		}
		if len(points) > 0 {
			out = append(out, strings.Join(points, " "))
		}
		points = nil
	}
	for i, s := range p.Seconds {
		if i >= len(l.Y) || math.IsNaN(l.Y[i]) {
			end()
			continue
		}
		points = append(points, fmt.Sprintf("%.1f,%.1f", x(s), y(l.Y[i])))
	}
	end()
	return out
}

// below is what lies between a line and the axis.
func (p *plot) below(l line, x, y func(float64) float64) string {
	if len(p.Seconds) == 0 {
		return ""
	}
	points := []string{fmt.Sprintf("%.1f,%.1f", x(p.Seconds[0]), y(0))}
	for i, s := range p.Seconds {
		points = append(points, fmt.Sprintf("%.1f,%.1f", x(s), y(at(l.Y, i))))
	}
	return strings.Join(append(points, fmt.Sprintf("%.1f,%.1f", x(p.Seconds[len(p.Seconds)-1]), y(0))), " ")
}

// areas puts each line on top of those before it.
func (p *plot) areas(x, y func(float64) float64) []shape {
	var out []shape
	base := make([]float64, len(p.Seconds))
	for _, l := range p.Lines {
		var b strings.Builder
		for i, s := range p.Seconds {
			fmt.Fprintf(&b, "%.1f,%.1f ", x(s), y(base[i]+at(l.Y, i)))
		}
		for i := len(p.Seconds) - 1; i >= 0; i-- {
			fmt.Fprintf(&b, "%.1f,%.1f ", x(p.Seconds[i]), y(base[i]))
			base[i] += at(l.Y, i)
		}
		out = append(out, shape{Name: l.Name, Style: l.Style, Points: []string{strings.TrimSpace(b.String())}, Area: true, Key: true})
	}
	return out
}

// steps are round numbers from 0 up to a limit, four to nine of them.
func steps(limit float64) []float64 {
	size := math.Pow(10, math.Floor(math.Log10(limit)))
	for _, s := range []float64{size / 5, size / 2, size, size * 2} {
		if limit/s <= 8 {
			size = s
			break
		}
	}
	var out []float64
	for i := 0; float64(i)*size <= limit; i++ {
		out = append(out, math.Round(float64(i)*size*1e6)/1e6)
	}
	return out
}
