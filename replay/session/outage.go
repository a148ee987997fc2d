package session

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"reprise/capture"
	"reprise/capture/localtime"
	"reprise/replay"
	"reprise/replay/pace"
)

// Outage is a stretch of recorded time in which the vendor was down. To is not part of it.
type Outage struct{ From, To Moment }

// Moment is a moment of what is played: an absolute one; or, without one, a time since the first message that is played; or, with a zone,
// a clock's time there, on the first day on which all of the outage lies in what is played.
type Moment struct {
	At    time.Time
	Since time.Duration
	Zone  *time.Location
}

// DrainOrder says in which order the queue of an outage is sent.
type DrainOrder uint8

// The orders.
const (
	// Fifo sends it in the order in which it came.
	Fifo DrainOrder = iota
	// Shuffled sends it in an order that the seed decides.
	Shuffled
)

// ParseDrainOrder reads "fifo" or "shuffled".
func ParseDrainOrder(s string) (DrainOrder, error) {
	switch s {
	case "fifo":
		return Fifo, nil
	case "shuffled":
		return Shuffled, nil
	}
	return 0, fmt.Errorf("%q is neither fifo nor shuffled", s)
}

// ParseOutage reads "A..B": both are times since the first message, as in 60s..90s; or times of day of a clock in zone, as in
// 14:00..15:30; or moments, RFC 3339 or such as "2022-11-28 14:00" of a clock in zone.
func ParseOutage(text string, zone *time.Location) (o Outage, err error) {
	from, to, ok := strings.Cut(text, "..")
	if !ok {
		return o, fmt.Errorf("%q is no stretch of time: write 14:00..15:30, 60s..90s, or two times RFC 3339", text)
	}
	if o.From, err = parseMoment(from, zone); err != nil {
		return o, err
	}
	if o.To, err = parseMoment(to, zone); err != nil {
		return o, err
	}
	switch a, b := &o.From, &o.To; {
	case a.form() != b.form():
		return o, fmt.Errorf("%q: write both ends in one way: as times of day, as times since the first message, or with the day", text)
	case a.form() == clock && a.Since > b.Since:
		return o, fmt.Errorf("%q does not begin before it ends; for one over midnight, give both ends with the day, as in \"2022-11-27 23:50..2022-11-28 00:10\"", text)
	case a.form() == moment && !a.At.Before(b.At), a.form() != moment && a.Since >= b.Since:
		return o, fmt.Errorf("%q does not begin before it ends", text)
	}
	return o, nil
}

func parseMoment(text string, zone *time.Location) (m Moment, err error) {
	text = strings.TrimSpace(text)
	if d, err := time.ParseDuration(text); err == nil {
		if d < 0 {
			return m, fmt.Errorf("%q is before the first message", text)
		}
		return Moment{Since: d}, nil
	}
	for _, layout := range [...]string{"15:04:05", "15:04"} {
		if t, err := time.Parse(layout, text); err == nil {
			day := time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
			return Moment{Since: t.Sub(day), Zone: zone}, nil
		}
	}
	if text == "" {
		return m, errors.New("an outage has a beginning and an end: write 14:00..15:30 or 60s..90s")
	}
	if m.At, _, err = localtime.Parse(text, zone); errors.Is(err, localtime.ErrNoTime) {
		return m, fmt.Errorf("%q is no time: write 60s since the first message, 14:00, or 2022-11-28T14:00:00Z", text)
	}
	return m, err
}

// form is how a moment is written.
type form uint8

const (
	offset form = iota
	clock
	moment
)

func (m *Moment) form() form {
	switch {
	case !m.At.IsZero():
		return moment
	case m.Zone != nil:
		return clock
	}
	return offset
}

// within places an outage in what is played from first to last.
func (o *Outage) within(first, last time.Time) (from, to time.Time, err error) {
	switch o.From.form() {
	case moment:
		from, to = o.From.At, o.To.At
	case offset:
		from, to = first.Add(o.From.Since), first.Add(o.To.Since)
	case clock:
		return o.onADay(first, last)
	}
	if from.Before(first) || to.After(last) {
		return from, to, fmt.Errorf("%s is not within what is played, which is %s", stretchText(from, to), stretchText(first, last))
	}
	return from, to, nil
}

// onADay is the outage on the first day on which it lies in what is played.
func (o *Outage) onADay(first, last time.Time) (from, to time.Time, err error) {
	y, m, d := first.In(o.From.Zone).Date()
	for day := time.Date(y, m, d, 0, 0, 0, 0, time.UTC); !day.After(last.Add(48 * time.Hour)); day = day.AddDate(0, 0, 1) {
		a, _, here := localtime.Occurrences(day.Add(o.From.Since), o.From.Zone)
		b, _, there := localtime.Occurrences(day.Add(o.To.Since), o.From.Zone)
		if here && there && a.Before(b) && !a.Before(first) && !b.After(last) {
			return a, b, nil
		}
	}
	return from, to, fmt.Errorf("on no day it is within what is played, which is %s", stretchText(first.In(o.From.Zone), last.In(o.From.Zone)))
}

func stretchText(from, to time.Time) string {
	return fmt.Sprintf("%s to %s (%v)", from.Format(time.RFC3339), to.Format(time.RFC3339), to.Sub(from).Round(time.Millisecond))
}

// The shortest and the longest time in which the queue of an outage is sent: a shorter one is no longer a rate, but all at once.
const (
	shortestDrain = time.Millisecond
	longestDrain  = 366 * 24 * time.Hour
)

