package replay

import (
	"context"
	"errors"
	"io"
	"time"

	"reprise/capture"
	"reprise/replay/pace"
)

// walk puts every record of a source through the selection and the schedule: what Scan counts and what Run plays are the
// same because both go through here.
type walk struct {
	src      capture.Source
	schedule *pace.Schedule
	// again opens the source anew for the second and later loops, and for what outages hold; nil where there is neither.
	again func(ctx context.Context) (Stream, error)
	// keep says whether a record is played; nil keeps all. observe, where set, sees every record, kept or not.
	keep    func(*capture.Record) bool
	observe func(*capture.Record)
	// factor, where set, is the factor of a record on the volume; it sees every record kept.
	factor func(*capture.Record) float64
	// whole says to read on to the end after the schedule's limit, so that every record is counted.
	whole bool
	// outside counts the records of each kind that the source leaves out.
	outside Outside
	// visit gets a record and one of its plays. It does not own the record after it returns.
	visit func(r *capture.Record, p pace.Play) error
	// held plays what outages hold; nil leaves all where they would be due. keepHeld and factorHeld are a keep and a factor for its own
	// reading, nil where those have no state.
	held       *heldQueue
	keepHeld   func(*capture.Record) bool
	factorHeld func(*capture.Record) float64

	book Book
	// origin is the time of the first record kept; deadlines count from it.
	origin time.Time
	// first and last are the times of the first and the last record that is played.
	first, last time.Time
	loop        int
	// next is the ordinal of the next record, and ring holds those before it of which a play is still to come, each at
	// its ordinal modulo the ring's length, a power of two.
	next uint64
	ring []capture.Record
	// kept counts the records that the schedule was given in the first loop, played those it played.
	kept, played [capture.KindCount]int64
}

// Outside counts, by kind, the records of a corpus that a source does not give, since Keep would keep none of them. They count as recorded
// and filtered.
type Outside [capture.KindCount]int64

// Stream is a source that is closed after use.
type Stream interface {
	capture.Source
	Close() error
}

// run goes through the source, once for each loop. After an error, what was kept and not played counts as unsent, so that
// the book balances if visit accounts for the plays that it got.
func (w *walk) run(ctx context.Context) error {
	if w.held != nil {
		w.held.begin(ctx, w)
	}
	for k, n := range w.outside {
		w.book.Of(capture.Kind(k)).Recorded += n
	}
	err := w.read(ctx, w.src)
	for loops := w.schedule.Options().Loops; err == nil && w.loop+1 < loops && !w.schedule.Done(); {
		w.loop++
		err = w.repeat(ctx)
	}
	if w.held != nil {
		err = w.held.finish(err)
	}
	for _, k := range capture.Kinds() {
		t := w.book.Of(k)
		t.Filtered += t.Recorded - w.played[k]
		if err != nil {
			unsent := w.kept[k] - w.played[k]
			t.Filtered -= unsent
			t.Unsent += unsent
			if w.held != nil {
				t.Unsent += w.held.waiting[k]
			}
		}
	}
	return err
}

// stretch is the longest time by which a cap on the rate shifted a play.
func (w *walk) stretch() time.Duration {
	if w.held != nil {
		return w.held.limit.Stretch()
	}
	return w.schedule.Stretch()
}

func (w *walk) repeat(ctx context.Context) error {
	src, err := w.again(ctx)
	if err != nil {
		return err
	}
	w.schedule.Again()
	return errors.Join(w.read(ctx, src), src.Close())
}

func (w *walk) read(ctx context.Context, src capture.Source) error {
	var r capture.Record
	for n := 0; w.whole && w.loop == 0 || !w.schedule.Done(); n++ {
		if n%64 == 0 {
			if err := context.Cause(ctx); err != nil {
				return err
			}
		}
		switch err := src.Next(ctx, &r); {
		case errors.Is(err, io.EOF):
			w.schedule.End()
			return w.emit(nil)
		case err != nil:
			return err
		}
		if err := w.take(&r); err != nil {
			return err
		}
	}
	return nil
}

// take gives a record to the schedule, and holds it where a play of it is still to come.
func (w *walk) take(r *capture.Record) error {
	if w.loop == 0 {
		if w.observe != nil {
			w.observe(r)
		}
		w.book.Of(r.Kind).Recorded++
	}
	done := w.schedule.Done()
	if done && (w.factor == nil || w.loop > 0) || w.keep != nil && !w.keep(r) {
		return nil
	}
	factor := 1.0
	if w.factor != nil {
		factor = w.factor(r)
	}
	if done {
		return nil
	}
	if w.origin.IsZero() {
		w.origin = r.Time
	}
	if w.loop == 0 {
		w.kept[r.Kind.Known()]++
	}
	w.schedule.Add(pace.Arrival{Seq: r.Seq, At: r.Time.Sub(w.origin), Factor: factor, Person: Person(r)})
	w.next++
	if err := w.emit(r); err != nil {
		return err
	}
	if w.schedule.Needs() < w.next {
		w.keepNewest(r)
	}
	return nil
}

// Person is a hash of the person behind a record, for the schedule and for drawing; 0 is nobody.
func Person(r *capture.Record) uint64 {
	number := r.Person()
	if number == "" {
		return 0
	}
	h := uint64(14695981039346656037) // FNV-1a
	for i := range len(number) {
		h = (h ^ uint64(number[i])) * 1099511628211
	}
	return h | 1
}

// emit gives out the plays that are certain. r is the record with the newest ordinal, nil if that is held too.
func (w *walk) emit(r *capture.Record) error {
	for {
		p, ok := w.schedule.Next()
		if !ok {
			return nil
		}
		rec := r
		if r == nil || p.Record != w.next-1 {
			rec = &w.ring[p.Record%uint64(len(w.ring))]
		}
		if p.Copy == 0 {
			w.played[rec.Kind.Known()]++
		} else {
			w.book.Of(rec.Kind).Added++
		}
		if w.first.IsZero() {
			w.first = rec.Time
		}
		if w.loop == 0 && rec.Time.After(w.last) {
			w.last = rec.Time
		}
		give := w.visit
		if w.held != nil {
			give = w.held.give
		}
		if err := give(rec, p); err != nil {
			return err
		}
	}
}

// keepNewest keeps a copy of the newest record until the schedule needs it no more.
func (w *walk) keepNewest(r *capture.Record) {
	ordinal, oldest := w.next-1, w.schedule.Needs()
	if ordinal-oldest >= uint64(len(w.ring)) {
		wider := make([]capture.Record, max(64, 2*len(w.ring)))
		for o := oldest; o < ordinal; o++ {
			wider[o%uint64(len(wider))] = w.ring[o%uint64(len(w.ring))]
		}
		w.ring = wider
	}
	copyRecord(&w.ring[ordinal%uint64(len(w.ring))], r)
}
