package terminal

import (
	"bytes"
	"testing"
)

func TestPrinter(t *testing.T) {
	for _, tc := range []struct{ name, in, want string }{
		{"text", "a line\n\ta tab\n", "a line\n\ta tab\n"},
		{"letters of the world", "größe ☃ 😀 שלום", "größe ☃ 😀 שלום"},
		{"clears the screen", "a\x1b[2Jb", `a\u001b[2Jb`},
		{"sets the title", "\x1b]0;pwn\x07", `\u001b]0;pwn\u0007`},
		{"returns and deletes", "a\r\b\x7f", `a\u000d\u0008\u007f`},
		{"a C1 control", "a\u009b2J", `a\u009b2J`},
		{"a C1 control as a byte", "a\x9b2J", `a\x9b2J`},
		{"reverses the direction", "a\u202eb\u2066c", `a\u202eb\u2066c`},
		{"ends inside a character", "a\xe2\x98", `a\xe2\x98`},
	} {
		for size := 1; size <= len(tc.in); size++ { // however it is cut into writes
			var b bytes.Buffer
			p := NewPrinter(&b)
			for rest := tc.in; rest != ""; {
				n := min(size, len(rest))
				if k, err := p.Write([]byte(rest[:n])); k != n || err != nil {
					t.Fatalf("%s: Write = %d, %v", tc.name, k, err)
				}
				rest = rest[n:]
			}
			if err := p.End(); err != nil || b.String() != tc.want {
				t.Errorf("%s in pieces of %d: %q, %v, want %q", tc.name, size, b.String(), err, tc.want)
			}
		}
	}
}
