package experiment

import (
	"slices"
	"time"

	"reprise/replay/cause"
	"reprise/replay/explain"
)

// record names a play of a record.
type record struct {
	seq  uint32
	copy uint16
}

// first is what the first run tells: which requests the finding is about, and from where on one of them is slow.
type first struct {
	measure cause.Measure
	class   string
	in      map[record]bool // whether a rule holds, of every request
	slower  cause.Micros    // a request that takes longer is slow
	table   *cause.Table
	fits    []bool
	gap     float64 // the share of slow ones among the requests of the finding, less that among the others
}

// fewest is how many requests of a finding, and how many others, a trial needs.
const fewest = 20

func newFirst(why *explain.Why, f *cause.Finding, measure cause.Measure) (first, error) {
	t := why.Table
	x := first{measure: measure, class: f.Class, in: make(map[record]bool, t.Len()), table: t}
	if len(f.Where) > 0 {
		x.fits = t.Fits(f.Where)
	} else {
		x.fits = make([]bool, t.Len())
		for i, due := range t.Intended {
			x.fits[i] = f.Span.From <= due && due < f.Span.To
		}
	}
	var hit, rest []cause.Micros
	for i := range t.Intended {
		x.in[record{t.Seq[i], t.Copy[i]}] = x.fits[i]
		v, counts := x.value(t, i)
		if !counts {
			continue
		}
		if x.fits[i] {
			hit = append(hit, v)
		} else {
			rest = append(rest, v)
		}
	}
	if len(hit) < fewest || len(rest) < fewest {
		return x, ErrTooFew
	}
	x.slower, x.gap = parting(hit, rest)
	return x, nil
}

// value is what of a request is compared, and whether it counts: whether one failed or was never completed is 1 or 0.
func (x *first) value(t *cause.Table, i int) (v cause.Micros, counts bool) {
	switch x.measure {
	case cause.Failing:
		failed := t.Failure[i] != 0 && (x.class == "" || t.Failures[t.Failure[i]-1] == x.class)
		return yes(failed), true
	case cause.NeverCompleted:
		return yes(t.Never != nil && t.Never[i]), t.Never != nil && t.Failure[i] == 0
	case cause.CompletionTime:
		if t.Completion == nil {
			return 0, false
		}
		if t.Never[i] {
			return never, true
		}
		return t.Completion[i], t.Completion[i] != cause.NoMicros
	case cause.Lag:
		return t.Lag[i], true
	case cause.Latency:
		return t.Lag[i] + t.Service[i], t.Service[i] != cause.NoMicros
	}
	return t.Service[i], t.Service[i] != cause.NoMicros
}

func yes(b bool) cause.Micros {
	if b {
		return 1
	}
	return 0
}

// never is the time of a request that was never completed: longer than any.
const never = cause.NoMicros - 1

// parting is the value that parts two samples best: that above which the shares of both differ most.
func parting(hit, rest []cause.Micros) (at cause.Micros, gap float64) {
	hit, rest = slices.Clone(hit), slices.Clone(rest)
	slices.Sort(hit)
	slices.Sort(rest)
	gap = -1
	for i := range rest {
		if i+1 < len(rest) && rest[i+1] == rest[i] {
			continue
		}
		below, _ := slices.BinarySearch(hit, rest[i]+1)
		if d := float64(len(hit)-below)/float64(len(hit)) - float64(len(rest)-1-i)/float64(len(rest)); d > gap {
			at, gap = rest[i], d
		}
	}
	return at, gap
}

// enough is how many slow requests of a finding, and how many others, suffice.
const enough = 60

// limit is how many requests of the first run, from its begin, have enough of the finding and of the others; 0 is all.
func (x *first) limit() int64 {
	slow, rest := 0, 0
	for i := range x.table.Intended {
		v, counts := x.value(x.table, i)
		switch {
		case !counts:
		case !x.fits[i]:
			rest++
		case v > x.slower:
			slow++
		}
		if slow >= enough && rest >= 4*enough {
			return int64(i + 1)
		}
	}
	return 0
}

// took is how long the first requests of the first run took, all where it is 0.
func (x *first) took(limit int64) time.Duration {
	due := x.table.Intended
	if limit == 0 || int(limit) > len(due) {
		limit = int64(len(due))
	}
	return due[limit-1]
}
