package session

import (
	"fmt"
	"strings"
	"time"

	"reprise/capture/wording"
)

// mostErrors is the condition on errors that is proposed, without its window.
const mostErrors = "errors>5%"

// failing tells of failures in steps that held, and what to do; "" where there were few. A target that refuses is fast, so that a step
// may hold by its latency in which most requests failed.
func (x *search) failing() (says, advice string) {
	worst := x.found.HeldFailing()
	if worst == nil {
		return "", ""
	}
	says = fmt.Sprintf("A step that held had many failures: %.1f %% of its requests failed at time-scale %s.", 100*worst.FailedPart(), factor(worst.TimeScale))
	why, advice := x.Session.o.unseen(worst.Duration)
	if why == "" {
		return says + fmt.Sprintf(" %s allows that.", x.Session.o.name("StopOn")), ""
	}
	return fmt.Sprintf("%s That is no capacity: %s. Search again: %s.", says, why, advice), advice
}

// unseen says why no condition looks at all failures in a step of a length, and what helps; "" where one does.
func (o *Options) unseen(length time.Duration) (why, advice string) {
	window, long, some := time.Duration(0), "", false
	for _, c := range o.StopOn {
		switch {
		case c.OfErrors() && c.Window < length:
			return "", ""
		case c.OfErrors():
			long = c.String()
		}
		some = some || c.OfAnswers()
		if window == 0 || c.Window < window {
			window = c.Window
		}
	}
	name := o.name("StopOn")
	switch {
	case long != "":
		why = fmt.Sprintf("%s looks back longer than this step took, %s", long, wording.Duration(length))
	case some:
		why = fmt.Sprintf("%s does not count all errors", name)
	default:
		why = fmt.Sprintf("%s does not mention errors, and a target that refuses is fast", name)
	}
	if window >= length {
		return why, fmt.Sprintf("give %s %s with a window under %s", name, mostErrors, wording.Duration(length))
	}
	return why, fmt.Sprintf("give %s %s/%s", name, mostErrors, wording.Compact(window))
}

// longerPass says what helps where a pass is over before any condition has looked back far enough.
func (o *Options) longerPass(pass time.Duration) string {
	return fmt.Sprintf("give %s a window under %s, or play a longer selection", o.name("StopOn"), wording.Duration(pass))
}

// searchOutline tells how a search begins, and what is known of it before it begins.
func (s *Session) searchOutline() *SearchOutline {
	first := s.plan.first
	if first == nil {
		return nil
	}
	every, advice := s.o.Shape.Search.Every, []string(nil)
	o := &SearchOutline{Every: every, TimeScale: s.o.TimeScale, Requests: first.Requests(), Duration: max(every, first.Duration), Peak: first.Peak}
	for _, c := range s.o.StopOn {
		o.StopOn = append(o.StopOn, c.String())
		if every == 0 {
			below := first.Duration.Seconds() * s.o.TimeScale / c.Window.Seconds()
			o.JudgedBelow = append(o.JudgedBelow, below)
			o.ShortFrom = max(o.ShortFrom, below)
		}
	}
	if every == 0 && o.ShortFrom <= 2*s.o.TimeScale {
		advice = append(advice, s.o.longerPass(first.Duration/2))
	}
	if why, what := s.o.unseen(o.Duration); why != "" {
		advice = append(advice, why+": "+what)
	}
	o.Advice = strings.Join(advice, "; ")
	return o
}