// checkOutages refuses what makes no sense whatever the corpus is.
func (o *Options) checkOutages() error {
	switch {
	case len(o.Outages) > 0 && o.stepped():
		return o.bad("Outages", fmt.Errorf("it cannot be with the steps of %s, as both say when a message is sent: it goes with a cap and factors, and with %s", o.name("Shape"), o.name("TimeScale")))
	case len(o.Outages) > 0 && o.Drain <= 0:
		return o.bad("Drain", errors.New("say in what time the queue is sent after the outage, as in 20m: it must be above 0"))
	case len(o.Outages) > 0 && (o.Drain < shortestDrain || o.Drain > longestDrain):
		return o.bad("Drain", fmt.Errorf("%v is not from %v to a year", o.Drain, shortestDrain))
	case len(o.Outages) == 0 && o.Drain != 0:
		return o.bad("Drain", fmt.Errorf("it says in what time the queue of an outage is sent: set %s too", o.name("Outages")))
	case len(o.Outages) == 0 && o.DrainOrder != Fifo:
		return o.bad("DrainOrder", fmt.Errorf("it is the order of the queue of an outage: set %s too", o.name("Outages")))
	}
	return nil
}

// stepped says whether there are steps, whose order outages would change.
func (o *Options) stepped() bool { return len(o.Shape.Steps) > 0 || o.Shape.Search != nil }

// placedOutage is where an outage lies in the recording.
type placedOutage struct{ from, to time.Time }

// placeOutages finds out where the outages lie in what is played, and how much each holds.
func (s *Session) placeOutages(ctx context.Context) error {
	o := &s.o
	if len(o.Outages) == 0 {
		return nil
	}
	var first, last time.Time
	if err := s.eachKept(ctx, func(r *capture.Record) {
		if first.IsZero() {
			first = r.Time
		}
		last = r.Time
	}); err != nil {
		return err
	}
	if first.IsZero() {
		return ErrNothing
	}
	placed, err := o.placed(first, last)
	if err != nil {
		return err
	}
	if err := s.place(ctx, first, placed); err != nil {
		return err
	}
	return s.countHeld(ctx)
}

// placed are the outages in order of time.
func (o *Options) placed(first, last time.Time) (list []placedOutage, err error) {
	for i := range o.Outages {
		from, to, err := o.Outages[i].within(first, last)
		if err != nil {
			return nil, o.bad("Outages", err)
		}
		list = append(list, placedOutage{from, to})
	}
	slices.SortFunc(list, func(a, b placedOutage) int { return a.from.Compare(b.from) })
	for i := 1; i < len(list); i++ {
		if list[i].from.Before(list[i-1].to) {
			return nil, o.bad("Outages", errors.New("two outages overlap: give one that holds both"))
		}
	}
	return list, nil
}

// place puts the outages on the schedule, which leaves out what MaxGap does.
func (s *Session) place(ctx context.Context, first time.Time, placed []placedOutage) error {
	bounds := make([]time.Time, 0, 2*len(placed))
	for _, p := range placed {
		bounds = append(bounds, p.from, p.to)
	}
	at := make([]time.Duration, 0, len(bounds))
	if most := s.o.MaxGap; most > 0 {
		cut := time.Duration(0) // what is left out so far
		before := first
		if err := s.eachKept(ctx, func(r *capture.Record) {
			t := r.Time
			for len(at) < len(bounds) && !bounds[len(at)].After(t) {
				b := bounds[len(at)]
				at = append(at, before.Sub(first)-cut+min(b.Sub(before), most))
			}
			if t.After(before) {
				cut += max(t.Sub(before)-most, 0)
				before = t
			}
		}); err != nil {
			return err
		}
	} else {
		for _, b := range bounds {
			at = append(at, b.Sub(first))
		}
	}
	s.plan.outages = placed
	for i := range placed {
		if at[2*i] >= at[2*i+1] {
			return s.nothingHeld(i)
		}
		s.plan.pace.Outages = append(s.plan.pace.Outages, pace.Outage{
			From: at[2*i], To: at[2*i+1], Drain: s.o.Drain, Shuffled: s.o.DrainOrder == Shuffled,
		})
	}
	return nil
}

// nothingHeld is the error for an outage in which no message is due.
func (s *Session) nothingHeld(i int) error {
	p := s.plan.outages[i]
	return s.o.bad("Outages", fmt.Errorf("no message that is played is due from %s", stretchText(p.from, p.to)))
}

// countHeld finds out how much each outage holds.
func (s *Session) countHeld(ctx context.Context) error {
	src, err := s.source()
	if err != nil {
		return err
	}
	defer src.Close()
	held, err := replay.CountHeld(ctx, src, s.plan.pace, replay.ScanOptions{
		Keep: s.keep(), Factor: newFactors(s.o.Factors).function(), Again: func(context.Context) (replay.Stream, error) { return s.source() },
	})
	if err != nil {
		return err
	}
	for i := range held {
		if len(held[i]) == 0 || held[i][0] == 0 {
			return s.nothingHeld(i)
		}
		s.plan.pace.Outages[i].Held = held[i]
	}
	return nil
}

// eachKept gives out each record that is played, in order. It is valid until do returns.
func (s *Session) eachKept(ctx context.Context, do func(*capture.Record)) error {
	src, r, err := s.scanned()
	if err != nil {
		return err
	}
	defer r.Close()
	var rec capture.Record
	for keep := s.keep(); ; {
		switch err := src.Next(ctx, &rec); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		if keep(&rec) {
			do(&rec)
		}
	}
}

// outageError says of an error of a plan which option it is of.
func (o *Options) outageError(err error) error {
	if errors.Is(err, pace.ErrDrain) {
		return o.bad("Drain", pace.ErrDrain)
	}
	return err
}
