package report

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"reprise/capture/wording"
	"reprise/replay/compare"
	"reprise/replay/results"
)

// comparisonDocument tells what changed between two runs: the verdict first, then the rows that led to it.
func comparisonDocument(c *compare.Comparison) *document {
	d := &document{Title: fmt.Sprintf("%s against %s", c.Candidate.Name, c.Base.Name) + without(c), Verdict: string(c.Verdict), Mood: moodOf(c.Verdict), Course: comparisonCourse(c)}
	d.Lead = comparisonLead(c)
	d.Answer = len(c.Covers()) > 0 || len(c.StepCovers()) > 0 || c.Verdict == compare.Equivalent
	d.add(forestParts(c)...)
	d.add(comparisonCurve(c))
	d.add(comparedCompletion(c)...)
	d.More = "Every row, the course of both runs and all tables: -o compare.html."
	for _, p := range judgedParts(c) {
		d.add(folded(p))
	}
	d.add(foldedAway(causesPart(c)), folded(completionRows(c)))
	d.add(folded(latencyPart(c)), errorsPart(c), folded(matrixPart(c)), foldedAway(answerPart(c)), foldedAway(roundsPart(c)), folded(ledgersPart(c)))
	for _, p := range differenceParts(c) {
		d.add(foldedAway(p))
	}
	return d.add(methodPart(c))
}

// folded is a part that a page folds away and that text leaves out.
func folded(p part) part {
	p.Detail = true
	return p
}

// foldedAway is a part that a page folds away and that text has.
func foldedAway(p part) part {
	p.Folded = true
	return p
}

// drawn says whether effects are shown: also of runs that are not faithful, as not judged, but not of runs that are no pair.
func drawn(c *compare.Comparison) bool {
	return !slices.ContainsFunc(c.Invalid, func(r compare.Reason) bool { return r.What != "unfaithful" && r.What != "lag" })
}

// forestParts draw how much each row changed, where the runs can be compared.
func forestParts(c *compare.Comparison) []part {
	if !drawn(c) {
		return nil
	}
	kinds := severalKinds(c)
	latency := forestPart(c, "Change of latency by kind and quantile", kinds)
	var done part
	if c.Completion != nil {
		done = forestPart(c, "Change of time to completion", append([]compare.Kind{c.Completion.All}, c.Completion.Kinds...))
	}
	failed := part{Title: "Change of failed requests, in percentage points", Forest: errorForest(c, kinds)}
	failed.Brief = failed.Forest != nil && failed.Forest.quiet()
	parts := []part{latency, failed, done}
	if failed.Forest != nil && !failed.Brief && (latency.Forest == nil || latency.Forest.quiet()) {
		parts[0], parts[1] = failed, latency // what changed first
	}
	return slices.DeleteFunc(parts, func(p part) bool { return p.Forest == nil })
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
		return slices.Concat(c.Kinds, c.StepKinds())
	}
	return everyKind(c)
}

// everyKind is all of it, then each kind, and then each step of a shaped run.
func everyKind(c *compare.Comparison) []compare.Kind {
	return slices.Concat([]compare.Kind{c.All}, c.Kinds, c.StepKinds())
}

// comparisonCurve draws the latency of both runs over the time of the recording, with the stretches where they are apart.
func comparisonCurve(c *compare.Comparison) part {
	if len(c.Base.Windows) == 0 || len(c.Candidate.Windows) == 0 || !sameWidth(c.Base.Windows, c.Candidate.Windows) {
		return part{Table: &table{}}
	}
	p := overTime("Latency", "ms", lengthier(c.Base.Windows, c.Candidate.Windows))
	p.Key, p.Clock, p.Bands = "latency", clockOf(c.Candidate.Recorded), bandsOf(c)
	p50 := answered(func(w results.Window) time.Duration { return w.LatencyP50 })
	p95 := answered(func(w results.Window) time.Duration { return w.LatencyP95 })
	p.Lines = []line{
		series("candidate p95", "achieved", c.Candidate.Windows, p95), series("base p95", "planned", c.Base.Windows, p95),
		series("candidate p50", "a", c.Candidate.Windows, p50), series("base p50", "before", c.Base.Windows, p50),
	}
	return part{Title: curveTitle(c), Plot: p, Notes: apartNotes(c)}
}

