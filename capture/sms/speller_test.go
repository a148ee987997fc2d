package sms

import (
	"strings"
	"testing"

	"reprise/capture"
)

// TestSpeller: what shares memory is what Canonical returns, and stays so.
func TestSpeller(t *testing.T) {
	var s Speller
	type spelt struct{ raw, got string }
	var all []spelt
	for _, raw := range []string{
		"", "+14155551234", "14155551234", "4155551234", "0114479460958", "00447946095812", "whatsapp:14155551234", "28572", "ACME", "(415) 555-1234",
		strings.Repeat("9", 40), "\uff0b14155551234",
	} {
		for range 40 { // more than a piece holds
			got, class := s.Canonical(raw)
			if want, wantClass := Canonical(raw); got != want || class != wantClass {
				t.Fatalf("%q: %q, %v, want %q, %v", raw, got, class, want, wantClass)
			}
			all = append(all, spelt{raw, got})
		}
	}
	for _, x := range all {
		if want, _ := Canonical(x.raw); x.got != want {
			t.Errorf("%q became %q afterwards, want %q", x.raw, x.got, want)
		}
	}
}

// TestIdentify: one number in every vendor's spelling is one person, whichever end of the message it is.
func TestIdentify(t *testing.T) {
	var s Speller
	for _, tc := range []struct {
		kind     capture.Kind
		from, to string
		want     string
	}{
		{capture.Help, "+14155550100", "+18885550100", "+14155550100"},
		{capture.Unrecognized, "14155550100", "18885550100", "+14155550100"},
		{capture.Status, "+18885550100", "whatsapp:+14155550100", "+14155550100"},
		{capture.Status, "18885550100", "14155550100", "+14155550100"},
		{capture.Help, "28572", "+18885550100", "28572"},
		{capture.Help, "ACME", "+18885550100", "ACME"},
		{capture.Help, "", "+18885550100", ""},
		{capture.Other, "+14155550100", "+18885550100", ""},
	} {
		r := capture.Record{Kind: tc.kind, Message: capture.Message{From: tc.from, To: tc.to, Person: "somebody before"}}
		s.Identify(&r)
		if r.Message.Person != tc.want || r.Person() != tc.want {
			t.Errorf("%v from %q to %q: person %q, want %q", tc.kind, tc.from, tc.to, r.Message.Person, tc.want)
		}
	}
}

func TestSpellerAllocates(t *testing.T) {
	var s Speller
	if n := testing.AllocsPerRun(1000, func() { s.Canonical("14155551234") }); n > 0.02 {
		t.Errorf("%v allocations a number", n)
	}
}
