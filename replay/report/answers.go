package report

import (
	"fmt"
	"strings"

	"reprise/capture/wording"
	"reprise/replay/compare"
)

// changedAnswers says in a sentence each how the bodies of answers changed.
func changedAnswers(c *compare.Comparison) []string {
	if c.Answers == nil {
		return nil
	}
	const most = 5
	var out []string
	more := 0
	for _, f := range c.Answers.Findings {
		if f.Verdict != compare.AnswerChanged {
			continue
		}
		if len(out) == most {
			more++
			continue
		}
		out = append(out, fmt.Sprintf("%s: answers differ at %s (%s) in %s of %s.", f.Kind, pathOf(f), whatOf(f), count(f.Pairs), count(f.Of)))
	}
	if more > 0 {
		out = append(out, wording.CountOf(more, "more path of answers differs.", "more paths of answers differ."))
	}
	return out
}

func pathOf(f compare.AnswerFinding) string {
	if f.Path == "" {
		return "the whole body"
	}
	return f.Path
}

// whatOf is a difference in words.
func whatOf(f compare.AnswerFinding) string {
	switch f.What {
	case "added":
		return fmt.Sprintf("%s added", f.Candidate)
	case "removed":
		return fmt.Sprintf("%s removed", f.Base)
	case "type", "form":
		return fmt.Sprintf("%s to %s", f.Base, f.Candidate)
	case "value":
		if f.Base.Fleeting() { // otherwise it would be noise
			return fmt.Sprintf("another %s, of another length or number", f.Base)
		}
	}
	return fmt.Sprintf("another %s", f.Base)
}

// answerPart lists the differences, what counts first.
func answerPart(c *compare.Comparison) part {
	t := &table{Head: cells("kind", "path", "what", "verdict", "requests", "pairs differ", "of", "base pairs differ", "of"), Left: 5}
	if c.Answers == nil || !samePlan(c) { // otherwise the pairs are no pairs
		return part{Table: t}
	}
	a := c.Answers
	for _, f := range a.Findings {
		samples := f.Samples[:min(len(f.Samples), 3)]
		t.Rows = append(t.Rows, cells(f.Kind, pathOf(f), whatOf(f), string(f.Verdict), strings.Join(samples, " "), count(f.Pairs), count(f.Of),
			count(f.NoisePairs), count(f.NoiseOf)))
	}
	p := part{Title: "Bodies of answers", Table: t, Notes: []string{fmt.Sprintf(
		"%s pairs of answers were compared: %s alike, %s different. Values are never shown.", count(a.Pairs), count(a.Same), count(a.Differ))}}
	if a.Unknown > 0 {
		p.Notes = append(p.Notes, fmt.Sprintf("%s different in a way that is not known, as only %s bodies of a run are kept.",
			wording.CountOf(a.Unknown, "more pair is", "more pairs are"), count(compare.MaxBodies)))
	}
	if a.OtherStatus > 0 {
		p.Notes = append(p.Notes, fmt.Sprintf("%s pairs with an error on one side are left out: they are in the status matrix.", count(a.OtherStatus)))
	}
	if len(t.Rows) > 0 {
		p.After = []string{"requests: some of those whose answers differ so, as their Reprise-Record header. pairs differ: those of all pairs of the kind; " +
			"base pairs differ: those of one base run's answers against the next one's, or as the noise file says."}
	} else if a.Unknown > 0 {
		p.Table = nil // the part is left out where there is nothing to tell
	}
	return p
}
