package compare

import (
	"context"
	"math"
	"slices"
)

const (
	// HistoryLevel is the probability that a history in which nothing changes has a change point, over all its runs and tracks together.
	HistoryLevel = 0.025
	// MinSegment is how many runs a level has at least: fewer that stand out are spikes.
	MinSegment = 4
	// MinHistory is how many runs a series needs for a change to be told.
	MinHistory = 10
)

// findChanges looks for change points in each series.
func (h *History) findChanges(ctx context.Context) error {
	h.Method = HistoryMethod{Name: "scan_t", Level: HistoryLevel, MinRuns: MinHistory, MinSegment: MinSegment}
	for n := range h.Series {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		s := &h.Series[n]
		if s.More = max(MinHistory-len(s.Runs), 0); s.More > 0 {
			s.Short = true
			continue
		}
		h.scan(n, 0, len(s.Runs))
	}
	slices.SortStableFunc(h.Changes, func(a, b ChangePoint) int { return a.Run - b.Run })
	return nil
}

func (h *History) scan(n, from, to int) {
	s := &h.Series[n]
	best, at := 1.0, 0
	for i := range s.Tracks {
		t := &s.Tracks[i]
		if t.Metric == MetricErrors || slices.ContainsFunc(t.Values, math.IsNaN) {
			continue
		}
		t.Tested = true
		for k := from + MinSegment; k+MinSegment <= to; k++ {
			if c := t.change(from, k, to); c.P*float64(len(s.Tracks)*(to-from)) < best {
				best, at = c.P*float64(len(s.Tracks)*(to-from)), k
			}
		}
	}
	if best > HistoryLevel {
		return
	}
	p := ChangePoint{Run: s.Runs[at], Series: n, Before: s.Runs[at-1], P: best, Changed: changedSince(h.Runs[s.Runs[at-1]].Header, h.Runs[s.Runs[at]].Header)}
	for i := range s.Tracks {
		if t := &s.Tracks[i]; t.Tested {
			if c := t.change(from, at, to); c.P*float64(len(s.Tracks)) < HistoryLevel {
				p.Tracks = append(p.Tracks, c)
			}
		}
	}
	slices.SortFunc(p.Tracks, byChange)
	h.Changes = append(h.Changes, p)
	h.scan(n, from, at)
	h.scan(n, at, to)
}

func (t *Track) change(from, k, to int) TrackChange {
	logs := func(values []float64) (out []float64) {
		for _, v := range values {
			out = append(out, math.Log(v))
		}
		return out
	}
	a, va := meanVariance(logs(t.Values[from:k]))
	b, vb := meanVariance(logs(t.Values[k:to]))
	na, nb := float64(k-from), float64(to-k)
	e := estimate{mean: b - a, sd: math.Sqrt(max(((na-1)*va+(nb-1)*vb)/(na+nb-2), 1e-6)), scale: math.Sqrt(1/na + 1/nb), freedom: na + nb - 2}
	i := e.interval(0.025)
	return TrackChange{
		Kind: t.Kind, Metric: t.Metric, Before: math.Exp(a), After: math.Exp(b), Change: math.Expm1(b - a),
		Interval: &Interval{math.Expm1(i.Low), math.Expm1(i.High)}, P: min(2*min(e.above(0), e.below(0)), 1),
	}
}
