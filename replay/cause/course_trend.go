package cause

import "slices"

// theilSen is the median of the slopes of all pairs of points; false where no two differ in x. Points that lie far off move it little: it
// holds as long as three in ten are.
func theilSen(x, y []float64) (slope float64, ok bool) {
	var slopes []float64
	for i := range x {
		for j := range i {
			if x[i] != x[j] {
				slopes = append(slopes, (y[i]-y[j])/(x[i]-x[j]))
			}
		}
	}
	if len(slopes) == 0 {
		return 0, false
	}
	slices.Sort(slopes)
	n := len(slopes)
	return (slopes[n/2] + slopes[(n-1)/2]) / 2, true
}
