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
	for i := range c.values {
		if c.weights[i] == 1 && math.Abs(c.values[i]-c.neighbours(i)) > spikeBeyond*c.sd {
			c.spikes = append(c.spikes, i)
		}
	}
	for _, i := range c.spikes {
		c.weights[i] = 0
	}
	return c
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
func (c *cleaned) neighbours(i int) float64 {
	from := min(max(i-spikeWindow/2, 0), max(len(c.values)-spikeWindow, 0))
	return middle(c.counted(segment{from, min(from+spikeWindow, len(c.values))}))
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
