package results

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"reprise/replay"
)

// judgeTime says whether a quantile is beyond its limit. A request that waits counts from the moment on at which the target has kept it
// longer than the limit: before, it is not known how long it will take.
func (w *watchedCondition) judgeTime(now time.Duration, waiting *replay.Waiting) *replay.Broken {
	c := w.sum
	late := w.waitingLonger(waiting)
	for _, d := range late {
		c.plus(&breakerCounts{d.N, d.N, d.N, d.N, d.N, 0}, 1)
	}
	if c.all == 0 {
		return nil
	}
	q := quantiles()[slices.Index(quantileNames(), w.quantile)]
	rank := max(int64(math.Ceil(q*float64(c.all)-1e-9)), 1)
	if !w.metTime(c.hit > c.all-rank, c.least > c.all-rank) {
		return nil
	}
	tool, held := w.toolTime(q, rank, waiting)
	if tool != "" && w.patient && w.doubted > 0 && now-w.doubted < w.Window/breakerParts {
		return nil // it was told a moment ago, and its value takes long to add up
	}
	v := w.ranked(rank, late)
	if held && strings.HasPrefix(w.op, ">") && float64(v-holdUps*w.mostOwn) > w.value*(1+coarseStep) {
		tool = "" // so long does nothing last that came of hold-ups so short
	}
	broken := w.stop(now, round(v))
	if broken.Tool = tool; tool != "" {
		w.doubted = now
	}
	return broken
}

// holdUps is how often the tool may have held requests up, so that what waits at the target is of them all. While the tool sends nothing the
// target loses that much time, and each request behind waits so much longer at most.
const holdUps = 4

// coarseStep is how far the value of a rank may be from the true one.
const coarseStep = 0.06

// toolTime says how the tool was late, where a quantile may be beyond its limit by that alone; held says that it is by what came at once after
// the tool had held it up.
func (w *watchedCondition) toolTime(q float64, rank int64, waiting *replay.Waiting) (text string, held bool) {
	if w.metric == "lag" {
		return "", false
	}
	c, unsent := w.sum, w.heldUp(waiting)
	switch {
	case !w.metTime(c.theirHit > c.all-rank, c.theirLeast > c.all-rank):
		return "without what the tool itself was late by, the condition would not have been met", false
	case c.late+unsent > c.all+unsent-max(int64(math.Ceil(q*float64(c.all+unsent)-1e-9)), 1):
		return fmt.Sprintf("the tool itself was late by more than %v with %s of the time that the condition looks back", w.lateFrom(), requests(c.late+unsent)), true
	}
	return "", false
}

// metTime says whether a condition on a time is met, where the value of its rank is above the limit, or at least as high.
func (w *watchedCondition) metTime(above, atLeast bool) bool {
	switch w.op {
	case ">":
		return above
	case ">=":
		return atLeast
	case "<":
		return !atLeast
	case "<=":
		return !above
	}
	return w.op == "=" && atLeast && !above
}

// lateFrom is how late the tool is at least where that may be what broke a target: what was held up then comes at once.
func (w *watchedCondition) lateFrom() time.Duration {
	return max(shortestHoldUp, time.Duration(w.value/10)).Round(time.Millisecond)
}

const shortestHoldUp = 50 * time.Millisecond

// heldUp are the requests that wait because of the tool.
func (w *watchedCondition) heldUp(waiting *replay.Waiting) (n int64) {
	if waiting == nil {
		return 0
	}
	for _, d := range waiting.Overdue {
		if d.Own >= w.lateFrom() && (w.kind == "" || !d.Unmade && w.of(d.Kind)) {
			n += d.N
			w.mostOwn = max(w.mostOwn, d.Own)
		}
	}
	return n
}

// ownOf is how much of a result's time was the tool's doing.
func (w *watchedCondition) ownOf(res *replay.Result) time.Duration {
	if w.metric == "service_time" {
		return max(res.Own-max(res.Sent-res.Intended, 0), 0)
	}
	return res.Own
}

func (w *watchedCondition) timeCounts(v, own time.Duration) breakerCounts {
	count := func(is bool) int64 {
		if is {
			return 1
		}
		return 0
	}
	theirs := float64(max(v-own, 0))
	return breakerCounts{
		1, count(float64(v) > w.value), count(float64(v) >= w.value),
		count(theirs > w.value), count(theirs >= w.value), count(own >= w.lateFrom()),
	}
}

