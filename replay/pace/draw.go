package pace

// Draws are functions of the seed and what they are for, without state, so that a selection or a resumed run draws the
// same for the same record and the same person.

// draw returns 64 random bits for an id and a counter (SplitMix64's finalizer, Steele et al. 2014).
func draw(seed, id uint64, k int) uint64 {
	x := mix(seed + 0x9e3779b97f4a7c15)
	x = mix(x ^ id*0xd1342543de82ef95)
	return mix(x + uint64(k)*0x9e3779b97f4a7c15)
}

// unit returns a number in [0, 1) for an id and a counter.
func unit(seed, id uint64, k int) float64 { return fraction(draw(seed, id, k)) }

// fraction turns the upper 53 of 64 random bits into a number in [0, 1).
func fraction(x uint64) float64 { return float64(x>>11) / (1 << 53) }

func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
