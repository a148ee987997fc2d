package compare

// Unjudged says that no change can be told though runs enough were given: too many are part of no series, or have too few
// answers for a latency to be compared. A gate that took that for no
// change would stay green for as long as every run is spoiled. left is how many of the runs are part of none.
func (h *History) Unjudged() (left int, unjudged bool) {
	longest, few := 0, false
	for i := range h.Series {
		if !h.Series[i].Short && !h.Series[i].NoLatency {
			return 0, false
		}
		few = few || h.Series[i].NoLatency
		longest = max(longest, len(h.Series[i].Runs))
	}
	for i := range h.Runs {
		if h.Runs[i].Series < 0 {
			left++
		}
	}
	return left, few || left > 0 && longest+left >= h.Method.MinRuns
}
