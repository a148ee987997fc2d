package results

import (
	"cmp"
	"encoding/binary"
	"slices"
	"time"

	"reprise/replay"
)

const (
	// disturbances is the name of the extension. Part of the file format.
	disturbances = "disturbances"
	// stopsPerBlock bounds the entries of each list of a block.
	stopsPerBlock = 1 << 16
	// mostStops is how many entries of a list a reader keeps, about: of more, those that begin close together become one.
	mostStops = 1 << 18
)

// disturbanceParts cuts disturbances into what a block holds each.
func disturbanceParts(d *replay.Disturbances) (parts []replay.Disturbances) {
	chunks := func(list []replay.Stop) [][]replay.Stop { return slices.Collect(slices.Chunk(list, stopsPerBlock)) }
	stops, waits, steals := chunks(d.Stops), chunks(d.Waits), chunks(d.Steals)
	for i := range max(len(stops), len(waits), len(steals), 1) {
		part := replay.Disturbances{ClockStep: d.ClockStep}
		if i < len(stops) {
			part.Stops = stops[i]
		}
		if i < len(waits) {
			part.Waits = waits[i]
		}
		if i < len(steals) {
			part.Steals = steals[i]
		}
		parts = append(parts, part)
	}
	return parts
}

// appendDisturbances appends the payload of a block, after its name.
func appendDisturbances(dst []byte, d *replay.Disturbances) []byte {
	dst = binary.AppendVarint(dst, int64(d.ClockStep))
	dst = appendStops(appendStops(dst, d.Stops), d.Waits)
	if len(d.Steals) > 0 { // readers that do not know them end before
		dst = appendStops(dst, d.Steals)
	}
	return dst
}

// appendStops appends a list in microseconds, each beginning as the difference from the one before.
func appendStops(dst []byte, list []replay.Stop) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(list)))
	last := int64(0)
	for _, s := range list {
		at := min(max(s.At, -longestMoment), longestMoment).Microseconds()
		dst = binary.AppendVarint(dst, at-last)
		dst = binary.AppendUvarint(dst, uint64(max(s.For.Microseconds(), 0)))
		last = at
	}
	return dst
}

// disturbed is what a reader knows of them so far.
type disturbed struct {
	known                bool
	step                 time.Duration
	stops, waits, steals stopList
}

// parse takes in a block's payload; false where it is none.
func (d *disturbed) parse(payload []byte) bool {
	c := cursor{b: payload}
	step := time.Duration(c.varint())
	stops, ok := parseStops(&c)
	if !ok {
		return false
	}
	waits, ok := parseStops(&c)
	if !ok {
		return false
	}
	var steals []replay.Stop
	if len(c.b) > 0 {
		if steals, ok = parseStops(&c); !ok {
			return false
		}
	}
	d.known = true
	if step.Abs() > d.step.Abs() {
		d.step = step
	}
	d.stops.add(stops)
	d.waits.add(waits)
	d.steals.add(steals)
	return true
}

// parseStops reads a list. What is longer than a block may hold is none; lengths are bounded, so that sums of them are in range.
func parseStops(c *cursor) (list []replay.Stop, ok bool) {
	n := c.uvarint()
	if n > stopsPerBlock || n > uint64(len(c.b)) { // an entry takes two bytes at least
		return nil, false
	}
	const most = int64(longestMoment / time.Microsecond)
	at := int64(0)
	for range n {
		at += c.varint()
		length := int64(min(c.uvarint(), uint64(most)))
		if at < -most || at > most {
			return nil, false
		}
		list = append(list, replay.Stop{At: time.Duration(at) * time.Microsecond, For: time.Duration(length) * time.Microsecond})
	}
	return list, !c.bad
}

// longestMoment is how far from the run's start a stop may begin: 31 years.
const longestMoment = 1_000_000_000 * time.Second

// stopList keeps about mostStops stops, the longest of each window, which widens as they become more.
type stopList struct {
	list  []replay.Stop
	width time.Duration
}

func (l *stopList) add(more []replay.Stop) {
	for l.list = append(l.list, more...); len(l.list) > mostStops+stopsPerBlock; {
		l.width = max(2*l.width, 2*replay.StopWindow)
		l.thin()
	}
}

// thin leaves the longest stop of each window.
func (l *stopList) thin() {
	sortStops(l.list)
	kept := l.list[:0]
	for _, s := range l.list {
		if n := len(kept); n > 0 && kept[n-1].At/l.width == s.At/l.width {
			if s.For > kept[n-1].For {
				kept[n-1] = s
			}
			continue
		}
		kept = append(kept, s)
	}
	l.list = kept
}

func sortStops(list []replay.Stop) {
	slices.SortFunc(list, func(a, b replay.Stop) int { return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.For, b.For)) })
}

// all returns them in order of time.
func (d *disturbed) all() replay.Disturbances {
	sortStops(d.stops.list)
	sortStops(d.waits.list)
	sortStops(d.steals.list)
	return replay.Disturbances{Stops: d.stops.list, Waits: d.waits.list, Steals: d.steals.list, ClockStep: d.step}
}
