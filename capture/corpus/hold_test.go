package corpus

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"reprise/capture"
)

// TestHold changes records as soon as they are copied, which a copy may not mind.
func TestHold(t *testing.T) {
	in := sample(3000, 11)
	for i := range in {
		switch i % 700 {
		case 0:
			in[i].Headers = append(in[i].Headers, slices.Repeat([]capture.Header{{Name: strings.Repeat("N", 100), Value: "v"}}, 20)...)
		case 1:
			in[i] = capture.Record{Time: in[i].Time}
		}
	}
	for name, copied := range map[string]func(*Holder, *capture.Record) *capture.Record{"Hold": (*Holder).Hold, "Keep": (*Holder).Keep} {
		t.Run(name, func(t *testing.T) { testHold(t, in, copied) })
	}
}

func testHold(t *testing.T, in []capture.Record, copied func(*Holder, *capture.Record) *capture.Record) {
	var h Holder
	for i := range in {
		r := in[i].Clone()
		held := copied(&h, r)
		clear(r.Headers)
		clear(r.Body)
		*r = capture.Record{}
		if !same(held, &in[i]) {
			t.Fatalf("record %d: %+v", i, held)
		}
		if body := string(held.Body); body != "" {
			clear(held.Body)
			held.Body = append(held.Body, "more"...)
			if held.Body = []byte(body); !same(held, &in[i]) {
				t.Fatalf("record %d shares its body", i)
			}
		}
	}
}

// TestTake: what is handed over goes the way of what is copied, and is checked as well.
func TestTake(t *testing.T) {
	var b bytes.Buffer
	w, err := NewWriter(&b, Header{State: Raw})
	if err != nil {
		t.Fatal(err)
	}
	s := NewSorter(w, t.TempDir(), 1<<20)
	in := sample(500, 1)
	slices.Reverse(in)
	s.AddHost("192.0.2.1:80")
	var h Holder
	for i := range in {
		if err := s.Take(h.Hold(&in[i])); err != nil {
			t.Fatal(err)
		}
	}
	bad := h.Hold(&in[0])
	bad.Response.Status = -1
	if err := s.Take(bad); !errors.Is(err, ErrInvalid) {
		t.Errorf("a status of -1: %v", err)
	}
	if err := errors.Join(s.Close(t.Context()), w.Close()); err != nil {
		t.Fatal(err)
	}
	if err := s.Take(h.Hold(&in[0])); err == nil {
		t.Error("a closed sorter took a record")
	}
	back, err := NewReader(&b)
	if err != nil {
		t.Fatal(err)
	}
	slices.SortStableFunc(in, byTime)
	mustEqual(t, readAll(t, back), in)
	if !back.Hosts().Match("192.0.2.1") || !back.Hosts().Match(in[0].Host) {
		t.Error("hosts were lost")
	}
}
