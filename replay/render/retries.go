package render

import (
	"hash/maphash"
	"strings"
	"time"

	"reprise/capture"
	"reprise/capture/payload"
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
// what the vendor changes with each attempt (Telnyx counts attempts in meta.attempt and names the event in data.id, so
// there the event's name stands for the body; Vonage stamps timestamp, nonce and sig anew).
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
	scanner  payload.Scanner
	buffer   []byte
}

// delivery is one that failed.
type delivery struct {
	number uint64 // its place in the order in which they came
	body   uint64 // hash of token and body; the lowest bit says that there was an answer
}

type remembered struct{ key, number uint64 }

// NewRetries returns a recogniser that has seen nothing.
func NewRetries() *Retries {
	return &Retries{seed: maphash.MakeSeed(), most: maxDeliveries, failed: make(map[uint64]delivery)}
}

// IsRetry says whether r, the next record of the recording, is a delivery made again.
func (t *Retries) IsRetry(r *capture.Record) bool {
	t.answered = t.answered || r.Response.Status != 0
	key, token := t.key(r), idempotencyToken(r)
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
	switch r.Vendor {
	case "telnyx":
		if event := t.event(r); len(event) > 0 {
			return t.hash(r.Vendor, "event", event)
		}
	case "vonage":
		return t.hash(r.Method, r.URL, t.unstamped(r))
	}
	return t.hash(r.Method, r.URL, r.Body)
}

// event returns the name of a Telnyx event.
func (t *Retries) event(r *capture.Record) []byte {
	for t.scanner.Reset(r); t.scanner.Next(); {
		if string(t.scanner.Name()) == "data.id" {
			t.buffer = append(t.buffer[:0], t.scanner.Value()...)
			return t.buffer
		}
	}
	return nil
}

// unstamped returns the fields of a Vonage receipt but for those that each attempt has anew.
func (t *Retries) unstamped(r *capture.Record) []byte {
	t.buffer = t.buffer[:0]
	for t.scanner.Reset(r); t.scanner.Next(); {
		switch string(t.scanner.Name()) {
		case "timestamp", "nonce", "sig", "message-timestamp":
			continue
		}
		t.buffer = append(append(t.buffer, t.scanner.Name()...), '=')
		t.buffer = append(append(t.buffer, t.scanner.Value()...), '&')
	}
	return t.buffer
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

// idempotencyToken returns the name that a sender gave a delivery, the same at each attempt.
func idempotencyToken(r *capture.Record) string {
	for i := range r.Headers {
		switch h := &r.Headers[i]; len(h.Name) {
		case len("svix-id"), len("webhook-id"), len("Idempotency-Key"), len("I-Twilio-Idempotency-Token"):
			if isTokenHeader(h.Name) {
				return h.Value
			}
		}
	}
	return ""
}

func isTokenHeader(name string) bool {
	for _, known := range [...]string{"I-Twilio-Idempotency-Token", "Idempotency-Key", "webhook-id", "svix-id"} {
		if strings.EqualFold(name, known) {
			return true
		}
	}
	return false
}

// RetrySchedule returns how long after a failed delivery a vendor makes it again: the first delay counts from the first
// failure, each later one from the failure before it. It is nil for vendors that do not repeat a delivery to the same URL,
// and for those of whom nothing is known.
//
//   - plivo: three times, after 60, 120 and 240 seconds (plivo.com/docs/messaging, on callbacks).
//   - telnyx: three attempts in all (developers.telnyx.com, on receiving webhooks); the delays are not published, and
//     5 and 10 seconds stand for them.
//   - vonage: "for the next 24 hours" (developer.vonage.com/messaging/sms/guides/inbound-sms), and bandwidth: "over the
//     next 24 hours" (dev.bandwidth.com/docs/messaging/webhooks). Neither publishes delays: doubling ones from 5 seconds
//     to 15 minutes, a day of them, stand for the first, from 1 minute to 4 hours for the second.
//   - sinch: after 5 seconds, doubling to 81,920 (developers.sinch.com, SMS API, callbacks).
//   - twilio: none. Its messaging webhooks are tried once more only if no connection came about, then at the fallback URL if
//     there is one (twilio.com/docs/usage/webhooks/webhooks-connection-overrides): an answer of 500 is not repeated.
func RetrySchedule(vendor string) []time.Duration {
	switch vendor {
	case "plivo":
		return []time.Duration{60 * time.Second, 120 * time.Second, 240 * time.Second}
	case "telnyx":
		return []time.Duration{5 * time.Second, 10 * time.Second}
	case "vonage":
		return doubling(5*time.Second, 15*time.Minute, 24*time.Hour)
	case "bandwidth":
		return doubling(time.Minute, 4*time.Hour, 24*time.Hour)
	case "sinch":
		return doubling(5*time.Second, 81_920*time.Second, 2*81_920*time.Second)
	}
	return nil
}

// doubling returns delays that double up to the longest, as many as end within a time.
func doubling(first, longest, within time.Duration) (delays []time.Duration) {
	for d := first; d <= within; d = min(2*d, longest) {
		delays = append(delays, d)
		within -= d
	}
	return delays
}
