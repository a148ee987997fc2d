package logs

import (
	"maps"
	"slices"
)

// condition is one line of Map.Where.
type condition struct {
	slot  int
	value string
	match *expression // in place of value
}

// newCondition reads what stands for a value: itself, or a regular expression between two slashes.
func newCondition(value string) (condition, error) {
	if len(value) < 2 || value[0] != '/' || value[len(value)-1] != '/' {
		return condition{value: value}, nil
	}
	re, err := compile(value[1 : len(value)-1])
	if err != nil {
		return condition{}, err
	}
	return condition{match: &re}, nil
}

// conditions makes those of a map that was validated, in the order of their places.
func conditions(m Map, t *tree) (list []condition) {
	for _, place := range slices.Sorted(maps.Keys(m.Where)) {
		c, _ := newCondition(m.Where[place])
		c.slot = t.add(place)
		list = append(list, c)
	}
	return list
}

// holds says whether the line is what Map.Where asks for. What a line lacks is an empty text; one that is too long for an expression is none that
// it is for.
func (p *plan) holds() bool {
	for i := range p.where {
		c := &p.where[i]
		sp := p.at(c.slot)
		text, ok := p.text(sp)
		if !ok {
			text = p.raw(sp)
		}
		switch {
		case c.match == nil && string(text) != c.value, c.match != nil && (len(text) > c.match.longest || !c.match.Match(text)):
			return false
		}
	}
	return true
}
