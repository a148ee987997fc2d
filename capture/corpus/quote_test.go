package corpus

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// TestQuotesAgree compares telling whether a body has a value at a place with reading what it has there.
func TestQuotesAgree(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 9))
	parts := []string{"a", "b", "%61", "%2B", "+", "%zz", "%4", "&", `"`, `\"`, `\\`, `\u0061`, "\n", " ", "é", "%C3%A9"}
	text := func(n int) string {
		var b strings.Builder
		for range rng.IntN(n) {
			b.WriteString(parts[rng.IntN(len(parts))])
		}
		return b.String()
	}
	agreed := [2]int{}
	for range 200_000 {
		body := "=" + text(8)
		for q := quotedForm; q <= quotedJSON; q++ {
			read, ok := q.unquote(nil, []byte(body), 1)
			value := string(read)
			if rng.IntN(4) == 0 {
				value = text(4)
			}
			want := ok && string(read) == value && value != "" && len(value) <= len(body)-1
			var f quotes
			if got := f.is(q, []byte(body), 1, value); got != want {
				t.Fatalf("%d: %q has %q: %v, want %v", q, body, value, got, want)
			}
			if want {
				agreed[q-1]++
			}
		}
	}
	if agreed[0] < 1000 || agreed[1] < 1000 {
		t.Errorf("%v values were there: nothing is tested", agreed)
	}
}
