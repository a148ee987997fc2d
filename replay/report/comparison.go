package report

import (
	"fmt"
	"time"

	"reprise/replay"
	"reprise/replay/compare"
	"reprise/replay/results"
)

// comparisonDocument tells what changed between two runs: the verdict first, then the rows that led to it.
func comparisonDocument(c *compare.Comparison) *document {
	d := &document{Title: fmt.Sprintf("%s against %s", c.Candidate.Name, c.Base.Name), Verdict: string(c.Verdict), Mood: moodOf(c.Verdict)}
	for _, r := range c.Invalid {
		d.Lead = append(d.Lead, "Not comparable: "+r.Text)
	}
	if len(c.Invalid) == 0 {
		for _, r := range c.Doubts {
			d.Lead = append(d.Lead, "Mind: "+r.Text)
		}
	}
	d.Lead = append(d.Lead, changes(c)...)
	d.Lead = append(d.Lead, undecided(c)...)
	d.Lead = append(d.Lead, c.Caveat)
	return d.add(comparisonCurve(c), judgedPart(c), latencyPart(c), errorsPart(c), matrixPart(c), ledgersPart(c), differencePart(c), methodPart(c))
}

func moodOf(v compare.Verdict) string {
	switch v {
	case compare.Regressed, compare.Invalid:
		return "bad"
	case compare.Improved, compare.Equivalent:
		return "good"
	}
	return "unsure"
}

// everyKind is all of it and then each kind.
func everyKind(c *compare.Comparison) []compare.Kind {
	return append([]compare.Kind{c.All}, c.Kinds...)
}

// changes says in a sentence each what is worse or better.
func changes(c *compare.Comparison) []string {
	var out []string
	for _, k := range everyKind(c) {
		for _, l := range k.Latency {
			if l.Judged && (l.Verdict == compare.Regressed || l.Verdict == compare.Improved) {
				out = append(out, fmt.Sprintf("%s: %s latency %s: %s to %s (%s).", k.Name, l.Metric, l.Verdict, duration(l.Base), duration(l.Candidate), signed(l.Change)))
			}
		}
		if e := k.Errors; e.Verdict == compare.Regressed || e.Verdict == compare.Improved {
			out = append(out, fmt.Sprintf("%s: failed requests %s: %s to %s.", k.Name, e.Verdict, percent(e.Base), percent(e.Candidate)))
		}
	}
	return out
}

// undecided says why nothing can be said, where that is the verdict.
func undecided(c *compare.Comparison) []string {
	if c.Verdict != compare.Inconclusive {
		return nil
	}
	var across, other []string
	add := func(kind, metric string, w compare.Why, text string) {
		if w == compare.Across {
			across = append(across, fmt.Sprintf("%s: %s inconclusive: %s.", kind, metric, text))
			return
		}
		other = append(other, fmt.Sprintf("%s: %s inconclusive: %s.", kind, metric, because(w)))
	}
	for _, k := range everyKind(c) {
		for _, l := range k.Latency {
			if l.Judged && l.Verdict == compare.Inconclusive {
				add(k.Name, l.Metric+" latency", l.Why, fmt.Sprintf("the change is somewhere from %s, which holds both less and more than the %s that count as one (%s)",
					interval(l.Change95, signed), percent(c.Method.FloorChange), because(l.Why)))
			}
		}
		if e := k.Errors; e.Verdict == compare.Inconclusive {
			add(k.Name, "failed requests", e.Why, fmt.Sprintf("the change is somewhere from %s, which holds both less and more than the %s that count as one (%s)",
				interval(e.Difference95, points), percent(c.Method.FloorErrors), because(e.Why)))
		}
	}
	const most = 6
	list := append(across, other...)
	if len(across) > 0 {
		list = across
	}
	if len(list) > most {
		list = append(list[:most:most], fmt.Sprintf("%d more rows are inconclusive.", len(list)-most))
	}
	return append(list, "To decide: play more requests, over a longer time, or in several rounds.")
}

// judgedPart lists the rows that count for the verdict.
func judgedPart(c *compare.Comparison) part {
	t := &table{Head: cells("kind", "metric", "verdict", "why", "base", "candidate", "change", "95 % interval"), Left: 4}
	for _, k := range everyKind(c) {
		for _, l := range k.Latency {
			if l.Judged {
				t.Rows = append(t.Rows, cells(k.Name, l.Metric+" latency", string(l.Verdict), because(l.Why), duration(l.Base), duration(l.Candidate),
					signed(l.Change), interval(l.Change95, signed)))
			}
		}
		e := k.Errors
		t.Rows = append(t.Rows, cells(k.Name, "failed", string(e.Verdict), because(e.Why), percent(e.Base), percent(e.Candidate),
			points(e.Difference), interval(e.Difference95, points)))
	}
	return part{Title: "What was judged", Table: t}
}

// because says in words what led to a verdict.
func because(w compare.Why) string {
	switch w {
	case compare.Beyond:
		return "interval beyond the floor"
	case compare.Within:
		return "interval inside the floor"
	case compare.Across:
		return "interval across the floor"
	case compare.TooFew:
		return "too few requests"
	case compare.TooBunched:
		return "requests too bunched"
	case compare.NoValues:
		return "no answers"
	case compare.NotComputed:
		return "not comparable"
	}
	return string(w)
}

