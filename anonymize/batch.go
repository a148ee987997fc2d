package anonymize

import (
	"reprise/capture"
	"reprise/capture/dialect"
	"reprise/capture/payload"
)

// named is a name in a body, or a person that the body knows by an address.
type named struct {
	who    tag
	person bool
	depth  int // in how many objects and arrays it stands
	low    int // the least depth between the one before and this
}

// owners finds out whose each name in a body is, where a record tells of several people, as a batch does: of the person before a name
// and the one behind it, the one with whom it shares the innermost object of JSON. It takes time in proportion to the body.
func (a *Anonymizer) owners(d *dialect.Vendor, r *capture.Record) {
	if !a.several() {
		return
	}
	spans, err := d.Locate(a.spans[:0], r, dialect.ClassSet(dialect.Person, dialect.Email, dialect.Name))
	if a.spans = spans[:0]; err != nil {
		return
	}
	var list []named
	in := nesting{body: r.Body}
	for i := range spans {
		s := &spans[i]
		if s.Part != payload.InBody {
			continue
		}
		one := named{}
		if s.Class != dialect.Name {
			at := a.find(a.valueOf(r, s))
			if at < 0 {
				continue
			}
			one = named{who: a.met[at].who, person: true}
		}
		one.depth, one.low = in.to(s.Start)
		list = append(list, one)
	}
	a.owned = ownersOf(a.owned, list)
}

// several says whether a record tells of more than one person.
func (a *Anonymizer) several() bool {
	first := -1
	for i := range a.met {
		switch {
		case !a.met[i].person:
		case first < 0:
			first = i
		case a.met[i].who != a.met[first].who:
			return true
		}
	}
	return false
}

// ownersOf appends whose each name of the list is.
func ownersOf(dst []tag, list []named) []tag {
	from := len(dst)
	var rises []int // how far one must rise from each name to what it shares with its person
	before, low := -1, 0
	for i := range list {
		one := &list[i]
		low = min(low, one.low)
		switch {
		case one.person:
			before, low = i, one.depth
		case before < 0:
			dst, rises = append(dst, tag{}), append(rises, len(list)+one.depth+1)
		default:
			dst, rises = append(dst, list[before].who), append(rises, one.depth-low)
		}
	}
	behind, name := -1, len(dst)
	for i := len(list) - 1; i >= 0; i-- {
		one := &list[i]
		if one.person {
			behind, low = i, one.low
			continue
		}
		name--
		if rise := one.depth - low; behind >= 0 && rise < rises[name-from] {
			dst[name] = list[behind].who
		}
		low = min(low, one.low)
	}
	return dst
}

// nesting counts in how many objects and arrays of JSON a place of a body stands.
type nesting struct {
	body    []byte
	at      int
	depth   int
	quoted  bool
	escaped bool
}

// to goes on to a place, and returns its depth and the least one on the way there.
func (n *nesting) to(place int) (depth, low int) {
	low = n.depth
	for ; n.at < place; n.at++ {
		c := n.body[n.at]
		switch {
		case n.escaped:
			n.escaped = false
		case n.quoted:
			n.escaped = c == '\\'
			n.quoted = c != '"'
		case c == '"':
			n.quoted = true
		case c == '{' || c == '[':
			n.depth++
		case c == '}' || c == ']':
			n.depth--
			low = min(low, n.depth)
		}
	}
	return n.depth, low
}
