package report

import (
	"fmt"
	"strings"

	"reprise/capture/wording"
	"reprise/replay/compare"
)

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
	case compare.MostFailed:
		return "most answers of a side failed"
	case compare.NotComputed:
		return "not comparable"
	case compare.TooFewRounds:
		return "one round alone"
	case compare.TooNoisy:
		return "runs vary too much"
	case compare.LagTooLarge:
		return "lag too large"
	case compare.NotFaithful:
		return "a run is not faithful"
	}
	return string(w)
}

func points(v float64) string {
	if text := fmt.Sprintf("%+.2f points", v*100); text != "-0.00 points" {
		return text
	}
	return "+0.00 points"
}

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
		x.difference, x.change = signedDuration(l.Difference), changeOf(l)
	}
	return x
}

// changeOf is a change as a share of base; of a base of 0 there is none.
func changeOf(l *compare.Latency) string {
	if l.Base <= 0 {
		return dash
	}
	return signed(l.Change)
}

// rangeOf is the interval of a change: of a base of 0 that of the difference.
func rangeOf(l *compare.Latency) string {
	if l.Base <= 0 {
		if i := l.Difference95; i != nil {
			return roundDuration(i.Low) + " to " + roundDuration(i.High)
		}
		return ""
	}
	return interval(l.Change95, signed)
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}
