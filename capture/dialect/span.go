package dialect

import "reprise/capture/payload"

// Classes is a set of classes.
type Classes uint32

// ClassSet returns the set of those classes.
func ClassSet(classes ...Class) Classes {
	var set Classes
	for _, c := range classes {
		set |= 1 << c
	}
	return set
}

// Has says whether c is in the set.
func (c Classes) Has(class Class) bool { return c>>class&1 == 1 }

// Span is where a field stands in a record, and what it holds.
type Span struct {
	payload.Span
	Class Class
	// Name is the field's name as its vendor's table spells it, with # for a number at its end; a header's name
	// is as sent. It is empty where the table does not list the field.
	Name string
}
