package compare

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// Cover is one change that holds for several rows at once: what a person says of all of them in one sentence.
type Cover struct {
	// Metric is "latency" or "failed".
	Metric  string  `json:"metric"`
	Verdict Verdict `json:"verdict"` // regressed or improved
	Scope   Scope   `json:"scope"`
	// Kinds are those that changed; none where it is told of all together.
	Kinds []string `json:"kinds"`
	// Except are the kinds that were judged and did not change so, and Open those of which that could not be decided. Kinds with
	// too few requests are in neither.
	Except []string `json:"except,omitempty"`
	Open   []string `json:"open,omitempty"`
	// Quantiles are those that changed, and Whole says that they are all that was judged; Upward that they and everything above
	// them changed. None of failures.
	Quantiles []string `json:"quantiles,omitempty"`
	// Partly are quantiles that changed in some of the kinds alone.
	Partly []string `json:"partly,omitempty"`
	Whole  bool     `json:"whole,omitempty"`
	Upward bool     `json:"upward,omitempty"`
	// Difference is the range of the changes over kinds and quantiles: nanoseconds, or of failures a share. Change is that as a
	// share of base, of latency alone, and not where a base is 0.
	Difference Interval  `json:"difference"`
	Change     *Interval `json:"change,omitempty"`
	// Most is the kind that changed most, where it stands out; empty where none does.
	Most string `json:"most,omitempty"`
}

// Scope says which kinds a change is of. The texts are part of the JSON.
type Scope string

// The scopes.
const (
	EveryKind Scope = "every"    // every kind that was judged
	EveryBut  Scope = "but"      // all of them but one or two
	AloneKind Scope = "alone"    // one, and no other changed or might have
	SomeKinds Scope = "some"     // those that are listed
	OnlyKind  Scope = "only"     // the one that there is, or that was judged
	Together  Scope = "together" // all together: no kind changed by itself, or one did as all did and nothing is known of the others
)

// Covers sums up all rows of latency and failures that changed: the change that is of most kinds first, regressions before
// improvements. It is empty where nothing changed.
func (c *Comparison) Covers() []Cover { return covers(&c.All, c.Kinds) }

// Covers sums up the rows of completion.
func (c *Completions) Covers() []Cover { return covers(&c.All, c.Kinds) }

func covers(all *Kind, kinds []Kind) []Cover {
	var out []Cover
	for _, v := range []Verdict{Regressed, Improved} {
		list := coverLatency(all, kinds, v)
		if failed := coverErrors(all, kinds, v); failed != nil {
			list = append(list, *failed)
		}
		slices.SortStableFunc(list, func(a, b Cover) int { return cmp.Compare(len(b.Kinds), len(a.Kinds)) })
		out = append(out, list...)
	}
	return out
}

// stand is what a row says of a change in one direction.
type stand uint8

const (
	unknown stand = iota // not judged
	open                 // judged, and not decided
	denies               // judged, and no such change
	holds
	partly // of several kinds: it holds for some of them
)

func standOf(of, sought Verdict, why Why) stand {
	switch {
	case of == sought:
		return holds
	case of == Regressed, of == Improved, of == Equivalent:
		return denies
	case undecided(of, why):
		return open
	}
	return unknown
}

// group is kinds that changed alike: no quantile changed in one of them and not in another, or only beside quantiles that
// changed in all of them, about as far.
type group struct {
	kinds  []*Kind
	stands [len4]stand
}

// takes says whether a kind changed like the group, and takes it in where it did.
func (g *group) takes(k *Kind, stands [len4]stand) bool {
	differ, shared := false, false
	for i, s := range stands {
		if min(s, g.stands[i]) <= open || s == g.stands[i] && s != holds {
			continue
		}
		if s != g.stands[i] {
			differ = true
			continue
		}
		const alike = 2
		a, b := math.Abs(float64(k.Latency[i].Difference)), math.Abs(float64(g.kinds[0].Latency[i].Difference))
		shared = shared || max(a, b) < alike*min(a, b)
	}
	if differ && !shared {
		return false
	}
	for i, s := range stands {
		if have := g.stands[i]; min(have, s) > open && have != s {
			s = partly
		}
		g.stands[i] = max(g.stands[i], s)
	}
	g.kinds = append(g.kinds, k)
	return true
}

