package report

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"reprise/capture/wording"
)

// The forest in text: how many characters its axis has, and how many rows there are at most.
const (
	forestColumns  = 37
	forestMostRows = 16
)

// write draws the forest in characters: all, then what changed or might have, as far as there is room; the rest is counted.
func (f *forest) write(b *strings.Builder) {
	rows, counts := f.chosen()
	names, metric := 0, 0
	for i := range rows {
		names, metric = max(names, utf8.RuneCountInString(rows[i].Kind)), max(metric, len(rows[i].Metric))
	}
	indent := 2 + names + 2 + metric + 1
	b.WriteString(strings.TrimRight(strings.Repeat(" ", indent)+f.ruler(), " ") + "\n")
	var base, candidate int
	for i := range rows {
		base, candidate = max(base, utf8.RuneCountInString(rows[i].Base)), max(candidate, utf8.RuneCountInString(rows[i].Candidate))
	}
	last := ""
	for i := range rows {
		r := &rows[i]
		kind := r.Kind
		if kind == last {
			kind = ""
		}
		last = r.Kind
		fmt.Fprintf(b, "  %s  %s %s  %s to %s  %s\n", padRight(printable(kind), names), padRight(r.Metric, metric), f.strip(r), padLeft(r.Base, base), padLeft(r.Candidate, candidate), r.Range)
	}
	b.WriteString("  " + f.key(rows) + "\n")
	if rest := len(f.Rows) - len(rows); rest > 0 {
		b.WriteString("  " + wording.Count(rest, "more row") + ": " + strings.Join(f.counted(counts), ", ") + ".\n")
	}
}

// chosen are the rows that text has: those of all, then of each kind that changed or might have the row that did so most, then its
// other ones, as far as there is room. counts are the verdicts of the rest.
func (f *forest) chosen() (rows []forestRow, counts map[string]int64) {
	take, n := make([]bool, len(f.Rows)), 0
	for i := range f.Rows {
		if f.Rows[i].Kind == f.Rows[0].Kind {
			take[i] = true
			n++
		}
	}
	for _, signs := range []string{"<>", "?"} {
		for some := true; some && n < forestMostRows; {
			some = false
			for _, best := range f.strongest(take, signs) {
				if n < forestMostRows {
					take[best], some = true, true
					n++
				}
			}
		}
	}
	counts = make(map[string]int64)
	for i, r := range f.Rows {
		if take[i] {
			rows = append(rows, r)
		} else {
			counts[r.Name]++
		}
	}
	return rows, counts
}

// counted are numbers of verdicts in the order of the legend.
func (f *forest) counted(counts map[string]int64) (list []string) {
	for _, m := range f.Legend {
		if n := counts[m.Name]; n > 0 {
			list = append(list, count(n)+" "+m.Name)
		}
	}
	return list
}

// quiet says whether no row changed or might have.
func (f *forest) quiet() bool {
	return !slices.ContainsFunc(f.Rows, func(r forestRow) bool { return strings.ContainsAny(r.Sign, "<>?") })
}

// strongest are the rows of each kind, of those with a sign that are not taken, that are farthest from no change.
func (f *forest) strongest(taken []bool, signs string) (list []int) {
	for i := range f.Rows {
		r := &f.Rows[i]
		if taken[i] || !strings.Contains(signs, r.Sign) {
			continue
		}
		if n := len(list); n > 0 && f.Rows[list[n-1]].Kind == r.Kind {
			if math.Abs(r.At-f.Zero) > math.Abs(f.Rows[list[n-1]].At-f.Zero) {
				list[n-1] = i
			}
			continue
		}
		list = append(list, i)
	}
	return list
}

// column is a place on the axis as a character's.
func column(at float64) int { return int(at*(forestColumns-1) + 0.5) }

// strip is a row's axis: the floors as "[" and "]", no change as "|", the interval as "=" and the effect as the verdict's sign.
func (f *forest) strip(r *forestRow) string {
	line := []byte(strings.Repeat(" ", forestColumns))
	line[column(f.Zero)] = '|'
	if r.FloorLow > 0 {
		line[column(r.FloorLow)] = '['
	}
	if r.FloorHigh < 1 {
		line[column(r.FloorHigh)] = ']'
	}
	for i := column(r.Low); r.Interval && i <= column(r.High); i++ {
		if line[i] == ' ' || line[i] == '|' {
			line[i] = '='
		}
	}
	if r.CutLow {
		line[0] = '{'
	}
	if r.CutHigh {
		line[forestColumns-1] = '}'
	}
	line[column(r.At)] = r.Sign[0]
	return string(line)
}

// ruler is the axis: each label centred on its place, where it touches no other.
func (f *forest) ruler() string {
	line := []rune(strings.Repeat(" ", forestColumns+10))
	ticks := slices.SortedFunc(slices.Values(f.Axis), func(a, b tick) int { return strings.Compare(fmt.Sprintf("%.4f", a.At), fmt.Sprintf("%.4f", b.At)) })
	free := 0
	for _, t := range ticks {
		text := []rune(t.Text)
		at := max(column(t.At)-len(text)/2, 0)
		if at < free && free > 0 {
			continue
		}
		if at+len(text) <= len(line) {
			copy(line[at:], text)
			free = at + len(text) + 1
		}
	}
	return string(line)
}

// key explains the signs that occur.
func (f *forest) key(rows []forestRow) string {
	var list []string
	for _, m := range f.Legend {
		if slices.ContainsFunc(rows, func(r forestRow) bool { return r.Sign == m.Sign }) {
			list = append(list, m.Sign+" "+m.Name)
		}
	}
	return strings.Join(append(list, "== 95 % interval", "[ ] floor", "| no change"), ", ")
}

func padRight(s string, width int) string {
	return s + strings.Repeat(" ", max(width-utf8.RuneCountInString(s), 0))
}

func padLeft(s string, width int) string {
	return strings.Repeat(" ", max(width-utf8.RuneCountInString(s), 0)) + s
}
