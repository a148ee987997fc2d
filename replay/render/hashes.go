package render

import (
	"crypto/rand"
	"strings"

	"reprise/capture"
	"reprise/capture/keyed"
)

// hashes make what results say of people and recipients: equal for equal ones, and nothing that leads back to a number.
type hashes struct {
	hasher     keyed.Hasher
	recipients map[string]recipient // of spellings met before, as they were recorded
	recent     [256]recipient       // of these, at places that their ends say
}

// recipient is a spelling of a number, and the hash of what is sent in its place.
type recipient struct {
	raw  string
	hash uint32
}

func newHashes(key [16]byte) hashes {
	if key == [16]byte{} {
		_, _ = rand.Read(key[:]) // never fails
	}
	return hashes{hasher: keyed.NewHasher(key), recipients: make(map[string]recipient)}
}

// KeyHashes says under which key people and recipients are hashed, in place of Options.HashKey. It is called before the first request.
func (r *Renderer) KeyHashes(key [16]byte) { r.hashes = newHashes(key) }

// of is 0 for 0, which is nobody.
func (h *hashes) of(number uint64) uint32 {
	if number == 0 {
		return 0
	}
	return max(1, uint32(h.hasher.Sum(number)))
}

// recipientHash stands for the platform's own number of a message, as it is sent.
func (r *Renderer) recipientHash(rec *capture.Record, read bool) uint32 {
	raw := rec.Own()
	if raw == "" {
		return 0
	}
	if !read && len(r.recipients) > 0 { // it was sent as it was recorded
		name, _ := addressOf(raw)
		return r.hashes.of(personOf(name))
	}
	recent := &r.hashes.recent[placeOf(raw)&255]
	if recent.raw == raw {
		return recent.hash
	}
	met, ok := r.hashes.recipients[raw]
	if !ok {
		name, _ := addressOf(raw)
		if to, ok := r.recipients[name]; ok {
			name, _ = addressOf(to)
		}
		met = recipient{strings.Clone(raw), r.hashes.of(personOf(name))}
		if len(r.hashes.recipients) < maxSpelt {
			r.hashes.recipients[met.raw] = met
		}
	}
	*recent = met
	return met.hash
}
