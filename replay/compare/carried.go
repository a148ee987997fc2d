package compare

import "slices"

// carried is the part of a run's deviation from its level that the next run has, too, from 0 to mostCarried. Neighbours differ by 2 (1-c) times
// the variance, runs two apart by 2 (1-c²): the quotient tells c, and needs no means of levels, which with few runs would hide a part
// of it. Differences of two levels do not count, nor the largest of others, which are steps that are not found yet.
func carried(tracks []cleaned, levels []segment) float64 {
	var one, two float64
	for i := range tracks {
		t := &tracks[i]
		d1, d2 := t.squares(levels, 1), t.squares(levels, 2)
		if all := max(d1, t.least); d1 > 0 {
			one, two = one+d1/all, two+d2/all
		}
	}
	if one == 0 {
		return 0
	}
	return min(max(two/one-1, 0), mostCarried)
}

const mostCarried = 0.9

// squares is the mean square of the differences of runs of a level that are so far apart, without the largest fifth.
func (c *cleaned) squares(levels []segment, apart int) (mean float64) {
	var list []float64
	for _, g := range levels {
		for i := g.from + apart; i < g.to; i++ {
			if c.weights[i]*c.weights[i-apart] > 0 {
				list = append(list, (c.values[i]-c.values[i-apart])*(c.values[i]-c.values[i-apart]))
			}
		}
	}
	slices.Sort(list)
	list = list[:len(list)*4/5]
	for _, v := range list {
		mean += v / float64(len(list))
	}
	return mean
}
