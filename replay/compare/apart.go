package compare

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"time"

	"reprise/replay"
	"reprise/replay/results"
)

// Divergence is a part of the run's time in which the candidate was slower, or faster, than base.
type Divergence struct {
	From time.Duration `json:"from_ns"`
	To   time.Duration `json:"to_ns"`
	// Metric is "p50", or "p95" where the middle did not move, and Difference the median of its differences.
	Metric     string        `json:"metric"`
	Difference time.Duration `json:"difference_ns"`
}

// What Apart goes by: the most steps that a run is looked at in, the fewest answers that most steps must have, how many steps
// in a row make a stretch, and the least relative difference, as windows tell latency to 6 %.
const (
	apartSteps   = 60
	apartAnswers = 20
	apartRow     = 3
	apartCoarse  = 0.125
)

// Apart lists the stretches of run time in which the two runs were apart by more than the floor for several windows in a
// row. It is made of windows, so it shows where to look; it is no part of the verdict. Over rounds it is of the first. What was
// left out of both runs is left out here as well.
func (c *Comparison) Apart() []Divergence {
	spoiled := c.Spoiled
	if len(c.Rounds) > 0 {
		spoiled = c.Rounds[0].Spoiled
	}
	base, candidate := remaining(c.Base.Windows, spoiled), remaining(c.Candidate.Windows, spoiled)
	return apart(base, candidate, max(c.Method.FloorChange, apartCoarse), c.Method.FloorLatency)
}

// remaining is windows without the answers of those of which a part was left out.
func remaining(ws []results.Window, s *Spoiled) []results.Window {
	if s == nil || !s.LeftOut {
		return ws
	}
	ws = slices.Clone(ws)
	for i := range ws {
		w := &ws[i]
		if slices.ContainsFunc(s.Stretches, func(out Stretch) bool { return out.From < w.Start+w.Width && w.Start < out.To }) {
			*w = results.Window{Start: w.Start, Width: w.Width}
		}
	}
	return ws
}

// step is several windows of both runs: base and candidate of p50 and of p95.
type step struct {
	from, to time.Duration
	known    bool
	p50, p95 [2]time.Duration
}

func apart(base, candidate []results.Window, share float64, least time.Duration) (out []Divergence) {
	if len(base) == 0 || len(candidate) == 0 || base[0].Width != candidate[0].Width {
		return nil
	}
	steps := stepsOf(base, candidate)
	for from := 0; from < len(steps); {
		way := steps[from].way(share, least)
		to := from + 1
		// One step between others is no end.
		for ; way != 0 && to < len(steps); to++ {
			if steps[to].way(share, least) != way && (to+1 == len(steps) || steps[to+1].way(share, least) != way) {
				break
			}
		}
		if way != 0 && to-from >= apartRow {
			out = append(out, stretch(steps[from:to], way, share, least))
		}
		from = to
	}
	return out
}

// stretch sums up steps: by the middle where that is apart in most of them.
func stretch(steps []step, way int, share float64, least time.Duration) Divergence {
	s := Divergence{From: steps[0].from, To: steps[len(steps)-1].to, Metric: "p95"}
	of, n := func(x *step) [2]time.Duration { return x.p95 }, 0
	for i := range steps {
		if beyond(steps[i].p50, share, least) == way {
			n++
		}
	}
	if 2*n >= len(steps) {
		s.Metric, of = "p50", func(x *step) [2]time.Duration { return x.p50 }
	}
	var list []time.Duration
	for i := range steps {
		if x := of(&steps[i]); steps[i].known {
			list = append(list, x[1]-x[0])
		}
	}
	slices.Sort(list)
	s.Difference = list[len(list)/2]
	return s
}

// way is 1 where the candidate was slower in a step, -1 where it was faster, and 0 where neither can be said.
func (s *step) way(share float64, least time.Duration) int {
	if !s.known {
		return 0
	}
	return cmp.Or(beyond(s.p50, share, least), beyond(s.p95, share, least))
}

