package report

import (
	"fmt"

	"reprise/capture/wording"
	"reprise/replay"
	"reprise/replay/compare"
)

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
					x.change, rangeOf(&l), couldSee(l.Evidence, signed)))
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
