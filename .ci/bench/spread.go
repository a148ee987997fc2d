package main

import (
	"fmt"
	"math"
	"slices"
)

// spread is what pairs of measurements showed: the ratio of each pair.
type spread struct {
	median, least, most float64
	n                   int // pairs; 0: nothing is known
}

// spreadOf compares each measurement with the other of the same repetition. A pair of which one is missing is left out.
func spreadOf[T any](own, peer []T, figure func(T) float64) (s spread) {
	var ratios []float64
	for i := range min(len(own), len(peer)) {
		if a, b := figure(own[i]), figure(peer[i]); a > 0 && b > 0 {
			ratios = append(ratios, a/b)
		}
	}
	if len(ratios) == 0 {
		return s
	}
	slices.Sort(ratios)
	return spread{middle(ratios), ratios[0], ratios[len(ratios)-1], len(ratios)}
}

// middle is the median of a sorted list, between the two in the middle where their number is even.
func middle(sorted []float64) float64 {
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

func (s spread) String() string {
	switch s.n {
	case 0:
		return "–"
	case 1:
		return fmt.Sprintf("%.2f", s.median)
	}
	return fmt.Sprintf("%.2f (%.2f to %.2f)", s.median, s.least, s.most)
}

// known returns a figure of the spread for JSON: null where there is none.
func (s spread) known(figure float64) *float64 {
	if s.n == 0 {
		return nil
	}
	figure = rounded(figure, 3)
	return &figure
}

func rounded(f float64, digits int) float64 {
	scale := math.Pow(10, float64(digits))
	return math.Round(f*scale) / scale
}
