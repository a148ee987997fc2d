package render

import (
	"hash/maphash"
	"strings"

	"reprise/capture"
	"reprise/capture/dialect"
)

// maxDeliveries bounds the deliveries that Retries remembers (about 50 MB of them).
const maxDeliveries = 1 << 20

// Retries tells the deliveries of a recording that a vendor made again from those that it made first.
//
// A record is a retry if the same delivery came before it and failed, that is, was answered by a status of 400 or more, or
// by nothing. A delivery that was answered well and comes again is no retry: vendors deliver at least once, and duplicates
// are part of what is played.
//
// Two records are the same delivery if vendor, kind and message id are equal: a message comes in once. Of receipts a
// message has several, and of other records the id is not known: there method, target and body are to be equal, all but
// what the vendor changes with each attempt, as its dialect.Retries say.
//
// Some recordings hold no answers at all. Until the first record with an answer, nothing is known to have failed: then
// only a record with the same id, or the same idempotency token, and byte for byte the same body is a retry.
//
// It remembers 1,048,576 deliveries that failed; of more, those are forgotten that came first. Records are told apart by
// 64-bit hashes. It is used from one goroutine.
type Retries struct {
	seed     maphash.Seed
	failed   map[uint64]delivery
	order    []remembered // a ring, the oldest at head once it is full
	head     int
	most     int
	next     uint64
	answered bool
	buffer   []byte
	table    dialect.Table
	tokens   []string // headers that name a delivery
	lengths  uint64   // a bit for the length of each
}

// delivery is one that failed.
type delivery struct {
	number uint64 // its place in the order in which they came
	body   uint64 // hash of token and body; the lowest bit says that there was an answer
}

type remembered struct{ key, number uint64 }

// NewRetries returns a recogniser that has seen nothing, and that knows the habits of the table's vendors.
func NewRetries(table dialect.Table) *Retries {
	t := &Retries{seed: maphash.MakeSeed(), most: maxDeliveries, failed: make(map[uint64]delivery), table: table}
	t.tokens = []string{"Idempotency-Key"} // as the IETF's draft calls it
	for _, v := range table.All() {
		if v.Retries.Token != "" {
			t.tokens = append(t.tokens, v.Retries.Token)
		}
	}
	for _, name := range t.tokens {
		t.lengths |= 1 << (len(name) & 63)
	}
	return t
}

// IsRetry says whether r, the next record of the recording, is a delivery made again.
func (t *Retries) IsRetry(r *capture.Record) bool {
	t.answered = t.answered || r.Response.Status != 0
	key, token := t.key(r), t.token(r)
	body := t.hash(token, "", r.Body) &^ 1
	before, retry := t.failed[key]
	if retry && before.body&1 == 0 && !t.answered {
		retry = before.body == body && (token != "" || r.Message.ID != "")
	}
	switch status := r.Response.Status; {
	case status >= 400:
		t.remember(key, body|1)
	case status == 0:
		t.remember(key, body)
	default:
		delete(t.failed, key)
	}
	return retry
}

// remember keeps a delivery that failed.
func (t *Retries) remember(key, body uint64) {
	t.next++
	t.failed[key] = delivery{number: t.next, body: body}
	if len(t.order) < t.most {
		t.order = append(t.order, remembered{key, t.next})
		return
	}
	oldest := &t.order[t.head]
	if t.failed[oldest.key].number == oldest.number {
		delete(t.failed, oldest.key)
	}
	*oldest = remembered{key, t.next}
	t.head = (t.head + 1) % t.most
}

// key stands for what is delivered.
func (t *Retries) key(r *capture.Record) uint64 {
	if r.Kind != capture.Status && r.Message.ID != "" {
		t.buffer = append(t.buffer[:0], "id\x00"...)
		t.buffer = append(append(t.buffer, byte(r.Kind)), r.Message.ID...)
		return t.hash(r.Vendor, "", t.buffer)
	}
	if v, ok := t.table.Named(r.Vendor); ok && v.Retries.Delivery != nil {
		if t.buffer = v.Retries.Delivery(t.buffer[:0], r); len(t.buffer) > 0 {
			return t.hash(r.Vendor, "delivery", t.buffer)
		}
	}
	return t.hash(r.Method, r.URL, r.Body)
}

// hash hashes three strings; where one ends matters.
func (t *Retries) hash(a, b string, c []byte) uint64 {
	var h maphash.Hash
	h.SetSeed(t.seed)
	h.WriteString(a)
	h.WriteByte(0)
	h.WriteString(b)
	h.WriteByte(0)
	h.Write(c)
	return h.Sum64()
}

// token returns the name that a sender gave a delivery, the same at each attempt.
func (t *Retries) token(r *capture.Record) string {
	for i := range r.Headers {
		h := &r.Headers[i]
		if t.lengths>>(len(h.Name)&63)&1 == 0 {
			continue
		}
		for _, known := range t.tokens {
			if strings.EqualFold(h.Name, known) {
				return h.Value
			}
		}
	}
	return ""
}
