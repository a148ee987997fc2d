package cause

import (
	"math"
	"time"
)

// rule is one condition or two, or a change over time.
type rule struct {
	conditions []condition
	// hit says for which of the outcome's rows a change over time holds.
	hit     group
	gain    float64
	p       float64
	same    [][]Condition
	pattern Pattern
	span    Span
	period  time.Duration
	servers int
	whose   Owner
	try     Experiment
}

// condition is a cut of a column.
type condition struct {
	column *Column
	cut    cut
}

// in says for which rows the rule holds.
func (r *rule) in(rows []int32) group {
	if r.hit != nil {
		return r.hit
	}
	g := make(group, len(rows))
	for i, row := range rows {
		g[i] = r.holds(row)
	}
	return g
}

func (r *rule) holds(row int32) bool {
	for i := range r.conditions {
		c := &r.conditions[i]
		if !c.cut.codes.has(c.column.Codes[row]) {
			return false
		}
	}
	return true
}

// attributes are those of the conditions.
func (r *rule) attributes() []Attribute {
	var out []Attribute
	for _, c := range r.conditions {
		out = append(out, c.column.Attribute)
	}
	if r.hit != nil {
		out = append(out, RunSecond)
	}
	return out
}

// where is the rule as it is told.
func (r *rule) where() []Condition {
	var out []Condition
	for _, c := range r.conditions {
		out = append(out, c.told())
	}
	return out
}

// none is no bound.
func none() float64 { return math.NaN() }

// told is a condition with values in place of codes.
func (c *condition) told() Condition {
	out := Condition{Attribute: c.column.Attribute, Series: c.column.Series, From: none(), To: none()}
	switch Definitions()[c.column.Attribute].Form {
	case Names:
		for code, label := range c.column.Labels {
			if code < NoCode && c.cut.codes.has(uint8(code)) {
				out.Values = append(out.Values, label)
			}
		}
	case Flag:
		out.Values = []string{"no"}
		if c.cut.codes.has(1) {
			out.Values = []string{"yes"}
		}
	default:
		if c.cut.from > 0 && c.cut.from < len(c.column.Edges) {
			out.From = c.column.Edges[c.cut.from]
		}
		if c.cut.to >= 0 && c.cut.to < len(c.column.Edges) {
			out.To = c.column.Edges[c.cut.to]
		}
	}
	return out
}

// isBurst says that an attribute counts requests that were due, which does not depend on answers.
func isBurst(a Attribute) bool {
	return a >= Burst100ms && a <= KindBurst10s
}

// isKindBurst says that they are of one kind.
func isKindBurst(a Attribute) bool { return a >= KindBurst100ms && a <= KindBurst10s }

// isLoad says that an attribute is how much there was to do.
func isLoad(a Attribute) bool { return isBurst(a) || a == InFlight }

// usable are the columns that rules of an outcome are made of, less what is told already.
func usable(t *Table, o *outcome, told []Attribute) []*Column {
	var out []*Column
	for i := range t.Columns {
		c := &t.Columns[i]
		if c.Attribute >= attributes || Definitions()[c.Attribute].Form == Moment || spoken(c.Attribute, told) {
			continue
		}
		if o.paired && c.Attribute == InFlight { // it follows from how long this run's requests take
			continue
		}
		if o.measure == Lag && c.Attribute == ToolLag || c.Attribute == Receipt && t.Column(Kind) != nil || // which is a kind
			len(c.Codes) != t.Len() || !varies(c, o.rows) {
			continue
		}
		out = append(out, c)
	}
	return out
}

// spoken says that an attribute, or one that says the same, is told. Another name of the same attribute may be another cause.
func spoken(a Attribute, told []Attribute) bool {
	for _, b := range told {
		switch {
		case a == b && Definitions()[a].Form != Names,
			isLoad(a) && isLoad(b),
			a == FirstOfPerson && b == SamePersonWithin, a == SamePersonWithin && b == FirstOfPerson,
			a == Watched && isLoad(b), isLoad(a) && b == Watched:
			return true
		}
	}
	return false
}

// varies says that a column has two values in the given rows.
func varies(c *Column, rows []int32) bool {
	for _, row := range rows {
		if c.Codes[row] != c.Codes[rows[0]] {
			return true
		}
	}
	return false
}
