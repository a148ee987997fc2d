package signature

import (
	"errors"
	"time"

	"reprise/capture"
	"reprise/capture/dialect"
)

// signingPlan is how the requests of an outline are signed.
type signingPlan struct {
	of                         *Signer
	key                        key
	method                     string
	header, stamp, nonce, name int // the numbers of values; -1 is one that is not set
	recordedID                 bool
}

// errNoID has a request signed as a record: its header for an id is empty.
var errNoID = errors.New("signature: the id is empty")

// PlanSigning knows the schemes that are no tokens, unless an id stands beside the signature in its header.
func (s *Signer) PlanSigning(o *dialect.Outline) dialect.SigningPlan {
	r := capture.Record{Headers: o.Headers}
	kind := s.kindOf(&r)
	p := &kind.profile
	k, err := kind.key(o.Secret)
	if err != nil || k.public || kind.jwt != nil || kind.format.has(id) || o.Count(p.IDHeader) > 1 {
		return nil
	}
	if k.pair && kind.pairs.Check(k.secret, true) != nil {
		return nil
	}
	m := &signingPlan{of: kind, key: k, method: o.Method, stamp: -1, nonce: -1, name: -1}
	if p.TimestampHeader != "" {
		m.stamp = o.Set(p.TimestampHeader)
	}
	if p.NonceHeader != "" {
		m.nonce = o.Set(p.NonceHeader)
	}
	if p.IDHeader != "" {
		if m.recordedID = o.Count(p.IDHeader) == 1; m.recordedID {
			o.Read()
		} else {
			m.name = o.Set(p.IDHeader)
		}
	}
	m.header = o.Set(p.Header)
	r.Headers = o.Headers
	s.takeOthers(kind, &r)
	o.Headers = r.Headers
	return m
}

// SignPlanned signs what the template says.
func (m *signingPlan) SignPlanned(q *dialect.Outlined, g dialect.Signing) error {
	s := m.of
	var v values
	if s.stamped() {
		v.timestamp = s.clock.format(g.Now)
	}
	if m.nonce >= 0 || s.format.has(nonce) {
		if v.nonce = g.Nonce; v.nonce == "" {
			v.nonce = derive(g.Now.UTC().Format(time.RFC3339Nano), q.Body)
		}
	}
	switch {
	case m.recordedID:
		if v.id = string(q.Header(s.profile.IDHeader)); v.id == "" {
			return errNoID
		}
	case m.name >= 0:
		v.id = "msg_" + derive("id", q.Body)
	}
	r := capture.Record{Method: m.method, Body: q.Body}
	made := scratch{q.Message}
	var err error
	if q.Sum, err = s.sum(q.Sum[:0], m.key, s.message(&made, &r, &v, g.URL)); err != nil {
		return err
	}
	for _, own := range [...]struct {
		number int
		text   string
	}{{m.stamp, v.timestamp}, {m.nonce, v.nonce}, {m.name, v.id}} {
		if own.number >= 0 {
			q.Values[own.number] = append(q.Values[own.number], own.text...)
		}
	}
	q.Values[m.header] = s.formatOf(m.key).append(q.Values[m.header], &v, s.encoded(&made, q.Sum))
	q.Message = made.message
	return nil
}
