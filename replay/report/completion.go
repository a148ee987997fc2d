package report

import (
	"fmt"
	"math"
	"slices"
	"time"

	"reprise/capture"
	"reprise/capture/wording"
	"reprise/replay/compare"
	"reprise/replay/completions"
	"reprise/replay/results"
)

// completionLead says in sentences when messages were really done with.
func completionLead(c *results.Completion) []string {
	if c == nil {
		return nil
	}
	if c.Joined == 0 {
		return []string{fmt.Sprintf("completion: none of %s answered requests was completed.", count(c.Never))}
	}
	out := []string{fmt.Sprintf("completion: %s of %s answered requests were completed, p50 %s, p99 %s after the moment they were meant for; at most %s waited, %s into the run.",
		count(c.Joined), count(c.Joined+c.Never), wording.Duration(c.Latency.P50), wording.Duration(c.Latency.P99), count(c.Peak), wording.Duration(c.PeakAt))}
	if s := c.Spike; s != nil {
		out = append(out, fmt.Sprintf("completion spike: from %s to %s of the run (%s long) p95 was up to %s where %s is usual; longest for %s, up to %s.",
			wording.Duration(s.From), wording.Duration(s.To), wording.Duration(s.To-s.From), wording.Duration(s.P95), wording.Duration(s.Usual), s.Kind, wording.Duration(s.KindP95)))
	}
	if c.Never > 0 {
		out = append(out, fmt.Sprintf("never completed: %s requests that were answered well (%s); p50 and p99 are of the others.", count(c.Never), wording.Percent(float64(c.Never)/float64(c.Joined+c.Never))))
	}
	if c.Failed > 0 {
		out = append(out, fmt.Sprintf("completed with a failure: %s requests that were answered well (outcomes: %s).", count(c.Failed), tally(c.Outcomes)))
	}
	if c.Early > 0 {
		out = append(out, fmt.Sprintf("not believed: %s completions lie before their request was sent, so that they are of other messages; they count as never completed.", count(c.Early)))
	}
	if c.Doubtful() {
		out = append(out, fmt.Sprintf("The completions' clock is behind by %s at least, or they are of other messages: so much was added.", wording.Duration(c.Offset)))
	} else if c.Guessed {
		out = append(out, fmt.Sprintf("The completions' clock is behind by %s at least: so much was added.", wording.Duration(c.Offset)))
	} else if c.Offset != 0 {
		out = append(out, fmt.Sprintf("%s was added to the completions' clock, as told.", wording.Duration(c.Offset)))
	}
	return out
}

// completionParts are its table and plots.
func completionParts(c *results.Completion) []part {
	if c == nil {
		return nil
	}
	t := &table{Head: cells("kind", "completed", "failed", "never", "p50", "p90", "p95", "p99", "max"), Left: 1}
	row := func(name string, k results.CompletionKind) {
		q := k.Latency
		t.Rows = append(t.Rows, append(cells(name, count(k.Joined), count(k.Failed), count(k.Never)), durations(k.Joined > 0, q.P50, q.P90, q.P95, q.P99, q.Max)...))
	}
	row("all", results.CompletionKind{Joined: c.Joined, Never: c.Never, Failed: c.Failed, Latency: c.Latency})
	for _, name := range kindNames(c.Kinds) {
		row(name, c.Kinds[name])
	}
	notes := []string{"From the intended moment to what your system says is the end of its work. Outcomes: " + tally(c.Outcomes) + "."}
	if c.Unmatched > 0 {
		notes = append(notes, fmt.Sprintf("%s completions are of no answered request of this run.", count(c.Unmatched)))
	}
	return []part{
		{Title: "Completion", Table: t, Notes: notes},
		{Title: "Completion over time", Plot: completionPlot(c).inSeconds()},
		{Title: "Backlog over time", Plot: backlogPlot(c)},
	}
}

// inSeconds is a plot of milliseconds, or of seconds where a value is above ten of them.
func (p *plot) inSeconds() *plot {
	const ten = 10_000
	if !slices.ContainsFunc(p.Lines, func(l line) bool { return l.highest() > ten }) {
		return p
	}
	p.Unit = "s"
	for _, l := range p.Lines {
		for i := range l.Y {
			l.Y[i] /= 1000
		}
	}
	return p
}

func completionTime(c *results.Completion, title, unit, key string) *plot {
	p := &plot{Title: title, Unit: unit, Key: key}
	for _, w := range c.Windows {
		p.Seconds = append(p.Seconds, (w.Start + w.Width/2).Seconds())
	}
	return p
}

func completionPlot(c *results.Completion) *plot {
	p := completionTime(c, "p95 time to completion", "ms", "completion")
	all := line{Name: "all", Style: "planned"}
	for _, w := range c.Windows {
		all.Y = append(all.Y, gap(w.P95))
	}
	p.Lines = append(p.Lines, all)
	for _, k := range capture.Kinds() {
		l := line{Name: k.String(), Style: fmt.Sprintf("k%d", k)}
		for _, w := range c.Windows {
			l.Y = append(l.Y, gap(w.Kinds[l.Name]))
		}
		if l.any() {
			p.Lines = append(p.Lines, l)
		}
	}
	return p
}

func gap(d time.Duration) float64 {
	if d == 0 {
		return math.NaN()
	}
	return milliseconds(d)
}

