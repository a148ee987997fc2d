package pace

// Chance returns a number in [0, 1) for an id and a counter, the same for the same seed: what is drawn for what comes to a schedule while it
// is played.
func Chance(seed, id uint64, k int) float64 { return unit(seed, id, k) }
