package render

import (
	"strings"

	"reprise/capture/sms"
)

// recipient returns what takes the place of an address that receives, written as the vendor writes its like; ok is false
// where it stays.
func (r *Renderer) recipient(raw string) (written string, ok bool) {
	name, class := addressOf(raw)
	to, ok := r.recipients[name]
	if !ok {
		return "", false
	}
	if class != sms.E164 && strings.HasPrefix(to, "+") {
		// How a vendor writes telephone numbers, the handset's shows.
		example := r.scratch.w.Record.Handset()
		if _, class := sms.Canonical(example); class == sms.E164 {
			return sms.Restyle(example, to), true
		}
	}
	return sms.Restyle(raw, to), true
}

// senderMapping says who sends a record's message in a playing of it, and remembers the answer for the next question: a record asks
// for one person several times.
type senderMapping struct {
	people  *people
	more    *people // who came later, from person copies on
	copies  int
	senders *Senders

	raw    string
	person int
	number string
	ok     bool
}

// changes says whether a person becomes another.
func (w *senderMapping) changes(person int) bool {
	return w.senders != nil || person > 0 && (w.people != nil || w.more != nil)
}

// of returns the canonical number that stands for a person, as written in raw; ok is false where they stay who they are.
func (w *senderMapping) of(raw string, person int) (number string, ok bool) {
	if raw == "" || !w.changes(person) {
		return "", false
	}
	if raw != w.raw || person != w.person {
		w.raw, w.person = raw, person
		w.number, w.ok = w.find(raw, person)
	}
	return w.number, w.ok
}

func (w *senderMapping) find(raw string, person int) (number string, ok bool) {
	canonical, class := sms.Canonical(raw)
	switch {
	case class == sms.None || class == sms.Alphanumeric:
		return "", false
	case w.senders != nil:
		return w.senders.of(canonical, person)
	case w.more != nil && person >= w.copies:
		return w.more.of(canonical, person)
	case w.people == nil:
		return "", false
	}
	return w.people.of(canonical, person)
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
