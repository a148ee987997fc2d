package sms

import (
	"strings"

	"reprise/capture"
)

// Speller is Canonical for one address after another: numbers that have to be written anew share memory, so that hardly any of
// them is an allocation of its own. Its zero value is ready; it is for one goroutine at a time.
type Speller struct {
	room strings.Builder
}

// spellerRoom is the size of a piece of shared memory in bytes. Whoever keeps one of its numbers keeps all of the piece.
const spellerRoom = 1 << 10

// Canonical returns what the function Canonical does.
func (s *Speller) Canonical(raw string) (number string, class Class) {
	if isE164(raw) {
		return raw, E164
	}
	channel, address := splitAddress(raw)
	if channel = idChannel(channel); channel != "" {
		return channel + address, None
	}
	prefix, digits, class, ok := canonicalDigits(address)
	switch {
	case !ok:
		return canonicalSlow(address)
	case prefix == "":
		return digits, class
	}
	if s.room.Cap()-s.room.Len() < len(prefix)+len(digits) {
		s.room = strings.Builder{}
		s.room.Grow(spellerRoom)
	}
	from := s.room.Len()
	s.room.WriteString(prefix)
	s.room.WriteString(digits)
	return s.room.String()[from:], class // of the builder's memory, which is not written again
}

// Identify fills in a record's Message.Person from its kind and its addresses, as dialect.Table's Annotate does from its
// payload.
func (s *Speller) Identify(r *capture.Record) {
	r.Message.Person, _ = s.Canonical(r.Handset())
}
