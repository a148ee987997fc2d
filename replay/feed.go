package replay

import (
	"context"
	"fmt"
	"time"

	"reprise/capture"
	"reprise/replay/pace"
)

// feed reads, schedules and renders ahead of time, at most horizon ahead.
func (r *run) feed(ctx context.Context, src capture.Source, schedule *pace.Schedule) {
	f := &feeder{run: r, schedule: schedule}
	w := walk{src: f.clocked(src), again: r.o.Again, schedule: schedule, keep: r.o.Keep, factor: r.o.Factor, outside: r.o.Outside}
	w.visit = func(rec *capture.Record, p pace.Play) error {
		err := f.visit(ctx, rec, p)
		if err != nil {
			r.feedBook.Of(rec.Kind).Unsent++
		}
		return err
	}
	w.keepHeld, w.factorHeld, w.held = r.o.KeepHeld, r.o.FactorHeld, newHeldQueue(&w)
	r.feedErr = w.run(ctx)
	f.endAdded(ctx)
	r.addedIn = f.more.added
	r.overdue.end()
	r.feedBook.Add(&w.book)
	f.end()
}

type feeder struct {
	*run
	schedule *pace.Schedule
	makers   []*maker
	turn     int
	more     multiplier
	peak     pace.Peak // of what was scheduled so far, where there is no plan that knows
}

// begin fixes the start of the run.
func (f *feeder) begin() {
	switch {
	case !f.o.Start.IsZero():
		f.start = f.o.Start
	case f.o.Resume != nil:
		f.start = time.Now().Add(lead - f.o.Resume.Position)
	default:
		f.start = time.Now().Add(lead)
	}
	f.makeLanes(f.schedule)
	for _, l := range f.lanes {
		f.makers = append(f.makers, newMaker(l))
	}
	close(f.begun)
}

func (f *feeder) end() {
	for _, m := range f.makers {
		m.flush(f.now())
		m.lane.inbox.end()
	}
	if f.makers == nil {
		close(f.begun)
	}
}

// give renders one play and puts it in line.
func (f *feeder) give(ctx context.Context, rec *capture.Record, p pace.Play) error {
	if f.o.Resume != nil && f.o.Resume.Done(p.Seq, p.Copy) {
		return nil
	}
	if !f.o.Share.has(rec) {
		f.feedBook.Of(rec.Kind).Filtered++
		return nil
	}
	if f.makers == nil {
		f.begin()
	}
	p.Copy += f.o.FirstCopy
	if f.jumped(rec, &p, false) {
		return nil
	}
	f.overdue.make(p.Seq, p.Copy, rec.Kind, p.Deadline)
	if err := f.await(ctx, p.Deadline); err != nil {
		return err
	}
	if f.jumped(rec, &p, true) {
		return nil
	}
	m := f.makers[f.turn]
	q := m.request()
	q.Seq, q.Copy, q.Kind, q.Vendor, q.Deadline = p.Seq, p.Copy, rec.Kind, rec.Vendor, p.Deadline
	if q.Step = uint16(p.Step); f.o.Step > 0 {
		q.Step = uint16(f.o.Step)
	}
	if q.Overdue = 0; p.Held.Outage > 0 {
		q.Overdue = f.clock.Due(p.Deadline) - f.clock.Due(p.Held.Due)
	}
	q.Answered = rec.Response.Latency
	if err := f.render.Render(rec, p, f.start.Add(f.clock.Due(p.Deadline)), q); err != nil {
		return fmt.Errorf("render record %d: %w", p.Seq, err)
	}
	if len(f.makers) > 1 {
		f.turn = (f.turn + 1) % len(f.makers)
		if (f.o.BySender || f.o.Serialize || f.o.Think) && q.Person != 0 {
			m = f.makers[q.Person%uint64(len(f.makers))]
		}
	}
	if err := m.push(ctx, q, f.now); err != nil {
		return err
	}
	f.planned = p.Deadline
	if f.o.Plan == nil || f.o.Plan.Peak == 0 {
		f.peak.Add(p.Deadline)
		f.halt.peak.Store(f.peak.Best())
	}
	return nil
}

// await waits until a deadline is not far ahead, and then some, so that it need not wait for each. Before it waits, it hands
// over what is ready.
func (f *feeder) await(ctx context.Context, deadline time.Duration) error {
	for {
		ahead := f.horizon(deadline)
		if ahead <= 0 {
			return nil
		}
		for _, m := range f.makers {
			m.flush(f.now())
		}
		changed := f.clock.changes()
		if ahead = f.horizon(deadline); ahead <= 0 {
			return nil
		}
		if ahead < Forever {
			ahead += portion
		}
		if err := sleep(ctx, ahead, changed); err != nil {
			return err
		}
	}
}

// horizon is how long a request is to be made from now; Forever in a pause.
func (f *feeder) horizon(deadline time.Duration) time.Duration {
	due := f.clock.Due(deadline)
	if due == Forever {
		return Forever
	}
	if due <= horizon { // no need for a clock at the beginning
		return 0
	}
	return due - horizon - f.now()
}

// sleep waits for a time, or until something has changed.
func sleep(ctx context.Context, d time.Duration, changed <-chan struct{}) error {
	var due <-chan time.Time
	if d < Forever {
		timer := time.NewTimer(d)
		defer timer.Stop()
		due = timer.C
	}
	select {
	case <-due:
	case <-changed:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	return nil
}

// clocked watches the reading: what a lane waits for is handed over to it although more could come, since a source may go
// on for long over records that are not played; and how long the source keeps a lane waiting is measured.
func (f *feeder) clocked(src capture.Source) capture.Source { return &clocked{Source: src, f: f} }

type clocked struct {
	capture.Source
	f *feeder
	n int
}

func (c *clocked) Next(ctx context.Context, r *capture.Record) error {
	if c.n++; c.n%16 != 0 || !c.f.starved() {
		return c.Source.Next(ctx, r)
	}
	began := time.Now()
	err := c.Source.Next(ctx, r)
	c.f.source += time.Since(began)
	return err
}

// starved hands over what lanes wait for, and says whether one waits for which there is nothing.
func (f *feeder) starved() bool {
	var starved bool
	for _, m := range f.makers {
		switch {
		case !m.lane.inbox.starving():
		case len(m.batch) == 0:
			starved = true
		default:
			m.flush(f.now())
		}
	}
	return starved
}
