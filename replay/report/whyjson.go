package report

import (
	"fmt"
	"math"
	"strconv"
	"time"

	"reprise/capture/wording"
	"reprise/replay/cause"
	"reprise/replay/results"
)

// whyJSON is why a run was slow, as JSON that users rely on.
type whyJSON struct {
	Why    []findingJSON `json:"why"`
	WhyNot *whyNotJSON   `json:"why_not"`
	// Untold is what nothing is told of beside what is.
	Untold *untoldJSON `json:"untold,omitempty"`
	// Requests is how many were looked at, Missing what is not known of them.
	Requests int64         `json:"requests"`
	Missing  []missingJSON `json:"missing,omitempty"`
	// Figures are the platform's own that were watched.
	Figures []figureJSON `json:"figures,omitempty"`
	// Load is what of the load as a whole is unlike recorded traffic.
	Load []unlikeJSON `json:"load,omitempty"`
	Test *testedJSON  `json:"test,omitempty"`
}

type findingJSON struct {
	// Cause is the number under which it is told; what is told as one has one.
	Cause           int              `json:"cause"`
	Where           map[string]any   `json:"where"`
	Whose           cause.Owner      `json:"whose"`
	Share           float64          `json:"share"`
	Requests        int64            `json:"requests"`
	TailExplained   float64          `json:"tail_explained"`
	With            quantilesJSON    `json:"with"`
	Without         quantilesJSON    `json:"without"`
	P               float64          `json:"p"`
	Says            string           `json:"says"`
	Try             string           `json:"try"`
	Pattern         string           `json:"pattern"`
	Measure         string           `json:"measure"`
	Class           string           `json:"class,omitempty"`
	ExcessExplained float64          `json:"excess_explained"`
	Same            []map[string]any `json:"same,omitempty"`
	Span            *spanJSON        `json:"span,omitempty"`
	Steps           []stepJSON       `json:"steps,omitempty"`
	Period          time.Duration    `json:"period_ns,omitempty"`
	Servers         int              `json:"servers,omitempty"`
	Series          string           `json:"series,omitempty"`
	Leads           time.Duration    `json:"leads_ns,omitempty"`
}

// quantilesJSON are nanoseconds; Failed is the share that failed, or was never completed, where that is judged.
type quantilesJSON struct {
	P50    time.Duration `json:"p50"`
	P90    time.Duration `json:"p90"`
	P99    time.Duration `json:"p99"`
	Failed *float64      `json:"failed,omitempty"`
}

type spanJSON struct {
	From time.Duration `json:"from_ns"`
	To   time.Duration `json:"to_ns"`
}

type whyNotJSON struct {
	Reason string `json:"reason"`
	Needed int64  `json:"needed,omitempty"`
	Class  string `json:"class,omitempty"`
	Says   string `json:"says"`
}

type untoldJSON struct {
	Failed int64 `json:"failed"`
	Slow   int64 `json:"slow"`
}

type missingJSON struct {
	Attribute string `json:"attribute"`
	Why       string `json:"why"`
}

// summaryJSON is a run's summary, and why requests were slow where that was looked for.
type summaryJSON struct {
	results.Summary
	*summaryWhyJSON
}

type summaryWhyJSON struct {
	Why    []findingJSON `json:"why"`
	WhyNot *whyNotJSON   `json:"why_not"`
	Untold *untoldJSON   `json:"untold,omitempty"`
	Load   []unlikeJSON  `json:"load,omitempty"`
}

func runJSON(r *results.Run, y *Why) summaryJSON {
	out := summaryJSON{Summary: r.Summary}
	if y != nil {
		all := y.json()
		out.summaryWhyJSON = &summaryWhyJSON{all.Why, all.WhyNot, all.Untold, all.Load}
	}
	return out
}

// json is the whole as JSON has it.
func (y *Why) json() whyJSON {
	out := whyJSON{Why: []findingJSON{}, Requests: y.Requests, Test: y.Test.json(y.Findings)}
	for i := range y.Findings {
		out.Why = append(out.Why, y.findingJSON(i))
	}
	if n := y.WhyNot; n != nil {
		out.WhyNot = &whyNotJSON{Reason: reasonCode(n.Reason), Needed: n.Needed, Class: n.Class, Says: y.notSays()}
	}
	if u := y.Untold; u != (cause.Untold{}) {
		out.Untold = &untoldJSON{u.Failed, u.Slow}
	}
	for _, u := range y.load() {
		out.Load = append(out.Load, unlikeJSON{patternOf(&cause.Finding{Pattern: u.Pattern}).code, y.unlikeSays(u), y.Again.experimentOf(&cause.Finding{Pattern: u.Pattern, Try: u.Try}, y.Named).command})
	}
	out.Figures = y.figuresJSON()
	for _, m := range y.Missing {
		out.Missing = append(out.Missing, missingJSON{m.Attribute.String(), missingCode(m.Why)})
	}
	return out
}

