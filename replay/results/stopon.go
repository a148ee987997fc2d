package results

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"reprise/capture"
	"reprise/replay"
)

// StopCondition ends a run, or a step of a search, while it goes on: a condition of ParseExpect over the time that it looks back,
// "p99>500ms/30s".
type StopCondition struct {
	Expectation
	// Window is how long it looks back. Nothing is judged before a run is that old.
	Window time.Duration
}

// backlog is the metric of requests that are due and not answered. It is of StopCondition alone.
const backlog = "backlog"

// DefaultStopOn is what ends a run where nobody says anything else.
const DefaultStopOn = "errors>50%/10s"

// shortestWindow is how long a condition looks back at least.
const shortestWindow = time.Millisecond

// String returns the condition as it was written.
func (c StopCondition) String() string { return c.text }

// Timed says whether it is about how long requests take or wait, rather than about their answers.
func (c StopCondition) Timed() bool { return c.measure == asTime || c.metric == backlog }

// OfLag says whether it is about how late the tool sends, which tells nothing of a target.
func (c StopCondition) OfLag() bool { return c.metric == "lag" }

// OfAnswers says whether it is about how requests were answered, and OfErrors whether it counts whatever fails.
func (c StopCondition) OfAnswers() bool {
	return slices.Contains(answerNames(), c.metric) || isStatus(c.metric) || c.OfErrors()
}

// OfErrors says whether it counts all that fails, by whatever status or reason.
func (c StopCondition) OfErrors() bool {
	return c.metric == "errors" || c.metric == "failed" || c.metric == "ok"
}

// ParseStopOn reads conditions that end a run, with commas between, each a metric, an operator, a value and a window: "p99>500ms/30s".
// "none" is none. Metrics and values are those of ParseExpect, but for those that are known at a run's end alone, and
//
//	backlog>1000/1m     requests that were due and not answered, at every moment of the window
//
// A condition that can never be met is refused, and so is one that is met while all is well, such as "p99<200ms/10s".
func ParseStopOn(list string) ([]StopCondition, error) {
	conditions := []StopCondition{}
	if list == "none" {
		return conditions, nil
	}
	for part := range strings.SplitSeq(list, ",") {
		part = strings.TrimSpace(part)
		if part == "" {
			return nil, fmt.Errorf("%q holds an empty condition", shorten(list))
		}
		c, err := parseStopCondition(part)
		if err != nil {
			return nil, fmt.Errorf("condition %q: %w", shorten(part), err)
		}
		conditions = append(conditions, c)
	}
	return conditions, nil
}

func parseStopCondition(part string) (c StopCondition, err error) {
	cut := strings.LastIndexByte(part, '/')
	what, window := part, ""
	if cut >= 0 {
		what, window = strings.TrimSpace(part[:cut]), strings.TrimSpace(part[cut+1:])
	}
	if c.Expectation, err = parseCondition(what); err != nil {
		return c, err
	}
	if c.text = part; !c.whileRunning() {
		return c, fmt.Errorf("%s is known at the end of a run alone (--expect); to stop on there are %s", c.metric, strings.Join(runningNames(), ", "))
	}
	if err = c.checkMeaning(); err != nil {
		return c, err
	}
	if cut < 0 {
		return c, errors.New("it does not say how long to look back, as in p99>500ms/30s")
	}
	if c.Window, err = time.ParseDuration(window); err != nil || c.Window < shortestWindow {
		return c, fmt.Errorf("%q is no time to look back, such as 30s", shorten(window))
	}
	return c, nil
}

// whileRunning says whether a metric is known while a run goes on.
func (c *StopCondition) whileRunning() bool {
	switch {
	case c.measure == asTime:
		return c.metric != "completion"
	case c.metric == backlog, slices.Contains(answerNames(), c.metric), isStatus(c.metric):
		return true
	}
	return c.metric != "unsent" && slices.Contains(countNames(), c.metric)
}

func runningNames() []string {
	return []string{"p50 to max", "lag", "latency", "service_time", "errors", "failed", "ok", "shed", "rate_limited", "rejected", "unavailable", "status.503 or status.5xx", backlog}
}

