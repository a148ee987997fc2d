package report

import (
	"fmt"
	"slices"
	"time"

	"reprise/replay/compare"
	"reprise/replay/results"
)

// comparisonDocument tells what changed between two runs: the verdict first, then the rows that led to it.
func comparisonDocument(c *compare.Comparison) *document {
	d := &document{Title: fmt.Sprintf("%s against %s", c.Candidate.Name, c.Base.Name), Verdict: string(c.Verdict), Mood: moodOf(c.Verdict), Course: comparisonCourse(c)}
	d.Lead = comparisonLead(c)
	d.add(comparisonCurve(c))
	d.add(judgedParts(c)...)
	d.add(causesPart(c))
	d.add(completionRows(c))
	d.add(comparedCompletion(c)...)
	d.add(latencyPart(c), errorsPart(c), matrixPart(c), answerPart(c), roundsPart(c), ledgersPart(c))
	return d.add(append(differenceParts(c), methodPart(c))...)
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

// severalKinds is everyKind, without all where there is one kind: it would say the same twice.
func severalKinds(c *compare.Comparison) []compare.Kind {
	if len(c.Kinds) == 1 {
		return c.Kinds
	}
	return everyKind(c)
}

// everyKind is all of it and then each kind.
func everyKind(c *compare.Comparison) []compare.Kind {
	return append([]compare.Kind{c.All}, c.Kinds...)
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
