package corpus

import (
	"encoding/binary"
	"fmt"

	"github.com/cespare/xxhash/v2"

	"reprise/capture"
)

// digester computes the digests of records: of what is sent and when, and of nothing that was concluded from it. FORMAT.md says
// how, so it is part of the file format.
type digester struct {
	// Most records have the method, the host and the header names of one of the records before, so that the hash of these is kept.
	shapes [8]shape
	now    int // of shapes, that of the record that was noted last
	next   int // of shapes, that of the next one that is new
	begun  bool
	buf    []byte
}

// shape is what records have in common that differ in their values.
type shape struct {
	method, host string
	names        []string
	hash         uint64
}

func (s *shape) of(r *capture.Record) bool {
	if len(s.names) != len(r.Headers) || s.method != r.Method || s.host != r.Host {
		return false
	}
	for i := range s.names {
		if s.names[i] != r.Headers[i].Name {
			return false
		}
	}
	return true
}

// look notes the next record and says whether method, host and header names are those of the record before. size is what checkRecord
// said of it.
func (d *digester) look(r *capture.Record, size int) (alike bool) {
	if d.begun && d.shapes[d.now].of(r) {
		return true
	}
	for i := range d.shapes {
		if s := &d.shapes[i]; s.method != "" && s.of(r) {
			d.now = i
			return false
		}
	}
	d.reshape(r, size)
	return false
}

// digest returns the digest of the record that was noted, which is the seq-th of its corpus.
func (d *digester) digest(seq int64, r *capture.Record, size int) uint64 {
	b := d.room(size)
	n := putString(b, 0, r.URL)
	for i := range r.Headers {
		n = putString(b, n, r.Headers[i].Value)
	}
	values := xxhash.Sum64(b[:n])
	var words [56]byte
	le := binary.LittleEndian
	le.PutUint64(words[0:], uint64(seq))
	le.PutUint64(words[8:], uint64(r.Time.UnixNano()))
	le.PutUint64(words[16:], uint64(r.Response.Status))
	le.PutUint64(words[24:], uint64(r.Response.Latency))
	le.PutUint64(words[32:], d.shapes[d.now].hash)
	le.PutUint64(words[40:], values)
	le.PutUint64(words[48:], xxhash.Sum64(r.Body))
	return xxhash.Sum64(words[:])
}

func (d *digester) reshape(r *capture.Record, size int) {
	d.now, d.begun = d.next, true
	d.next = (d.next + 1) % len(d.shapes)
	s := &d.shapes[d.now]
	s.method, s.host, s.names = r.Method, r.Host, s.names[:0]
	b := d.room(size)
	n := putString(b, 0, r.Method)
	n = putString(b, n, r.Host)
	for i := range r.Headers {
		s.names = append(s.names, r.Headers[i].Name)
		n = putString(b, n, r.Headers[i].Name)
	}
	s.hash = xxhash.Sum64(b[:n])
}

// room returns memory for the strings of a record of that size: checkRecord counts more for each than putString writes.
func (d *digester) room(size int) []byte {
	if len(d.buf) < size {
		d.buf = make([]byte, size+size/2)
	}
	return d.buf
}

// putString writes a string and its length at b[n:] and returns where it ends.
func putString(b []byte, n int, s string) int {
	binary.LittleEndian.PutUint32(b[n:], uint32(len(s)))
	return n + 4 + copy(b[n+4:], s)
}

// contentHash is how a digest of all records is written down. The word before the colon says by which rule it was made: hashes of
// two rules cannot be compared.
func contentHash(digest uint64) string { return fmt.Sprintf("%s:%016x", contentRule, digest) }

// contentRule names how digests are made. Part of the file format; never change.
const contentRule = "records-1"

// Hash names the records of the corpus: what is sent and when, whatever the file is like. It is known at once where the end of a file
// is whole, else after the last record; then, where the end is damaged or missing, it covers the blocks that could be found. Files of
// version 1 have hashes by another rule: capture.HashRule tells.
func (r *Reader) Hash() (hash string, ok bool) {
	switch {
	case r.version == 1 && r.index != nil:
		return r.index.content1(), true
	case r.version == 1:
		return r.sum1.String(), r.ended
	case r.total != nil:
		return contentHash(*r.total), true
	}
	return contentHash(r.sum), r.ended && (r.unsorted == nil || !r.skims)
}
