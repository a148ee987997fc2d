package session

import (
	"context"
	"errors"
	"io"
	"math"
	"slices"
	"time"

	"reprise/capture"
	"reprise/capture/corpus"
	"reprise/replay"
	"reprise/replay/pace"
)

// narrow sets the window to the busiest stretch of what is wanted.
func (s *Session) narrow(ctx context.Context) error {
	r, err := s.base.Twin()
	if err != nil {
		return err
	}
	defer r.Close()
	var start time.Time
	if !s.miscounted {
		start, s.plan.counted, err = s.busiest(r)
	}
	if err == nil && s.plan.counted == 0 {
		s.plan.noted, s.plan.all = r.Damage(), s.miscounted
		start, _, err = replay.Busiest(ctx, s.columns(r), s.o.Peak, s.o.keep(s.plan.window))
		if s.miscounted {
			if len(r.Damage()) == 0 {
				r.Miscounted()
			}
			s.plan.noted = r.Damage()
		}
	}
	if errors.Is(err, io.EOF) {
		return ErrNothing
	}
	s.plan.window = s.plan.window.within(window{from: start, to: start.Add(s.o.Peak)})
	return err
}

// columns are the records that are looked through, without what no selection needs to know of them.
func (s *Session) columns(r *corpus.Reader) capture.Source {
	if len(s.o.Paths) > 0 {
		return r
	}
	return r.Columns(time.Time{}, s.o.Sample < 1)
}

// busiest finds the busiest stretch by the corpus' own counts, and how many records it has. That is 0 where those do not tell: a selection asks
// for more than kinds and whole slots of time, or windows could begin within a slot.
func (s *Session) busiest(r *corpus.Reader) (start time.Time, count int64, err error) {
	o := &s.o
	if o.Sample < 1 || len(o.Paths) > 0 || len(o.Methods) > 0 || len(o.Vendors) > 0 {
		return start, 0, nil
	}
	kinds, none := o.wantedKinds()
	counts, ok, err := r.Counts(kinds...)
	if err != nil || !ok || none {
		return start, 0, err
	}
	width := counts.Width()
	from, to := s.plan.window.from, s.plan.window.to
	if o.Peak%(pace.Parts*width) != 0 || !from.Truncate(width).Equal(from) || !to.Truncate(width).Equal(to) {
		return start, 0, nil
	}
	return busiest(counts, from, to, o.Peak)
}

// wantedKinds are those of the selection, empty for all; none says that it wants no kind at all.
func (o *Options) wantedKinds() (kinds []capture.Kind, none bool) {
	if len(o.Kinds) == 0 && len(o.SkipKinds) == 0 {
		return nil, false
	}
	for k := range capture.Kind(corpus.KindLimit) {
		if (len(o.Kinds) == 0 || slices.Contains(o.Kinds, k)) && !slices.Contains(o.SkipKinds, k) {
			kinds = append(kinds, k)
		}
	}
	return kinds, len(kinds) == 0
}

// longestSpan is how many seconds a time.Duration holds.
const longestSpan = int64(math.MaxInt64 / time.Second)

// busiest is replay.Busiest of counts by slots of time, each of which is in one step.
func busiest(counts *corpus.Counts, from, to time.Time, length time.Duration) (start time.Time, count int64, err error) {
	first, last := int64(math.MinInt64), int64(math.MaxInt64)
	if !from.IsZero() {
		first = from.Unix()
	}
	if !to.IsZero() {
		last = to.Unix()
	}
	const batch = 4096
	slots, step := counts.Slots(), int64(length/pace.Parts/time.Second)
	var base time.Time // as that has it
	var origin, inside, most, best int64
	var window []corpus.Slot // those of the window that ends with the slot at hand, and those that were read behind it
	gone, seen := 0, 0       // of window
	for {
		if seen == len(window) {
			seen, gone = copy(window, window[gone:]), 0
			window = slices.Grow(window[:seen], batch)[:seen+batch]
			window = window[:seen+slots.Fill(window[seen:])]
		}
		if seen == len(window) || window[seen].At >= last {
			break
		}
		head := window[seen]
		seen++
		if head.At < first {
			gone = seen
			continue
		}
		if base.IsZero() {
			base = time.Unix(head.At, 0).UTC().Truncate(length)
			origin = base.Unix()
		}
		at := head.At - origin
		if at > longestSpan {
			return start, 0, nil
		}
		begin := at - step*(pace.Parts-1)
		if step > 1 {
			begin = (at/step - pace.Parts + 1) * step
		}
		for inside += head.N; window[gone].At-origin < begin; gone++ {
			inside -= window[gone].N
		}
		if inside > most {
			most, best = inside, max(begin, 0)
		}
	}
	if most == 0 {
		return start, 0, nil // the records say for sure
	}
	return base.Add(time.Duration(best) * time.Second), most, nil
}

// leaveOut counts what the window leaves out, so that it need not be read.
func (s *Session) leaveOut(ctx context.Context) error {
	p := s.plan
	if p.window.from.IsZero() && p.window.to.IsZero() {
		return nil
	}
	r, err := s.base.Twin()
	if err != nil {
		return err
	}
	defer r.Close()
	kinds, ok, err := r.Outside(ctx, p.window.from, p.window.to)
	if err != nil || !ok {
		return err
	}
	p.outside = new(replay.Outside)
	for k, n := range kinds {
		p.outside[capture.Kind(k).Known()] += n
	}
	return nil
}

// readsAll says that a plan is made of what all records hold, also of those that the window leaves out.
func (s *Session) readsAll() bool { return s.plan.used != nil || s.numbers != nil }

// leavesOut says whether only the window is read; all says that it must not be. Who shuffles kinds, or recognises the vendors' retries, reads
// all in any case.
func (s *Session) leavesOut(all bool) bool {
	return !all && s.plan.outside != nil && !s.o.ShuffleKinds && s.o.Retries == RetriesRecorded
}

// PlannedPart says, after Plan, that blocks of the corpus were not read: whether they can be is not known.
func (s *Session) PlannedPart() bool { return s.plan.part }

// outside is what a source leaves out that reads only the window.
func (s *Session) outside(leaves bool) replay.Outside {
	if !leaves {
		return replay.Outside{}
	}
	return *s.plan.outside
}

// scanned opens the corpus for a pass that makes a plan.
func (s *Session) scanned() (capture.Source, *corpus.Reader, error) {
	return s.opened(s.leavesOut(s.readsAll()), s.skims())
}

// opened opens the corpus, or its window alone, with all that records hold or only what a plan needs as a rule.
func (s *Session) opened(inside, skims bool) (capture.Source, *corpus.Reader, error) {
	r, err := s.base.Twin()
	if err != nil {
		return nil, nil, err
	}
	var w window
	if inside {
		w = s.plan.window
	}
	var src capture.Source = r
	switch {
	case inside && !skims:
		src, err = corpus.Select(r, corpus.Selection{From: w.from, To: w.to})
	case inside && !w.from.IsZero():
		err = r.SeekTime(w.from)
	}
	if err != nil {
		return nil, nil, errors.Join(err, r.Close())
	}
	if skims {
		src = r.Columns(w.to, false)
	}
	return src, r, nil
}

// damages is what of a corpus could not be read, also before.
func (p *plan) damages(r *corpus.Reader) []corpus.Damage {
	list := r.Damage()
	for _, d := range p.noted {
		if (p.all || d.Reason == corpus.BadSummary) && !slices.Contains(list, d) {
			list = append(slices.Clip(list), d)
		}
	}
	return list
}
