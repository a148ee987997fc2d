package session

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"reprise/capture"
	"reprise/capture/sms"
	"reprise/capture/yamldoc"
	"reprise/replay/pace"
)

// Factor multiplies the volume of the messages that it matches: those that have all that it names. A message that several match has the
// product of them.
type Factor struct {
	// Hours has a bit for each hour of the recorded day, in Zone, and Weekdays one for each day, Sunday the lowest; 0 is any.
	Hours    uint32
	Weekdays uint8
	// Kinds and Recipients are those it is for, recipients as sms.Canonical has them; none is any.
	Kinds      []capture.Kind
	Recipients []string
	// From and To bound the recorded time; To is outside, zero bounds are open ends.
	From, To Bound
	// Volume is the factor, from 0 to pace.MaxVolume.
	Volume float64
	// Zone is that of the clock that Hours and Weekdays are told by; nil is UTC.
	Zone *time.Location `json:"-"`
	// Name and Line say where it was written; "" and 0 where that is nowhere.
	Name string `json:"-"`
	Line int    `json:"-"`
}

// Bound is a moment of the recording: At, or so long after the first message that is played.
type Bound struct {
	At    time.Time
	After time.Duration
	Set   bool // also where both are zero
}

// moment is when a bound is, in a recording of which the first message is played at a time.
func (b Bound) moment(origin time.Time) time.Time {
	if b.At.IsZero() {
		return origin.Add(b.After)
	}
	return b.At
}

// matches says whether a factor is for a record. The first record that is played is at origin, and the recipient is canonical.
func (f *Factor) matches(r *capture.Record, origin time.Time, recipient func() string) bool {
	if f.Hours != 0 || f.Weekdays != 0 {
		at := r.Time.UTC()
		if f.Zone != nil {
			at = r.Time.In(f.Zone)
		}
		if f.Hours != 0 && f.Hours&(1<<at.Hour()) == 0 || f.Weekdays != 0 && f.Weekdays&(1<<at.Weekday()) == 0 {
			return false
		}
	}
	switch {
	case f.From.Set && r.Time.Before(f.From.moment(origin)), f.To.Set && !r.Time.Before(f.To.moment(origin)):
		return false
	case len(f.Kinds) > 0 && !slices.Contains(f.Kinds, r.Kind):
		return false
	}
	return len(f.Recipients) == 0 || slices.Contains(f.Recipients, recipient())
}

// attributes are the names of what a factor tells messages by.
func (f *Factor) attributes() (names string) {
	for _, a := range []struct {
		name string
		set  bool
	}{
		{"hour", f.Hours != 0}, {"weekday", f.Weekdays != 0}, {"kind", len(f.Kinds) > 0}, {"recipient", len(f.Recipients) > 0}, {"time", f.From.Set || f.To.Set},
	} {
		if a.set {
			names += a.name + " "
		}
	}
	return names
}

// overlaps says whether two factors of the same attributes would both match some message, as far as that can be told before the first
// message is known: a clock's time and an offset cannot be compared.
func (f *Factor) overlaps(g *Factor, origin time.Time) bool {
	if f.attributes() != g.attributes() || f.Hours&g.Hours == 0 && f.Hours != 0 || f.Weekdays&g.Weekdays == 0 && f.Weekdays != 0 {
		return false
	}
	if len(f.Kinds) > 0 && !shareOne(f.Kinds, g.Kinds) || len(f.Recipients) > 0 && !shareOne(f.Recipients, g.Recipients) {
		return false
	}
	return !endsBefore(f.To, g.From, origin) && !endsBefore(g.To, f.From, origin)
}

func shareOne[T comparable](a, b []T) bool {
	return slices.ContainsFunc(a, func(v T) bool { return slices.Contains(b, v) })
}

// endsBefore says whether a stretch that ends at one bound ends before another begins. Without an origin it says so where it cannot tell.
func endsBefore(to, from Bound, origin time.Time) bool {
	switch {
	case !to.Set || !from.Set:
		return false
	case origin.IsZero() && to.At.IsZero() != from.At.IsZero():
		return true
	}
	return !to.moment(origin).After(from.moment(origin))
}