// breakerParts is how many parts a window moves in.
const breakerParts = 20

// Breaker is a replay.Breaker that watches conditions. Its memory does not grow with the run.
type Breaker struct {
	list    []watchedCondition
	waits   bool
	patient bool
	doubt   *replay.Broken
}

// NewBreaker watches conditions over one run.
func NewBreaker(list []StopCondition) *Breaker {
	b := new(Breaker)
	for _, c := range list {
		w := watchedCondition{StopCondition: c, held: -1, theirs: -1}
		if w.first = -1; c.metric != backlog {
			w.parts = new([breakerParts]breakerPart)
		}
		b.waits = b.waits || c.metric == backlog || c.metric == "latency" || c.metric == "lag"
		b.list = append(b.list, w)
	}
	return b
}

// NewPatientBreaker watches conditions over a step of a search. A condition that is met only by what the tool was late by ends nothing: the step
// goes on until it is met without that too, or is over. Doubt tells of it then.
func NewPatientBreaker(list []StopCondition) *Breaker {
	b := NewBreaker(list)
	b.patient = true
	for i := range b.list {
		b.list[i].patient = true
	}
	return b
}

// Doubt is the last condition that was met by the tool's lateness alone, and ended nothing; nil where there was none.
func (b *Breaker) Doubt() *replay.Broken { return b.doubt }

// decided says whether a condition that is met ends the run.
func (b *Breaker) decided(stop *replay.Broken) bool {
	if stop == nil || !b.patient || stop.Tool == "" {
		return stop != nil
	}
	b.doubt = stop
	return false
}

// Waits says whether a condition is about requests that are not answered yet.
func (b *Breaker) Waits() bool { return b.waits }

// Record takes a result.
func (b *Breaker) Record(res *replay.Result) *replay.Broken {
	at := max(res.Done, res.Sent, res.Intended)
	for i := range b.list {
		if w := &b.list[i]; w.parts != nil && w.of(res.Kind) && w.add(res, at) {
			if stop := w.judge(at, nil); b.decided(stop) {
				return stop
			}
		}
	}
	return nil
}

// Look takes what waits at a moment.
func (b *Breaker) Look(now time.Duration, waiting *replay.Waiting) *replay.Broken {
	for i := range b.list {
		w := &b.list[i]
		var stop *replay.Broken
		if w.parts == nil {
			stop = w.backlog(now, waiting)
		} else {
			w.begin(now, waiting)
			w.turn(now)
			stop = w.judge(now, waiting)
		}
		if b.decided(stop) {
			return stop
		}
	}
	return nil
}

// watchedCondition is a condition at work.
type watchedCondition struct {
	StopCondition
	first  time.Duration // when it began to count; -1 before
	newest int64
	parts  *[breakerParts]breakerPart // nil of a backlog
	sum    breakerCounts
	held   time.Duration // since when a backlog has been met; -1 where it is not
	theirs time.Duration // the same of what the target has

	mostOwn time.Duration // the longest that the tool was late with a request
	patient bool          // a time that is met by the tool's lateness alone ends nothing
	doubted time.Duration // when that was told last
}

// breakerCounts count what there was: of a time, how many values there are, how many above the limit, and how many at it or above.
// Of anything else, hit are those that are meant. Of a time, theirHit and theirLeast are the same without what was the tool's doing, and late
// are those that the tool held up for long.
type breakerCounts struct{ all, hit, least, theirHit, theirLeast, late int64 }

func (c *breakerCounts) plus(o *breakerCounts, sign int64) {
	c.all, c.hit, c.least = c.all+sign*o.all, c.hit+sign*o.hit, c.least+sign*o.least
	c.theirHit, c.theirLeast, c.late = c.theirHit+sign*o.theirHit, c.theirLeast+sign*o.theirLeast, c.late+sign*o.late
}

type breakerPart struct {
	breakerCounts
	times *coarse
}

func (w *watchedCondition) of(k capture.Kind) bool {
	return w.kind == "" || w.kind == k.Known().String()
}

