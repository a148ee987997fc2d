package render

import (
	"testing"
	"time"

	"reprise/capture"
	"reprise/capture/dialect/all"
	"reprise/replay"
	"reprise/replay/pace"
)

// hashesOf renders records one after the other.
func hashesOf(t *testing.T, o Options, recs ...*capture.Record) (people, recipients []uint32) {
	t.Helper()
	o.Target, o.Table, o.Seed = target(t, "http://127.0.0.1:9000"), all.Table(), 1
	r, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	for _, rec := range recs {
		var q replay.Request
		if err := r.Render(rec, pace.Play{Seq: rec.Seq}, time.Unix(1_800_000_000, 0), &q); err != nil {
			t.Fatal(err)
		}
		people, recipients = append(people, q.PersonHash), append(recipients, q.RecipientHash)
	}
	return people, recipients
}

// What results say of people and recipients is equal for equal ones as they are sent, and says nothing without the key.
func TestHashes(t *testing.T) {
	const ann, bob, shop, bank = "+14155550100", "+14155550101", "+18885550100", "+18885550101"
	receipt := &capture.Record{Seq: 9, Time: time.Unix(1_700_000_000, 0), Method: "POST", URL: "/", Kind: capture.Status, Message: capture.Message{From: shop, To: ann}}
	other := &capture.Record{Seq: 10, Time: time.Unix(1_700_000_000, 0), Method: "POST", URL: "/", Kind: capture.Other}
	recs := []*capture.Record{twilioRecord(1, ann, shop), twilioRecord(2, bob, shop), twilioRecord(3, ann, bank), receipt, other}
	key := [16]byte{1}

	p, n := hashesOf(t, Options{HashKey: key}, recs...)
	if p[0] == 0 || p[0] == p[1] || p[2] != p[0] || p[3] != p[0] || p[4] != 0 {
		t.Errorf("people %x", p)
	}
	if n[0] == 0 || n[1] != n[0] || n[2] == n[0] || n[3] != n[0] || n[4] != 0 {
		t.Errorf("recipients %x", n)
	}
	if again, _ := hashesOf(t, Options{HashKey: key}, recs...); again[0] != p[0] {
		t.Errorf("under one key a person is %x and %x", p[0], again[0])
	}
	if o, m := hashesOf(t, Options{}, recs...); o[0] == p[0] || m[0] == n[0] {
		t.Error("another key gives the same hashes")
	}
	if _, m := hashesOf(t, Options{HashKey: key, Recipients: map[string]string{shop: bank, bank: shop}}, recs[:3]...); m[0] != n[2] || m[2] != n[0] {
		t.Errorf("recipients that were exchanged are %x, were %x", m, n)
	}
	a := NewAddresses(all.Table(), true)
	for _, rec := range recs {
		a.Observe(rec)
	}
	if q, _ := hashesOf(t, Options{HashKey: key, Senders: a.Senders([]string{bob})}, recs[:3]...); q[0] != p[1] || q[2] != p[1] {
		t.Errorf("with one sender people are %x, and that one was %x", q, p[1])
	}
}

func BenchmarkHashes(b *testing.B) {
	h := newHashes([16]byte{1})
	var sum uint32
	for b.Loop() {
		sum += h.of(uint64(sum) + 1)
	}
}