// error is what is wrong with a factor, where it was written.
func (f *Factor) error(place int, format string, args ...any) error {
	field := &yamldoc.FieldError{Line: f.Line, Field: fmt.Sprintf("factors.%d", place), Reason: fmt.Sprintf(format, args...)}
	if f.Line == 0 {
		return fmt.Errorf("%s: %s", field.Field, field.Reason)
	}
	return field
}

// checkFactors refuses factors that cannot be played. Two that could both be meant for one message are an error: which of them was
// meant, or whether their product, cannot be told.
func checkFactors(list []Factor, origin time.Time) error {
	for i := range list {
		f := &list[i]
		if !(f.Volume >= 0 && f.Volume <= pace.MaxVolume) {
			return f.error(i, "volume must be a factor from 0 to %v", pace.MaxVolume)
		}
		if f.attributes() == "" {
			return f.error(i, "it has no hour, weekday, kind, recipient, from or to: for all messages, give the volume")
		}
		if f.From.Set && f.To.Set && endsBefore(f.To, f.From, origin) && (!origin.IsZero() || f.From.At.IsZero() == f.To.At.IsZero()) {
			return f.error(i, "from is not before to")
		}
		for j := range i {
			if g := &list[j]; f.overlaps(g, origin) {
				return f.error(i, "it overlaps %s, which has the same attributes: which of the two is meant cannot be told", g.where(j))
			}
		}
	}
	return nil
}

// where says which factor one is.
func (f *Factor) where(place int) string {
	if f.Line == 0 {
		return fmt.Sprintf("factors.%d", place)
	}
	return fmt.Sprintf("the factor of line %d", f.Line)
}

// mostOf is what the factors can come to for one message: of those with the same attributes one matches at most.
func mostOf(list []Factor) float64 {
	most := make(map[string]float64)
	for i := range list {
		a := list[i].attributes()
		most[a] = max(most[a], list[i].Volume, 1)
	}
	product := 1.0
	for _, v := range most {
		product *= v
	}
	return product
}

// factors multiply the volume in one pass over the corpus, and count what each was for.
type factors struct {
	list   []Factor
	origin time.Time
	hits   []int64
	seen   seen
	raw    string // the recipient that was asked for last, and how it is called
	name   string
}

// newFactors begins a pass; nil where there are none.
func newFactors(list []Factor) *factors {
	if len(list) == 0 {
		return nil
	}
	return &factors{list: list, hits: make([]int64, len(list))}
}

// of is the factor of a record that is played. The first that it is asked for is the run's first.
func (f *factors) of(r *capture.Record) float64 {
	if f.origin.IsZero() {
		f.origin = r.Time
	}
	f.seen.add(r, f.list[0].Zone)
	product := 1.0
	for i := range f.list {
		if f.list[i].matches(r, f.origin, func() string { return f.recipient(r) }) {
			product *= f.list[i].Volume
			f.hits[i]++
		}
	}
	return product
}

// function is of, nil where there are no factors.
func (f *factors) function() func(*capture.Record) float64 {
	if f == nil {
		return nil
	}
	return f.of
}

// recipient is the number that a message is to, in one spelling.
func (f *factors) recipient(r *capture.Record) string {
	if raw := r.Own(); raw != f.raw {
		f.raw, f.name = raw, canonical(raw)
	}
	return f.name
}

// canonical is the one spelling of an address, or the address where it has none.
func canonical(raw string) string {
	if name, _ := sms.Canonical(raw); name != "" {
		return name
	}
	return raw
}

// check refuses factors that were for no message, after a pass.
func (f *factors) check() error {
	if f == nil {
		return nil
	}
	if err := checkFactors(f.list, f.origin); err != nil { // what an offset and a clock's time have in common is known by now
		return err
	}
	var idle []string
	first := -1
	for i, n := range f.hits {
		switch {
		case n > 0:
			continue
		case first < 0:
			first = i
		default:
			idle = append(idle, f.list[i].where(i))
		}
	}
	if first < 0 {
		return nil
	}
	others := ""
	if len(idle) > 0 {
		others = ", nor " + strings.Join(idle, ", ")
	}
	return f.list[first].error(first, "no message of the selection matches it%s; %s", others, f.seen.String())
}
