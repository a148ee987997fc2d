package compare

import (
	"math"
	"slices"
)

const (
	// spikeWindow is how many runs a run is set against, itself included: a level of MinSegment runs is most of them.
	spikeWindow = 2*MinSegment - 1
	// spikeBeyond is how far from their middle a spike is, in standard deviations.
	spikeBeyond = 4
	// leastNoise is the standard deviation that logarithms of quantiles have at least: they are true to three digits.
	leastNoise = 0.002
)

// cleaned is a track as it is searched: on a scale on which noise is alike at all levels.
type cleaned struct {
	of     *Track
	values []float64
	// weights are 0 where a run has no value, or is a spike, and 1 elsewhere.
	weights []float64
	// least is the variance that values have at least.
	least float64
	// sd is the standard deviation around the level.
	sd float64
	// spikes are the positions of what was left out.
	spikes []int
}

// clean makes a track ready: what is missing, and what stands out from its neighbours without lasting, has no weight.
func clean(t *Track) cleaned {
	c := cleaned{of: t, values: make([]float64, len(t.Values)), weights: make([]float64, len(t.Values)), least: t.least()}
	var known []float64
	for i, v := range t.Values {
		if !math.IsNaN(v) {
			c.values[i], c.weights[i] = t.scaled(i, v), 1
			known = append(known, c.values[i])
		}
	}
	c.sd = max(jitter(known), math.Sqrt(c.least))
	c.respike(segment{to: len(c.values)})
	c.spikes = slices.DeleteFunc(c.spikes, func(i int) bool {
		if !c.lasts(i) {
			return false
		}
		c.weights[i] = 1
		return true
	})
	return c
}

// lasts says whether a run that stands out is one of a level of MinSegment runs: but for one, which may be a spike, they are alike, and
// none of them is like the runs on either side. Beside a step the middle of the runs around may be that one spike.
func (c *cleaned) lasts(i int) bool {
	far := func(a, b float64) bool { return math.Abs(a-b) > spikeBeyond*c.sd }
	known := func(k int) bool { return !math.IsNaN(c.of.Values[k]) }
	for from := max(i-MinSegment+1, 0); from <= min(i, len(c.values)-MinSegment); from++ {
		to := from + MinSegment
		alike, apart := 0, 0
		for k := from; k < to; k++ {
			if !known(k) {
				continue
			}
			if !far(c.values[k], c.values[i]) {
				alike++
			}
			left, right := c.all(segment{max(from-MinSegment, 0), from}), c.all(segment{to, min(to+MinSegment, len(c.values))})
			if (len(left) == 0 || far(c.values[k], middle(left))) && (len(right) == 0 || far(c.values[k], middle(right))) {
				apart++
			}
		}
		if alike >= MinSegment-1 && apart == MinSegment {
			return true
		}
	}
	return false
}

// all lists the values of a stretch, spikes too.
func (c *cleaned) all(g segment) (list []float64) {
	for k := g.from; k < g.to; k++ {
		if !math.IsNaN(c.of.Values[k]) {
			list = append(list, c.values[k])
		}
	}
	return list
}

// levelled looks for spikes again where levels are known: a run is set against runs of its own level alone. Near a step, runs of two levels may
// have been set against the one run that lies between them.
func levelled(tracks []cleaned, levels []segment) []cleaned {
	out := slices.Clone(tracks)
	for i := range out {
		out[i].weights, out[i].spikes = make([]float64, len(out[i].values)), nil
		for _, g := range levels {
			out[i].respike(g)
		}
	}
	return out
}

// respike says which runs of a level count. Spikes are never most of them: what most runs do is the level.
func (c *cleaned) respike(g segment) {
	known := 0
	for i := g.from; i < g.to; i++ {
		if !math.IsNaN(c.of.Values[i]) {
			c.weights[i] = 1
			known++
		}
	}
	var spikes []int
	for i := g.from; i < g.to; i++ {
		if c.weights[i] == 1 && math.Abs(c.values[i]-c.neighboursIn(g, i)) > spikeBeyond*c.sd {
			spikes = append(spikes, i)
		}
	}
	if 2*len(spikes) >= known {
		return
	}
	for _, i := range spikes {
		c.weights[i] = 0
	}
	c.spikes = append(c.spikes, spikes...)
}

// least is the variance that a track's values have at least, whatever the runs say: that of counting failures, and that of quantiles that
// are true to three digits.
func (t *Track) least() float64 {
	if t.Metric != MetricErrors {
		return leastNoise * leastNoise
	}
	var sent float64
	for _, n := range t.sent {
		sent += n / float64(len(t.sent))
	}
	return 1 / max(sent, 1)
}

// mean is the middle of the values of a stretch that count; 0 where none does.
func (c *cleaned) mean(g segment) float64 {
	var sum, n float64
	for k := g.from; k < g.to; k++ {
		sum, n = sum+c.weights[k]*c.values[k], n+c.weights[k]
	}
	return sum / max(n, 1)
}

// counted lists the values of a stretch that count.
func (c *cleaned) counted(g segment) (list []float64) {
	for k := g.from; k < g.to; k++ {
		if c.weights[k] > 0 {
			list = append(list, c.values[k])
		}
	}
	return list
}

// scaled puts a value on the scale on which it is compared: the logarithm of a latency, the angle of a share (Freeman and Tukey 1950), whose
// variance does not depend on the share.
func (t *Track) scaled(i int, v float64) float64 {
	if t.Metric != MetricErrors {
		return math.Log(v)
	}
	n := t.sent[i]
	k := v * n
	return math.Asin(math.Sqrt(min(k/(n+1), 1))) + math.Asin(math.Sqrt(min((k+1)/(n+1), 1)))
}

// jitter is the standard deviation of values around their level, by the middle difference of neighbours: it is the same with steps and
// spikes among them.
func jitter(values []float64) float64 {
	var steps []float64
	for i := 1; i < len(values); i++ {
		steps = append(steps, math.Abs(values[i]-values[i-1]))
	}
	return middle(steps) / (math.Sqrt2 * 0.6744897501960817)
}

// neighbours is the middle of the runs around one, itself included.
func (c *cleaned) neighbours(i int) float64 { return c.neighboursIn(segment{to: len(c.values)}, i) }

// neighboursIn is the middle of those of them that are of a level.
func (c *cleaned) neighboursIn(g segment, i int) float64 {
	from := min(max(i-spikeWindow/2, g.from), max(g.to-spikeWindow, g.from))
	return middle(c.counted(segment{from, min(from+spikeWindow, g.to)}))
}

// middle is the median; 0 of nothing. It sorts values.
func middle(values []float64) float64 {
	n := len(values)
	if n == 0 {
		return 0
	}
	slices.Sort(values)
	return (values[(n-1)/2] + values[n/2]) / 2
}
