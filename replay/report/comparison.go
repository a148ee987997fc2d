package report

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"reprise/capture/wording"
	"reprise/replay"
	"reprise/replay/compare"
	"reprise/replay/results"
)

// comparisonDocument tells what changed between two runs: the verdict first, then the rows that led to it.
func comparisonDocument(c *compare.Comparison) *document {
	d := &document{Title: fmt.Sprintf("%s against %s", c.Candidate.Name, c.Base.Name), Verdict: string(c.Verdict), Mood: moodOf(c.Verdict), Course: comparisonCourse(c)}
	for _, r := range c.Invalid {
		d.Lead = append(d.Lead, "Not comparable: "+r.Text)
	}
	if len(c.Invalid) == 0 {
		for _, r := range c.Doubts {
			d.Lead = append(d.Lead, "Mind: "+r.Text)
		}
	}
	d.Lead = append(d.Lead, changes(c)...)
	d.Lead = append(d.Lead, causeLines(c)...)
	d.Lead = append(d.Lead, completionChanges(c)...)
	d.Lead = append(d.Lead, newStatuses(c)...)
	if samePlan(c) { // otherwise the pairs are no pairs
		d.Lead = append(d.Lead, changedAnswers(c)...)
	}
	d.Lead = append(d.Lead, undecided(c)...)
	d.Lead = append(d.Lead, c.Caveat)
	d.add(comparisonCurve(c))
	d.add(judgedParts(c)...)
	d.add(causesPart(c))
	d.add(completionRows(c))
	d.add(comparedCompletion(c)...)
	return d.add(latencyPart(c), errorsPart(c), matrixPart(c), answerPart(c), roundsPart(c), ledgersPart(c), differencePart(c), methodPart(c))
}

// samePlan says whether the runs played the same.
func samePlan(c *compare.Comparison) bool {
	return !slices.ContainsFunc(c.Invalid, func(r compare.Reason) bool { return r.What == "corpus" || r.What == "plan" })
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

// changes says in a sentence for each kind what is worse or better.
func changes(c *compare.Comparison) []string {
	var out []string
	for _, k := range everyKind(c) {
		out = append(out, changed(k, "latency", "failed requests")...)
	}
	return out
}

// changed says in a sentence each which quantiles of a kind are worse, which are better, and whether more or less failed.
func changed(k compare.Kind, latency, failed string) []string {
	var out []string
	for _, v := range []compare.Verdict{compare.Regressed, compare.Improved} {
		var list []string
		for _, l := range k.Latency {
			if l.Judged && l.Verdict == v {
				list = append(list, fmt.Sprintf("%s %s to %s (%s)", l.Metric, wording.Duration(l.Base), wording.Duration(l.Candidate), signed(l.Change)))
			}
		}
		if len(list) > 0 {
			out = append(out, fmt.Sprintf("%s: %s %s: %s.", k.Name, latency, v, strings.Join(list, ", ")))
		}
		if e := k.Errors; e.Verdict == v {
			out = append(out, fmt.Sprintf("%s: %s %s: %s to %s.", k.Name, failed, v, wording.Percent(e.Base), wording.Percent(e.Candidate)))
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
					interval(l.Change95, signed), wording.Percent(floor(c, l)), because(l.Why)))
			}
		}
		if e := k.Errors; e.Verdict == compare.Inconclusive {
			add(k.Name, "failed requests", e.Why, fmt.Sprintf("the change is somewhere from %s, which holds both less and more than the %s that count as one (%s)",
				interval(e.Difference95, points), wording.Percent(c.Method.FloorErrors), because(e.Why)))
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
	return append(list, toDecide(c))
}

// floor is the relative floor of a quantile.
func floor(c *compare.Comparison, l compare.Latency) float64 {
	if l.Metric == "p99" && c.Method.FloorTail > 0 {
		return c.Method.FloorTail
	}
	return c.Method.FloorChange
}

