package replay

import (
	"io"
	"slices"
	"testing"
	"time"

	"reprise/capture"
)

// Every record comes once, at the times of the source, in another order, and kinds that came in batches do no more.
func TestShuffle(t *testing.T) {
	const n = 30000
	at := steady(n, time.Millisecond)
	order := func(seed uint64) (seqs []int64) {
		src := Shuffle(&tape{at: at, body: make([]byte, 1000)}, seed)
		var r capture.Record
		for i := 0; ; i++ {
			switch err := src.Next(t.Context(), &r); {
			case err == io.EOF:
				return seqs
			case err != nil:
				t.Fatal(err)
			}
			if want := time.Unix(1_700_000_000, 0).Add(at[i]); !r.Time.Equal(want) {
				t.Fatalf("record %d comes at %v, want %v", i, r.Time, want)
			}
			if len(r.Body) != 1000 || r.Kind != kindOf(int(r.Seq)) {
				t.Fatalf("record %d is not whole", r.Seq)
			}
			seqs = append(seqs, r.Seq)
		}
	}
	one, same, other := order(1), order(1), order(2)
	if !slices.Equal(one, same) || slices.Equal(one, other) {
		t.Error("the order does not follow from the seed")
	}
	near := 0
	for i, seq := range one {
		if d := int64(i) - seq; d > -100 && d < 100 {
			near++
		}
	}
	if near > n/20 {
		t.Errorf("%d of %d stay within 100 places", near, n)
	}
	slices.Sort(one)
	for i, seq := range one {
		if int64(i) != seq {
			t.Fatalf("record %d is missing or comes twice", i)
		}
	}
}
