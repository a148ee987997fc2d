package box

import (
	"cmp"
	"math"
	"math/rand/v2"
	"reprise/replay/cause"
	"slices"
	"time"
)

// run is what became of a list of requests. Its columns are as long as requests.
type run struct {
	requests []request
	lag      []time.Duration // actual send minus due
	cost     []time.Duration // what a receiver without the fault takes
	service  []time.Duration // answer, as the tool saw it, minus actual send
	status   []int           // 0: no answer in time
	after    []time.Duration // completion minus answer, without the fault; nil where no completions are known
	finish   []time.Duration // completion minus answer
	// order lists the requests as they reach the receiver, and at when.
	order []int
	at    []time.Duration

	median  time.Duration // that the receiver was given
	stopped []cause.Span  // when the tool stood still
}

// timeout is the tool's own, which is the default of replay.
const timeout = 10 * time.Second

// health is what a receiver without a fault is like.
type health struct {
	median     time.Duration
	completing bool
	rough      bool // its environment is twice as noisy, with a memory three times as long
}

// healthy plays requests at a receiver without a fault, by a tool that is not disturbed: log-normal times that depend mildly on load and on
// size, noise of the environment with a memory of 10 s, and 2 % in a Pareto tail without a pattern.
func healthy(r *rand.Rand, list []request, h health) *run {
	n := len(list)
	d := &run{requests: list, median: h.median}
	for _, column := range []*[]time.Duration{&d.lag, &d.cost, &d.at} {
		*column = make([]time.Duration, n)
	}
	d.status = make([]int, n)
	var size float64
	for i := range list {
		d.lag[i] = lagOf(r)
		size += float64(list[i].bytes) / float64(n)
	}
	d.arrive()
	m := newModel(r, list, h, size)
	for _, i := range d.order {
		d.cost[i] = m.next(r, d.at[i], &list[i])
	}
	if h.completing {
		d.after = make([]time.Duration, n)
		mean := spread(r, 0.05, 1)
		for i := range d.after {
			d.after[i] = seconds(mean * math.Exp(0.4*r.NormFloat64()))
		}
	}
	d.reset()
	return d
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// lagOf is the tool's own: a fraction of a millisecond, at times a few.
func lagOf(r *rand.Rand) time.Duration {
	lag := 0.00012 * math.Exp(0.7*r.NormFloat64())
	if r.IntN(1000) == 0 {
		lag += 0.003 * r.Float64()
	}
	return seconds(lag)
}

// arrive works out in which order requests reach the receiver.
func (d *run) arrive() {
	d.order = make([]int, len(d.requests))
	for i := range d.order {
		d.order[i] = i
		d.at[i] = d.requests[i].due + d.lag[i]
	}
	slices.SortStableFunc(d.order, func(a, b int) int { return cmp.Compare(d.at[a], d.at[b]) })
}

// reset makes the run one without a fault.
func (d *run) reset() {
	d.service, d.finish = slices.Clone(d.cost), slices.Clone(d.after)
	for i := range d.status {
		d.status[i] = 200
	}
}

// latency is answer minus due, completion completion minus due.
func (d *run) latency() []time.Duration {
	all := make([]time.Duration, len(d.service))
	for i := range all {
		all[i] = d.lag[i] + d.service[i]
	}
	return all
}

func (d *run) completion() []time.Duration {
	all := d.latency()
	for i := range all {
		all[i] += min(d.finish[i], time.Hour) // of what is never done
	}
	return all
}

// failures are the effect of a fault that makes requests fail.
func (d *run) failures() (e effect, hit []bool) {
	hit = make([]bool, len(d.status))
	n := 0
	for i, status := range d.status {
		if hit[i] = status >= 400; hit[i] {
			n++
		}
	}
	return effect{base: medianOf(d.cost), share: float64(n) / float64(len(hit))}, hit
}

func (d *run) length() time.Duration { return d.requests[len(d.requests)-1].due + time.Second }

// rate is the mean, of the requests that fit.
func (d *run) rate(fits func(*request) bool) float64 {
	n := 0
	for i := range d.requests {
		if fits(&d.requests[i]) {
			n++
		}
	}
	return float64(n) / d.length().Seconds()
}

// model draws the times of a receiver without a fault.
type model struct {
	median, size, sigma, load, bytes, rate float64
	kinds                                  [16]float64
	noise, deviation, memory               float64
	last                                   time.Duration
	recent                                 []time.Duration // arrivals of the last second
}

func newModel(r *rand.Rand, list []request, h health, size float64) *model {
	m := &model{median: h.median.Seconds(), size: max(size, 1), sigma: 0.2 + 0.25*r.Float64(), load: 0.05 * r.Float64(), bytes: 0.05 * r.Float64()}
	m.rate = float64(len(list)) / max(list[len(list)-1].due.Seconds(), 1)
	for i := range m.kinds {
		m.kinds[i] = 1 + 0.03*(2*r.Float64()-1)
	}
	m.deviation, m.memory = choose(h.rough, 0.2, 0.1), choose(h.rough, 30.0, 10.0)
	m.noise = m.deviation * r.NormFloat64()
	return m
}

func (m *model) next(r *rand.Rand, at time.Duration, q *request) time.Duration {
	keep := math.Exp(-(at - m.last).Seconds() / m.memory)
	m.noise = keep*m.noise + m.deviation*math.Sqrt(1-keep*keep)*r.NormFloat64()
	m.last = at
	for len(m.recent) > 0 && m.recent[0] < at-time.Second {
		m.recent = m.recent[1:]
	}
	m.recent = append(m.recent, at)
	t := m.median * math.Exp(m.sigma*r.NormFloat64()+m.noise) * m.kinds[q.kind.Known()]
	t *= 1 + m.load*min(max(float64(len(m.recent))/m.rate-1, -1), 2)
	t *= 1 + m.bytes*min(max(float64(q.bytes)/m.size-1, -1), 2)
	if r.IntN(50) == 0 {
		t *= min(2*math.Pow(1-r.Float64(), -1/1.5), 50)
	}
	return seconds(t + 0.0002) // the network's part
}
