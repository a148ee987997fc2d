package report

import (
	"fmt"
	"math"
	"time"
	"unicode"
	"unicode/utf8"

	"reprise/capture/wording"
	"reprise/replay/cause"
)

// findingSays says a finding in one sentence: which requests, how slow beside the others, and how large a part they are. all is how many
// requests were looked at.
func findingSays(f *cause.Finding, all int64) string {
	head, link := "", ": "
	if _, own := ownPattern(f); own || len(f.Where) == 0 {
		head = patternOf(f).happens
	}
	text := effect(f, groupOf(f))
	switch {
	case head != "" && text != "":
		text, link = head+": "+text, "; that is "
	case text == "":
		text = head
	}
	if e := extent(f, all); e != "" {
		text += link + e
	}
	if steps := whereInSteps(f); steps != "" {
		text += "; of those that " + measureOf(f.Measure).worse() + " " + steps
	}
	return capital(text) + "."
}

// capital begins a sentence.
func capital(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[n:]
}

// groupOf names the requests that a finding is about.
func groupOf(f *cause.Finding) string {
	switch {
	case len(f.Where) > 0:
		return "requests " + rulePhrase(f.Where)
	case f.Span != (cause.Span{}) && !comesAndGoes(f.Pattern):
		return "requests due then"
	case f.Requests > 0:
		return "the requests hit"
	}
	return "requests"
}

// comesAndGoes says that not all requests of a cause's span are hit.
func comesAndGoes(p cause.Pattern) bool {
	return p == cause.Stall || p == cause.Periodic || p == cause.ToolStarved
}

// measured says how a measure is told: "took 300 ms in the middle" of all, and "the slowest tenth of … took 300 ms or more".
type measured struct{ verb, after, extreme, tail string }

func measureOf(m cause.Measure) measured {
	switch m {
	case cause.Lag:
		return measured{verb: "were sent", after: " late", extreme: "latest"}
	case cause.Failing:
		return measured{verb: "failed", tail: "of the failures"}
	case cause.CompletionTime:
		return measured{"were completed after", "", "last", "of the late ones"}
	case cause.NeverCompleted:
		return measured{verb: "were never completed", tail: "of those never completed"}
	}
	return measured{"took", "", "slowest", "of the slow ones"}
}

// isShare says that a measure counts requests in place of timing them.
func isShare(m cause.Measure) bool { return m == cause.Failing || m == cause.NeverCompleted }

// effect says what became of a group, and of the others where there are any; "" where no figures tell it.
func effect(f *cause.Finding, group string) string {
	m := measureOf(f.Measure)
	if isShare(f.Measure) {
		if f.FailedWith == 0 {
			return ""
		}
		text := share(f.FailedWith) + " of " + group + " " + m.verb
		if f.Class != "" {
			text += " (" + f.Class + ")"
		}
		return text + ", of the others " + share(f.FailedWithout)
	}
	if f.With == (cause.Quantiles{}) {
		return ""
	}
	part, with, without := tellingQuantile(f)
	if part == "" {
		text := fmt.Sprintf("%s %s %s%s in the middle", group, m.verb, wording.Duration(with), m.after)
		switch {
		case without > 0:
			text += ", the others " + wording.Duration(without)
		case f.Without != (cause.Quantiles{}) && f.Measure == cause.Lag:
			text += ", the others in time"
		}
		return text
	}
	text := fmt.Sprintf("the %s %s of %s %s %s or more%s", m.extreme, part, group, m.verb, wording.Duration(with), m.after)
	if without > 0 {
		text += ", of the others " + wording.Duration(without) + " or more"
	}
	return text
}

// tellingQuantile is the quantile that tells the group from the others: the middle if it does, else a tail, whose name is part.
func tellingQuantile(f *cause.Finding) (part string, with, without time.Duration) {
	differ := func(a, b time.Duration) bool { return b == 0 || float64(a) >= 1.5*float64(b) }
	switch w, o := f.With, f.Without; {
	case differ(w.P50, o.P50) || o == (cause.Quantiles{}):
		return "", w.P50, o.P50
	case differ(w.P90, o.P90):
		return "tenth", w.P90, o.P90
	case differ(w.P99, o.P99):
		return "hundredth", w.P99, o.P99
	}
	return "", f.With.P50, f.Without.P50
}

// extent says how many requests a finding is about, and which part of the slow ones that is.
func extent(f *cause.Finding, all int64) string {
	if f.Requests == 0 {
		return ""
	}
	all = judged(f, all)
	text := "all " + count(all) + " requests"
	if f.Requests < all {
		text = fmt.Sprintf("%s of %s requests (%s)", count(f.Requests), count(all), share(f.Share))
	}
	if f.TailExplained >= 0.005 && f.Measure != cause.Lag { // all that are late are among the late ones
		text += ", and " + share(f.TailExplained) + " " + measureOf(f.Measure).tail
	}
	return text
}

// judged is how many requests a finding was found among: of all those that have what is judged, such as an answer.
func judged(f *cause.Finding, all int64) int64 {
	if f.Share > 0 {
		if n := math.Round(float64(f.Requests) / f.Share); n >= float64(f.Requests) && n <= float64(all) {
			return int64(n)
		}
	}
	return all
}

// share writes a share of one with as many digits as are worth reading: "19 %", "3.4 %", "0.12 %".
func share(v float64) string {
	switch {
	case v == 0:
		return "none"
	case v >= 0.0995 && (v < 0.995 || v >= 1):
		return fmt.Sprintf("%.0f %%", v*100)
	case v >= 0.00995: // 99.7 % is not all
		return fmt.Sprintf("%.1f %%", v*100)
	}
	return fmt.Sprintf("%.2f %%", v*100)
}

// chance says how probable a finding is where nothing is the matter: "less than 1 in 1,000". It is "" of what needs no proof.
func chance(p float64) string {
	if !(p > 0) || p >= 1 {
		return ""
	}
	in, digit := min(1/p, 1e6), 1.0 // a smaller one is by a formula, and not counted
	for in/digit >= 10 {
		digit *= 10
	}
	n := int64(in/digit+1e-9) * int64(digit)
	if n < 2 {
		return "about 1 in 2"
	}
	return "less than 1 in " + count(n)
}

// whoseWords says whose a cause is.
func whoseWords(o cause.Owner) string {
	switch o {
	case cause.OfTool:
		return "the tool's own"
	case cause.OfTest:
		return "the test's own"
	}
	return "the target's"
}

// toldApart says which other rules fit the same requests; "" where there are none.
func toldApart(f *cause.Finding) string {
	if len(f.Same) == 0 {
		return ""
	}
	text := "It cannot be told apart here from requests "
	for i, rule := range f.Same {
		if i > 0 {
			text += ", or from those "
		}
		text += rulePhrase(rule)
	}
	return text + ": they are nearly the same requests."
}
