package results

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"reprise/capture"
	"reprise/replay"
)

// Expectation is one condition that a run is to meet, such as "lag.p99<5ms".
type Expectation struct {
	text string
	// step is what the condition calls the step that it is of: "step3" or a name; empty of the whole run.
	step string
	// metric is the name without quantile and kind; what it is of is in quantile, kind and measure.
	metric   string
	quantile string
	kind     string
	measure  measure
	op       string
	value    float64
	// own is of faithful alone.
	own ownLimits
}

// measure is what the value of an expectation is in.
type measure uint8

const (
	asVerdict measure = iota
	asTime            // nanoseconds
	asCount
	asShare // 0.01 is 1 %
	asRate  // requests a second
)

// String returns the condition as it was written.
func (x Expectation) String() string { return x.text }

// ParseExpect reads conditions as users write them, with commas between:
//
//	faithful                            the plan was followed; a condition on lag or moved in the same list takes the place of
//	                                    its own limit on that
//	lag.p99<5ms                         lag, latency or service_time, at p50, p90, p95, p99, p999 or max
//	moved<1%                            how far lag moved the curve, as Summary.Moved
//	p99<250ms                           short for latency.p99
//	errors<0.1%                         failed requests, as a share of those sent or as a number; also failed, ok, shed, unsent
//	rate_limited<1%                     answers of 429; also rejected (401, 403, 404) and unavailable (503)
//	status.5xx<0.1%                     answers of one status, as status.502, or of a hundred of them
//	rate.achieved_mean>=500             planned_mean, planned_peak, achieved_mean or achieved_peak, a second
//	completion.p99<30s                  from the intended moment to the completion; what is never completed takes longer than
//	                                    any; completion.never and completion.failed as a number or a share
//	latency.p99{reaction}<300ms         of one kind alone, as moved{reaction}<1%; not for rates
//	step3.p99<250ms                     of one step of a shaped run, by its number or its name: peak.errors<1%, peak.p99{reaction}<1s,
//	                                    step3.faithful; see CheckSteps
//
// The operators are < <= > >= and =. White space between parts is passed over. What is a metric is no step.
func ParseExpect(s string) ([]Expectation, error) {
	var list []Expectation
	for part := range strings.SplitSeq(s, ",") {
		part = strings.TrimSpace(part)
		if part == "" {
			return nil, fmt.Errorf("%q holds an empty condition", shorten(s))
		}
		x, err := parseStepped(part)
		if err == nil && x.metric == backlog {
			err = fmt.Errorf("a backlog is looked at while a run goes on: give it to --stop-on, as in backlog>1000/1m")
		}
		if err != nil {
			return nil, fmt.Errorf("condition %q: %w", shorten(part), err)
		}
		list = append(list, x)
	}
	for i := range list {
		if list[i].metric == "faithful" {
			list[i].own = ownLimitsOf(list, list[i].step)
		}
	}
	return list, nil
}

// shorten keeps an error message readable.
func shorten(s string) string {
	if len(s) <= 60 {
		return s
	}
	cut := 57
	for cut > 0 && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + "..."
}

func parseCondition(part string) (Expectation, error) {
	x := Expectation{text: part}
	i := strings.IndexAny(part, "<>=")
	if i < 0 {
		if part == "faithful" {
			x.metric = part
			return x, nil
		}
		return x, fmt.Errorf("it is neither faithful nor a metric, one of < <= > >= = and a value, as in p99<250ms")
	}
	x.op = part[i : i+1]
	if i+1 < len(part) && part[i+1] == '=' && x.op != "=" {
		x.op = part[i : i+2]
	}
	if err := x.parseMetric(strings.TrimSpace(part[:i])); err != nil {
		return x, err
	}
	return x, x.parseValue(strings.TrimSpace(part[i+len(x.op):]))
}

func parseKind(name string) (string, error) {
	name, closed := strings.CutSuffix(name, "}")
	if !closed {
		return "", fmt.Errorf("the kind in braces does not end with }")
	}
	k, err := capture.ParseKind(strings.TrimSpace(name))
	if err != nil {
		return "", err
	}
	return k.String(), nil
}

func quantileNames() []string { return []string{"p50", "p90", "p95", "p99", "p999", "max"} }
func quantiles() []float64    { return []float64{0.5, 0.9, 0.95, 0.99, 0.999, 1} }
func timeNames() []string     { return []string{"lag", "latency", "service_time", "completion"} }
func countNames() []string    { return []string{"errors", "failed", "ok", "shed", "unsent"} }

