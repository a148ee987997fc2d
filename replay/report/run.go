package report

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"reprise/capture"
	"reprise/replay"
	"reprise/replay/results"
)

// runDocument tells what one run did: whether it was faithful first, then how much, how late, how slow.
func runDocument(r *results.Run) *document {
	s := &r.Summary
	d := &document{Title: "reprise run " + r.Header.Run, Verdict: "faithful", Mood: "good"}
	d.Lead = append(d.Lead, fmt.Sprintf("%s requests in %s (planned %s), %s on average and %s in the busiest second.",
		count(s.Ledger.OK+s.Ledger.Failed), duration(s.Duration), duration(s.PlannedDuration), rate(s.Rate.AchievedMean), rate(s.Rate.AchievedPeak)))
	if !s.Verdict.Faithful {
		d.Verdict, d.Mood = "not faithful", "bad"
	}
	for _, l := range s.Verdict.Limits {
		d.Lead = append(d.Lead, fmt.Sprintf("%s (%s): %s", l.What, l.Whose, l.Text))
	}
	if r.Footer == nil {
		d.Lead = append(d.Lead, "The run file has no end: the run died, or the file is cut short.")
	}
	d.Parts = append(d.Parts, curvePart(r.Windows), ledgerPart(s), timingPart(s))
	d.Parts = append(d.Parts, timePlots(r.Windows)...)
	return d.add(answersPart(s), setupPart(r))
}

func (d *document) add(parts ...part) *document {
	for _, p := range parts {
		if p.Table == nil || len(p.Table.Rows) > 0 {
			d.Parts = append(d.Parts, p)
		}
	}
	return d
}

// kindNames returns the kinds of a map in the order in which people read them.
func kindNames[V any](m map[string]V) []string {
	var names []string
	for _, k := range capture.Kinds() {
		if _, ok := m[k.String()]; ok {
			names = append(names, k.String())
		}
	}
	return names
}

func ledgerPart(s *results.Summary) part {
	t := &table{Head: cells("kind", "recorded", "added", "filtered", "ok", "failed", "shed", "unsent"), Left: 1}
	row := func(name string, l replay.Tally) {
		t.Rows = append(t.Rows, cells(name, count(l.Recorded), count(l.Added), count(l.Filtered), count(l.OK), count(l.Failed), count(l.Shed), count(l.Unsent)))
	}
	row("all", s.Ledger.Tally)
	for _, k := range kindNames(s.Ledger.Kinds) {
		row(k, s.Ledger.Kinds[k])
	}
	return part{Title: "Ledger", Notes: []string{"recorded + added = filtered + ok + failed + shed + unsent"}, Table: t}
}

func timingPart(s *results.Summary) part {
	t := &table{Head: cells("kind", "what", "p50", "p90", "p95", "p99", "p99.9", "max"), Left: 2}
	rows := func(name string, g results.Timing) {
		for _, q := range []struct {
			what string
			results.Quantiles
		}{{"lag", g.Lag}, {"latency", g.Latency}, {"service time", g.ServiceTime}} {
			t.Rows = append(t.Rows, cells(name, q.what, duration(q.P50), duration(q.P90), duration(q.P95), duration(q.P99), duration(q.P999), duration(q.Max)))
		}
	}
	rows("all", s.Timing)
	for _, k := range kindNames(s.Kinds) {
		if s.Kinds[k].Lag.Max > 0 || s.Kinds[k].Latency.Max > 0 {
			rows(k, s.Kinds[k].Timing)
		}
	}
	return part{
		Title: "Times", Table: t,
		Notes: []string{"lag: the tool's own delay. latency: from the intended moment to the answer. service time: from the actual moment."},
	}
}

func answersPart(s *results.Summary) part {
	t := &table{Head: cells("kind", "status", "no answer"), Left: 3}
	t.Rows = append(t.Rows, cells("all", tally(s.Status), tally(s.Errors)))
	for _, k := range kindNames(s.Kinds) {
		if v := s.Kinds[k]; len(v.Status)+len(v.Errors) > 0 {
			t.Rows = append(t.Rows, cells(k, tally(v.Status), tally(v.Errors)))
		}
	}
	return part{Title: "Answers", Table: t}
}

func setupPart(r *results.Run) part {
	h := &r.Header
	t := &table{Head: cells("what", "value"), Left: 2}
	row := func(name, value string) {
		if value != "" {
			t.Rows = append(t.Rows, cells(name, value))
		}
	}
	row("run", h.Run)
	row("started", h.Started.UTC().Format(time.RFC3339))
	row("target", h.Target)
	row("engine", h.Engine)
	row("tool", "reprise "+h.Tool)
	row("machine", fmt.Sprintf("%s/%s, %d CPUs, %s", h.Machine.OS, h.Machine.Arch, h.Machine.CPUs, h.Machine.Go))
	row("corpus", h.Corpus)
	row("plan", h.PlanHash)
	if p := h.Plan; p != nil {
		row("recorded", p.First.UTC().Format(time.RFC3339)+" to "+p.Last.UTC().Format(time.RFC3339))
	}
	for _, name := range slices.Sorted(maps.Keys(h.Settings)) {
		flag := "--" + name
		if strings.Contains(name, " ") {
			flag = name
		}
		row(flag, h.Settings[name])
	}
	return part{Title: "How it was run", Table: t, Detail: true}
}
