package corpus

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"reprise/capture"
)

// saved writes records to a file in blocks of n and returns its path.
func saved(t testing.TB, records []capture.Record, n int) string {
	t.Helper()
	return savedBy(t, records, n, func(*File) {})
}

// savedBy is saved by a writer that is told more.
func savedBy(t testing.TB, records []capture.Record, n int, tell func(*File)) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a.rpz")
	f, err := Create(path, Header{State: Raw, Tool: "test"}, false)
	if err != nil {
		t.Fatal(err)
	}
	tell(f)
	for i := range records {
		if err := f.Write(&records[i]); err != nil {
			t.Fatal(err)
		}
		if (i+1)%n == 0 {
			if err := f.Flush(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := f.Commit(); err != nil {
		t.Fatal(err)
	}
	return path
}

func opened(t testing.TB, path string) *Reader {
	t.Helper()
	r, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

func TestIndex(t *testing.T) {
	records := sample(1000, 5)
	path := saved(t, records, 64)
	r := opened(t, path)
	x, ok := r.Index()
	if !ok {
		t.Fatal("no index")
	}
	if x.Records != 1000 || !x.First.Equal(records[0].Time) || !x.Last.Equal(records[999].Time) || len(x.Blocks) != 16 {
		t.Errorf("index: %d records, %v to %v, %d blocks", x.Records, x.First, x.Last, len(x.Blocks))
	}
	kinds := make(map[capture.Kind]int64)
	for i := range records {
		kinds[records[i].Kind]++
	}
	for k, n := range kinds {
		if x.Kinds[k] != n {
			t.Errorf("index: %d records of kind %v, want %d", x.Kinds[k], k, n)
		}
	}
	for i, b := range x.Blocks {
		if b.FirstSeq != int64(i*64) || !b.First.Equal(records[i*64].Time) {
			t.Errorf("block %d begins with %d at %v", i, b.FirstSeq, b.First)
		}
	}
	if !r.Hosts().Match("a.example") {
		t.Errorf("the footer's hosts are not known at once")
	}
	early, ok1 := r.Hash()
	readAll(t, r)
	stream, err := NewReader(bytes.NewReader(contents(t, path)))
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := stream.Hash(); ok {
		t.Errorf("a stream cannot know its hash before its end")
	}
	readAll(t, stream)
	late, ok2 := stream.Hash()
	if !ok1 || !ok2 || early != late {
		t.Errorf("hash by index %s (%v), by reading %s (%v)", early, ok1, late, ok2)
	}
	records[500].Body = []byte("changed")
	if other, _ := opened(t, saved(t, records, 64)).Hash(); other == early {
		t.Errorf("other records, same hash")
	}
}

func contents(t testing.TB, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func since(records []capture.Record, t time.Time) []capture.Record {
	i, _ := slices.BinarySearchFunc(records, t, func(r capture.Record, t time.Time) int {
		if r.Time.Before(t) {
			return -1
		}
		return 1
	})
	return records[i:]
}

func TestSeekTime(t *testing.T) {
	t.Run("rows", func(t *testing.T) { seekTime(t, func(*File) {}) })
	t.Run("columns", func(t *testing.T) { seekTime(t, (*File).Columns) })
}

func seekTime(t *testing.T, tell func(*File)) {
	records := sample(1000, 5)
	path := savedBy(t, records, 64, tell)
	r := opened(t, path)
	for _, at := range []time.Time{
		records[999].Time, records[0].Time, records[500].Time.Add(time.Nanosecond),
		{},
		records[64].Time, records[63].Time,
		records[999].Time.Add(1), time.Date(5000, 1, 1, 0, 0, 0, 0, time.UTC), records[10].Time,
	} {
		if err := r.SeekTime(at); err != nil {
			t.Fatal(err)
		}
		want := since(records, at)
		got := readAll(t, r)
		mustEqual(t, got, want)
		if len(got) > 0 && got[0].Seq != int64(1000-len(want)) {
			t.Errorf("first Seq %d", got[0].Seq)
		}

		stream, err := NewReader(bytes.NewReader(contents(t, path)))
		if err != nil {
			t.Fatal(err)
		}
		if err := stream.SeekTime(at); err != nil {
			t.Fatal(err)
		}
		mustEqual(t, readAll(t, stream), want)
	}
	if d := r.Damage(); len(d) > 0 {
		t.Errorf("damage %v", d)
	}
}

func TestStreamCannotGoBack(t *testing.T) {
	records := sample(100, 5)
	r, err := NewReader(bytes.NewReader(encode(t, Header{State: Raw}, records)))
	if err != nil {
		t.Fatal(err)
	}
	var rec capture.Record
	for range 50 {
		if err := r.Next(context.Background(), &rec); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.SeekTime(records[3].Time); !errors.Is(err, ErrSeek) {
		t.Errorf("SeekTime back on a stream: %v", err)
	}
	if err := r.SeekTime(rec.Time.Add(1)); err != nil {
		t.Errorf("SeekTime forward on a stream: %v", err)
	}
	mustEqual(t, readAll(t, r), since(records, rec.Time.Add(1)))
}

func TestSelect(t *testing.T) {
	records := sample(1000, 5)
	path := saved(t, records, 64)
	from, to := records[200].Time, records[700].Time
	for name, tc := range map[string]struct {
		s    Selection
		want func(*capture.Record) bool
	}{
		"all":     {Selection{}, func(*capture.Record) bool { return true }},
		"from":    {Selection{From: from}, func(r *capture.Record) bool { return !r.Time.Before(from) }},
		"to":      {Selection{To: to}, func(r *capture.Record) bool { return r.Time.Before(to) }},
		"kinds":   {Selection{Kinds: []capture.Kind{capture.Help, capture.Status}}, func(r *capture.Record) bool { return r.Kind == capture.Help || r.Kind == capture.Status }},
		"vendors": {Selection{Vendors: []string{"twilio"}}, func(r *capture.Record) bool { return r.Vendor == "twilio" }},
		"no one's": {
			Selection{Vendors: []string{"other"}},
			func(*capture.Record) bool { return false },
		},
		"all of it": {
			Selection{From: from, To: to, Kinds: []capture.Kind{capture.Info}, Vendors: []string{""}},
			func(r *capture.Record) bool {
				return !r.Time.Before(from) && r.Time.Before(to) && r.Kind == capture.Info && r.Vendor == ""
			},
		},
	} {
		var want []capture.Record
		for i := range records {
			if tc.want(&records[i]) {
				want = append(want, records[i])
			}
		}
		for _, limit := range []int64{0, 1, 10} {
			tc.s.Limit = limit
			src, err := Select(opened(t, path), tc.s)
			if err != nil {
				t.Fatal(err)
			}
			got := readAll(t, src)
			if n := len(want); limit > 0 && int64(n) > limit {
				mustEqual(t, got, want[:limit])
			} else {
				t.Log(name, n)
				mustEqual(t, got, want)
			}
		}
	}
}

// TestSelectFromStream holds that a corpus without an index gives the same, and says when it began and who sent.
func TestSelectFromStream(t *testing.T) {
	records := sample(1000, 5)
	b := contents(t, saved(t, records, 64))
	for _, s := range []Selection{
		{},
		{From: records[200].Time, To: records[700].Time},
		{Kinds: []capture.Kind{capture.Help}, Limit: 7},
		{Vendors: []string{"twilio"}, SkipPaths: []string{"/never"}},
		{Records: Ranges{{3, 9}, {40, 40}}, SkipRecords: Ranges{{5, 6}}},
		{Methods: []string{"post"}, Paths: []string{"/"}},
	} {
		whole, err := NewReader(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		src, err := Select(whole, s)
		if err != nil {
			t.Fatal(err)
		}
		got := readAll(t, src)
		indexed, err := Select(opened(t, saved(t, records, 64)), s)
		if err != nil {
			t.Fatal(err)
		}
		mustEqual(t, got, readAll(t, indexed))
		if !src.First().Equal(records[0].Time) || !indexed.First().Equal(records[0].Time) || len(src.seen) == 0 {
			t.Errorf("%+v: first %v and %v, vendors %v", s, src.First(), indexed.First(), src.seen)
		}
	}
}

// TestSelectLeavesTheReader holds that what a selection leaves unread can be read from the reader.
func TestSelectLeavesTheReader(t *testing.T) {
	records := sample(300, 5)
	r := opened(t, saved(t, records, 64))
	for _, at := range []int{100, 128, 150} { // within blocks and where one begins
		src, err := Select(r, Selection{To: records[at].Time, Kinds: []capture.Kind{capture.Help}})
		if err != nil {
			t.Fatal(err)
		}
		readAll(t, src)
		if err := src.Next(t.Context(), new(capture.Record)); !errors.Is(err, io.EOF) {
			t.Errorf("asked again: %v", err)
		}
	}
	mustEqual(t, readAll(t, r), since(records, records[150].Time))
	if err := r.SeekTime(records[100].Time); err != nil {
		t.Fatal(err)
	}
	mustEqual(t, readAll(t, r), since(records, records[100].Time))
}

// TestSelectPassesOver proves that unwanted blocks are not even decoded: their payloads are ruined first.
func TestSelectPassesOver(t *testing.T) {
	records := sample(400, 5)
	for i := range records {
		records[i].Kind = capture.Unrecognized
		if i/100 == 2 {
			records[i].Kind = capture.Help
		}
	}
	path := saved(t, records, 100)
	b := contents(t, path)
	x, _ := opened(t, path).Index()
	for i, block := range x.Blocks {
		if i != 2 {
			b[block.Offset+headLen2+10] ^= 0xff
		}
	}
	ruined := filepath.Join(t.TempDir(), "ruined.rpz")
	if err := os.WriteFile(ruined, b, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, s := range []Selection{
		{Kinds: []capture.Kind{capture.Help}},
		{From: records[200].Time, To: records[299].Time.Add(1), Limit: 100},
	} {
		r := opened(t, ruined)
		src, err := Select(r, s)
		if err != nil {
			t.Fatal(err)
		}
		got := readAll(t, src)
		mustEqual(t, got, records[200:300])
		if d := r.Damage(); len(d) > 0 {
			t.Errorf("%+v: damage %v", s, d)
		}
	}
}

func TestMerge(t *testing.T) {
	records := sample(900, 5)
	var parts [3][]capture.Record
	for i := range records {
		// Thirds that overlap, with equal times on both sides of every cut.
		parts[i*7%3] = append(parts[i*7%3], records[i])
	}
	var sources []capture.Source
	var joined []capture.Record
	for _, p := range parts {
		sources = append(sources, opened(t, saved(t, p, 50)))
		joined = append(joined, p...)
	}
	slices.SortStableFunc(joined, byTime)
	m := Merge(sources...)
	got := readAll(t, m)
	mustEqual(t, got, joined)
	for i := range got {
		if got[i].Seq != 0 {
			t.Fatalf("record %d has Seq %d", i, got[i].Seq)
		}
	}
	var rec capture.Record
	if err := m.Next(context.Background(), &rec); err != io.EOF {
		t.Errorf("after the end: %v", err)
	}
	if err := Merge().Next(context.Background(), &rec); err != io.EOF {
		t.Errorf("of nothing: %v", err)
	}
}

func TestCancel(t *testing.T) {
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(errSink)
	r := opened(t, saved(t, sample(10, 5), 5))
	var rec capture.Record
	if err := r.Next(ctx, &rec); !errors.Is(err, errSink) {
		t.Errorf("Next = %v, want the cause", err)
	}
	if got := readAll(t, Merge(r)); len(got) != 10 {
		t.Errorf("a cancelled Next lost %d records", 10-len(got))
	}
}
