package pace

import "reprise/capture/splitmix"

// Draws are functions of the seed and what they are for, without state, so that a selection or a resumed run draws the
// same for the same record and the same person.

// draw returns 64 random bits for an id and a counter.
func draw(seed, id uint64, k int) uint64 {
	x := splitmix.Next(seed)
	x = splitmix.Mix(x ^ id*0xd1342543de82ef95)
	return splitmix.Mix(x + uint64(k)*splitmix.Gamma)
}

// unit returns a number in [0, 1) for an id and a counter.
func unit(seed, id uint64, k int) float64 { return fraction(draw(seed, id, k)) }

// fraction turns the upper 53 of 64 random bits into a number in [0, 1).
func fraction(x uint64) float64 { return float64(x>>11) / (1 << 53) }
