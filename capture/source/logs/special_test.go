package logs

import (
	"math/rand/v2"
	"strings"
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

// TestUnescapeInPlace compares with reading escape by escape, also where what is read stands in the memory that is written.
func TestUnescapeInPlace(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	parts := []string{"a", "bcdefghij", `\"`, `\"`, `\\`, `\/`, `\n`, `\b\f\r\t`, `\u0041`, `\ud83d\ude00`, `\ud83d`, `\x41`, "é", "\xff", "klmnopqrstuvwxyz0123"}
	for range 30_000 {
		raw := ""
		for range rng.IntN(12) {
			raw += parts[rng.IntN(len(parts))]
		}
		want := ""
		for rest := raw; rest != ""; {
			i := strings.IndexByte(rest, '\\')
			if i < 0 {
				want += rest
				break
			}
			want, rest = want+rest[:i], rest[i:]
			switch c := rest[1]; {
			case strings.IndexByte("bfnrt", c) >= 0:
				want, rest = want+string("\b\f\n\r\t"[strings.IndexByte("bfnrt", c)]), rest[2:]
			case c == 'x':
				want, rest = want+`\x`, rest[2:]
			case c == 'u':
				out, left := unicodeEscape(nil, []byte(rest[2:]))
				want, rest = want+string(out), string(left)
			default:
				want, rest = want+string(c), rest[2:]
			}
		}
		if got := string(unescape([]byte("before"), []byte(raw))); got != "before"+want {
			t.Fatalf("%q: %q, want %q", raw, got, want)
		}
		for _, from := range []int{0, 1, 5} {
			memory := append(make([]byte, from), raw...)
			if got := string(unescape(memory[:0], memory[from:])); got != want {
				t.Fatalf("%q in place from %d: %q, want %q", raw, from, got, want)
			}
		}
	}
}

// TestMembers: lines whose names come in another order than in the line before, or are others, are read as any.
func TestMembers(t *testing.T) {
	tree := newTree()
	a, b, long := tree.add("/a"), tree.add("/b/c"), tree.add("/"+strings.Repeat("n", 40))
	s := scanner{found: make([]span, tree.slots)}
	for i, line := range []string{
		`{"a":1,"b":{"c":2}}`, `{"b":{"c":2},"a":1}`, `{"x":0,"a":1,"":3,"b":{"d":4,"c":2}}`, `{"\u0061":1,"b":{"\u0063":2}}`, `{"a":1,"b":{"c":2}}`,
		`{"aa":0,"a":1,"` + strings.Repeat("n", 40) + `":5,"b":{"c":2}}`,
	} {
		if !s.scan([]byte(line), tree.root) {
			t.Fatal(line)
		}
		for slot, want := range map[int]string{a: "1", b: "2", long: map[bool]string{true: "5"}[i == 5]} {
			if got := line[s.found[slot].start:s.found[slot].end]; got != want {
				t.Errorf("%s: %q, want %q", line, got, want)
			}
		}
	}
}
