package compare

import "slices"

// earliest says what stands out in the first runs, which may be spikes or the last runs of a level that the list does not hold; nil where
// nothing does. A single first run is a spike like any other.
func (q *search) earliest() *Latest {
	first := q.segments(q.cuts)[0]
	out := &Latest{}
	var found []latestTrack
	for i := range q.tracks {
		c := &q.tracks[i]
		to := 0
		for to < first.to && slices.Contains(c.spikes, to) && c.above(to) == c.above(0) {
			to++
		}
		if to > 1 && to < MinSegment {
			found = append(found, latestTrack{c, to})
			out.Run = max(out.Run, to-1)
		}
	}
	for _, f := range found {
		out.Tracks = append(out.Tracks, f.track.began(first, f.from))
	}
	out.Tracks = slices.DeleteFunc(out.Tracks, func(c TrackChange) bool { return !c.beyond() })
	if len(out.Tracks) == 0 {
		return nil
	}
	slices.SortFunc(out.Tracks, byChange)
	out.More = max(MinSegment-out.Run-1, 1)
	return out
}

// began compares the first runs, which do not count, with the level behind them.
func (c *cleaned) began(level segment, to int) TrackChange {
	all := *c
	all.weights = slices.Clone(c.weights)
	for i := range to {
		all.weights[i] = 1
	}
	return all.change(segment{level.from, to}, segment{to, level.to})
}
