package session

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"reprise/capture"
	"reprise/capture/corpus"
	"reprise/replay"
	"reprise/replay/pace"
	"reprise/replay/send"
)

// uneven writes a corpus of bursts and silences, in blocks of random sizes, and returns its records.
func uneven(t *testing.T, rng *rand.Rand) (path string, records []capture.Record) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "a.rpz")
	f, err := corpus.Create(path, corpus.Header{State: corpus.Synthetic}, false)
	if err != nil {
		t.Fatal(err)
	}
	at := time.Unix(1_669_000_000-rng.Int64N(2e9), rng.Int64N(1e9)).UTC()
	mean, block := int64(1)<<(18+rng.IntN(20)), 1+rng.IntN(200)
	vendors := []string{"twilio", "telnyx", ""}
	for i := range 200 + rng.IntN(1500) {
		if rng.IntN(150) == 0 {
			mean = int64(1) << (18 + rng.IntN(26))
		}
		if rng.IntN(4) > 0 {
			at = at.Add(time.Duration(rng.Int64N(mean)))
		}
		r := capture.Record{
			Time: at, Method: []string{"POST", "GET"}[rng.IntN(2)], URL: fmt.Sprintf("/%d", rng.IntN(3)), Host: "example.com", Kind: capture.Kind(rng.IntN(9)),
			Vendor: vendors[rng.IntN(3)], Message: capture.Message{From: fmt.Sprintf("+1201555%04d", rng.IntN(300)), To: "+12015550000"},
		}
		if rng.IntN(50) == 0 {
			r.Origin = capture.Origin(1)
		}
		if err := f.Write(&r); err != nil {
			t.Fatal(err)
		}
		r.Seq = int64(i)
		records = append(records, r)
		if i%block == 0 {
			if err := f.Flush(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := f.Commit(); err != nil {
		t.Fatal(err)
	}
	return path, records
}

// picked is a random selection at a random tempo.
func picked(rng *rand.Rand, records []capture.Record) (o Options) {
	some := func() bool { return rng.IntN(3) == 0 }
	moment := func() time.Time {
		at := records[rng.IntN(len(records))].Time
		if rng.IntN(2) == 0 {
			return at.Truncate(time.Second)
		}
		return at.Add(time.Duration(rng.IntN(3) - 1))
	}
	if some() {
		o.From = moment()
	}
	if some() {
		o.To = moment()
	}
	if rng.IntN(4) > 0 {
		o.Peak = []time.Duration{time.Hour, 2 * time.Hour, 24 * time.Hour, time.Minute, 90 * time.Minute, 10 * time.Second, 7 * time.Hour}[rng.IntN(7)]
	}
	for k := range capture.KindCount {
		if rng.IntN(9) == 0 {
			o.Kinds = append(o.Kinds, capture.Kind(k))
		}
		if rng.IntN(12) == 0 {
			o.SkipKinds = append(o.SkipKinds, capture.Kind(k))
		}
	}
	if rng.IntN(6) == 0 {
		o.Vendors = []string{"twilio"}
	}
	if rng.IntN(6) == 0 {
		o.Methods = []string{"post"}
	}
	if rng.IntN(6) == 0 {
		o.Paths = []string{"/1"}
	}
	if rng.IntN(6) == 0 {
		o.Sample = 0.5
	}
	if some() {
		o.TimeScale = []float64{0.5, 3, 1.7}[rng.IntN(3)]
	}
	if some() {
		o.Volume = []float64{0.5, 1.5, 2}[rng.IntN(3)]
	}
	if some() {
		o.Loops = 2
	}
	if some() {
		o.Limit = int64(1 + rng.IntN(300))
	}
	if some() {
		o.MaxGap = time.Second
	}
	return o
}

// decoded plans by reading every record: the window and the plan that a session is to come to.
func decoded(path string, o *Options, tempo pace.Options) (w window, plan *replay.Plan, err error) {
	w = window{o.From, o.To}
	ctx := context.Background()
	r, err := corpus.Open(path)
	if err != nil {
		return w, nil, err
	}
	defer r.Close()
	if o.Peak > 0 {
		start, _, err := replay.Busiest(ctx, r, o.Peak, o.keep(w))
		if err != nil {
			return w, nil, err
		}
		if w.from.Before(start) {
			w.from = start
		}
		if end := start.Add(o.Peak); w.to.IsZero() || w.to.After(end) {
			w.to = end
		}
		if err := r.SeekTime(time.Time{}); err != nil {
			return w, nil, err
		}
	}
	plan, err = replay.Scan(ctx, r, tempo, replay.ScanOptions{Keep: o.keep(w), Again: func(context.Context) (replay.Stream, error) {
		return corpus.Open(path)
	}})
	return w, plan, err
}

// TestPlanWithoutDecoding holds that a plan by counts, columns and windows is the one of reading every record.
func TestPlanWithoutDecoding(t *testing.T) {
	planned, windows, byCounts := 0, 0, 0
	for seed := range uint64(40) {
		rng := rand.New(rand.NewPCG(seed, 7))
		path, records := uneven(t, rng)
		for n := range 12 {
			o := picked(rng, records)
			s, err := Open(context.Background(), path, "", o)
			if err != nil {
				t.Fatalf("seed %d, %d: %+v: %v", seed, n, o.Selection, err)
			}
			got, err := s.Plan(context.Background())
			w, want, wantErr := decoded(path, &s.o, s.plan.pace)
			if errors.Is(err, ErrNothing) && (errors.Is(wantErr, io.EOF) || want != nil && want.Requests() == 0) {
				s.Close()
				continue
			}
			if err != nil || wantErr != nil {
				t.Fatalf("seed %d, %d: %v; by reading all %v", seed, n, err, wantErr)
			}
			if !w.from.Equal(s.plan.window.from) || !w.to.Equal(s.plan.window.to) || !reflect.DeepEqual(got, want) {
				t.Fatalf("seed %d, %d: %+v\nwindow %v, want %v\ngot  %+v\nwant %+v", seed, n, o.Selection, s.plan.window, w, got, want)
			}
			if s.miscounted {
				t.Fatalf("seed %d, %d: counts are said to be wrong", seed, n)
			}
			planned++
			if s.plan.outside != nil {
				windows++
			}
			if r, err := corpus.Open(path); err == nil && o.Peak > 0 {
				if _, n, _ := s.busiest(r); n > 0 {
					byCounts++
				}
				r.Close()
			}
			s.Close()
		}
	}
	t.Logf("%d plans, %d of windows, %d by counts", planned, windows, byCounts)
	if planned < 100 || windows < 50 || byCounts < 20 {
		t.Errorf("%d plans, %d of windows, %d by counts", planned, windows, byCounts)
	}
}

// TestWindowIsPlayed holds that a run of a window sends what the plan says, and has the same ledger.
func TestWindowIsPlayed(t *testing.T) {
	url := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer url.Close()
	for seed := range uint64(6) {
		rng := rand.New(rand.NewPCG(seed, 8))
		path, records := uneven(t, rng)
		middle := records[len(records)/2].Time
		o := Options{Selection: Selection{From: middle, To: records[len(records)*3/4].Time.Add(1)}, Tempo: Tempo{TimeScale: 1e6, Volume: float64(1 + seed%2), Loops: 2}, Engine: send.Options{Timeout: 10 * time.Minute}}
		s, err := Open(context.Background(), path, url.URL, o)
		if err != nil {
			t.Fatal(err)
		}
		plan, err := s.Plan(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		run, err := s.Play(context.Background(), Hooks{})
		if err != nil {
			t.Fatal(err)
		}
		s.Close()
		got, want := run.Footer.Ledger, plan.Ledger
		want.OK, want.Unsent = want.Unsent, 0
		if got.Tally != want.Tally || got.Recorded != int64(len(records)) || got.Filtered == 0 {
			t.Errorf("seed %d: ledger %+v, want %+v", seed, got.Tally, want.Tally)
		}
	}
}

// TestWindowOfADamagedCorpus holds that a damaged summary, and a damaged head of a block, lead to reading every record.
func TestWindowOfADamagedCorpus(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 9))
	path, records := uneven(t, rng)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	o := Options{Selection: Selection{Peak: time.Hour}}
	for range 60 {
		b := append([]byte(nil), whole...)
		b[100+rng.IntN(len(b)-100)] ^= 1 << rng.IntN(8)
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := Open(context.Background(), path, "", o)
		if err != nil {
			t.Fatal(err)
		}
		plan, err := s.Plan(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if lost := int64(len(records)) - plan.Ledger.Recorded; lost > 0 && len(s.Damage()) == 0 || lost < 0 {
			t.Errorf("%d records are lost, damage %v", lost, s.Damage())
		}
		s.Close()
	}
}

// TestPeakIsWithinFromAndTo holds that the busiest stretch has nothing that From and To leave out.
func TestPeakIsWithinFromAndTo(t *testing.T) {
	at := time.Date(2022, 11, 28, 12, 20, 0, 0, time.UTC)
	var records []capture.Record
	for i := range 40 { // one a minute
		records = append(records, capture.Record{Time: at.Add(time.Duration(i) * time.Minute), Method: "POST", URL: "/", Host: "example.com"})
	}
	path := written(t, records, 10)
	for name, o := range map[string]Options{
		"from": {Selection: Selection{Peak: time.Hour, From: at.Add(30 * time.Minute)}},
		"to":   {Selection: Selection{Peak: time.Hour, To: at.Add(10 * time.Minute)}},
	} {
		s, err := Open(t.Context(), path, "", o)
		if err != nil {
			t.Fatal(err)
		}
		plan, err := s.Plan(t.Context())
		if err != nil || plan.Requests() != 10 {
			t.Errorf("%s: %d requests of 10: %v", name, plan.Requests(), err)
		}
		s.Close()
	}
}

// written writes records in blocks of n.
func written(t *testing.T, records []capture.Record, n int) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a.rpz")
	f, err := corpus.Create(path, corpus.Header{State: corpus.Synthetic}, false)
	if err != nil {
		t.Fatal(err)
	}
	for i := range records {
		if err := f.Write(&records[i]); err != nil {
			t.Fatal(err)
		}
		if i%n == n-1 {
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

// peakOf plans the busiest hour of a corpus that has become other bytes.
func peakOf(t *testing.T, path string, b []byte) (*Session, *replay.Plan, error) {
	t.Helper()
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := Open(t.Context(), path, "", Options{Selection: Selection{Peak: time.Hour}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	plan, err := s.Plan(t.Context())
	return s, plan, err
}

// TestWindowOfLostRecords holds that a window whose records are lost is chosen once more, by those that are left.
func TestWindowOfLostRecords(t *testing.T) {
	at := time.Date(2022, 11, 28, 12, 0, 0, 0, time.UTC)
	var records []capture.Record
	for i := range 30 { // the second hour has most
		at = at.Add([]time.Duration{6 * time.Minute, 3 * time.Minute, 6 * time.Minute}[i/10])
		if i%10 == 0 {
			at = at.Truncate(time.Hour).Add(time.Hour)
		}
		records = append(records, capture.Record{Time: at, Method: "POST", URL: "/", Host: "example.com"})
	}
	path := written(t, records, 10)
	r, err := corpus.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	index, _ := r.Index()
	r.Close()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	b[index.Blocks[1].Offset+90] ^= 1 // within its payload
	s, plan, err := peakOf(t, path, b)
	if err != nil || plan.Requests() != 10 || !plan.First.Equal(records[0].Time) {
		t.Errorf("%+v, %v; want the first ten records", plan, err)
	}
	if d := s.Damage(); len(d) != 1 || d[0].Records != 10 {
		t.Errorf("damage %v", d)
	}
}

// TestWindowOfForgedCounts holds that a window by counts that are not those of the records is noticed, and chosen by the records.
func TestWindowOfForgedCounts(t *testing.T) {
	at := time.Date(2022, 11, 28, 12, 0, 0, 0, time.UTC)
	var records, other []capture.Record // most in the first hour, and most in the last
	for i := range 19 {
		gap := 200 * time.Second
		if i >= 15 {
			gap = 1500 * time.Second
		}
		records = append(records, capture.Record{Time: at, Method: "POST", URL: "/", Host: "example.com"})
		at = at.Add(gap)
	}
	first, last := records[0].Time, records[18].Time
	for i := range records {
		r := records[18-i]
		r.Time = first.Add(last.Sub(r.Time))
		other = append(other, r)
	}
	path, from := written(t, records, 100), written(t, other, 100)
	b, offset, size := counts(t, path)
	f, fOffset, fSize := counts(t, from)
	if size != fSize {
		t.Fatalf("blocks of %d and %d bytes", size, fSize)
	}
	copy(b[offset:offset+size], f[fOffset:])
	s, plan, err := peakOf(t, path, b)
	if err != nil || plan.Requests() < 15 || !plan.First.Equal(first) {
		t.Errorf("%+v, %v; want the first hour", plan, err)
	}
	if d := s.Damage(); len(d) != 1 || d[0].Reason != corpus.BadSummary {
		t.Errorf("damage %v", d)
	}
}

// counts finds the block of counts in a corpus.
func counts(t *testing.T, path string) (b []byte, offset, size int) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for offset = 8; offset < len(b); offset += size {
		size = 80 + int(binary.LittleEndian.Uint32(b[offset+20:]))
		if bytes.Contains(b[offset:offset+size], []byte("\x06counts")) {
			return b, offset, size
		}
	}
	t.Fatal("no block of counts")
	return nil, 0, 0
}
