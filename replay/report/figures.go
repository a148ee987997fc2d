package report

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"reprise/capture/wording"
	"reprise/replay/cause"
	"reprise/replay/results"
)

// headFigure is one of the eight that a page of a run begins with: what whoever lets a build pass asks first.
type headFigure struct {
	// Name says what it is, Value is large, and Beside says what it is to be held against.
	Name   string `json:"name"`
	Value  string `json:"value"`
	Beside string `json:"beside"`
	// Mood is how it is coloured: "good", "bad" or "unsure"; "" for not at all.
	Mood string `json:"mood,omitempty"`
}

// runFigures are the eight.
func runFigures(r *results.Run, why *Why) []headFigure {
	s := &r.Summary
	list := []headFigure{
		verdictFigure(s), sentFigure(s), rateFigure(s), lagFigure(s), latencyFigure(s), failedFigure(s), causeFigure(s, why), tempoFigure(r),
	}
	unit := regexp.MustCompile(`(\d) (%|ns|µs|ms|s)\b|(\d) (%)`)
	for i := range list { // a figure and its unit stand in one line
		list[i].Beside = unit.ReplaceAllString(list[i].Beside, "$1$3\u00a0$2$4")
	}
	return list
}

func verdictFigure(s *results.Summary) headFigure {
	f := headFigure{Name: "the tool kept the schedule", Value: "faithful", Mood: "good", Beside: "nothing of the tool's fell short"}
	if n := notJudged(s.Capacity); s.Verdict.Faithful && n > 0 {
		f.Name, f.Value, f.Mood = "the tool kept the schedule", "in part", "unsure"
		f.Beside = wording.Count(n, "step") + " not judged: the tool was late"
	}
	if s.Verdict.Faithful {
		return f
	}
	f.Name, f.Value, f.Mood, f.Beside = "the schedule was not kept", "not faithful", "bad", ""
	if list := gravest(s.Verdict.Limits); len(list) > 0 {
		if f.Beside = ownerWord(list[0].Whose) + ": " + clauseOf(s, &list[0]); list[0].Cause != "" {
			f.Beside += " (" + list[0].Cause + ")"
		}
	}
	return f
}

func sentFigure(s *results.Summary) headFigure {
	l := &s.Ledger
	f := headFigure{Name: "requests sent", Value: count(l.OK + l.Failed), Beside: "all that were planned"}
	if left := l.Shed + l.Unsent; left > 0 && s.Capacity != nil && !s.NoEnd {
		f.Beside = count(left) + " of " + count(l.Scheduled()) + " were not sent, as their steps ended before"
	} else if left > 0 {
		f.Beside, f.Mood = count(left)+" of "+count(l.Scheduled())+" were "+notSent(s), "unsure"
	}
	return f
}

func rateFigure(s *results.Summary) headFigure {
	r := &s.Rate
	return headFigure{
		Name: "mean rate", Value: rate(r.AchievedMean),
		Beside: fmt.Sprintf("planned %s; busiest second %s, planned %s", rate(r.PlannedMean), rate(r.AchievedPeak), rate(r.PlannedPeak)),
	}
}

func lagFigure(s *results.Summary) headFigure {
	f := headFigure{Name: "lag p99, how late requests left", Value: dash, Beside: "nothing was sent"}
	if s.Ledger.OK+s.Ledger.Failed > 0 {
		f.Value, f.Beside = wording.Duration(s.Lag.P99), fmt.Sprintf("allowed %s; it moved the curve by %s", wording.Duration(s.LagLimit), wording.Percent(s.Moved))
		if s.Capacity != nil {
			f.Beside = "over all steps; each is judged by its own"
		} else if s.Lag.P99 > s.LagLimit {
			f.Mood = "bad"
		}
	}
	return f
}

func latencyFigure(s *results.Summary) headFigure {
	f := headFigure{Name: "latency p99", Value: dash, Beside: "nothing was answered"}
	if len(s.Status) > 0 {
		f.Value, f.Beside = wording.Duration(s.Latency.P99), fmt.Sprintf("p50 %s, max %s", wording.Duration(s.Latency.P50), wording.Duration(s.Latency.Max))
	}
	if c := s.Completion; c != nil && c.Joined > 0 {
		f.Beside = fmt.Sprintf("p50 %s; to completion p99 %s", wording.Duration(s.Latency.P50), wording.Duration(c.Latency.P99))
	}
	return f
}

func failedFigure(s *results.Summary) headFigure {
	f := headFigure{Name: "failed", Value: "none", Beside: "every answer was a 2xx or a 3xx", Mood: "good"}
	switch {
	case s.Ledger.Failed > 0:
		f.Value, f.Beside, f.Mood = share(failedPart(s)), failedBy(s), "unsure"
		if failedPart(s) >= tellFailed {
			f.Mood = "bad"
		}
	case s.Ledger.OK == 0:
		f.Value, f.Beside, f.Mood = dash, "nothing was sent", ""
	}
	return f
}

// causeFigure says what a search found, else why requests were slow, else which step was the worst.
func causeFigure(s *results.Summary, why *Why) headFigure {
	switch {
	case s.Capacity != nil:
		value, held, rest := capacityAnswer(s.Capacity)
		return headFigure{Name: "capacity", Value: value, Beside: join(held, "; ", strings.Join(rest, "; "))}
	case why != nil && len(why.unlike()) > 0:
		return headFigure{Name: "why: " + whoseWords(cause.OfTest), Value: strings.Join(why.unlike(), ", "), Beside: "what is slow by that cannot be told from what the target does", Mood: "unsure"}
	case why != nil && len(why.Findings) > 0:
		f := &why.Findings[0]
		return headFigure{Name: "why: " + whoseWords(f.Whose), Value: patternOf(f).title, Beside: small(briefEffect(f)), Mood: "unsure"}
	case len(s.Steps) > 0:
		w := &s.Steps[worstStep(s.Steps)]
		return headFigure{Name: "worst of " + wording.Count(len(s.Steps), "step"), Value: stepTitle(w), Beside: stepResult(w)}
	case why == nil:
		return headFigure{Name: "why", Value: "not looked for", Beside: "reprise why does"}
	}
	value, beside, _ := strings.Cut(why.notClause(standsOut(s).times > 0), ": ")
	if beside == "" {
		return headFigure{Name: "why", Value: "nothing slow", Beside: value}
	}
	return headFigure{Name: "why", Value: value, Beside: beside, Mood: "unsure"}
}

// tempoFigure says how long the run was, and at which tempo.
func tempoFigure(r *results.Run) headFigure {
	s := &r.Summary
	f := headFigure{Name: "duration", Value: wording.Duration(s.Duration), Beside: "planned " + wording.Duration(s.PlannedDuration) + longer(s)}
	var at []string
	if scale, err := strconv.ParseFloat(r.Header.Settings["time-scale"], 64); err == nil && scale != 1 {
		at = append(at, plainDigits(scale)+"x the recorded tempo")
	}
	if volume, err := strconv.ParseFloat(r.Header.Settings["volume"], 64); err == nil && volume != 1 {
		at = append(at, plainDigits(volume)+" times the messages")
	}
	if n := len(s.Steps); n > 0 {
		at = []string{wording.Count(n, "step")}
	}
	f.Beside = join(strings.Join(at, ", "), "; ", f.Beside)
	return f
}
