package results

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	hdr "github.com/HdrHistogram/hdrhistogram-go"

	"reprise/capture"
	"reprise/replay"
)

// openIntervals is how many seconds a log of intervals may be filling at once: results come nearly in order of their answers.
const openIntervals = 8

// intervalLog writes latencies as HdrHistogram's log of intervals, format 1.3: a line a second for all kinds, without a tag, and one for
// each kind, tagged with its name. A latency is in the second in which its answer ended, in nanoseconds, as wrk2 and jHiccup have them. It
// is a replay.Recorder. A second that comes again after it was written gets further lines: readers add them up.
type intervalLog struct {
	out  *hdr.HistogramLogWriter
	base int64 // the run's start, in milliseconds since the epoch
	open []interval
	free []*hdr.PackedHistogram
}

// interval is one second; kinds[k] is nil where no answer of the kind is in it, and all is never nil.
type interval struct {
	second int64
	all    *hdr.PackedHistogram
	kinds  [capture.KindCount]*hdr.PackedHistogram
}

// WriteIntervals reads the rest of a run file and writes the latencies of its answers as HdrHistogram's log of intervals, of which begun
// is second 0 (Run.Start).
func WriteIntervals(ctx context.Context, w io.Writer, r *Reader, begun time.Time) error {
	l, err := newIntervalLog(w, r.Header().Run, begun)
	if err != nil {
		return err
	}
	var res replay.Result
	for n := 0; ; n++ {
		if n%rowsPerBlock == 0 && ctx.Err() != nil {
			return context.Cause(ctx)
		}
		switch err := r.Next(&res); {
		case errors.Is(err, io.EOF):
			return l.close()
		case err != nil:
			return err
		}
		if err := l.Record(&res); err != nil {
			return err
		}
	}
}

func newIntervalLog(w io.Writer, run string, begun time.Time) (*intervalLog, error) {
	l := &intervalLog{out: hdr.NewHistogramLogWriter(w), base: begun.UnixMilli()}
	l.out.SetBaseTime(l.base)
	seconds := float64(l.base) / 1000
	_, err := fmt.Fprintf(w, "#[Latency of run %s by reprise, from the intended moment to the end of the answer; lines without a tag are of all kinds]\n"+
		"#[Histogram log format version %s]\n#[BaseTime: %.3f (seconds since epoch)]\n#[StartTime: %.3f (seconds since epoch), %s]\n",
		strings.Map(idOnly, run), hdr.HISTOGRAM_LOG_FORMAT_VERSION, seconds, seconds, begun.UTC().Format(time.RFC3339))
	return l, errors.Join(err, l.out.OutputLegend())
}

// idOnly leaves of a run's id what may be in one: what a file says of itself begins no line of a log.
func idOnly(r rune) rune {
	if 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '-' || r == '_' || r == '.' {
		return r
	}
	return -1
}

// Record adds one result.
func (l *intervalLog) Record(res *replay.Result) error {
	if res.Error != replay.ReasonNone {
		return nil
	}
	second, value := int64(max(res.Done, 0)/time.Second), int64(min(max(res.Done-res.Intended, 0), longest))
	at, found := slices.BinarySearchFunc(l.open, second, func(i interval, s int64) int { return int(i.second - s) })
	if !found {
		l.open = slices.Insert(l.open, at, interval{second: second, all: l.histogram()})
	}
	i, kind := &l.open[at], res.Kind.Known()
	if i.kinds[kind] == nil {
		i.kinds[kind] = l.histogram()
	}
	// Both values are inside the histograms' range, so that there is no error to have.
	_ = i.all.RecordValue(value)
	_ = i.kinds[kind].RecordValue(value)
	if len(l.open) > openIntervals {
		return l.write()
	}
	return nil
}

// histogram is an empty one.
func (l *intervalLog) histogram() *hdr.PackedHistogram {
	last := len(l.free) - 1
	if last < 0 {
		return hdr.NewPacked(1, int64(longest), 3)
	}
	h := l.free[last]
	l.free = l.free[:last]
	return h
}

// write writes the earliest second.
func (l *intervalLog) write() error {
	i := &l.open[0]
	err := l.line(i.second, "", i.all)
	for _, k := range capture.Kinds() {
		if h := i.kinds[k]; h != nil {
			err = errors.Join(err, l.line(i.second, k.String(), h))
		}
	}
	l.open = slices.Delete(l.open, 0, 1)
	return err
}

func (l *intervalLog) line(second int64, tag string, h *hdr.PackedHistogram) error {
	h.SetTag(tag)
	h.SetStartTimeMs(l.base + 1000*second)
	h.SetEndTimeMs(l.base + 1000*second + 1000)
	err := l.out.OutputIntervalPackedHistogram(h)
	h.Reset()
	l.free = append(l.free, h)
	return err
}

// close writes what is left.
func (l *intervalLog) close() (err error) {
	for len(l.open) > 0 {
		err = errors.Join(err, l.write())
	}
	return err
}
