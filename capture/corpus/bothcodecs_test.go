package corpus

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"reprise/capture"
)

// selectable is n posts of many shapes, some of them at one time.
func selectable(n int, rng *rand.Rand) []capture.Record {
	records := posts(n)
	at := records[0].Time
	for i := range records {
		r := &records[i]
		if rng.IntN(3) > 0 {
			at = at.Add(time.Duration(rng.Int64N(int64(time.Minute))))
		}
		r.Seq, r.Time, r.Kind = int64(i), at, capture.Kind(rng.IntN(9))
		r.Method = []string{"POST", "GET", "post"}[rng.IntN(3)]
		r.Vendor = []string{"twilio", "telnyx", ""}[rng.IntN(3)]
		r.URL = fmt.Sprintf("%s/%d/%d", []string{"", "https://a.example"}[rng.IntN(2)], rng.IntN(3), rng.IntN(100))
		r.Origin = capture.Origin(rng.IntN(30) / 28)
	}
	return records
}

// selected is a random selection.
func selected(rng *rand.Rand, records []capture.Record) (s Selection) {
	some := func() bool { return rng.IntN(3) == 0 }
	moment := func() time.Time {
		return records[rng.IntN(len(records))].Time.Add(time.Duration(rng.IntN(3) - 1))
	}
	ranges := func() Ranges {
		from := rng.Int64N(int64(len(records)))
		return Ranges{{from, from + rng.Int64N(200)}}
	}
	if some() {
		s.From = moment()
	}
	if some() {
		s.To = moment()
	}
	if some() {
		s.Kinds = []capture.Kind{capture.Kind(rng.IntN(9)), capture.Kind(rng.IntN(9))}
	}
	if some() {
		s.SkipKinds = []capture.Kind{capture.Kind(rng.IntN(9))}
	}
	if some() {
		s.Vendors = []string{"telnyx"}
	}
	if some() {
		s.Methods = []string{"post"}
	}
	if some() {
		s.Paths = []string{"/1", "/2/3"}
	}
	if some() {
		s.SkipPaths = []string{"/1/1"}
	}
	if some() {
		s.Records = ranges()
	}
	if some() {
		s.SkipRecords = ranges()
	}
	if some() {
		s.Limit = 1 + rng.Int64N(300)
	}
	return s
}

// TestSelectionsByBothCodecs holds that rows, columns and a file of both give the same records for any selection, whole and by their columns,
// from a file and from a stream.
func TestSelectionsByBothCodecs(t *testing.T) {
	for seed := range uint64(4) {
		rng := rand.New(rand.NewPCG(seed, 21))
		records := selectable(600+rng.IntN(600), rng)
		n := 50 + rng.IntN(300)
		files := map[string][]byte{
			"rows": flushed(t, records, n), "columns": columned(t, Header{State: Raw}, records, n), "both": inBlocks(t, Header{State: Raw}, records, n, len(records)/2),
		}
		for draw := range 12 {
			s := selected(rng, records)
			var want []capture.Record
			for i := range records {
				if s.Wants(&records[i]) && (s.Limit == 0 || int64(len(want)) < s.Limit) {
					want = append(want, records[i])
				}
			}
			for name, b := range files {
				what := fmt.Sprintf("seed %d, %d: %s: %+v", seed, draw, name, s)
				for _, r := range []*Reader{file(t, b)(), stream(t, b)()} {
					sel, err := Select(r, s)
					if err != nil {
						t.Fatalf("%s: %v", what, err)
					}
					got := readAll(t, sel)
					if len(got) != len(want) {
						t.Fatalf("%s: %d records, want %d", what, len(got), len(want))
					}
					mustEqual(t, got, want)
					r.Close()
				}
				mustProject(t, what, file(t, b)(), &s, records)
			}
		}
	}
}

// mustProject holds what columns say of the time of a selection to its records.
func mustProject(t *testing.T, what string, r *Reader, s *Selection, records []capture.Record) {
	t.Helper()
	defer r.Close()
	if !s.From.IsZero() {
		if err := r.SeekTime(s.From); err != nil {
			t.Fatal(err)
		}
	}
	within := Selection{From: s.From, To: s.To}
	want := slices.DeleteFunc(slices.Clone(records), func(r capture.Record) bool { return !within.Wants(&r) })
	got := readAll(t, r.Columns(s.To, true))
	if len(got) != len(want) {
		t.Fatalf("%s: %d records by columns, want %d", what, len(got), len(want))
	}
	for i := range got {
		g, w := &got[i], &want[i]
		if g.Seq != w.Seq || !g.Time.Equal(w.Time) || g.Kind != w.Kind || g.Vendor != w.Vendor || g.Method != w.Method || g.Host != w.Host || g.Origin != w.Origin || g.Person() != w.Person() {
			t.Fatalf("%s: by columns %+v, want %+v", what, g, w)
		}
	}
}
