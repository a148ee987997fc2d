package dialect

import (
	"slices"

	"reprise/capture"
)

// Planned is a Scheme that can find out once how requests are signed that are alike but for values, and then sign each without a record.
type Planned interface {
	// PlanSigning sets on the outline the headers that Sign sets on a record, in the same places, and returns what makes their values. It
	// returns nil where only a whole record tells how it is signed, or whether it can be; the outline is not to be used then.
	PlanSigning(o *Outline) SigningPlan
}

// SigningPlan makes the signatures of the requests of an outline: the very ones that Sign makes. It does not change and may be used by
// several goroutines at once.
type SigningPlan interface {
	// SignPlanned makes the values of the outline's headers. After an error Sign is to be asked.
	SignPlanned(m *Outlined, s Signing) error
}

// Outline is what requests have in common that one template makes, but for their signatures.
type Outline struct {
	Method string
	// Headers are in their order. Of some of them the values are not known: no value is to be read.
	Headers []capture.Header
	Secret  []byte
	// Empty says that no request has a body, and Form that all bodies are forms, in none of which a key comes twice.
	Empty, Form bool

	values int
	read   bool // a header is read
}

// Set gives every header of that name a value that is made for each request, or appends one, and returns the value's number.
func (o *Outline) Set(name string) (value int) {
	o.SetText(name, valueMark(o.values))
	o.values++
	return o.values - 1
}

// SetText is Set with a value that all requests have.
func (o *Outline) SetText(name, text string) {
	r := capture.Record{Headers: o.Headers}
	r.SetHeader(name, text)
	o.Headers = r.Headers
}

// Remove takes the headers of a name away.
func (o *Outline) Remove(name string) {
	o.Headers = slices.DeleteFunc(o.Headers, func(h capture.Header) bool { return capture.SameName(h.Name, name) })
}

// Count returns how many headers have a name.
func (o *Outline) Count(name string) (n int) {
	for i := range o.Headers {
		if capture.SameName(o.Headers[i].Name, name) {
			n++
		}
	}
	return n
}

// Read says that SignPlanned reads a header of the request.
func (o *Outline) Read() { o.read = true }

// Reads says whether SignPlanned reads a header.
func (o *Outline) Reads() bool { return o.read }

// Values returns how many values are made.
func (o *Outline) Values() int { return o.values }

// A value of an outline is a mark until it is made: a byte that no header holds, a letter and a number, 'a' being 0.
const (
	valueBegin = "\x00s"
	valueEnd   = "\x00"
)

func valueMark(n int) string { return valueBegin + string(rune('a'+n)) + valueEnd }

// OutlinedValue says whether a header's value is a mark that Outline.Set has left, and of which value.
func OutlinedValue(header string) (value int, ok bool) {
	if len(header) != len(valueBegin)+1+len(valueEnd) || header[:len(valueBegin)] != valueBegin {
		return 0, false
	}
	return int(header[len(valueBegin)] - 'a'), true
}

// Outlined is a request of an outline that is finished but for its signature. Its memory is used again for the next one.
type Outlined struct {
	Body []byte
	// Fields appends what the form in Body says: each key and its value, decoded, in the order of the keys. It is nil where there is no form.
	Fields func(dst []byte) []byte
	// Header returns the value of the first header of a name; it is set where Outline.Reads.
	Header func(name string) []byte

	// Values are the outline's, by their numbers: SignPlanned appends to each.
	Values [][]byte
	// Message and Sum are memory for what is signed and for the bytes of a signature: what they hold is of no use any more.
	Message, Sum []byte
}

// Reset begins with a request that so many values are made for.
func (m *Outlined) Reset(values int) {
	for len(m.Values) < values {
		m.Values = append(m.Values, nil)
	}
	for i := range m.Values {
		m.Values[i] = m.Values[i][:0]
	}
}

// PlanSigning is Planned.PlanSigning of the vendor's scheme.
func (v *Vendor) PlanSigning(o *Outline) SigningPlan {
	if p, ok := v.Scheme.(Planned); ok && !v.replaced {
		return p.PlanSigning(o)
	}
	return nil
}
