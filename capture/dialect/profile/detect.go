package profile

import (
	"slices"
	"strings"

	"reprise/capture"
	"reprise/capture/dialect"
	"reprise/capture/payload"
)

// sureHeader is a header that tells the vendor, its name in lower case.
type sureHeader struct {
	name   string
	values Values
}

// tell is one condition that tells a vendor, as the bit of a shape.
type tell struct {
	bit    uint32
	values Values
}

// addDetection takes in what tells the vendor.
func (d *reader) addDetection(t *Detection) error {
	for name, values := range t.Headers {
		d.sure = append(d.sure, sureHeader{strings.ToLower(name), anyOf(values)})
	}
	n := 0
	for i, set := range append([]map[string]Values{t.Fields}, t.Or...) {
		key := "detect.fields"
		if i > 0 {
			key = "detect.or"
		}
		shape := uint32(0)
		for name, values := range set {
			f, _, header, err := d.at(key, name)
			switch {
			case err != nil:
				return err
			case header:
				return &Error{Field: key, Reason: "headers stand under detect.headers"}
			case n == maxTells:
				return &Error{Field: key, Reason: "too many conditions"}
			}
			f.tells = append(f.tells, tell{1 << n, anyOf(values)})
			shape |= 1 << n
			n++
		}
		if shape != 0 {
			d.shapes = append(d.shapes, shape)
		}
	}
	d.both, d.alone = t.Both, dialect.ByHeader
	if t.Envelope {
		d.alone = dialect.ByEnvelope
	}
	switch {
	case t.Envelope && (t.Both || len(d.sure) == 0):
		return &Error{Field: "detect.envelope", Reason: "it is of headers that tell something alone"}
	case len(d.sure)+len(d.shapes)+len(d.paths) == 0:
		return &Error{Field: "detect", Reason: "it is empty: say what tells this vendor's requests from others"}
	case d.both && (len(d.sure) == 0 || len(d.shapes)+len(d.paths) == 0):
		return &Error{Field: "detect.both", Reason: "there are no headers, or no fields that go with them"}
	}
	return nil
}

// anyOf returns the values, "*" where there is none.
func anyOf(values Values) Values {
	if len(values) == 0 {
		return Values{"*"}
	}
	return values
}

// detect knows the vendor by one of its headers, else by all fields of a set that the profile names.
func (d *reader) detect(r *capture.Record) dialect.Confidence {
	sure := d.isSure(r)
	switch {
	case sure && !d.both && d.alone == dialect.ByHeader:
		return dialect.ByHeader
	case d.hasShape(r):
		if sure {
			return dialect.ByHeader
		}
		return dialect.ByShape
	case sure && !d.both:
		return d.alone
	}
	return dialect.No
}

// isSure says whether a record has one of the headers.
func (d *reader) isSure(r *capture.Record) bool {
	for i := range r.Headers {
		h := &r.Headers[i]
		for j := range d.sure {
			if s := &d.sure[j]; len(s.name) == len(h.Name) && strings.EqualFold(h.Name, s.name) && holds(s.values, h.Value) {
				return true
			}
		}
	}
	return false
}

// hasShape says whether a record's path is one of those, and all fields of a set are there.
func (d *reader) hasShape(r *capture.Record) bool {
	path, _, _ := strings.Cut(r.URL, "?")
	if len(d.paths) > 0 && !slices.ContainsFunc(d.paths, func(p string) bool { return strings.HasPrefix(path, p) }) {
		return false
	}
	if len(d.shapes) == 0 {
		return len(d.paths) > 0
	}
	met := uint32(0)
	var s payload.Scanner
	for s.Reset(r); s.Next(); {
		f := d.fields[string(s.Name())]
		if f == nil || len(f.tells) == 0 {
			continue
		}
		for i := range f.tells {
			if t := &f.tells[i]; met&t.bit == 0 && isOne(&s, t.values) {
				met |= t.bit
			}
		}
		for _, shape := range d.shapes {
			if met&shape == shape {
				return true
			}
		}
	}
	return false
}

// isOne says whether the value that a scanner stands at is one of those.
func isOne(s *payload.Scanner, values Values) bool {
	for _, v := range values {
		stem, open := strings.CutSuffix(v, "*")
		if open && s.Begins(stem) || !open && s.Is(v) {
			return true
		}
	}
	return false
}

func holds(values Values, value string) bool {
	for _, v := range values {
		stem, open := strings.CutSuffix(v, "*")
		if open && strings.HasPrefix(value, stem) || !open && value == v {
			return true
		}
	}
	return false
}
