package compare

import "math"

// misfits says, for places around a cut, how badly two levels that meet there fit a track's runs: squared deviations, which a single run adds
// little to. Spikes are looked at again: next to a step a run may have seemed to be one. The places are as many as the values, from the first.
func (c *cleaned) misfits(before, after segment) (first int, list []float64) {
	at := before.to
	first = max(at-MinSegment, before.from+MinSegment)
	last := min(at+MinSegment, after.to-MinSegment)
	a, b := middle(c.counted(before)), middle(c.counted(after))
	for k := first; k <= last; k++ {
		var sum float64
		for i := first; i < last; i++ {
			level := a
			if i >= k {
				level = b
			}
			if d := (c.values[i] - level) / c.sd; !math.IsNaN(c.of.Values[i]) {
				sum += min(d*d, spikeBeyond*spikeBeyond)
			}
		}
		list = append(list, sum)
	}
	return first, list
}

// meeting returns where two levels of some tracks meet: at the run from which on the new one fits best, the last of several that fit alike.
func meeting(tracks []cleaned, members []int, before, after segment) int {
	var total []float64
	first := before.to
	for _, i := range members {
		var list []float64
		first, list = tracks[i].misfits(before, after)
		for k, v := range list {
			if total == nil {
				total = make([]float64, len(list))
			}
			total[k] += v
		}
	}
	top := 0
	for k, v := range total {
		if v <= total[top]+1e-9 {
			top = k
		}
	}
	if len(total) == 0 {
		return before.to
	}
	return first + top
}

// near lists the other places where a track may as well have changed: those less likely by a factor of at most unlikely.
func (c *cleaned) near(before, after segment) (list []int) {
	first, fits := c.misfits(before, after)
	for i, v := range fits {
		if k := first + i; k != before.to && v-fits[before.to-first] < 2*math.Log(unlikely) {
			list = append(list, k)
		}
	}
	return list
}

const unlikely = 50
