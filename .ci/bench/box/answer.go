package box

import (
	"math"
	"reprise/replay/cause"
	"slices"
)

// alike is what part of the requests that either of two rules names both must name to be one answer.
const alike = 0.9

// accepts says whether a finding is a right answer to a part.
func (p *part) accepts(f *cause.Finding, t *cause.Table) bool {
	if f.Whose != p.whose {
		return false
	}
	if p.whose != cause.OfTarget {
		return true
	}
	if completing := f.Measure == cause.CompletionTime || f.Measure == cause.NeverCompleted; completing != p.after {
		return false
	}
	if slices.Contains(p.patterns, f.Pattern) || p.right != nil && p.right(p, f) {
		return true
	}
	for _, where := range append([][]cause.Condition{f.Where}, f.Same...) {
		if len(where) == 0 {
			continue
		}
		named := fits(t, where)
		if p.right != nil && p.right(p, &cause.Finding{Where: where, Whose: f.Whose, Measure: f.Measure}) {
			return true
		}
		if same(named, p.hit) || slices.ContainsFunc(p.rules, func(rule []bool) bool { return same(named, rule) }) {
			return true
		}
	}
	return false
}

// same says whether two rules are one answer.
func same(a, b []bool) bool {
	both, either := 0, 0
	for i := range a {
		if a[i] && b[i] {
			both++
		}
		if a[i] || b[i] {
			either++
		}
	}
	return either > 0 && float64(both) >= alike*float64(either)
}

// fits says which requests a rule names, by the definition of conditions alone.
func fits(t *cause.Table, where []cause.Condition) []bool {
	named := make([]bool, t.Len())
	for i := range named {
		named[i] = true
	}
	for _, c := range where {
		column := t.Column(c.Attribute)
		if column == nil {
			return make([]bool, t.Len())
		}
		var has [256]bool
		for code := range has[:cause.NoCode] {
			has[code] = holds(column, code, c)
		}
		for i, code := range column.Codes {
			named[i] = named[i] && has[code]
		}
	}
	return named
}

// holds says whether a condition holds for the values of a code.
func holds(column *cause.Column, code int, c cause.Condition) bool {
	switch {
	case column.Edges != nil:
		if code >= len(column.Edges) {
			return false
		}
		v := column.Edges[code]
		return (math.IsNaN(c.From) || v >= c.From) && (math.IsNaN(c.To) || v < c.To)
	case column.Labels != nil:
		return code < len(column.Labels) && slices.Contains(c.Values, column.Labels[code])
	case code == 0:
		return slices.Contains(c.Values, "no")
	}
	return code == 1 && slices.Contains(c.Values, "yes")
}

// of returns the condition on an attribute.
func condition(f *cause.Finding, a cause.Attribute) (c cause.Condition, ok bool) {
	i := slices.IndexFunc(f.Where, func(c cause.Condition) bool { return c.Attribute == a })
	if i < 0 {
		return c, false
	}
	return f.Where[i], true
}

// namesPerson: the same person shortly before, with a time that is right to a factor of five.
func namesPerson(p *part, f *cause.Finding) bool {
	c, ok := condition(f, cause.SamePersonWithin)
	within := float64(p.within)
	return ok && c.To > within/5 && c.To < within*5
}

// namesKinds: kinds that are slow and no other, with half of the requests of those kinds at least.
func namesKinds(p *part, f *cause.Finding) bool {
	c, ok := condition(f, cause.Kind)
	if !ok || len(c.Values) == 0 {
		return false
	}
	named, all := 0, 0
	for k, n := range p.kinds {
		if all += n; slices.Contains(c.Values, k) {
			named += n
		}
	}
	return 2*named >= all && !slices.ContainsFunc(c.Values, func(k string) bool { _, slow := p.kinds[k]; return !slow })
}

// namesRepeat: subscribe, of somebody who wrote before.
func namesRepeat(_ *part, f *cause.Finding) bool {
	kind, ok := condition(f, cause.Kind)
	if !ok || !slices.Equal(kind.Values, []string{"subscribe"}) {
		return false
	}
	first, ok := condition(f, cause.FirstOfPerson)
	_, gap := condition(f, cause.SamePersonWithin)
	return gap || ok && slices.Equal(first.Values, []string{"no"})
}

// namesLoad: requests in flight, or a burst.
func namesLoad(_ *part, f *cause.Finding) bool { return slices.ContainsFunc(f.Where, isLoad) }

// namesTime: a stretch of the run.
func namesTime(_ *part, f *cause.Finding) bool {
	_, ok := condition(f, cause.RunSecond)
	return ok
}
