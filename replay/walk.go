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
	// keep says whether a record is played; nil keeps all. observe, where set, sees every record, kept or not.
	keep    func(*capture.Record) bool
	observe func(*capture.Record)
	// whole says to read on to the end after the schedule's limit, so that every record is counted.
	whole bool
	// visit gets a record and its plays, one at least. It owns neither after it returns.
	visit func(r *capture.Record, plays []pace.Play) error

	book Book
	// origin is the time of the first record kept; deadlines count from it.
	origin time.Time
	// held is the record whose plays wait for the time of the next one.
	held capture.Record
	have bool
}

// run goes through the source. On an error the record that is held counts as unsent, so that the book balances if visit
// accounts for the plays that it got.
func (w *walk) run(ctx context.Context) error {
	err := w.read(ctx)
	if w.have && err == nil {
		w.have = false
		err = w.emit(0, false)
	}
	if w.have {
		w.book.Of(w.held.Kind).Unsent++
		w.have = false
	}
	return err
}

func (w *walk) read(ctx context.Context) error {
	var r capture.Record
	for w.whole || !w.schedule.Done() {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		switch err := w.src.Next(ctx, &r); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		if err := w.take(&r); err != nil {
			return err
		}
	}
	return nil
}

// take holds a record that is kept, after giving out the one that was held.
func (w *walk) take(r *capture.Record) error {
	if w.observe != nil {
		w.observe(r)
	}
	tally := w.book.Of(r.Kind)
	tally.Recorded++
	if w.schedule.Done() || w.keep != nil && !w.keep(r) {
		tally.Filtered++
		return nil
	}
	if w.origin.IsZero() {
		w.origin = r.Time
	}
	if w.have {
		w.have = false
		if err := w.emit(r.Time.Sub(w.origin), true); err != nil {
			tally.Unsent++
			return err
		}
	}
	hold(&w.held, r)
	w.have = true
	return nil
}

// hold copies a record into memory of dst's own.
func hold(dst, r *capture.Record) {
	headers, body := dst.Headers[:0], dst.Body[:0]
	*dst = *r
	dst.Headers = append(headers, r.Headers...)
	dst.Body = append(body, r.Body...)
}

// emit gives out the record that is held.
func (w *walk) emit(next time.Duration, more bool) error {
	plays := w.schedule.Plays(w.held.Seq, w.held.Time.Sub(w.origin), next, more)
	tally := w.book.Of(w.held.Kind)
	if len(plays) == 0 {
		tally.Filtered++
		return nil
	}
	tally.Added += int64(len(plays) - 1)
	return w.visit(&w.held, plays)
}
