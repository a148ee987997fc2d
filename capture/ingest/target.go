package ingest

import (
	"context"
	"errors"

	"reprise/capture"
	"reprise/capture/corpus"
	"reprise/capture/dialect"
	"reprise/capture/payload"
	"reprise/capture/sms"
)

// target is where records go, in any order. It copies them, and a goroutine behind its queue annotates them, puts them in order and writes
// them. What this goroutine finds goes into an account of its own, which settle adds to that of the work.
type target struct {
	annotator
	copies corpus.Holder
	queue  *queue
	to     keeper
	finish func(ctx context.Context, err error) error
	host   string // the one added last

	// seconds has the records whose times are to be spread, once there are any.
	seconds *seconds
	spread  func() *seconds

	account capture.Account
	unknown int64 // records of which no vendor is known
}

// keeper puts records in order and writes them: a *corpus.Sorter or a *corpus.Live.
type keeper interface {
	Take(r *capture.Record) error
	AddHost(host string)
}

func newTarget(a annotator, to keeper, finish func(ctx context.Context, err error) error, report func(capture.Problem)) *target {
	t := &target{annotator: a, to: to, finish: finish}
	t.account.Report = report
	t.queue = newQueue(t.do)
	return t
}

// write takes a record of which copy makes one, and which stands at a place of its input. An error is that of an earlier one.
func (t *target) write(r *capture.Record, copied func(*corpus.Holder, *capture.Record) *capture.Record, place capture.Problem) error {
	return t.queue.put(item{record: copied(&t.copies, r), place: place}, len(r.Body)+len(r.URL))
}

// writeSecond is write for a record of which the second is known alone.
func (t *target) writeSecond(r *capture.Record, place capture.Problem) error {
	return t.queue.put(item{record: t.copies.Hold(r), place: place, whole: true}, len(r.Body)+len(r.URL))
}

// Write implements capture.Sink.
func (t *target) Write(r *capture.Record) error {
	return t.write(r, (*corpus.Holder).Hold, capture.Problem{})
}

// AddHost remembers a host that records are captured from.
func (t *target) AddHost(host string) {
	if host != t.host {
		t.host = host
		_ = t.queue.put(item{host: host}, len(host)) // the next record tells it
	}
}

// report reports a problem that a source has met, in its order among those of records.
func (t *target) report(p capture.Problem) {
	_ = t.queue.put(item{place: p}, 0) // the next record tells it
}

// do works on an item, in the queue's goroutine.
func (t *target) do(it *item) error {
	switch {
	case it.host != "":
		t.to.AddHost(it.host)
		return nil
	case it.record == nil:
		t.account.Report(it.place)
		return nil
	}
	t.annotate(it.record, &t.account, it.place)
	to := t.to
	if it.whole {
		if t.seconds == nil {
			t.seconds = t.spread()
		}
		to = t.seconds
	}
	if err := to.Take(it.record); err != nil {
		return t.refused(it, err)
	}
	if it.whole {
		t.account.Spread++
	}
	if it.record.Vendor == "" {
		t.unknown++
	}
	return nil
}

// refused counts a record that cannot be kept; any other error is the caller's.
func (t *target) refused(it *item, err error) error {
	refused := (*capture.RefusedError)(nil)
	if !errors.As(err, &refused) {
		return err
	}
	it.place.Reason = refused.Reason
	t.account.Skip(it.place)
	var counted capture.Origins
	counted.Count(it.record.Origin)
	t.account.Kept-- // as it was counted when it was handed over
	t.account.Rebuilt -= counted.Rebuilt
	t.account.Synthetic -= counted.Synthetic
	return nil
}

// settle waits until all has been worked on, and adds to a result what came of it.
func (t *target) settle(to *Result) error {
	err := t.queue.settle()
	to.Account.Kept += t.account.Kept
	to.Account.Rebuilt += t.account.Rebuilt
	to.Account.Synthetic += t.account.Synthetic
	to.Account.Skipped = add(to.Account.Skipped, t.account.Skipped)
	to.Account.Noted = add(to.Account.Noted, t.account.Noted)
	to.Unknown += t.unknown
	if to.Account.Spread += t.account.Spread; t.seconds != nil {
		to.Account.SpreadAs = string(t.seconds.spread.how)
	}
	t.account, t.unknown = capture.Account{Report: t.account.Report}, 0
	return err
}

func add(to, counts map[string]int64) map[string]int64 {
	if to == nil && len(counts) > 0 {
		to = make(map[string]int64)
	}
	for reason, n := range counts {
		to[reason] += n
	}
	return to
}

// end finishes the corpus, whatever the work ended with.
func (t *target) end(ctx context.Context, err error) error {
	if failed := t.queue.close(); err == nil {
		err = failed
	}
	if t.seconds != nil {
		if err == nil {
			err = t.seconds.Close(ctx)
		}
		err = errors.Join(err, t.seconds.Discard())
	}
	return t.finish(ctx, err)
}

// annotator says what records' messages are.
type annotator struct {
	vendors    dialect.Table
	vendor     string // of every record, where detection cannot know
	classifier *sms.Classifier
}

// annotate says what a record's message is. A payload that cannot be read keeps its place as kind other.
func (a *annotator) annotate(r *capture.Record, account *capture.Account, place capture.Problem) {
	if r.Vendor == "" { // a source of messages says whose they are
		r.Vendor = a.vendor
	}
	err := a.vendors.Annotate(r, a.classifier)
	if err == nil {
		return
	}
	place.Field, place.Reason = "body", "payload could not be read; kept as kind other"
	if field := (*payload.FieldError)(nil); errors.As(err, &field) {
		place.Field, place.Byte, place.Reason = field.Field, field.At, field.Reason+"; kept as kind other"
	}
	account.Note(place)
}

// sorted is a corpus of inputs that can be read again if need be.
type sorted struct {
	*corpus.Sorter
	out *corpus.Output
}

// finish ends the corpus.
func (s sorted) finish(ctx context.Context, err error) error {
	if err == nil {
		err = s.Close(ctx)
	}
	return s.out.End(ctx, errors.Join(err, s.Discard()))
}
