package corpus

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"testing"
	"time"

	"reprise/capture"
)

// byColumns reads so many records at most.
func byColumns(t *testing.T, r *Reader, to time.Time, ahead bool, most int) (out []capture.Record) {
	t.Helper()
	c := r.Columns(to, false)
	if ahead {
		defer c.Ahead()()
	}
	for range most {
		var rec capture.Record
		err := c.Next(context.Background(), &rec)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, rec)
	}
	return out
}

// A block that another goroutine makes ready gives what it gives without, of rows and of columns, whole, to a time and damaged; and the damage
// is the same.
func TestColumnsAhead(t *testing.T) {
	records := sample(1000, 3)
	for name, whole := range map[string][]byte{"rows": flushed(t, records, 130), "columns": columned(t, Header{State: Raw}, records, 130)} {
		compare := func(b []byte, to time.Time, most int) {
			t.Helper()
			var got [2][]capture.Record
			var damage [2][]Damage
			for i := range got {
				r := file(t, b)()
				if r == nil {
					return
				}
				got[i] = byColumns(t, r, to, i == 1, most)
				if len(got[i]) == most && i == 1 {
					damage[1] = damage[0] // that of the block after it may be known
				} else {
					damage[i] = slices.Clone(r.Damage())
				}
				r.Close()
			}
			if len(got[0]) != len(got[1]) {
				t.Fatalf("%s: %d records, %d without", name, len(got[1]), len(got[0]))
			}
			mustEqual(t, got[1], got[0])
			if !slices.Equal(damage[0], damage[1]) {
				t.Fatalf("%s: damage %v, %v without", name, damage[1], damage[0])
			}
		}
		all := len(records) + 1
		compare(whole, time.Time{}, all)
		for _, at := range []int{0, 1, 129, 130, 131, 500, 999} {
			compare(whole, records[at].Time, all)
			compare(whole, time.Time{}, at+1)
		}
		for i := 0; i < len(whole); i += len(whole)/60 + 1 {
			b := bytes.Clone(whole)
			b[i] ^= 1 << (i % 8)
			compare(b, time.Time{}, all)
			compare(b, records[500].Time, all)
			compare(whole[:i], time.Time{}, all)
		}
	}
}

// A context that ends is told, and what was under way may be closed after stop.
func TestColumnsAheadEnds(t *testing.T) {
	r := file(t, columned(t, Header{State: Raw}, sample(1000, 3), 130))()
	defer r.Close()
	c := r.Columns(time.Time{}, false)
	stop := c.Ahead()
	defer stop()
	ctx, cancel := context.WithCancel(context.Background())
	var rec capture.Record
	if err := c.Next(ctx, &rec); err != nil {
		t.Fatal(err)
	}
	cancel()
	for range 1000 {
		if err := c.Next(ctx, &rec); err != nil {
			if !errors.Is(err, context.Canceled) {
				t.Fatal(err)
			}
			return
		}
	}
	t.Error("an ended context was not told")
}
