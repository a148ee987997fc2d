package dialect

import (
	"slices"
	"strings"

	"reprise/capture"
	"reprise/capture/payload"
)

// Carried is a Scheme that says which headers hold signatures and what is of no use without them, such as a nonce. Headers that hold the
// time or an id are none of them.
type Carried interface {
	Scheme
	Headers() []string
}

// Embedded is a Scheme whose signatures stand in fields of the body or the query, by the names that the vendor's Layout gives the class
// Secret.
type Embedded interface {
	Scheme
	Fields() []string
}

// Kinds is a Scheme that signs in several ways, of which the headers of a recorded request say which one.
type Kinds interface {
	Carried
	// Mark returns what of the value of such a header says by which kind a request was signed, and tells nothing else: it may stay
	// where the signature goes. ok is false where the header says nothing of that. The mark of a mark is itself.
	Mark(name, value string) (mark string, ok bool)
	// Marks says whether a header of that name says something of that with any value.
	Marks(name string) bool
}

// carriers is where a vendor's own signatures stand.
type carriers struct {
	headers []string
	lengths uint64 // a bit for the length of each name in headers
	fields  []string
	kinds   Kinds // nil where there is one
	timed   bool
}

func newCarriers(s Scheme) (c carriers) {
	if s, ok := s.(Carried); ok {
		c.headers = s.Headers()
	}
	for _, name := range c.headers {
		c.lengths |= 1 << (len(name) & 63)
	}
	if s, ok := s.(Embedded); ok {
		c.fields = s.Fields()
	}
	c.kinds, _ = s.(Kinds)
	c.timed = s != nil && s.Timed()
	return c
}

// SignatureMark returns what of a header may stay where the signature goes, for Sign to sign in the same way; see Kinds.
func (v *Vendor) SignatureMark(name, value string) (mark string, ok bool) {
	if k := v.carriers.kinds; k != nil && !v.replaced && v.isSignature(name, value) {
		return k.Mark(name, value)
	}
	return "", false
}

// Unsign takes the signature off a request that is sent without a new one, so that none is left that does not hold. recorded says that
// what the signature covers is sent as it was recorded: then it stays, unless it holds the time, by which it has expired; of what only
// marks how a request is to be signed nothing stays.
func (v *Vendor) Unsign(r *capture.Record, recorded bool) {
	c := &v.carriers
	recorded = recorded && !c.timed
	for i := range r.Headers {
		h := &r.Headers[i]
		if c.lengths>>(len(h.Name)&63)&1 == 1 && v.isStale(h, recorded) {
			r.Headers = slices.DeleteFunc(r.Headers, func(h capture.Header) bool { return v.isStale(&h, recorded) })
			break
		}
	}
	if !recorded && len(c.fields) > 0 {
		v.takeFields(r)
	}
}

// isStale says whether a header holds a signature that is to go, see Unsign.
func (v *Vendor) isStale(h *capture.Header, recorded bool) bool {
	if !recorded || v.carriers.kinds == nil {
		return !recorded && v.isSignature(h.Name, h.Value)
	}
	mark, ok := v.SignatureMark(h.Name, h.Value)
	return ok && mark == h.Value
}

// isSignature says whether a header holds a signature of the vendor. In Authorization that is a token, while a name and a password stay:
// they do not expire.
func (v *Vendor) isSignature(name, value string) bool {
	const authorization, bearer = "Authorization", "Bearer "
	if v.carriers.lengths>>(len(name)&63)&1 == 0 {
		return false
	}
	for _, own := range v.carriers.headers {
		if capture.SameName(name, own) {
			return !capture.SameName(name, authorization) || len(value) > len(bearer) && strings.EqualFold(value[:len(bearer)], bearer)
		}
	}
	return false
}

// takeFields removes the fields of signatures that hold something. A body that cannot be read stays.
func (v *Vendor) takeFields(r *capture.Record) {
	if !v.hasFields(r) {
		return
	}
	_ = v.Rewrite(r, func(f Field) (string, Op) { // which can be read
		if f.Part != payload.InHeader && f.Value != "" && slices.Contains(v.carriers.fields, f.Name) {
			return "", Remove
		}
		return "", Leave
	})
}

// hasFields says whether a field of a signature holds something.
func (v *Vendor) hasFields(r *capture.Record) bool {
	pool := &v.schema().scratch
	m, ok := pool.Get().(*scratch)
	if !ok {
		m = new(scratch)
	}
	defer pool.Put(m)
	spans, err := v.Locate(m.spans[:0], r, ClassSet(Secret))
	if err != nil {
		return false
	}
	m.spans = spans
	for i := range spans {
		s := &spans[i]
		if s.Part != payload.InHeader && s.Start < s.End && slices.Contains(v.carriers.fields, s.Name) {
			return true
		}
	}
	return false
}

// UnsignReads says whether Unsign has to read the value of a header to know what to do with it.
func (v *Vendor) UnsignReads(header string, recorded bool) bool {
	recorded = recorded && !v.carriers.timed
	return v.isSignature(header, "Bearer x") && (recorded && v.carriers.kinds != nil && v.carriers.kinds.Marks(header) || !v.isSignature(header, ""))
}

// Unsigns says whether Unsign takes a header with a value away.
func (v *Vendor) Unsigns(header, value string, recorded bool) bool {
	return v.carriers.lengths>>(len(header)&63)&1 == 1 && v.isStale(&capture.Header{Name: header, Value: value}, recorded && !v.carriers.timed)
}

// UnsignsFields says whether Unsign takes fields of class Secret away from the body or the query.
func (v *Vendor) UnsignsFields(recorded bool) bool {
	return !(recorded && !v.carriers.timed) && len(v.carriers.fields) > 0
}