// forestPart draws the quantiles of kinds, and names those of which there is too little.
func forestPart(c *compare.Comparison, title string, kinds []compare.Kind) part {
	f, left := latencyForest(c, kinds)
	p := part{Title: title, Forest: f}
	if len(left) > 0 {
		p.After = []string{"Too few requests for an interval: " + names(left, 6, "row") + "."}
	}
	return p
}

func curveTitle(c *compare.Comparison) string {
	title := "Latency over time"
	if c.Candidate.Recorded != nil {
		title = "Latency over recorded time (UTC)"
	}
	if len(c.Rounds) > 1 {
		title += ", round 1"
	}
	return title
}

// apartNotes say where the two runs are apart.
func apartNotes(c *compare.Comparison) []string {
	list := c.Apart()
	if c.Verdict == compare.Invalid { // what is apart may be the tool, or other messages
		return []string{"As measured: not judged, as the runs cannot be compared."}
	}
	if len(list) == 0 {
		return []string{"Nowhere apart by more than the floor for several windows in a row."}
	}
	if throughout(c, list) {
		return []string{"Apart by more than the floor throughout: " + awaySays(&list[0]) + "."}
	}
	const most = 5
	var said []string
	for _, s := range list[:min(len(list), most)] {
		said = append(said, apartSays(c, &s))
	}
	text := "Shaded where the two are apart by more than the floor: " + strings.Join(said, "; ")
	if more := len(list) - most; more > 0 {
		text += "; and " + wording.CountOf(more, "more stretch", "more stretches")
	}
	return []string{text + "."}
}

// apartSays is one stretch: "17:40 to 18:10, slower by 40 ms (p50)".
func apartSays(c *compare.Comparison, s *compare.Divergence) string {
	from, to := wording.Duration(s.From), wording.Duration(s.To)
	if r := c.Candidate.Recorded; r != nil {
		from, to = recordedSays(r, s.From), recordedSays(r, s.To)
	} else if s.From == 0 {
		from = "0 s"
	}
	return fmt.Sprintf("%s to %s, %s", from, to, awaySays(s))
}

func awaySays(s *compare.Divergence) string {
	way := "slower"
	if s.Difference < 0 {
		way = "faster"
	}
	return fmt.Sprintf("%s by %s (%s)", way, strings.TrimLeft(roundDuration(float64(s.Difference)), "+-"), s.Metric)
}

// throughout says whether one stretch is about the whole run: then there is nothing to mark in it.
func throughout(c *compare.Comparison, list []compare.Divergence) bool {
	const whole = 0.9
	ws := lengthier(c.Base.Windows, c.Candidate.Windows)
	if len(list) != 1 || len(ws) == 0 {
		return false
	}
	end := ws[len(ws)-1]
	return float64(list[0].To-list[0].From) > whole*float64(end.Start+end.Width)
}

// apartLines are the stretches that the lead tells of: where they are not the whole run.
func apartLines(c *compare.Comparison) []string {
	list := c.Apart()
	const few = 2
	if c.Verdict == compare.Invalid || c.Verdict == compare.Equivalent || len(c.Doubts) > 0 || len(list) == 0 || len(list) > few {
		return nil
	}
	if throughout(c, list) {
		return nil
	}
	var said []string
	for i := range list {
		said = append(said, apartSays(c, &list[i]))
	}
	of := "of the run"
	if c.Candidate.Recorded != nil {
		of = "of the recording (UTC)"
	}
	return []string{"Apart for a part " + of + ": " + strings.Join(said, "; ") + "."}
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
