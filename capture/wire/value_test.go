package wire

import (
	"math/rand/v2"
	"testing"
)

// TestIsValue compares looking at eight bytes at a time with looking at each.
func TestIsValue(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	refused := 0
	for range 50_000 {
		b := make([]byte, rng.IntN(40))
		for i := range b {
			if b[i] = byte(rng.IntN(256)) | 0x20; rng.IntN(12) == 0 {
				b[i] = []byte{0, '\t', '\t', '\t', '\r', 0x1f, ' ', 0x7e, 0x80, 0xff, 0x9f, 0x7f}[rng.IntN(12)]
			}
			if b[i] == 0x7f && rng.IntN(8) > 0 {
				b[i] = 'a'
			}
		}
		want := isValue(string(b))
		if got := IsValue(string(b)); got != want {
			t.Fatalf("%q: %v, want %v", b, got, want)
		}
		if !want {
			refused++
		}
	}
	if refused < 1000 || refused > 49_000 {
		t.Fatalf("%d refused: nothing is tested", refused)
	}
}
