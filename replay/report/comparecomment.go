package report

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"reprise/capture/wording"
	"reprise/replay/compare"
)

// A comparison's Markdown is a comment below a pull request: so many lines at most, of which so many are sentences and rows
// of the table together. A sentence is cut after so many characters, and a name after fewer.
const (
	commentLines    = 15
	commentSentence = 400
	commentName     = 60
	commentRows     = 5
	commentSays     = 4
)

// writeComment writes a comparison as a comment: the verdict, what covers it, the rows that changed most, what could have
// been seen and what else differed.
func writeComment(w io.Writer, c *compare.Comparison) error {
	lines := []string{fmt.Sprintf("## %s: %s against %s", c.Verdict, comment(c.Candidate.Name, commentName), comment(c.Base.Name, commentName)) + without(c), ""}
	says := commentLead(c)
	for _, s := range says {
		lines = append(lines, "- "+comment(s, commentSentence))
	}
	lines = append(lines, commentTable(c, commentLines-len(lines)-3)...)
	lines = append(lines, "", comment(commentEnd(c), commentSentence+commentSentence))
	_, err := io.WriteString(w, strings.Join(lines, "\n")+"\n")
	return err
}

// commentLead are the sentences of the lead but for what the last line says, as many as fit.
func commentLead(c *compare.Comparison) []string {
	if c.Verdict == compare.Invalid {
		return invalidLines(c, commentSays-2)
	}
	end := append(append(mindLines(c), differenceLines(c)...), c.Caveat, couldSeeSays(c))
	if held := append(doubtLines(c), lagLines(c)...); len(held) > 1 {
		end = append(end, held[1:]...) // one sentence of the tool's lag is enough here
	}
	says := slices.DeleteFunc(comparisonLead(c), func(s string) bool { return slices.Contains(end, s) })
	if len(says) > commentSays {
		more := len(says) - commentSays + 1
		return append(says[:commentSays-1:commentSays-1], wording.Count(more, "more sentence")+" in the full report.")
	}
	return says
}

// commentEnd says in one line what could have been seen and what else differed.
func commentEnd(c *compare.Comparison) string {
	differed := strings.Join(append(mindLines(c), differenceLines(c)...), " ")
	return couldSeeSays(c) + " " + cmp.Or(differed, "Nothing else differed in how the two ran.")
}

// commentTable has the rows that changed most, or, where none did, those of all.
func commentTable(c *compare.Comparison, room int) []string {
	const head = 3 // a line between, the head and the rule
	room = min(room-head, commentRows)
	rows := commentPicked(c, room)
	if len(rows) == 0 || room < 1 {
		return nil
	}
	lines := []string{"", "| kind | metric | verdict | base | candidate | change | 95 % interval |", "|---|---|---|--:|--:|--:|--:|"}
	for _, r := range rows {
		lines = append(lines, "| "+strings.Join([]string{comment(r.Kind, 24), r.Metric, r.Name, r.Base, r.Candidate, r.Change, r.Range}, " | ")+" |")
	}
	return lines
}

// commentPicked are the rows that the table has: of each verdict that counts those farthest from no change, each kind once before one twice.
func commentPicked(c *compare.Comparison, most int) (out []forestRow) {
	if !drawn(c) {
		return nil
	}
	var all []forestRow
	kinds := severalKinds(c)
	latency, _ := latencyForest(c, kinds)
	for _, f := range []*forest{latency, errorForest(c, kinds)} {
		if f != nil {
			all = append(all, f.byStrength()...)
		}
	}
	if len(all) == 0 {
		return nil
	}
	whole := all[0].Kind
	rank := func(r forestRow) int { return strings.Index("><?o-", r.Sign) }
	if !slices.ContainsFunc(all, func(r forestRow) bool { return rank(r) < 2 }) { // all of it, and what is undecided
		all = slices.DeleteFunc(all, func(r forestRow) bool { return r.Kind != whole && r.Sign != "?" })
	} else {
		all = slices.DeleteFunc(all, func(r forestRow) bool { return rank(r) > 1 })
	}
	seen := make(map[string]int)
	for i := range all {
		all[i].Turn = seen[all[i].Kind+all[i].Sign]
		seen[all[i].Kind+all[i].Sign]++
	}
	slices.SortStableFunc(all, func(a, b forestRow) int { return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a.Turn, b.Turn)) })
	out = slices.Clone(all[:min(len(all), max(most, 0))])
	better := func(r forestRow) bool { return r.Sign == "<" }
	if i := slices.IndexFunc(all, better); i >= 0 && len(out) > 1 && !slices.ContainsFunc(out, better) {
		out[len(out)-1] = all[i]
	}
	return inOrder(out)
}

// inOrder keeps the rows of a kind and a verdict together, in the order of quantiles.
func inOrder(rows []forestRow) []forestRow {
	first := make(map[string]int)
	of := func(r forestRow) string { return r.Sign + r.Kind }
	for i, r := range rows {
		if _, ok := first[of(r)]; !ok {
			first[of(r)] = i
		}
	}
	slices.SortStableFunc(rows, func(a, b forestRow) int {
		return cmp.Or(cmp.Compare(first[of(a)], first[of(b)]), strings.Compare(strings.Replace(a.Metric, "failed", "q", 1), strings.Replace(b.Metric, "failed", "q", 1)))
	})
	return rows
}

// byStrength are the rows: all first, then those farthest from no change.
func (f *forest) byStrength() []forestRow {
	rows := slices.Clone(f.Rows)
	slices.SortStableFunc(rows, func(a, b forestRow) int {
		first := func(r forestRow) int {
			if r.Kind == f.Rows[0].Kind {
				return 0
			}
			return 1
		}
		return cmp.Or(cmp.Compare(first(a), first(b)), cmp.Compare(math.Abs(b.At-f.Zero), math.Abs(a.At-f.Zero)))
	})
	return rows
}

// comment makes text fit into one line of Markdown.
func comment(s string, most int) string { return escapeMarkdown(cut(s, most)) }

// cut shortens text where it is too long: a name in its middle, as the end of a path says most, and a sentence behind a word.
func cut(s string, most int) string {
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	r := []rune(s)
	head := (most - 1) / 2
	if most > commentName { // a sentence: its beginning, to the end of a word
		text := string(r[:most-1])
		if i := strings.LastIndexByte(text, ' '); i > 0 {
			text = strings.TrimRight(text[:i], " ,;:(")
		}
		return text + "…"
	}
	return string(r[:head]) + "…" + string(r[len(r)-(most-1-head):])
}
