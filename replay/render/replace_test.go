package render

import (
	"testing"

	"reprise/capture/dialect"
	"reprise/capture/keyed"
	"reprise/capture/payload"
)

// Every copy has ids of its own, also when there are more copies than keys are held of, and in any order.
func TestIDsOfManyCopies(t *testing.T) {
	f := newIDs(1, 1)
	const old = "SM0123456789abcdef0123456789abcdef"
	given := make(map[string]int)
	for round := range 2 {
		for copy := range 5 * len(f.ring) {
			f.begin(copy)
			id := string(f.of([]byte(old)))
			if again := string(f.of([]byte(old))); again != id || id != keyed.FreshID(key(1, "ids", uint64(copy)), old) {
				t.Fatalf("copy %d: %s, then %s", copy, id, again)
			}
			if before, ok := given[id]; ok != (round > 0) || ok && before != copy {
				t.Fatalf("copies %d and %d share %s", before, copy, id)
			}
			given[id] = copy
		}
	}
}

func TestLiterals(t *testing.T) {
	for literal, want := range map[string]bool{"12345": true, "0.5": true, "1e5": false, "-1": false, "true": false, "null": false} {
		if got := isNumber([]byte(literal)); got != want {
			t.Errorf("%s: %v", literal, got)
		}
	}
	s := &dialect.Span{Span: payload.Span{Literal: true}}
	for number, want := range map[string]string{"+14155551234": "14155551234", "28572": "28572", "ACME": "", "": "", "+": "", "0123": ""} {
		if got, ok := encodeNumber(nil, s, number); string(got) != want || ok != (want != "") {
			t.Errorf("%s became %s", number, got)
		}
	}
}