// The metrics of answered requests that were never completed, and of those that were with a failure.
const (
	completionNever  = "completion.never"
	completionFailed = "completion.failed"
)

func rateNames() []string {
	return []string{"rate.planned_mean", "rate.planned_peak", "rate.achieved_mean", "rate.achieved_peak"}
}

func (x *Expectation) parseMetric(name string) error {
	name, kind, held := strings.Cut(name, "{")
	name = strings.TrimSpace(name)
	if held {
		var err error
		if x.kind, err = parseKind(kind); err != nil {
			return err
		}
	}
	first, quantile, _ := strings.Cut(name, ".")
	switch {
	case slices.Contains(quantileNames(), name):
		x.metric, x.quantile, x.measure = "latency", name, asTime
	case name == completionNever || name == completionFailed:
		x.metric, x.measure = name, asCount
	case slices.Contains(timeNames(), first):
		if !slices.Contains(quantileNames(), quantile) {
			also := ""
			if first == "completion" {
				also = "; there are completion.never and completion.failed too"
			}
			return fmt.Errorf("%s needs one of %s, as in %s.p99%s", first, strings.Join(quantileNames(), ", "), first, also)
		}
		x.metric, x.quantile, x.measure = first, quantile, asTime
	case slices.Contains(countNames(), name), slices.Contains(answerNames(), name), isStatus(name):
		x.metric, x.measure = name, asCount
	case name == "moved":
		x.metric, x.measure = name, asShare
	case slices.Contains(rateNames(), name):
		x.metric, x.measure = name, asRate
		if x.kind != "" {
			return fmt.Errorf("rates are not known by kind")
		}
	case name == backlog:
		x.metric, x.measure = name, asCount
	case name == "faithful":
		return fmt.Errorf("faithful stands alone")
	default:
		return fmt.Errorf("no metric has this name; there are faithful, %s with a quantile (%s), moved, %s, %s, status.503 or status.5xx, %s, %s, %s; of one kind as in p99{reaction}",
			strings.Join(timeNames(), ", "), strings.Join(quantileNames(), ", "), strings.Join(countNames(), ", "), strings.Join(answerNames(), ", "),
			completionNever, completionFailed, strings.Join(rateNames(), ", "))
	}
	return nil
}

func (x *Expectation) parseValue(text string) error {
	var err error
	switch x.measure {
	case asTime:
		var d time.Duration
		if d, err = time.ParseDuration(text); err != nil || d < 0 {
			return fmt.Errorf("%s is compared with a time, such as 250ms", x.metric)
		}
		x.value = float64(d)
		return nil
	case asCount:
		if share, is := strings.CutSuffix(text, "%"); is {
			x.measure, text = asShare, strings.TrimSpace(share)
		}
	case asShare:
		share, is := strings.CutSuffix(text, "%")
		if !is {
			return fmt.Errorf("%s is compared with a share, such as 1%%", x.metric)
		}
		text = strings.TrimSpace(share)
	case asRate:
		text = strings.TrimSpace(strings.TrimSuffix(text, "/s"))
	}
	x.value, err = strconv.ParseFloat(text, 64)
	if err != nil || x.value < 0 || math.IsInf(x.value, 0) || math.IsNaN(x.value) {
		return fmt.Errorf("%s is compared with %s", x.metric, map[measure]string{
			asCount: "a number or a share, such as 10 or 0.1%", asShare: "a number or a share, such as 10 or 0.1%", asRate: "a rate, such as 500/s",
		}[x.measure])
	}
	if x.measure == asShare {
		x.value /= 100
	}
	return nil
}

// Check says whether a run meets the condition, and what it had instead: "12.3ms". A condition on what the run does not
// hold, such as the latency where nothing was answered, is not met.
//
// So is one on a step that got no requests.
func (x Expectation) Check(s *Summary) (ok bool, got string) {
	if x.step != "" {
		step := s.stepOf(x.step)
		switch {
		case step == nil:
			return false, "no step is called " + x.step + ": " + namesOfSteps(s.Steps)
		case step.Ledger.OK+step.Ledger.Failed == 0:
			return false, "no request of this step was sent"
		}
		s = &step.Summary
	}
	if x.metric == "faithful" {
		return x.checkFaithful(s)
	}
	tally, timing, moved := s.Ledger.Tally, s.Timing, s.Moved
	answers := s.Status
	if x.kind != "" {
		k := s.Kinds[x.kind]
		tally, timing, moved, answers = s.Ledger.Kinds[x.kind], k.Timing, k.Moved, k.Status
		if tally.Scheduled() == 0 {
			return false, "no request of kind " + x.kind
		}
	}
	if strings.HasPrefix(x.metric, "completion") {
		return x.checkCompletion(s.Completion)
	}
	v, none := 0.0, ""
	switch x.measure {
	case asTime:
		v, none = x.time(timing, tally, answers)
		got = round(time.Duration(v))
	case asRate:
		v = x.rate(s.Rate)
		got = strconv.FormatFloat(v, 'f', 1, 64) + "/s"
	case asCount:
		v, _ = x.count(tally, answers)
		got = strconv.FormatFloat(v, 'f', 0, 64)
	case asShare:
		n, of := x.count(tally, answers)
		if of == 0 {
			none = "no request was sent"
		}
		if v = n / max(of, 1); x.metric == "moved" {
			v = moved
		}
		got = percent(v)
	}
	if none != "" {
		return false, none
	}
	return compare(v, x.op, x.value), got
}

