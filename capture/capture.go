// Package capture is the vocabulary that every other room speaks: a Record is one webhook request as it
// was sent, a Kind says what its message is, a Source gives records and a Sink takes them.
//
// A record is never re-serialized: its URL, its headers and its body keep the bytes, the order and the case
// that the vendor sent. Where a source has no bytes of the vendor and makes them, the record's Origin says so. The package depends on the standard library alone and holds no state; its types may
// be used from one goroutine at a time.
package capture

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"time"
)

// Record is one HTTP request as a vendor sent it, with what is known of its answer and of its message.
type Record struct {
	// Seq is the record's position in its corpus, from 0. A corpus reader sets it; elsewhere it is 0.
	Seq int64
	// Time is the arrival of the request's first byte, in UTC, to the nanosecond.
	Time time.Time
	// Method is the request's method as sent.
	Method string
	// URL is the request target as sent (RFC 9112, section 3.2): path and query, percent-encoding untouched.
	URL string
	// Host is the value of the Host header as sent; empty where unknown.
	Host string
	// Headers are in wire order and in their original case. Host and Content-Length are among them.
	Headers []Header
	// Body is the content with any chunked framing removed, otherwise as sent.
	Body []byte
	// Response is the answer that was recorded; its zero value says that none was.
	Response Response
	// Origin says whether the vendor sent these bytes; its zero value says that it did.
	Origin Origin

	Kind Kind
	// Vendor is the name of the dialect that recognised the payload; empty where none did.
	Vendor string
	// Message holds what is known of the SMS; fields that are not known are empty.
	Message Message

	// Cuts, where set, say where the values stand that a template makes the record of. Of URL, Headers and the message's ID and Text
	// nothing is there then before MakeWhole. Only a corpus.Reader that was asked to sets it, and whoever changes a record, or keeps it, takes it away.
	Cuts *Cuts `json:"-"`
}

// Header is one header line.
type Header struct {
	Name, Value string
}

// SameName compares names of headers, in any case. It is strings.EqualFold with the lengths looked at first, where most names differ, and
// then at the letters as they are, in which most of the same name agree.
func SameName(a, b string) bool { return len(a) == len(b) && (a == b || strings.EqualFold(a, b)) }

// Response is the recorded answer to a request.
type Response struct {
	// Status is the HTTP status code; 0 where no answer was recorded.
	Status int
	// Latency runs from the request's first byte to the response's first byte; 0 where unknown.
	Latency time.Duration
}

// Message is what a payload says of its SMS, each value as the vendor wrote it, decoded.
type Message struct {
	ID, From, To, Text string
	// Person is the number of the customer's handset in its canonical form (sms.Canonical), whatever the vendor's spelling:
	// who sent a message, or whom a receipt tells of. It is empty where the payload has none. It is derived: dialect.Table's
	// Annotate and the readers of corpora fill it in, and no file holds it.
	Person string
}

// Handset returns the address of the customer's handset as the vendor wrote it: From of a message, To of a receipt. It is empty
// for a payload that is no SMS event.
func (r *Record) Handset() string {
	switch r.Kind {
	case Other:
		return ""
	case Status:
		return r.Message.To
	}
	return r.Message.From
}

// Own is the platform's own number or name of a message: which it is to, and of a receipt which the message was sent from. It is empty
// where there is none.
func (r *Record) Own() string {
	switch r.Kind {
	case Other:
		return ""
	case Status:
		return r.Message.From
	}
	return r.Message.To
}

// Person says who is behind a record: Message.Person, equal for every spelling of one number, or Handset in a record that
// nobody annotated. It is empty where there is nobody.
func (r *Record) Person() string {
	if r.Message.Person != "" {
		return r.Message.Person
	}
	return r.Handset()
}

// Header returns the value of the first header of that name, in any case.
func (r *Record) Header(name string) (value string, ok bool) {
	for i := range r.Headers {
		if h := &r.Headers[i]; SameName(h.Name, name) {
			return h.Value, true
		}
	}
	return "", false
}

// SetHeader replaces the value of every header of that name, keeping place and case, or appends one.
func (r *Record) SetHeader(name, value string) {
	found := false
	for i := range r.Headers {
		if SameName(r.Headers[i].Name, name) {
			r.Headers[i].Value, found = value, true
		}
	}
	if !found {
		r.Headers = append(r.Headers, Header{name, value})
	}
}

// Clone returns a copy that shares no memory that either side may change.
func (r *Record) Clone() *Record {
	r.MakeWhole()
	c := *r
	c.Cuts = nil
	c.Headers = slices.Clone(r.Headers)
	c.Body = bytes.Clone(r.Body)
	return &c
}

// Source gives records one after another.
type Source interface {
	// Next fills r with the next record and returns io.EOF after the last. The slices in r are valid until
	// the next call: Clone before keeping one or handing it to another goroutine.
	Next(ctx context.Context, r *Record) error
}

// Sink takes records. It does not keep r or its slices after Write returns.
type Sink interface {
	Write(r *Record) error
}