// waitingLonger are the requests that wait and count: those whose time is beyond the limit already. Of lag, those that were not sent.
func (w *watchedCondition) waitingLonger(waiting *replay.Waiting) (late []replay.Overdue) {
	if waiting == nil || w.metric == "service_time" {
		return nil
	}
	list := waiting.Overdue
	if w.metric == "lag" {
		list = unsentOf(waiting)
	}
	for _, d := range list {
		if w.metric != "lag" {
			d.Age -= d.Own
		}
		if float64(d.Age) > w.value && (w.kind == "" || !d.Unmade && w.of(d.Kind)) {
			late = append(late, d)
		}
	}
	return late
}

// unsentOf leaves out as many as are on their way: those that have waited longest are.
func unsentOf(waiting *replay.Waiting) []replay.Overdue {
	list := slices.Clone(waiting.Overdue)
	slices.SortFunc(list, func(a, b replay.Overdue) int { return cmp.Compare(b.Age, a.Age) })
	sent := int64(waiting.InFlight)
	for len(list) > 0 && list[0].N <= sent {
		sent -= list[0].N
		list = list[1:]
	}
	if len(list) > 0 {
		list[0].N -= sent
	}
	return list
}

// ranked is the value of a rank, true to 6 %.
func (w *watchedCondition) ranked(rank int64, late []replay.Overdue) time.Duration {
	var all coarse
	for i := range w.parts {
		if t := w.parts[i].times; t != nil {
			all.add(t)
		}
	}
	for _, d := range late {
		age := min(d.Age, longest)
		all.counts[step(age)] += uint32(min(d.N, math.MaxUint32))
		all.n, all.max = all.n+d.N, max(all.max, age)
	}
	return all.ranked(rank)
}

// ranked is the value of a rank from 1.
func (h *coarse) ranked(rank int64) time.Duration {
	for i, n := range h.counts {
		if rank -= int64(n); rank <= 0 {
			return min(edge(i), h.max)
		}
	}
	return h.max
}

// backlog says whether too much has waited for the whole window. What waits because of the tool counts, and is told.
func (w *watchedCondition) backlog(now time.Duration, waiting *replay.Waiting) *replay.Broken {
	n, own := waiting.Count, int64(0)
	if w.kind != "" {
		n = 0
	}
	for _, d := range waiting.Overdue {
		if w.kind != "" && (d.Unmade || !w.of(d.Kind)) {
			continue
		}
		if w.kind != "" {
			n += d.N
		}
		if d.Own > 0 && d.Own >= d.Age {
			own += d.N
		}
	}
	met, theirs := w.metFor(&w.held, now, n), w.metFor(&w.theirs, now, n-own)
	if !met {
		return nil
	}
	broken := w.stop(now, strconv.FormatInt(n, 10))
	if !theirs {
		broken.Tool = fmt.Sprintf("the tool itself had not sent %s of them, though it could", strconv.FormatInt(own, 10))
	}
	return broken
}

// metFor says whether a backlog has been met for the whole window; since is when that began.
func (w *watchedCondition) metFor(since *time.Duration, now time.Duration, n int64) bool {
	switch {
	case !compare(float64(n), w.op, w.value):
		*since = -1
	case *since < 0:
		*since = now
	}
	return *since >= 0 && *since < now && now-*since >= w.Window
}

func (w *watchedCondition) stop(now time.Duration, value string) *replay.Broken {
	s := &replay.Broken{Condition: w.text, Value: value, At: now, Text: fmt.Sprintf("%s was met: it was %s", w.text, value)}
	if (w.metric == "errors" || w.metric == "failed") && strings.HasPrefix(w.op, ">") && w.kind == "" {
		limit := strconv.FormatFloat(w.value, 'g', -1, 64)
		if w.measure == asShare {
			limit = strconv.FormatFloat(w.value*100, 'g', -1, 64) + "%"
		}
		s.Text = fmt.Sprintf("too many requests failed: more than %s in %v (%s: %s)", limit, w.Window, w.text, value)
	}
	return s
}
