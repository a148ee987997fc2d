package results

import (
	"cmp"
	"encoding/binary"
	"math"
	"slices"
	"time"

	"reprise/capture/frame"
)

const (
	// watchedFigures is the name of the extension. Part of the file format.
	watchedFigures = "watched"
	// pointsPerBlock bounds the points of a block.
	pointsPerBlock = 1 << 16
	// The most figures, points of each and points in all that a reader keeps: small files unpack to many points.
	mostFigures   = 64
	mostPoints    = 1 << 20
	mostPointsAll = 1 << 21
	// The longest name and query.
	longestName  = 200
	longestQuery = 4096
)

// Watched is a figure of the platform's own, taken while a run went on.
type Watched struct {
	// Name is how it is called, Query what was asked for.
	Name, Query string
	// Points are in order of time.
	Points []WatchedPoint
	Asked  WatchedCounts
}

// WatchedPoint is a value at a moment since the run's start.
type WatchedPoint struct {
	At    time.Duration
	Value float64
}

// WatchedCounts count how often a figure was asked for, and what was no value: the source did not answer, refused the question, had no data,
// said that it is not a number, or had several series.
type WatchedCounts struct {
	All, Silent, Refused, Empty, NotNumber, Several int64
}

// WatchTrouble is why a watched figure has no value. Its zero value is none.
type WatchTrouble uint8

// The troubles.
const (
	WatchSilent    WatchTrouble = iota + 1 // no answer, or that of a server in trouble
	WatchRefused                           // the question was refused, or the answer is not Prometheus'
	WatchEmpty                             // no data
	WatchNotNumber                         // NaN, or infinite
	WatchSeveral                           // several series, of which none can be preferred
)

// Of counts a trouble.
func (c *WatchedCounts) Of(t WatchTrouble) *int64 { return c.list()[t] }

func (c *WatchedCounts) list() []*int64 {
	return []*int64{&c.All, &c.Silent, &c.Refused, &c.Empty, &c.NotNumber, &c.Several} // in the order of the troubles, and of the file format
}

// JoinWatched joins what was taken in two parts of a run, by name.
func JoinWatched(first, then []Watched) []Watched {
	all := slices.Clone(first)
	for _, w := range then {
		i := slices.IndexFunc(all, func(f Watched) bool { return f.Name == w.Name })
		if i < 0 {
			all = append(all, w)
			continue
		}
		all[i].Query = w.Query
		all[i].Points = slices.Concat(all[i].Points, w.Points)
		for k, n := range all[i].Asked.list() {
			*n += *w.Asked.list()[k]
		}
	}
	return all
}

// Over is the figure's mean in each window. A window without a point has the value before it, where the next is as near as they are
// mostly, or nearly: windows may be shorter than the time from one point to the next. It is NaN in longer gaps.
func (w *Watched) Over(ws []Window) []float64 {
	out := make([]float64, len(ws))
	hold := w.usualGap() * 5 / 2
	next := 0
	for i := range ws {
		sum, n := 0.0, 0
		for ; next < len(w.Points) && w.Points[next].At < ws[i].Start+ws[i].Width; next++ {
			if w.Points[next].At >= ws[i].Start {
				sum, n = sum+w.Points[next].Value, n+1
			}
		}
		switch {
		case n > 0:
			out[i] = sum / float64(n)
		case next > 0 && next < len(w.Points) && w.Points[next].At-w.Points[next-1].At <= hold:
			out[i] = w.Points[next-1].Value
		default:
			out[i] = math.NaN()
		}
	}
	return out
}

// usualGap is the median time from one point to the next, of the first thousand.
func (w *Watched) usualGap() time.Duration {
	var gaps []time.Duration
	for i := 1; i < min(len(w.Points), 1000); i++ {
		gaps = append(gaps, w.Points[i].At-w.Points[i-1].At)
	}
	if len(gaps) == 0 {
		return 0
	}
	slices.Sort(gaps)
	return gaps[len(gaps)/2]
}

