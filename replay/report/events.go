package report

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"reprise/capture/wording"
	"reprise/replay/results"
)

// event is a moment of a run with a number, by which its words are found in the list below the curve.
type event struct {
	Number int     `json:"number"`
	At     float64 `json:"at"`
	// What is "hand" of what was done to the run, "note" of what somebody said of it, "grows" of what began to grow.
	What string `json:"what"`
	// Text is short, When its moment in the run and in the recording, Says the whole.
	Text string `json:"text"`
	When string `json:"when"`
	Says string `json:"says"`
}

// grown adds what began to grow, and when.
func (c *Course) grown(s *results.Summary) {
	for i := range s.Growth {
		g := &s.Growth[i]
		c.Events = append(c.Events, event{
			At: g.At.Seconds(), What: "grows", Text: grownWord(g.What) + " grows",
			Says: growthIn(s, g) + fmt.Sprintf(" (between %s and %s of the run), at %s", runMoment(g.Interval[0]), runMoment(g.Interval[1]), rate(g.Rate)) + growthBy(g),
		})
	}
}

// number puts what is told of moments in order, and says when they were.
func (c *Course) number() {
	for _, m := range c.Marks {
		c.Events = append(c.Events, event{At: m.At, What: "hand", Text: m.Text, Says: "by hand: " + m.Text})
	}
	for _, m := range c.Notes {
		text := wording.InLine(m.Text)
		c.Events = append(c.Events, event{At: m.At, What: "note", Text: text, Says: "noted: " + text})
	}
	slices.SortStableFunc(c.Events, func(a, b event) int { return cmp.Compare(a.At, b.At) })
	for i := range c.Events {
		e := &c.Events[i]
		e.Number, e.When = i+1, c.momentOf(e.At)
	}
}

// momentOf is "14.8s of the run, 07:56:47 UTC in the recording".
func (c *Course) momentOf(second float64) string {
	text := runMoment(time.Duration(second*float64(time.Second))) + " of the run"
	if k := c.Clock; k != nil {
		text += ", " + k.at(second).Round(time.Second).Format("15:04:05") + " " + k.Zone + " in the recording"
	}
	return text
}
