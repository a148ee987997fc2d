package report

import (
	"math"
	"strings"
	"time"
	"unicode/utf8"

	"reprise/replay/cause"
)

// bars draw the quantiles of two groups below each other, on one logarithmic axis of times.
type bars struct {
	// Summary says in words what is drawn, for who cannot see it.
	Summary       string
	Axis          []tick
	Rows          []bar
	Width, Height int
}

// bar is one group: full up to its p50, thick up to its p90, thin up to its p99.
type bar struct {
	Name, Style         string
	Y, Label            int // where the line is, and the words above it
	From, P50, P90, P99 float64
	Marks               []barMark
}

// barMark is a quantile's words at its place.
type barMark struct {
	At           float64
	Text, Anchor string
}

// The bars' size in SVG units: names are on the left.
const (
	barsWidth, barsLeft = 900, 100
	barRow, barsAxis    = 46, 24
)

// barsOf draws a finding; nil where it has no times to set beside each other.
func barsOf(f *cause.Finding) *bars {
	if f.With == (cause.Quantiles{}) || f.Without == (cause.Quantiles{}) {
		return nil
	}
	low, high := max(min(f.With.P50, f.Without.P50), time.Microsecond), max(f.With.P99, f.Without.P99)
	from := math.Floor(math.Log10(float64(low)) - 0.05)
	to := max(math.Log10(float64(high))+0.1, from+1)
	x := func(d time.Duration) float64 {
		at := math.Log10(max(float64(d), 1))
		return barsLeft + max(at-from, 0)/(to-from)*(barsWidth-barsLeft-right)
	}
	b := &bars{Width: barsWidth, Height: 2*barRow + barsAxis}
	for e := int(from); float64(e) <= to; e++ {
		d := time.Duration(math.Pow10(e))
		if at := x(d); at < barsWidth-60 {
			b.Axis = append(b.Axis, tick{at, spell(d)})
		}
	}
	for i, g := range []bar{{Name: "those hit", Style: "bad"}, {Name: "the others", Style: "ok"}} {
		q := f.With
		if i == 1 {
			q = f.Without
		}
		g.Y, g.Label = i*barRow+32, i*barRow+18
		g.From, g.P50, g.P90, g.P99 = barsLeft, x(q.P50), x(q.P90), x(q.P99)
		g.mark(durations(true, q.P50, q.P90, q.P99))
		b.Rows = append(b.Rows, g)
	}
	b.Summary = "On an axis of times, " + b.Rows[0].said() + "; " + b.Rows[1].said()
	return b
}

// mark puts the quantiles' words where there is room: from the right, each that does not touch the one after it.
func (g *bar) mark(texts []string) {
	free := float64(barsWidth)
	for i, at := range [...]float64{g.P50, g.P90, g.P99} {
		g.Marks = append(g.Marks, barMark{at, [...]string{"p50 ", "p90 ", "p99 "}[i] + texts[i], "end"})
	}
	for i := len(g.Marks) - 1; i >= 0; i-- {
		m := &g.Marks[i]
		width := 6.6 * float64(utf8.RuneCountInString(m.Text))
		m.At = max(min(m.At, free), barsLeft+width*float64(i+1))
		free = m.At - width - 8
	}
}

func (g *bar) said() string {
	var parts []string
	for _, m := range g.Marks {
		parts = append(parts, m.Text)
	}
	return g.Name + ": " + strings.Join(parts, ", ")
}
