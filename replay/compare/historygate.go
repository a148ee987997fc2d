package compare

// Unjudged says that no change can be told though runs enough were given: too many are part of no series. A gate that took that for no
// change would stay green for as long as every run is spoiled. left is how many of the runs are part of none.
func (h *History) Unjudged() (left int, unjudged bool) {
	longest := 0
	for i := range h.Series {
		if !h.Series[i].Short {
			return 0, false
		}
		longest = max(longest, len(h.Series[i].Runs))
	}
	for i := range h.Runs {
		if h.Runs[i].Series < 0 {
			left++
		}
	}
	return left, left > 0 && longest+left >= h.Method.MinRuns
}
