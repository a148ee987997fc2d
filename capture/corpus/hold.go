package corpus

import (
	"strings"
	"unsafe"

	"reprise/capture"
)

// Holder copies records that stay in memory for a while, for Take of a Sorter or of a Live. A copy keeps nothing alive but itself, so that
// what is held can be counted. Its zero value is ready to use, by one goroutine at a time.
type Holder struct {
	// names are strings that many records share: those of headers, methods, hosts and vendors. The table's size is fixed, and a
	// string takes the place of the one that was there.
	names [256]string
}

const (
	commonHeaders = 8  // most requests have no more
	maxShared     = 64 // bytes of the longest string that is shared
)

// cell is a record and its headers in one allocation.
type cell struct {
	record  capture.Record
	headers [commonHeaders]capture.Header
}

// Hold returns a copy of r, without Message.Person.
func (h *Holder) Hold(r *capture.Record) *capture.Record {
	c := new(cell)
	p := &c.record
	*p = *r
	p.Method, p.Host, p.Vendor = h.share(r.Method), h.share(r.Host), h.share(r.Vendor)
	m := &r.Message
	var all strings.Builder
	all.Grow(valueBytes(r) + len(r.Body))
	for _, s := range [...]string{r.URL, m.ID, m.From, m.To, m.Text} {
		all.WriteString(s)
	}
	for i := range r.Headers {
		all.WriteString(r.Headers[i].Value)
	}
	all.Write(r.Body)
	rest := all.String()
	take := func(n int) (s string) {
		s, rest = rest[:n], rest[n:]
		return s
	}
	p.URL = take(len(r.URL))
	p.Message = capture.Message{ID: take(len(m.ID)), From: take(len(m.From)), To: take(len(m.To)), Text: take(len(m.Text))}
	if p.Headers = c.headers[:0]; len(r.Headers) > commonHeaders {
		p.Headers = make([]capture.Header, 0, len(r.Headers))
	}
	for i := range r.Headers {
		p.Headers = append(p.Headers, capture.Header{Name: h.share(r.Headers[i].Name), Value: take(len(r.Headers[i].Value))})
	}
	// The body is the last part of the memory, and no string's.
	p.Body = unsafe.Slice(unsafe.StringData(rest), len(rest))
	return p
}

// Keep is Hold for a record of a capture.Compact: its values need not be copied.
func (h *Holder) Keep(r *capture.Record) *capture.Record {
	c := new(cell)
	p := &c.record
	*p = *r
	p.Method, p.Host, p.Vendor = h.share(r.Method), h.share(r.Host), h.share(r.Vendor) // which a writer keeps for longer
	p.Message.Person = ""
	p.Body = append([]byte(nil), r.Body...)
	p.Headers = append(c.headers[:0], r.Headers...)
	for i := range p.Headers {
		p.Headers[i].Name = h.share(p.Headers[i].Name)
	}
	return p
}

// share returns a string equal to s that other records have too.
func (h *Holder) share(s string) string {
	if len(s) == 0 {
		return ""
	}
	if len(s) > maxShared {
		return strings.Clone(s)
	}
	place := &h.names[uint8(len(s)*37)^s[0]^s[len(s)-1]<<3^s[len(s)/2]<<1]
	if *place != s {
		*place = strings.Clone(s)
	}
	return *place
}

// valueBytes is how many bytes the strings of a record have that other records do not share.
func valueBytes(r *capture.Record) int {
	m := &r.Message
	n := len(r.URL) + len(m.ID) + len(m.From) + len(m.To) + len(m.Text)
	for i := range r.Headers {
		if n += len(r.Headers[i].Value); len(r.Headers[i].Name) > maxShared {
			n += len(r.Headers[i].Name)
		}
	}
	return n
}

// heldSize is about what a held record takes in memory.
func heldSize(r *capture.Record) int64 {
	const record, header = 400, 40
	return int64(record + header*len(r.Headers) + valueBytes(r) + len(r.Body))
}