// coverLatency sums up a change of latency in one direction.
func coverLatency(all *Kind, kinds []Kind, v Verdict) (out []Cover) {
	var groups []*group
	for i := range kinds {
		stands, some := standsOf(&kinds[i], v)
		if some && !slices.ContainsFunc(groups, func(g *group) bool { return g.takes(&kinds[i], stands) }) {
			groups = append(groups, &group{kinds: []*Kind{&kinds[i]}, stands: stands})
		}
	}
	if stands, some := standsOf(all, v); some && len(groups) == 0 {
		groups = []*group{{kinds: []*Kind{all}, stands: stands}}
	}
	if len(groups) == 1 && groups[0].standsForAll(all, kinds, v) {
		stands, _ := standsOf(all, v)
		groups[0] = &group{kinds: []*Kind{all}, stands: stands}
	}
	for _, g := range groups {
		c := Cover{Metric: "latency", Verdict: v, Change: new(Interval)}
		g.measure(&c)
		c.scope(all, g.kinds, kinds, len(groups), func(k *Kind) stand { return latencyStand(k, v) })
		out = append(out, c)
	}
	return out
}

// standsForAll says whether the one kind that changed is merely the one of several that could be told of: all together changed as it
// did, and no other kind is known not to have.
func (g *group) standsForAll(all *Kind, kinds []Kind, v Verdict) bool {
	if len(g.kinds) != 1 || g.kinds[0] == all || len(kinds) < 2 {
		return false
	}
	for i := range kinds {
		if k := &kinds[i]; k != g.kinds[0] && latencyStand(k, v) > open {
			return false
		}
	}
	const alike = 2
	stands, some := standsOf(all, v)
	if !some {
		return false
	}
	for i, s := range g.stands {
		if s != holds {
			continue
		}
		a, b := float64(all.Latency[i].Difference), float64(g.kinds[0].Latency[i].Difference)
		if stands[i] != holds || max(a/b, b/a) >= alike {
			return false
		}
	}
	return true
}

func standsOf(k *Kind, v Verdict) (out [len4]stand, some bool) {
	for i := range min(len(k.Latency), len4) {
		if l := &k.Latency[i]; l.Judged {
			out[i] = standOf(l.Verdict, v, l.Why)
			some = some || out[i] == holds
		}
	}
	return out, some
}

// latencyStand is what the quantiles of a kind say together: it denies a change where none is undecided.
func latencyStand(k *Kind, v Verdict) stand {
	stands, some := standsOf(k, v)
	switch {
	case some:
		return holds
	case slices.Contains(stands[:], open):
		return open
	}
	return slices.Max(stands[:])
}

// undecided says whether a row had enough to be judged by and was not decided.
func undecided(v Verdict, w Why) bool {
	return v == Inconclusive && slices.Contains([]Why{Across, TooNoisy, LagTooLarge, NotFaithful}, w)
}

// measure takes the quantiles and the sizes of a group's change.
func (g *group) measure(c *Cover) {
	largest, second := 0.0, 0.0
	first, none := true, false
	for _, k := range g.kinds {
		size := 0.0
		for i := range k.Latency {
			l := &k.Latency[i]
			if !l.Judged || l.Verdict != c.Verdict {
				continue
			}
			d, r := float64(l.Difference), l.Change
			if first {
				c.Difference, *c.Change, first = Interval{d, d}, Interval{r, r}, false
			}
			c.Difference, *c.Change = c.Difference.hull(Interval{d, d}), c.Change.hull(Interval{r, r})
			size, none = max(size, math.Abs(d)), none || l.Base <= 0
		}
		if size > largest {
			largest, second, c.Most = size, largest, k.Name
		} else {
			second = max(second, size)
		}
	}
	if none { // a share of 0
		c.Change = nil
	}
	if len(g.kinds) < 2 || largest < 2*second {
		c.Most = ""
	}
	c.quantiles(g)
}

