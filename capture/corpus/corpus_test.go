package corpus

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"testing"
	"time"

	"reprise/capture"
)

// headLen2 is how many bytes a block's head has.
const headLen2 = 80

// lines returns header lines from names and values in turn.
func lines(pairs ...string) (out []capture.Header) {
	for i := 0; i < len(pairs); i += 2 {
		out = append(out, capture.Header{Name: pairs[i], Value: pairs[i+1]})
	}
	return out
}

// sample returns n records in time order that use every part of a record.
func sample(n int, seed uint64) []capture.Record {
	rng := rand.New(rand.NewPCG(seed, 1))
	at := time.Date(2022, 11, 25, 18, 0, 0, 123, time.UTC)
	hex := func(n int) string {
		b := make([]byte, n)
		for i := range b {
			b[i] = "0123456789abcdef"[rng.IntN(16)]
		}
		return string(b)
	}
	out := make([]capture.Record, n)
	for i := range out {
		at = at.Add(time.Duration(rng.IntN(3)) * 7 * time.Millisecond)
		id, from := "SM"+hex(32), fmt.Sprintf("+1415555%04d", rng.IntN(10000))
		text := fmt.Sprintf("hello %s ☃", hex(rng.IntN(20)))
		r := capture.Record{
			Time: at, Method: "POST", URL: "/sms?n=" + hex(3), Host: "hooks.example.com",
			Headers: lines("Host", "hooks.example.com", "X-twilio-Signature", hex(28), "Accept", "*/*"),
			Body:    []byte("MessageSid=" + id + "&From=" + from + "&Body=" + text),
			Response: capture.Response{
				Status: 200, Latency: time.Duration(rng.IntN(1e6)),
			},
			Kind: capture.Kind(rng.IntN(9)), Vendor: "twilio",
			Message: capture.Message{ID: id, From: from, To: "+18885550100", Text: text},
		}
		switch rng.IntN(5) {
		case 0:
			r.Headers = append(r.Headers, lines("accept", "", "", "x")...)
			r.Vendor, r.Body, r.Message = "", nil, capture.Message{}
		case 1:
			r.Host, r.Headers, r.Response = "a.example:8443", nil, capture.Response{}
		}
		out[i] = r
	}
	return out
}

func encode(t testing.TB, h Header, records []capture.Record) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := NewWriter(&b, h)
	if err != nil {
		t.Fatal(err)
	}
	for i := range records {
		if err := w.Write(&records[i]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// readAll reads to the end and returns clones.
func readAll(t testing.TB, src capture.Source) []capture.Record {
	t.Helper()
	var out []capture.Record
	var r capture.Record
	for {
		err := src.Next(context.Background(), &r)
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, *r.Clone())
	}
}

// same says whether two records are equal, Seq apart.
// asWritten is what a file holds of a message: who is behind it is derived.
func asWritten(r *capture.Record) capture.Message {
	m := r.Message
	m.Person = ""
	return m
}

func same(a, b *capture.Record) bool {
	if len(a.Headers) != len(b.Headers) {
		return false
	}
	for i := range a.Headers {
		if a.Headers[i] != b.Headers[i] {
			return false
		}
	}
	return a.Time.Equal(b.Time) && a.Method == b.Method && a.URL == b.URL && a.Host == b.Host && bytes.Equal(a.Body, b.Body) &&
		a.Response == b.Response && a.Origin == b.Origin && a.Kind == b.Kind && a.Vendor == b.Vendor && asWritten(a) == asWritten(b)
}

func mustEqual(t testing.TB, got, want []capture.Record) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("got %d records, want %d", len(got), len(want))
	}
	for i := range got {
		if !same(&got[i], &want[i]) {
			t.Fatalf("record %d: got %+v, want %+v", i, got[i], want[i])
		}
	}
}

func TestRoundTrip(t *testing.T) {
	for _, n := range []int{0, 1, 2, 5000} {
		records := sample(n, uint64(n))
		r, err := NewReader(bytes.NewReader(encode(t, Header{State: Raw, Tool: "test"}, records)))
		if err != nil {
			t.Fatal(err)
		}
		got := readAll(t, r)
		mustEqual(t, got, records)
		for i := range got {
			if got[i].Seq != int64(i) {
				t.Fatalf("record %d has Seq %d", i, got[i].Seq)
			}
		}
		if d := r.Damage(); len(d) > 0 {
			t.Errorf("%d records: damage in a whole corpus: %v", n, d)
		}
		if r.Header().Tool != "test" {
			t.Errorf("header %+v", r.Header())
		}
	}
}
