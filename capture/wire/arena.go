package wire

import "strings"

// Arena makes many small strings of few allocations: one for each 16 KB of them. The strings are for one request, so that
// what is let go of with one is let go of with all. Its zero value is ready.
type Arena struct{ b strings.Builder }

const arenaSize = 16 << 10

func (a *Arena) grow(n int) {
	if a.b.Cap()-a.b.Len() < n {
		a.b.Reset()
		a.b.Grow(max(arenaSize, n))
	}
}

// String returns b as a string.
func (a *Arena) String(b []byte) string {
	a.grow(len(b))
	start := a.b.Len()
	a.b.Write(b)
	return a.b.String()[start:]
}

// Join returns the pieces with the separator between each two.
func (a *Arena) Join(pieces []string, separator string) string {
	n := len(separator) * (len(pieces) - 1)
	for _, p := range pieces {
		n += len(p)
	}
	a.grow(n)
	start := a.b.Len()
	for i, p := range pieces {
		if i > 0 {
			a.b.WriteString(separator)
		}
		a.b.WriteString(p)
	}
	return a.b.String()[start:]
}

// Number returns n, which is not negative, in digits.
func (a *Arena) Number(n int) string {
	var buffer [20]byte
	return a.String(AppendDecimal(buffer[:0], n))
}

// AppendDecimal appends n, which is not negative. It is strconv.AppendInt at half its price.
func AppendDecimal(dst []byte, n int) []byte {
	var buffer [20]byte
	i := len(buffer)
	for {
		i--
		buffer[i] = byte('0' + n%10)
		if n /= 10; n == 0 {
			return append(dst, buffer[i:]...)
		}
	}
}