// time is the quantile that is meant; none says that there are no values to take it of.
func (x Expectation) time(t Timing, tally replay.Tally, answers map[string]int64) (v float64, none string) {
	switch {
	case x.metric == "lag" && tally.OK+tally.Failed == 0:
		none = "no request was sent"
	case x.metric != "lag" && len(answers) == 0:
		none = "no request was answered"
	}
	return x.at(x.of(t)), none
}

// of is the distribution that is meant.
func (x Expectation) of(t Timing) Quantiles {
	switch x.metric {
	case "lag":
		return t.Lag
	case "service_time":
		return t.ServiceTime
	}
	return t.Latency
}

// at is the quantile that is meant.
func (x Expectation) at(q Quantiles) float64 {
	values := []time.Duration{q.P50, q.P90, q.P95, q.P99, q.P999, q.Max}
	return float64(values[slices.Index(quantileNames(), x.quantile)])
}

// checkCompletion is Check for what the user's system says it finished.
func (x Expectation) checkCompletion(c *Completion) (ok bool, got string) {
	if c == nil {
		return false, "no completions (--completions)"
	}
	part := CompletionKind{Joined: c.Joined, Never: c.Never, Failed: c.Failed, Latency: c.Latency, whole: c.whole}
	if x.kind != "" {
		part = c.Kinds[x.kind]
	}
	all := part.Joined + part.Never
	n := part.Never
	if x.metric == completionFailed {
		n = part.Failed
	}
	switch {
	case all == 0:
		return false, "no answered request"
	case x.measure == asShare:
		v := float64(n) / float64(all)
		return compare(v, x.op, x.value), strconv.FormatFloat(v*100, 'g', 3, 64) + "%"
	case x.measure == asCount:
		return compare(float64(n), x.op, x.value), strconv.FormatInt(n, 10)
	case part.Joined == 0:
		return false, "nothing was completed"
	}
	v, ok := part.at(quantiles()[slices.Index(quantileNames(), x.quantile)])
	if !ok {
		return compare(math.Inf(1), x.op, x.value), fmt.Sprintf("never (%d of %d were not completed)", part.Never, all)
	}
	return compare(float64(v), x.op, x.value), round(v)
}

// count returns how many requests are meant, and of how many: failures and answers of those sent, everything else of those scheduled.
func (x Expectation) count(t replay.Tally, answers map[string]int64) (n, of float64) {
	of = float64(t.Scheduled())
	if isStatus(x.metric) || slices.Contains(answerNames(), x.metric) {
		return float64(x.answered(answers)), float64(t.OK + t.Failed)
	}
	switch x.metric {
	case "ok":
		return float64(t.OK), of
	case "shed":
		return float64(t.Shed), of
	case "unsent":
		return float64(t.Unsent), of
	}
	return float64(t.Failed), float64(t.OK + t.Failed)
}

func (x Expectation) rate(r Rates) float64 {
	return []float64{r.PlannedMean, r.PlannedPeak, r.AchievedMean, r.AchievedPeak}[slices.Index(rateNames(), x.metric)]
}

func compare(v float64, op string, limit float64) bool {
	switch op {
	case "<":
		return v < limit
	case "<=":
		return v <= limit
	case ">":
		return v > limit
	case ">=":
		return v >= limit
	}
	return v == limit
}

// round writes a duration as people write expectations, and as amounts are in JSON, to three significant digits or so.
func round(d time.Duration) string {
	for _, unit := range []time.Duration{time.Minute, time.Second, time.Millisecond, time.Microsecond} {
		if d >= 10*unit || -d >= 10*unit {
			return d.Round(unit / 10).String()
		}
		if d >= unit || -d >= unit {
			return d.Round(unit / 100).String()
		}
	}
	return d.String()
}