// toDecide says what would help where nothing can be said.
func toDecide(c *compare.Comparison) string {
	need := 0
	for _, k := range everyKind(c) {
		for _, l := range k.Latency {
			if l.Why == compare.Across {
				need = max(need, l.RoundsNeeded)
			}
		}
		if k.Errors.Why == compare.Across {
			need = max(need, k.Errors.RoundsNeeded)
		}
	}
	if done := len(c.Rounds); need > done && done > 0 {
		return fmt.Sprintf("To decide: about %d more rounds, as far as %d can tell.", need-done, done)
	}
	return "To decide: play more requests, over a longer time, or in several rounds."
}

// newStatuses says which statuses the candidate brought.
func newStatuses(c *compare.Comparison) []string {
	var out []string
	for _, n := range c.NewStatuses {
		out = append(out, fmt.Sprintf("%s: status %s, which no base run answered with, %s times in %d of the runs.", n.Kind, n.Status, count(n.Answers), n.Rounds))
	}
	return out
}

// roundsPart lists the runs, in rounds.
func roundsPart(c *compare.Comparison) part {
	t := &table{Head: cells("round", "run", "faithful", "sent", "failed", "p50", "p95", "p99"), Left: 3}
	for i, r := range c.Rounds {
		for _, s := range []struct {
			role string
			compare.RoundSide
		}{{"base", r.Base}, {"candidate", r.Candidate}} {
			t.Rows = append(t.Rows, append(cells(fmt.Sprintf("%d, %s", i+1, s.role), s.Run, yes(s.Faithful), count(s.Sent), count(s.Failed)),
				durations(max(s.Latency.P50, s.Latency.P99, s.Latency.Max) > 0, s.Latency.P50, s.Latency.P95, s.Latency.P99)...))
		}
	}
	return part{Title: "Rounds", Table: t}
}

// judgedParts list the rows that count for the verdict: those that changed or might have, and, to be folded away where
// there are more than a few, the rest.
func judgedParts(c *compare.Comparison) []part {
	if c.Verdict == compare.Invalid { // nothing was
		return nil
	}
	head := func() *table {
		return &table{Head: cells("kind", "metric", "verdict", "why", "base", "candidate", "change", "95 % interval", "could see"), Left: 4}
	}
	told, rest := head(), head()
	counts := make(map[string]int64)
	add := func(v compare.Verdict, w compare.Why, row []string) {
		if v == compare.Equivalent || v == compare.Inconclusive && w != compare.Across && w != compare.TooNoisy {
			rest.Rows = append(rest.Rows, row)
			counts[fmt.Sprintf("%s (%s)", v, because(w))]++
			return
		}
		told.Rows = append(told.Rows, row)
	}
	for _, k := range everyKind(c) {
		for _, l := range k.Latency {
			if l.Judged {
				x := sidesOf(&l)
				add(l.Verdict, l.Why, cells(k.Name, l.Metric+" latency", string(l.Verdict), because(l.Why), x.base, x.candidate,
					x.change, interval(l.Change95, signed), couldSee(l.Evidence, signed)))
			}
		}
		e := k.Errors
		add(e.Verdict, e.Why, cells(k.Name, "failed", string(e.Verdict), because(e.Why), wording.Percent(e.Base), wording.Percent(e.Candidate),
			points(e.Difference), interval(e.Difference95, points), couldSee(e.Evidence, points)))
	}
	after := []string{"could see: about the smallest change that would have been found."}
	const few = 20
	if len(rest.Rows)+len(told.Rows) <= few || len(rest.Rows) == 0 {
		told.Rows = append(told.Rows, rest.Rows...)
		return []part{{Title: "What was judged", Table: told, After: after}}
	}
	first := part{Title: "What was judged", Table: told, After: after, Notes: []string{fmt.Sprintf("%s more rows: %s.", count(int64(len(rest.Rows))), tally(counts))}}
	if len(told.Rows) == 0 {
		first.Table, first.After, first.Notes = nil, nil, []string{fmt.Sprintf("No change in %s rows: %s.", count(int64(len(rest.Rows))), tally(counts))}
	}
	return []part{first, {Title: "Rows without a change", Table: rest, Detail: true, After: after}}
}

