package logs

import (
	"math/rand/v2"
	"testing"
)

// TestSpecial compares looking at eight bytes at a time with looking at each.
func TestSpecial(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		b := make([]byte, rng.IntN(40))
		for i := range b {
			if b[i] = byte(rng.IntN(256)); rng.IntN(3) > 0 {
				b[i] |= 0x60 // most are letters, or from U+0080 on
			}
			if rng.IntN(20) == 0 {
				b[i] = []byte{'"', '\\', 0, 0x1f, ' ', '!', 0xa2, 0xdc, 0x80, 0x9f}[rng.IntN(10)]
			}
		}
		from := rng.IntN(len(b) + 1)
		want := from
		for want < len(b) && b[want] != '"' && b[want] != '\\' && b[want] >= ' ' {
			want++
		}
		if got := special(b, from); got != want {
			t.Fatalf("%q from %d: %d, want %d", b, from, got, want)
		}
	}
}

// TestMarks: no name that is looked for is passed over by its mark.
func TestMarks(t *testing.T) {
	tree := newTree()
	names := []string{"", "a", "ts", "request_time", "@timestamp", "b\u00e9", "0", "17", "X-Twilio-Signature"}
	for _, name := range names[1:] {
		tree.add("/" + name)
	}
	tree.add("/")
	for _, name := range names {
		s := scanner{}
		if s.child(tree.root, []byte(name)) == nil {
			t.Errorf("%q is not found", name)
		}
	}
}