func backlogPlot(c *results.Completion) *plot {
	p := completionTime(c, "Answered and not completed", "requests", "backlog")
	l := line{Name: "backlog", Style: "b"}
	for _, w := range c.Windows {
		l.Y = append(l.Y, float64(w.Backlog))
	}
	p.Lines = []line{l}
	return p
}

// addCompletion puts the plots' lines into a course. They have an axis of their own, as work goes on after the run.
func (c *Course) addCompletion(done *results.Completion) {
	if c == nil || done == nil {
		return
	}
	p, b := completionPlot(done), backlogPlot(done)
	c.DoneT = p.Seconds
	for _, l := range p.Lines {
		c.Completion = append(c.Completion, track{l.Name, l.Y})
	}
	c.Backlog = []track{{b.Lines[0].Name, b.Lines[0].Y}}
}

// comparedCompletion draws two runs' work over each other, where both were told of and are as long.
func comparedCompletion(c *compare.Comparison) []part {
	base, candidate := c.Base.Summary.Completion, c.Candidate.Summary.Completion
	if !overlaid(base, candidate) {
		return nil
	}
	longer := candidate
	if len(base.Windows) > len(candidate.Windows) {
		longer = base
	}
	p, b := completionTime(longer, "p95 time to completion", "ms", "completion"), completionTime(longer, "Answered and not completed", "requests", "backlog")
	for _, run := range []struct {
		name, style string
		*results.Completion
	}{{"base", "planned", base}, {"candidate", "achieved", candidate}} {
		p.Lines = append(p.Lines, line{Name: run.name + " p95", Style: run.style, Y: completionPlot(run.Completion).Lines[0].Y})
		b.Lines = append(b.Lines, line{Name: run.name, Style: run.style, Y: backlogPlot(run.Completion).Lines[0].Y})
	}
	return []part{{Title: "Completion over time", Plot: p.inSeconds()}, {Title: "Backlog over time", Plot: b}}
}

// overlaid says whether two runs' completions are told by windows of one width.
func overlaid(base, candidate *results.Completion) bool {
	return base != nil && candidate != nil && len(base.Windows) > 0 && len(candidate.Windows) > 0 && base.Windows[0].Width == candidate.Windows[0].Width
}

// completionRows compares time to completion like latency.
func completionRows(c *compare.Comparison) part {
	t := &table{Head: cells("kind", "metric", "verdict", "why", "base", "candidate", "change", "95 % interval"), Left: 4}
	if c.Completion == nil {
		return part{Table: t}
	}
	for _, k := range slices.Concat([]compare.Kind{c.Completion.All}, c.Completion.Kinds, c.Completion.StepKinds()) {
		for _, l := range k.Latency {
			if l.Judged {
				t.Rows = append(t.Rows, cells(k.Name, l.Metric+" to completion", string(l.Verdict), because(l.Why), wording.Duration(l.Base), wording.Duration(l.Candidate),
					signed(l.Change), interval(l.Change95, signed)))
			}
		}
		e := k.Errors
		t.Rows = append(t.Rows, cells(k.Name, "never or failed", string(e.Verdict), because(e.Why), wording.Percent(e.Base), wording.Percent(e.Candidate),
			points(e.Difference), interval(e.Difference95, points)))
	}
	return part{Title: "Completion", Table: t}
}

// completionChanges says in a sentence each what is worse or better.
func completionChanges(c *compare.Comparison) []string {
	if c.Completion == nil {
		return nil
	}
	var out []string
	out = coverLines(c.Completion.Covers(), "kind", "time to completion", "never completed or failed")
	out = append(out, stepLines(c.Completion.StepCovers(), len(out) > 0, "time to completion", "never completed or failed")...)
	of := ""
	if len(c.Rounds) > 1 {
		of = ", round 1"
	}
	for _, s := range []struct {
		name string
		c    *results.Completion
	}{{c.Base.Name, c.Base.Summary.Completion}, {c.Candidate.Name, c.Candidate.Summary.Completion}} {
		for _, l := range completionLead(s.c) {
			out = append(out, s.name+of+": "+l)
		}
	}
	return out
}

// CompletionNotes says what of the completions of a run could not be used, and what of them is odd. Beside options it asks for the name
// of Inbound, by which a sink sends messages of its own.
func CompletionNotes(a *completions.Account, c *results.Completion, named Named) (notes []string) {
	if text := a.String(); text != "" {
		notes = append(notes, "not used: "+text)
	}
	if a.Zoneless > 0 {
		notes = append(notes, fmt.Sprintf("%s no zone: taken for UTC; %s shifts them", wording.Count(a.Zoneless, "time")+" named", named.of("Offset")))
	}
	if a.OtherRuns > 0 {
		notes = append(notes, fmt.Sprintf("ignored: %s of other runs", wording.Count(a.OtherRuns, "line")))
	}
	if c.Unmatched > 0 && c.Joined > 0 {
		notes = append(notes, fmt.Sprintf("%s of no answered request of this run", wording.Count(c.Unmatched, "completion")))
	}
	if c.Early > 0 {
		notes = append(notes, fmt.Sprintf("%s before their request was sent, so of other messages: they count as never completed", wording.Count(c.Early, "completion")))
	}
	if c.Doubtful() {
		notes = append(notes, fmt.Sprintf("%v was added to their clock, so that none comes before its request. Are they of other messages (%s, "+
			"of another corpus than was played, or other records of it)? Where the clocks agree, %s 0s tells which",
			c.Offset.Round(10*time.Millisecond), named.of("Inbound"), named.of("Offset")))
	}
	return notes
}