// couldSee is the smallest change that would have been found.
func couldSee(e compare.Evidence, write func(float64) string) string {
	if e.Detectable == nil {
		return ""
	}
	return write(*e.Detectable)
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
	case compare.TooFewRounds:
		return "one round alone"
	case compare.TooNoisy:
		return "runs vary too much"
	}
	return string(w)
}

func points(v float64) string { return fmt.Sprintf("%+.2f points", v*100) }

// interval writes both ends, and their unit once.
func interval(i *compare.Interval, write func(float64) string) string {
	if i == nil {
		return ""
	}
	low, _, _ := strings.Cut(write(i.Low), " ")
	return low + " to " + write(i.High)
}

// sides are a row of latency in words.
type sides struct{ base, candidate, difference, change string }

// sidesOf writes a row of latency. A side without answers has no latency, and there is no change then.
func sidesOf(l *compare.Latency) sides {
	x := sides{dash, dash, dash, dash}
	if l.BaseCount > 0 {
		x.base = wording.Duration(l.Base)
	}
	if l.CandidateCount > 0 {
		x.candidate = wording.Duration(l.Candidate)
	}
	if l.BaseCount > 0 && l.CandidateCount > 0 {
		x.difference, x.change = signedDuration(l.Difference), signed(l.Change)
	}
	return x
}

func latencyPart(c *compare.Comparison) part {
	t := &table{Head: cells("kind", "metric", "base", "candidate", "difference", "change", "base n", "candidate n"), Left: 2}
	for _, k := range everyKind(c) {
		for _, l := range k.Latency {
			x := sidesOf(&l)
			t.Rows = append(t.Rows, cells(k.Name, l.Metric, x.base, x.candidate, x.difference, x.change, count(l.BaseCount), count(l.CandidateCount)))
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
	if c.Method.Rounds > 0 { // the runs are listed
		return part{Table: t}
	}
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
		cells("duration", wording.Duration(c.Base.Summary.Duration), wording.Duration(c.Candidate.Summary.Duration)),
		cells("lag p99", wording.Duration(c.Base.Summary.Lag.P99), wording.Duration(c.Candidate.Summary.Lag.P99)),
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
	if m.Rounds > 0 {
		return part{Title: "Method", Detail: true, Notes: []string{
			fmt.Sprintf("%s: %d base runs; the first %s of each run are left out; variances moderated with %v degrees of freedom; false findings %s at most.",
				m.Name, m.Rounds, wording.Duration(m.WarmUp), m.PriorFreedom, wording.Percent(m.Level)),
			fmt.Sprintf("Floors: %s and %s of latency (p99: %s and %s), %s of failed requests; at least %s answers a kind, 20 of them above the quantile.",
				wording.Percent(m.FloorChange), wording.Duration(m.FloorLatency), wording.Percent(m.FloorTail), wording.Duration(m.FloorTailLatency), wording.Percent(m.FloorErrors), count(m.MinRequests)),
		}}
	}
	return part{Title: "Method", Detail: true, Notes: []string{
		fmt.Sprintf("%s: %d blocks of %s of run time, resampled %s times with seed %s.", m.Name, m.Blocks, wording.Duration(m.Block), count(int64(m.Replicates)), m.Seed),
		fmt.Sprintf("Floors: %s and %s of latency, %s of failed requests; at least %s answers a kind.", wording.Percent(m.FloorChange), wording.Duration(m.FloorLatency),
			wording.Percent(m.FloorErrors), count(m.MinRequests)),
	}}
}

// comparisonCurve draws the p95 latency of both runs.
func comparisonCurve(c *compare.Comparison) part {
	if len(c.Base.Windows) == 0 || len(c.Candidate.Windows) == 0 {
		return part{Table: &table{}}
	}
	ws := lengthier(c.Base.Windows, c.Candidate.Windows)
	p := overTime("p95 latency", "ms", ws)
	p.Key = "latency"
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
