package replay

import "reprise/capture"

// Share is the part of a plan that one of several players plays: all plays of some of the people, so that one person's requests
// keep their order. Each player schedules the whole plan, so that all agree on every deadline.
type Share struct {
	// Index says which part it is, from 0, and Of how many there are; 0 and 1 are the whole.
	Index, Of int
}

// has says whether the plays of a record are of this share.
func (s Share) has(r *capture.Record) bool {
	if s.Of <= 1 {
		return true
	}
	who := Person(r)
	if who == 0 {
		who = uint64(r.Seq) + 1
	}
	who = (who ^ who>>30) * 0xbf58476d1ce4e5b9 // spread, as numbers that follow one another are hashed alike
	return int((who^who>>31)%uint64(s.Of)) == s.Index
}