func beyond(pair [2]time.Duration, share float64, least time.Duration) int {
	d := pair[1] - pair[0]
	if d.Abs() <= max(least, time.Duration(share*float64(min(pair[0], pair[1])))) {
		return 0
	}
	return cmp.Compare(d, 0)
}

// stepsOf gathers windows into so many steps that most of them have enough answers.
func stepsOf(base, candidate []results.Window) []step {
	n := max(len(base), len(candidate))
	for size := (n + apartSteps - 1) / apartSteps; ; size *= 2 {
		var steps []step
		var counts []int64
		for i := 0; i < n; i += size {
			a, b := part(base, i, size), part(candidate, i, size)
			s := step{from: base[0].Width * time.Duration(i), to: base[0].Width * time.Duration(min(i+size, n))}
			least := min(answersIn(a), answersIn(b))
			if s.known = least > 0; s.known {
				s.p50 = [2]time.Duration{windowMiddle(a, windowP50), windowMiddle(b, windowP50)}
				s.p95 = [2]time.Duration{windowMiddle(a, windowP95), windowMiddle(b, windowP95)}
				counts = append(counts, least)
			}
			steps = append(steps, s)
		}
		slices.Sort(counts)
		if len(counts) == 0 || counts[len(counts)/2] >= apartAnswers || len(steps) < 2*apartRow {
			return steps
		}
	}
}

func part(ws []results.Window, from, n int) []results.Window {
	return ws[min(from, len(ws)):min(from+n, len(ws))]
}

func answersIn(ws []results.Window) (n int64) {
	for i := range ws {
		n += windowAnswers(&ws[i])
	}
	return n
}

func windowAnswers(w *results.Window) (n int64) {
	for _, k := range w.Classes {
		n += k
	}
	return n
}

func windowP50(w *results.Window) time.Duration { return w.LatencyP50 }
func windowP95(w *results.Window) time.Duration { return w.LatencyP95 }

// windowMiddle is the median of a quantile over windows, each with the weight of its answers.
func windowMiddle(ws []results.Window, of func(*results.Window) time.Duration) time.Duration {
	list := make([]*results.Window, 0, len(ws))
	for i := range ws {
		if windowAnswers(&ws[i]) > 0 {
			list = append(list, &ws[i])
		}
	}
	slices.SortFunc(list, func(a, b *results.Window) int { return cmp.Compare(of(a), of(b)) })
	left := (answersIn(ws) + 1) / 2
	for _, w := range list {
		if left -= windowAnswers(w); left <= 0 {
			return of(w)
		}
	}
	return 0
}

// Recorded is the stretch of the recording that a run played.
type Recorded struct {
	First time.Time `json:"first"`
	Last  time.Time `json:"last"`
	// Took is how long playing it was to take.
	Took time.Duration `json:"took_ns"`
}

// At is the recorded moment that was played at an offset of the run.
func (r *Recorded) At(offset time.Duration) time.Time {
	return r.First.Add(time.Duration(float64(offset) / float64(r.Took) * float64(r.Last.Sub(r.First))))
}

// RecordedOf says which stretch of the recording a plan plays by a --time-scale as a run file has it; nil where that is not known, or where it is not played at an even
// pace: by a ramp, a cap on the rate or loops.
func RecordedOf(p *replay.Plan, timeScale string) *Recorded {
	scale, err := strconv.ParseFloat(timeScale, 64)
	if p == nil || err != nil || p.Duration <= 0 || p.Stretch > 0 || p.First.IsZero() {
		return nil
	}
	span := p.Last.Sub(p.First)
	const even = 0.01
	if off := float64(span)/scale - float64(p.Duration); span <= 0 || !(math.Abs(off) <= even*float64(p.Duration)) {
		return nil
	}
	return &Recorded{First: p.First, Last: p.Last, Took: p.Duration}
}