// appendWatched appends the payload of a block, after its name.
func appendWatched(dst []byte, w *Watched, points []WatchedPoint) []byte {
	dst = appendText(appendText(dst, w.Name), w.Query)
	for _, n := range w.Asked.list() {
		dst = binary.AppendUvarint(dst, uint64(max(*n, 0)))
	}
	dst = binary.AppendUvarint(dst, uint64(len(points)))
	last := int64(0)
	for _, p := range points {
		at := p.At.Milliseconds()
		dst = binary.AppendVarint(dst, at-last)
		dst = binary.LittleEndian.AppendUint64(dst, math.Float64bits(p.Value))
		last = at
	}
	return dst
}

func appendText(dst []byte, s string) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(s))), s...)
}

// Watched writes the figures that were taken. It is called after the last row.
func (w *Writer) Watched(all []Watched) error {
	w.flush()
	for i := range all {
		f := &all[i]
		rest := f.Points
		for first := true; first || len(rest) > 0; first = false {
			n := min(len(rest), pointsPerBlock)
			w.block(&frame.Head{Type: frame.Extension}, appendWatched(frame.AppendName(nil, watchedFigures), f, rest[:n]))
			rest = rest[n:]
		}
	}
	return w.err
}

// Watched adds the figures that were taken; it is called after the last Record.
func (f *File) Watched(all []Watched) error {
	if f.writer == nil {
		return nil
	}
	return f.writer.Watched(all)
}

// Watched returns the figures of the platform's own that were taken while the run went on; asked after the last row.
func (r *Reader) Watched() []Watched {
	inTime := func(a, b WatchedPoint) int { return cmp.Compare(a.At, b.At) }
	for i := range r.watched {
		if points := r.watched[i].Points; !slices.IsSortedFunc(points, inTime) {
			slices.SortStableFunc(points, inTime)
		}
	}
	return r.watched
}

// parseWatched takes in a block's payload; false where it is none.
func (r *Reader) parseWatched(payload []byte) bool {
	c := cursor{b: payload}
	f := Watched{Name: c.text(longestName), Query: c.text(longestQuery)}
	for _, n := range f.Asked.list() {
		*n = int64(min(c.uvarint(), math.MaxInt64))
	}
	n := c.uvarint()
	if n > pointsPerBlock || n > uint64(len(c.b))/9 { // a point takes nine bytes at least
		return false
	}
	const most = int64(longestMoment / time.Millisecond)
	at := int64(0)
	for range n {
		at += c.varint()
		bits := c.take(8)
		if c.bad || at < -most || at > most {
			return false
		}
		if v := math.Float64frombits(binary.LittleEndian.Uint64(bits)); !math.IsNaN(v) && !math.IsInf(v, 0) {
			f.Points = append(f.Points, WatchedPoint{time.Duration(at) * time.Millisecond, v})
		}
	}
	if c.bad || f.Name == "" {
		return false
	}
	r.addWatched(&f)
	return true
}

// text reads a string of a bounded length.
func (c *cursor) text(most uint64) string {
	n := c.uvarint()
	if n > most {
		c.bad, c.b = true, nil
		return ""
	}
	return string(c.take(n))
}

// addWatched joins the blocks of one figure, in the order of the file. What is beyond the bounds is left out.
func (r *Reader) addWatched(f *Watched) {
	i := slices.IndexFunc(r.watched, func(w Watched) bool { return w.Name == f.Name })
	if i < 0 {
		if len(r.watched) >= mostFigures {
			return
		}
		i = len(r.watched)
		r.watched = append(r.watched, Watched{Name: f.Name, Query: f.Query})
	}
	w := &r.watched[i]
	w.Asked = f.Asked
	n := min(len(f.Points), mostPoints-len(w.Points), mostPointsAll-r.watchedPoints)
	w.Points = append(w.Points, f.Points[:n]...)
	r.watchedPoints += n
}
