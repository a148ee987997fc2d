package render

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"

	"reprise/capture/keyed"
)

// ids makes ids fresh: under a key for each copy, so that equal ids stay equal within one, in whichever record they stand.
// It holds the keys of the copies that were rendered last; they are derived from the seed, and so are never lost.
type ids struct {
	seed uint64
	ring []copyIDs // at the copy's number modulo its length, a power of two
	now  *keyed.Fresh

	// What the current record had, and what it has: most messages name their id several times.
	buffer []byte
	met    []metID
}

type copyIDs struct {
	copy  int
	fresh *keyed.Fresh
}

type metID struct{ old, fresh []byte }

func newIDs(seed uint64, copies int) *ids {
	n := 8
	for n < 2*copies && n < 1<<14 {
		n *= 2
	}
	return &ids{seed: seed, ring: make([]copyIDs, n)}
}

// begin is called before the ids of a record, with its copy's number.
func (f *ids) begin(copy int) {
	k := &f.ring[copy&(len(f.ring)-1)]
	if k.fresh == nil || k.copy != copy {
		k.copy, k.fresh = copy, keyed.NewFresh(key(f.seed, "ids", uint64(copy)))
	}
	f.now, f.buffer, f.met = k.fresh, f.buffer[:0], f.met[:0]
}

// of returns the id that takes the place of old; it is valid until the next begin.
func (f *ids) of(old []byte) []byte {
	for i := range f.met {
		if bytes.Equal(f.met[i].old, old) {
			return f.met[i].fresh
		}
	}
	start := len(f.buffer)
	f.buffer = append(f.buffer, old...)
	middle := len(f.buffer)
	f.buffer = f.now.Append(f.buffer, old)
	m := metID{f.buffer[start:middle:middle], f.buffer[middle:]}
	f.met = append(f.met, m)
	return m.fresh
}

// isNumber says whether a literal is a number whose digits may become any others.
func isNumber(literal []byte) bool {
	for _, c := range literal {
		if (c < '0' || c > '9') && c != '.' {
			return false
		}
	}
	return literal[0] != '.' && literal[len(literal)-1] != '.'
}

// key derives a key for one purpose from the seed.
func key(seed uint64, purpose string, n uint64) []byte {
	b := binary.BigEndian.AppendUint64([]byte("reprise "+purpose+"\x00"), seed)
	sum := sha256.Sum256(binary.BigEndian.AppendUint64(b, n))
	return sum[:]
}

// MessageIDs tells which ids a run sent in place of recorded ones. It is for one goroutine.
type MessageIDs struct {
	fresh *ids
	keep  bool
}

// NewMessageIDs returns those of a run under a seed; one with Options.KeepIDs sent the recorded ones.
func NewMessageIDs(seed uint64, keep bool) *MessageIDs { return &MessageIDs{newIDs(seed, 1), keep} }

// Of returns the id that a copy of a message was sent with; the bytes are valid until the next call.
func (m *MessageIDs) Of(id string, copy int) []byte {
	if m.keep {
		return []byte(id)
	}
	m.fresh.begin(copy)
	return m.fresh.of([]byte(id))
}