// add counts a result; false where it says nothing.
func (w *watchedCondition) add(res *replay.Result, at time.Duration) bool {
	if w.measure == asTime {
		v, ok := w.timeOf(res)
		if !ok {
			return false
		}
		w.move(at)
		p, own := w.part(), w.ownOf(res)
		w.mostOwn = max(w.mostOwn, own)
		w.count(p, w.timeCounts(v, own))
		record(&p.times, v)
		return true
	}
	hit, ok := w.hits(res)
	if !ok {
		return false
	}
	w.move(at)
	c := breakerCounts{all: 1}
	if hit {
		c.hit = 1
	}
	w.count(w.part(), c)
	return true
}

func (w *watchedCondition) count(p *breakerPart, c breakerCounts) {
	p.plus(&c, 1)
	w.sum.plus(&c, 1)
}

func (w *watchedCondition) part() *breakerPart { return &w.parts[w.newest%breakerParts] }

// timeOf is the time that a condition is about. An answer that was given up on took as long as it was waited for, at least.
func (w *watchedCondition) timeOf(res *replay.Result) (v time.Duration, ok bool) {
	answered := res.Error == replay.ReasonNone || res.Error.Class() == replay.ClassTimeout
	switch {
	case w.metric == "lag":
		return max(res.Sent-res.Intended, 0), res.Attempted()
	case w.metric == "service_time":
		return res.Done - res.Sent, answered
	}
	return res.Done - res.Intended, answered
}

// hits says whether a result is one that the condition counts, and whether it is one of those that it counts among. What was jumped over
// by hand is neither.
func (w *watchedCondition) hits(res *replay.Result) (hit, among bool) {
	if res.Error == replay.ReasonUnsent {
		return false, false
	}
	shed := res.Error == replay.ReasonShed
	switch w.metric {
	case "shed":
		return shed, true
	case "ok":
		return res.OK(), true
	case "errors", "failed":
		return !res.OK(), !shed
	}
	return res.Error == replay.ReasonNone && w.isAnswer(res.Status), !shed
}

// move goes on to the part of a result. One that comes late counts with the newest.
func (w *watchedCondition) move(at time.Duration) {
	if w.first < 0 {
		w.first, w.newest = at, w.step(at)
	}
	w.turn(at)
}

func (w *watchedCondition) step(at time.Duration) int64 { return int64(at / (w.Window / breakerParts)) }

// turn forgets the parts that leave the window.
func (w *watchedCondition) turn(at time.Duration) {
	if w.first < 0 {
		return
	}
	step := w.step(at)
	for n := min(step-w.newest, breakerParts); n > 0; n-- {
		p := &w.parts[(step-n+1)%breakerParts]
		w.sum.plus(&p.breakerCounts, -1)
		p.breakerCounts = breakerCounts{}
		if p.times != nil {
			*p.times = coarse{}
		}
	}
	w.newest = max(w.newest, step)
}

// begin counts the window from the oldest request that waits, where nothing was answered yet.
func (w *watchedCondition) begin(now time.Duration, waiting *replay.Waiting) {
	if w.first >= 0 || w.measure != asTime || w.metric == "service_time" {
		return
	}
	for _, d := range waiting.Overdue {
		if since := max(now-d.Age, 0); w.first < 0 || since < w.first {
			w.first = since
		}
	}
	if w.first >= 0 {
		w.newest = w.step(w.first)
	}
}

// judge says whether the condition is met.
func (w *watchedCondition) judge(now time.Duration, waiting *replay.Waiting) *replay.Broken {
	if w.first < 0 || now-w.first < w.Window {
		return nil
	}
	if w.measure == asTime {
		return w.judgeTime(now, waiting)
	}
	v := float64(w.sum.hit)
	if w.measure == asShare {
		if w.sum.all == 0 {
			return nil
		}
		v /= float64(w.sum.all)
	}
	switch {
	case !compare(v, w.op, w.value):
		return nil
	case w.measure == asShare:
		return w.stop(now, percent(v))
	}
	return w.stop(now, strconv.FormatInt(w.sum.hit, 10))
}