// quantiles says which quantiles changed, and whether those are all.
func (c *Cover) quantiles(g *group) {
	c.Whole = true
	lowest := -1
	for i, q := range quantiles() {
		switch g.stands[i] {
		case holds:
			if c.Quantiles = append(c.Quantiles, q.name); lowest < 0 {
				lowest = i
			}
		case partly:
			c.Partly = append(c.Partly, q.name)
			c.Whole = false
		case denies, open: // what is open is decided in none of them
			c.Whole = false
		}
	}
	// What was not decided between those that changed is no reason to list them.
	if c.Whole = c.Whole && (lowest == 0 || len(c.Quantiles) == 0); c.Whole {
		return
	}
	c.Upward = lowest > 0
	for i := max(lowest, 0); i < len4; i++ {
		if g.stands[i] == denies || g.stands[i] == partly || g.stands[i] <= open && !g.moved(i, c) {
			c.Upward = false
		}
	}
}

// moved says whether a quantile that was not judged moved as far, in each kind, as the least that counted.
func (g *group) moved(i int, c *Cover) bool {
	least := min(math.Abs(c.Difference.Low), math.Abs(c.Difference.High))
	for _, k := range g.kinds {
		if i >= len(k.Latency) {
			return false
		}
		d := float64(k.Latency[i].Difference)
		if (d > 0) != (c.Verdict == Regressed) || math.Abs(d) < least {
			return false
		}
	}
	return true
}

// scope says which kinds the change is of. of is what a kind says of it, groups how many groups of kinds changed in that
// direction.
func (c *Cover) scope(all *Kind, changed []*Kind, kinds []Kind, groups int, of func(*Kind) stand) {
	c.Kinds = []string{}
	for i := range kinds {
		k := &kinds[i]
		switch says := of(k); {
		case slices.Contains(changed, k):
			c.Kinds = append(c.Kinds, k.Name)
		case says == open:
			c.Open = append(c.Open, k.Name)
		case says != unknown:
			c.Except = append(c.Except, k.Name)
		}
	}
	const few = 2
	switch n, rest := len(c.Kinds), len(c.Except)+len(c.Open); {
	case len(changed) == 1 && changed[0] == all:
		c.Scope, c.Kinds, c.Except = Together, []string{}, nil
	case rest == 0 && n == 1:
		c.Scope = OnlyKind
	case rest == 0:
		c.Scope = EveryKind
	case n > rest && rest <= few:
		c.Scope = EveryBut
	case n == 1 && groups == 1 && len(c.Open) == 0:
		c.Scope = AloneKind
	default:
		c.Scope = SomeKinds
	}
}

// coverErrors sums up a change of failures in one direction; nil where there is none.
func coverErrors(all *Kind, kinds []Kind, v Verdict) *Cover {
	of := func(k *Kind) stand { return standOf(k.Errors.Verdict, v, k.Errors.Why) }
	changes := func(k *Kind) bool { return k.Errors.Verdict == v }
	var changed []*Kind
	for i := range kinds {
		if changes(&kinds[i]) {
			changed = append(changed, &kinds[i])
		}
	}
	if len(changed) == 0 {
		if !changes(all) {
			return nil
		}
		changed = []*Kind{all}
	}
	c := &Cover{Metric: "failed", Verdict: v}
	for i, k := range changed {
		d := Interval{k.Errors.Difference, k.Errors.Difference}
		if i == 0 {
			c.Difference = d
		}
		c.Difference = c.Difference.hull(d)
	}
	c.scope(all, changed, kinds, 1, of)
	return c
}

// Floor is the least fall and the least rise of a quantile that count, as shares of base: what the method's relative floor
// and its absolute one come to for these values.
func (m *Method) Floor(l *Latency) Interval {
	share, least := m.FloorChange, m.FloorLatency
	if l.Metric == "p99" && m.FloorTail > 0 {
		share, least = m.FloorTail, m.FloorTailLatency
	}
	if m.Rounds > 0 {
		rise := max(share, float64(least)/float64(max(min(l.Base, l.Candidate), time.Nanosecond)))
		return Interval{Low: 1/(1+rise) - 1, High: rise}
	}
	of := float64(least) / float64(max(l.Base, time.Nanosecond))
	return Interval{Low: -max(1-1/(1+share), min(of, 1)), High: max(share, of)}
}
