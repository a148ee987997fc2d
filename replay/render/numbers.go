package render

import (
	"strings"

	"reprise/capture"
	"reprise/capture/sms"
)

// senders give every person met one of a list's numbers: the nth person becomes number n, round and round. A recorded
// person and each of those who stand for them in copies are persons of their own. It keeps 16 bytes of a person.
type senders struct {
	list  []string
	known map[uint64]uint32
}

func (s *senders) of(canonical string, person int) string {
	key := mix(hashNumber(canonical) + uint64(person)*0x9e3779b97f4a7c15)
	n, ok := s.known[key]
	if !ok {
		n = uint32(len(s.known) % len(s.list))
		s.known[key] = n
	}
	return s.list[n]
}

// recipients maps the numbers that receive, in the order in which they are met.
type recipients struct {
	list  []string
	known map[string]string
}

func (r *recipients) of(raw string) string {
	canonical, class := sms.Canonical(raw)
	if class == sms.None {
		canonical = raw
	}
	to, ok := r.known[canonical]
	if !ok {
		to = r.list[len(r.known)%len(r.list)]
		r.known[strings.Clone(canonical)] = to
	}
	return sms.Restyle(raw, to)
}

// who says who sends a record's message in a playing of it, and remembers the answer for the next question: a record asks
// for one person several times.
type who struct {
	people  *people
	senders senders

	raw    string
	person int
	number string
	ok     bool
}

// changes says whether a person becomes another.
func (w *who) changes(person int) bool { return w.senders.list != nil || person > 0 && w.people != nil }

// of returns the canonical number that stands for a person, as written in raw; ok is false where they stay who they are.
func (w *who) of(raw string, person int) (number string, ok bool) {
	if raw == "" || !w.changes(person) {
		return "", false
	}
	if raw != w.raw || person != w.person {
		w.raw, w.person = raw, person
		w.number, w.ok = w.ask(raw, person)
	}
	return w.number, w.ok
}

func (w *who) ask(raw string, person int) (number string, ok bool) {
	canonical, class := sms.Canonical(raw)
	switch {
	case class == sms.None || class == sms.Alphanumeric:
		return "", false
	case w.senders.list != nil:
		return w.senders.of(canonical, person), true
	}
	return w.people.of(canonical, person)
}

// handset returns the number of the person that a record is about, as the vendor wrote it.
func handset(r *capture.Record) string {
	if r.Kind == capture.Status {
		return r.Message.To
	}
	return r.Message.From
}

// personOf stands for a canonical number; 0 is nobody.
func personOf(canonical string) uint64 {
	if canonical == "" {
		return 0
	}
	return max(1, mix(hashNumber(canonical)))
}

// hashNumber hashes eight bytes at a time, for mix to finish.
func hashNumber(s string) uint64 {
	h := uint64(len(s))
	for ; len(s) >= 8; s = s[8:] {
		word := uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
			uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
		h = mix(h ^ word)
	}
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return h
}

// mix spreads a hash over all its bits (the finalizer of MurmurHash3), so that its remainders are good to choose by.
func mix(h uint64) uint64 {
	h = (h ^ h>>33) * 0xff51afd7ed558ccd
	h = (h ^ h>>33) * 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}
