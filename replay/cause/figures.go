package cause

import "slices"

// group says of the rows of an outcome whether a rule holds.
type group []bool

// figures fills what a finding says of the requests that its rule holds for; false where the effect is too small to be told.
func (o *outcome) figures(t *Table, in group, f *Finding) bool {
	f.Measure = o.measure
	for _, v := range in {
		if v {
			f.Requests++
		}
	}
	if f.Requests < fewest || int64(len(in))-f.Requests < fewest {
		return false
	}
	f.Share = float64(f.Requests) / float64(len(in))
	if !o.isTime() {
		return o.shareFigures(t, in, f)
	}
	var with, without []Micros
	for i, row := range o.rows {
		if v := o.value(row); v == NoMicros {
			continue
		} else if in[i] {
			with = append(with, v)
		} else {
			without = append(without, v)
		}
	}
	f.With, f.Without = quantilesOf(with), quantilesOf(without) // both are sorted now
	o.explained(with, without, f)
	f.FailedWith, f.FailedWithout = o.failed(t, in)
	return tells(o.floor, with, without) && max(f.TailExplained, f.ExcessExplained) >= leastExplained
}

// leastExplained is the part of the slow requests, or of the time above the median of the rest, that a cause explains at least.
const leastExplained = 0.1

// tells says whether two sorted groups differ by more than the floor: in the middle, or where a part of the group is hit, in its tail, by
// half at least.
func tells(floor float64, with, without []Micros) bool {
	for _, part := range []float64{0.5, 0.75, 0.9, 0.97} {
		if float64(len(with))*(1-part) < 5 {
			break
		}
		a, b := float64(quantile(with, part)), float64(quantile(without, part))
		if a-b >= floor && (part == 0.5 || a >= 1.5*b) {
			return shows(floor, with, without)
		}
	}
	return false
}

// shows says that the difference is one of the quantiles that are told.
func shows(floor float64, with, without []Micros) bool {
	return slices.ContainsFunc([]float64{0.5, 0.9, 0.99}, func(part float64) bool {
		return float64(quantile(with, part))-float64(quantile(without, part)) >= floor
	})
}

// explained is what part of the slow requests and of the time above the median of the rest the group has, beyond what chance would give.
func (o *outcome) explained(with, without []Micros, f *Finding) {
	all := slices.Concat(with, without)
	slices.Sort(all)
	slow, median := quantile(all, 0.95), quantile(without, 0.5)
	f.TailExplained = beyond(countAbove(with, slow), countAbove(all, slow), f.Share)
	f.ExcessExplained = beyond(sumAbove(with, median), sumAbove(all, median), f.Share)
}

// beyond is how much more of something a group has than its share of everything, as a part of what it could have.
func beyond(part, all, share float64) float64 {
	if all <= 0 || share >= 1 {
		return 0
	}
	return max(part/all-share, 0) / (1 - share)
}

func countAbove(sorted []Micros, limit Micros) float64 {
	i, _ := slices.BinarySearch(sorted, limit+1)
	return float64(len(sorted) - i)
}

func sumAbove(sorted []Micros, limit Micros) float64 {
	i, _ := slices.BinarySearch(sorted, limit+1)
	var sum float64
	for _, v := range sorted[i:] {
		sum += float64(v - limit)
	}
	return sum
}

// failed are the shares that failed in any way.
func (o *outcome) failed(t *Table, in group) (with, without float64) {
	var count, failed [2]float64
	for i, row := range o.rows {
		side := 1
		if in[i] {
			side = 0
		}
		count[side]++
		if t.Failure[row] != 0 {
			failed[side]++
		}
	}
	return failed[0] / max(count[0], 1), failed[1] / max(count[1], 1)
}

// shareFigures are those of failures and of what was never completed.
func (o *outcome) shareFigures(t *Table, in group, f *Finding) bool {
	var count, happened [2]float64
	for i := range o.rows {
		side := 1
		if in[i] {
			side = 0
		}
		count[side]++
		happened[side] += float64(o.score[i])
	}
	f.FailedWith, f.FailedWithout = happened[0]/count[0], happened[1]/count[1]
	f.TailExplained = beyond(happened[0], happened[0]+happened[1], f.Share)
	f.ExcessExplained = f.TailExplained
	if o.measure == Failing {
		f.Class = t.Failures[o.class-1]
	}
	return f.FailedWith-f.FailedWithout >= o.floor
}
