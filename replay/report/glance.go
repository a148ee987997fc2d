package report

import (
	"slices"
	"strings"

	"reprise/capture/wording"
	"reprise/replay/cause"
	"reprise/replay/results"
)

// told is a question that a page answers below its figures, so that nobody has to look for it.
type told struct {
	Question, Answer string
	// Command is what the answer says to do; "" for none.
	Command string
}

// glance says whether a run held, who was slow and what to do next.
func glance(r *results.Run, why *Why) []told {
	s := &r.Summary
	next, command := nextSays(s, why)
	list := []told{{"Did it hold?", holds(s), ""}}
	if slow := slowSays(s, why); slow != "" {
		list = append(list, told{"Who was slow?", slow, ""})
	}
	return append(list, told{"What next?", next, command})
}

// holds says it of the tool and of the target: the one kept the schedule or not, the other kept up or not.
func holds(s *results.Summary) string {
	if s.Ledger.OK+s.Ledger.Failed == 0 {
		return "Nothing was sent."
	}
	if c := s.Capacity; c != nil {
		return capital(briefCapacity(c)[0]) + "."
	}
	var text []string
	switch {
	case s.Verdict.Faithful:
		text = append(text, "Yes, the tool kept the schedule")
	default:
		text = append(text, "No, the schedule was not kept")
	}
	if n := s.Ledger.Failed; n > 0 {
		text = append(text, wording.Percent(failedPart(s))+" failed: "+failedBy(s))
	} else {
		text = append(text, "none failed")
	}
	return strings.Join(append(text, limitClauses(s, 2, true)...), "; ") + "."
}

// slowSays names the slowest kinds, the worst step, and, of a search, why.
func slowSays(s *results.Summary, why *Why) string {
	var text []string
	if list := briefSlowest(s); len(list) > 0 {
		text = append(text, capital(list[0]))
	}
	if len(s.Steps) > 0 && s.Capacity == nil {
		w := &s.Steps[worstStep(s.Steps)]
		text = append(text, "step "+stepTitle(w)+" was the worst: "+stepResult(w))
	}
	if s.Capacity != nil && why != nil && len(why.Findings) > 0 { // else it is among the figures
		f := &why.Findings[0]
		text = append(text, patternOf(f).title+" ("+whoseWords(f.Whose)+"): "+small(briefEffect(f)))
	}
	if len(text) == 0 {
		return ""
	}
	return capital(strings.Join(text, "; ")) + "."
}

// toolAloneLate says that a run is not faithful, and that the tool's own lag is all that is wrong with it: what else was slow may be that.
func toolAloneLate(s *results.Summary) bool {
	other := func(l results.Limit) bool { return l.Whose != results.Tool || !l.OfLag() }
	return !s.Verdict.Faithful && s.Ledger.Failed == 0 && len(s.Verdict.Limits) > 0 && len(s.Verdict.Bottlenecks) == 0 && !slices.ContainsFunc(s.Verdict.Limits, other)
}

// nextSays is the experiment that would confirm the first cause, else where to look.
func nextSays(s *results.Summary, why *Why) (text, command string) {
	switch {
	case s.Ledger.OK+s.Ledger.Failed == 0:
		return "See below why nothing was sent.", ""
	case why == nil:
		return "Ask why requests were slow:", "reprise why RUN.rpr"
	}
	run, late := orElse(why.Run, "RUN.rpr"), toolAloneLate(s)
	for i := range why.Findings {
		if late && why.Findings[i].Whose != cause.OfTool {
			continue
		}
		if e := why.confirm(i); e.command != "" {
			return "To see whether that is the cause, " + e.says + ":", e.command
		}
	}
	switch {
	case late:
		return "Play it again where the tool has a processor to itself, or at a lower rate (" + why.Named.of("TimeScale") + "); see below what kept the schedule from being kept.", ""
	case !s.Verdict.Faithful:
		return "See below what kept the schedule from being kept, and play it again.", ""
	case len(s.Verdict.Bottlenecks) > 0 || standsOut(s).times > 0:
		return "Ask for more of who is slow, with the corpus that was played:", "reprise why " + run + " --corpus CORPUS.rpz"
	}
	return "Keep the run, and hold the next one against it:", "reprise compare " + run + " NEXT.rpr"
}
