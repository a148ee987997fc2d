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

// judgeTime says whether a quantile is beyond its limit. A request that waits counts from the moment on at which it has waited longer than
// the limit: before, it is not known how long it will take.
func (w *watchedCondition) judgeTime(now time.Duration, waiting *replay.Waiting) *replay.Broken {
	c := w.sum
	late := w.waitingLonger(waiting)
	for _, d := range late {
		c.all, c.hit, c.least = c.all+d.N, c.hit+d.N, c.least+d.N
	}
	if c.all == 0 {
		return nil
	}
	q := quantiles()[slices.Index(quantileNames(), w.quantile)]
	rank := max(int64(math.Ceil(q*float64(c.all)-1e-9)), 1)
	above, atLeast := c.hit > c.all-rank, c.least > c.all-rank
	met := false
	switch w.op {
	case ">":
		met = above
	case ">=":
		met = atLeast
	case "<":
		met = !atLeast
	case "<=":
		met = !above
	case "=":
		met = atLeast && !above
	}
	if !met {
		return nil
	}
	return w.stop(now, w.quantileText(rank, late))
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

// quantileText tells the value of a rank, true to 6 %.
func (w *watchedCondition) quantileText(rank int64, late []replay.Overdue) string {
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
	return round(all.ranked(rank))
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

// backlog says whether too much has waited for the whole window.
func (w *watchedCondition) backlog(now time.Duration, waiting *replay.Waiting) *replay.Broken {
	n := waiting.Count
	if w.kind != "" {
		n = 0
		for _, d := range waiting.Overdue {
			if !d.Unmade && w.of(d.Kind) {
				n += d.N
			}
		}
	}
	switch {
	case !compare(float64(n), w.op, w.value):
		w.held = -1
	case w.held < 0:
		w.held = now
	case now-w.held >= w.Window:
		return w.stop(now, strconv.FormatInt(n, 10))
	}
	return nil
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
