package report

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Sizes of the words in a drawing, in its units, on the wide side of what browsers take for a letter.
const (
	letter, bold = 7.0, 7.7
	labelGap     = 6.0
	labelRow     = 15
)

// banner is a line in a drawing with its words above it, which begin at Text.At.
type banner struct {
	At   float64
	What string
	Text tick
}

func wide(text string) float64 { return letter * float64(utf8.RuneCountInString(text)) }

// shortest is the fewest letters of a text that are worth showing.
const shortest = 6

// group is events whose numbers would touch, from one to another.
type group struct {
	from, to int
	at       float64
}

func (g *group) number(list []event) string {
	if g.from == g.to {
		return fmt.Sprint(list[g.from].Number)
	}
	return fmt.Sprintf("%d–%d", list[g.from].Number, list[g.to].Number)
}

// flags places what is told of moments in a row: each with its number, and its words where there is room up to the next; numbers that would touch
// become one, such as 3–5. x are the events' places, in order. (view.js has the same.)
func flags(list []event, x []float64, end float64) []banner {
	var groups []group
	for i := range list {
		groups = append(groups, group{i, i, x[i]})
		for {
			last := &groups[len(groups)-1]
			last.at = min(x[last.from], end-wide(last.number(list)))
			if len(groups) == 1 {
				break
			}
			before := &groups[len(groups)-2]
			if before.at+wide(before.number(list))+labelGap <= last.at {
				break
			}
			before.to = last.to
			groups = groups[:len(groups)-1]
		}
	}
	out := make([]banner, len(list))
	for i := range list {
		out[i] = banner{At: x[i], What: list[i].What}
	}
	for i := range groups {
		g := &groups[i]
		until := end
		if i+1 < len(groups) {
			until = groups[i+1].at - labelGap
		}
		text := g.number(list)
		room := int((until-g.at)/letter) - utf8.RuneCountInString(text) - 1
		out[g.from].Text = tick{g.at, strings.TrimSpace(text + " " + g.words(list, room))}
	}
	return out
}

// words are what there is room for: of several events all or none.
func (g *group) words(list []event, room int) string {
	if g.from == g.to {
		return legible(list[g.from].Text, room)
	}
	var all []string
	for _, e := range list[g.from : g.to+1] {
		all = append(all, e.Text)
	}
	if text := strings.Join(all, ", "); utf8.RuneCountInString(text) <= room {
		return text
	}
	return ""
}

// legible is a text of at most so many letters, empty where that is too few to be read.
func legible(text string, most int) string {
	r := []rune(text)
	switch {
	case len(r) <= most:
		return text
	case most < shortest:
		return ""
	}
	return strings.TrimSpace(string(r[:most-1])) + "…"
}

// stepLabels leaves each step what there is room for: its name, its number, or nothing.
func stepLabels(steps []tick, end float64) {
	for i := range steps {
		room := end - steps[i].At
		if i+1 < len(steps) {
			room = steps[i+1].At - steps[i].At
		}
		if wide(steps[i].Text)+labelGap > room {
			steps[i].Text = fmt.Sprint(i + 1)
		}
		if wide(steps[i].Text)+labelGap > room {
			steps[i].Text = ""
		}
	}
}