func (y *Why) findingJSON(i int) findingJSON {
	f := &y.Findings[i]
	p := patternOf(f)
	out := findingJSON{
		Cause: CauseNumber(y.Findings, i), Where: ruleJSON(f.Where), Whose: f.Whose, Share: finite(f.Share), Requests: f.Requests, TailExplained: finite(f.TailExplained),
		With: quantilesJSON{P50: f.With.P50, P90: f.With.P90, P99: f.With.P99}, Without: quantilesJSON{P50: f.Without.P50, P90: f.Without.P90, P99: f.Without.P99},
		P: finite(f.P), Says: findingSays(f, y.Requests) + " " + p.usually, Try: y.confirm(i).command,
		Pattern: p.code, Measure: measureCode(f.Measure), Class: f.Class, ExcessExplained: finite(f.ExcessExplained),
		Period: f.Period, Servers: f.Servers, Series: f.Series, Leads: f.Leads,
	}
	if isShare(f.Measure) {
		with, without := finite(f.FailedWith), finite(f.FailedWithout)
		out.With.Failed, out.Without.Failed = &with, &without
	}
	for _, rule := range f.Same {
		out.Same = append(out.Same, ruleJSON(rule))
	}
	if f.Span != (cause.Span{}) {
		out.Span = &spanJSON{f.Span.From, f.Span.To}
	}
	out.Steps = stepsJSON(f)
	return out
}

// finite is a number that JSON can hold.
func finite(v float64) float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return 0
	}
	return v
}

// ruleJSON is a rule by its attributes. A watched figure's is called "watched:" and its name.
func ruleJSON(rule []cause.Condition) map[string]any {
	out := make(map[string]any, len(rule))
	for _, c := range rule {
		name := c.Attribute.String()
		if c.Attribute == cause.Watched {
			name += ":" + c.Series
		}
		out[name] = valueJSON(c)
	}
	return out
}

// valueJSON is the value of a condition: a name or a list of names, "yes" or "no", or a range: "<1s", ">=40", "30s..45s" (the end
// excluded).
func valueJSON(c cause.Condition) any {
	if f := form(c.Attribute); f == cause.Names || f == cause.Flag {
		switch len(c.Values) {
		case 0:
			return "yes"
		case 1:
			return c.Values[0]
		}
		return c.Values
	}
	value := boundJSON(c.Attribute)
	switch {
	case !bounded(c.From) && !bounded(c.To):
		return ">=" + value(0)
	case !bounded(c.From) || c.From <= 0 && c.Attribute != cause.Watched && bounded(c.To):
		return "<" + value(c.To)
	case !bounded(c.To):
		return ">=" + value(c.From)
	}
	return value(c.From) + ".." + value(c.To)
}

// boundJSON writes the bounds of an attribute: times as Go does ("1s", "1m30s"), other numbers plainly.
func boundJSON(a cause.Attribute) func(float64) string {
	switch a {
	case cause.RunSecond:
		return func(v float64) string { return wording.Compact(seconds(v)) }
	case cause.SamePersonWithin, cause.SameRecipientWithin, cause.SameKindWithin, cause.ToolLag, cause.ToolStop:
		return func(v float64) string { return wording.Compact(time.Duration(whole(v))) }
	}
	return func(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
}

func measureCode(m cause.Measure) string {
	names := [...]string{"service_time", "latency", "lag", "failed", "completion", "never_completed"}
	if int(m) < len(names) {
		return names[m]
	}
	return fmt.Sprint(m)
}

func reasonCode(r cause.Reason) string {
	names := [...]string{"", "nothing_slow", "too_few", "no_answers", "no_pattern", "tool_disturbed"}
	if int(r) < len(names) {
		return names[r]
	}
	return fmt.Sprint(r)
}

func missingCode(w cause.Why) string {
	names := [...]string{"", "no_corpus", "old_run", "not_in_it", "one_value", "not_watched", "cut_run"}
	if int(w) < len(names) {
		return names[w]
	}
	return fmt.Sprint(w)
}
