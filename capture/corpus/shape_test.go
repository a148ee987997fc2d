package corpus

import (
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"reprise/capture"
)

// TestShapesKept: which shapes are kept in memory changes neither digests nor what is alike, with fewer or more of them than are kept.
func TestShapesKept(t *testing.T) {
	for _, shapes := range []int{1, 2, 8, 9, 30} {
		rng := rand.New(rand.NewPCG(uint64(shapes), 1))
		var kept digester
		before := -1
		for i := range int64(500) {
			n := rng.IntN(shapes)
			r := capture.Record{Time: time.Unix(i, 0), Method: []string{"", "POST"}[n%2], Host: strconv.Itoa(n / 6), Headers: make([]capture.Header, n/2%3)}
			for j := range r.Headers {
				r.Headers[j].Name = "N" + strconv.Itoa(n/6)
			}
			size, err := checkRecord(&r)
			if err != nil {
				t.Fatal(err)
			}
			var fresh digester
			fresh.look(&r, size)
			if alike := kept.look(&r, size); alike != (n == before) {
				t.Fatalf("%d shapes, record %d: alike %v, shape %d after %d", shapes, i, alike, n, before)
			}
			if got, want := kept.digest(i, &r, size), fresh.digest(i, &r, size); got != want {
				t.Fatalf("%d shapes, record %d: %x, want %x", shapes, i, got, want)
			}
			before = n
		}
	}
}