func points(v float64) string { return fmt.Sprintf("%+.2f points", v*100) }

func interval(i *compare.Interval, write func(float64) string) string {
	if i == nil {
		return ""
	}
	return write(i.Low) + " to " + write(i.High)
}

func latencyPart(c *compare.Comparison) part {
	t := &table{Head: cells("kind", "metric", "base", "candidate", "difference", "change", "base n", "candidate n"), Left: 2}
	for _, k := range everyKind(c) {
		for _, l := range k.Latency {
			t.Rows = append(t.Rows, cells(k.Name, l.Metric, duration(l.Base), duration(l.Candidate), signedDuration(l.Difference), signed(l.Change),
				count(l.BaseCount), count(l.CandidateCount)))
		}
	}
	return part{Title: "Latency", Table: t}
}

func errorsPart(c *compare.Comparison) part {
	t := &table{Head: cells("kind", "pairs", "base failed", "candidate failed", "both failed"), Left: 1}
	for _, k := range everyKind(c) {
		e := k.Errors
		t.Rows = append(t.Rows, cells(k.Name, count(e.Pairs), count(e.BaseFailed), count(e.CandidateFailed), count(e.BothFailed)))
	}
	return part{Title: "Failures", Table: t, Detail: true}
}

func matrixPart(c *compare.Comparison) part {
	t := &table{Head: cells("kind", "base", "candidate", "pairs"), Left: 3}
	for _, k := range everyKind(c) {
		for _, cell := range k.Status.Cells() {
			t.Rows = append(t.Rows, cells(k.Name, cell.Base, cell.Candidate, count(cell.Pairs)))
		}
	}
	return part{Title: "Status matrix", Table: t}
}

func ledgersPart(c *compare.Comparison) part {
	t := &table{Head: cells("ledger", "base", "candidate"), Left: 1}
	b, n := c.Base.Summary.Ledger.Tally, c.Candidate.Summary.Ledger.Tally
	for _, row := range []struct {
		name string
		of   func(replay.Tally) int64
	}{
		{"recorded", func(t replay.Tally) int64 { return t.Recorded }},
		{"added", func(t replay.Tally) int64 { return t.Added }},
		{"filtered", func(t replay.Tally) int64 { return t.Filtered }},
		{"ok", func(t replay.Tally) int64 { return t.OK }},
		{"failed", func(t replay.Tally) int64 { return t.Failed }},
		{"shed", func(t replay.Tally) int64 { return t.Shed }},
		{"unsent", func(t replay.Tally) int64 { return t.Unsent }},
	} {
		t.Rows = append(t.Rows, cells(row.name, count(row.of(b)), count(row.of(n))))
	}
	t.Rows = append(
		t.Rows,
		cells("duration", duration(c.Base.Summary.Duration), duration(c.Candidate.Summary.Duration)),
		cells("lag p99", duration(c.Base.Summary.Lag.P99), duration(c.Candidate.Summary.Lag.P99)),
		cells("faithful", yes(c.Base.Summary.Verdict.Faithful), yes(c.Candidate.Summary.Verdict.Faithful)),
	)
	return part{Title: "Ledgers", Table: t}
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

func differencePart(c *compare.Comparison) part {
	t := &table{Head: cells("what", "base", "candidate"), Left: 3}
	for _, d := range c.Setup {
		t.Rows = append(t.Rows, cells(d.Name, d.Base, d.Candidate))
	}
	return part{Title: "What differed in how they ran", Table: t}
}

func methodPart(c *compare.Comparison) part {
	m := c.Method
	return part{Title: "Method", Detail: true, Notes: []string{
		fmt.Sprintf("%s: %d blocks of %s of run time, resampled %s times with seed %s.", m.Name, m.Blocks, duration(m.Block), count(int64(m.Replicates)), m.Seed),
		fmt.Sprintf("Floors: %s and %s of latency, %s of failed requests; at least %s answers a kind.", percent(m.FloorChange), duration(m.FloorLatency),
			percent(m.FloorErrors), count(m.MinRequests)),
	}}
}

// comparisonCurve draws the p95 latency of both runs.
func comparisonCurve(c *compare.Comparison) part {
	ws := lengthier(c.Base.Windows, c.Candidate.Windows)
	p := overTime("p95 latency", "ms", ws)
	p95 := answered(func(w results.Window) time.Duration { return w.LatencyP95 })
	if sameWidth(c.Base.Windows, c.Candidate.Windows) {
		p.Lines = append(p.Lines, series("candidate", "achieved", c.Candidate.Windows, p95), series("base", "planned", c.Base.Windows, p95))
	}
	return part{Title: "Latency over time", Plot: p}
}

func lengthier(a, b []results.Window) []results.Window {
	if len(a) >= len(b) {
		return a
	}
	return b
}

func sameWidth(a, b []results.Window) bool {
	width := func(ws []results.Window) time.Duration {
		if len(ws) == 0 {
			return 0
		}
		return ws[0].Width
	}
	return width(a) == width(b)
}
