package results

// OfLag says whether a limit is that requests left late, as lag itself or as what it does to the schedule. How much of a latency lag can
// be is known of each request; what other limits did to a run is not.
func (l *Limit) OfLag() bool {
	switch l.What {
	case "lag", "moved", "duration":
		return true
	}
	return false
}
