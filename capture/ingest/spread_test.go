package ingest

import (
	"context"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"reprise/capture"
	"reprise/capture/corpus"
)

// table is a source of records of whole seconds.
type table struct {
	records []capture.Record
	account *capture.Account
	precise bool // the records are not of whole seconds
}

func (s *table) Next(_ context.Context, r *capture.Record) error {
	if len(s.records) == 0 {
		return io.EOF
	}
	*r = s.records[0]
	s.records = s.records[1:]
	s.account.Read++
	return nil
}

func (s *table) WholeSecond() bool { return !s.precise }

// second is n records of one second.
func second(at time.Time, n int) (records []capture.Record) {
	for i := range n {
		records = append(records, capture.Record{Time: at, Method: "POST", URL: fmt.Sprintf("/%d", i), Body: fmt.Appendf(nil, "%v %d", at, i)})
	}
	return records
}

// spreadOf reads a table and returns its records, as a corpus has them.
func spreadOf(t *testing.T, records []capture.Record, o Options) (got []capture.Record, account capture.Account) {
	t.Helper()
	to := corpus.Dest{Path: filepath.Join(t.TempDir(), "out.rpz")}
	result, err := Source(t.Context(), "table", func(a *capture.Account, _ func(string)) (capture.Source, error) {
		return &table{records: slices.Clone(records), account: a}, nil
	}, to, o)
	if err != nil {
		t.Fatal(err)
	}
	r, err := corpus.Open(to.Path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var rec capture.Record
	for r.Next(t.Context(), &rec) == nil {
		got = append(got, *rec.Clone())
	}
	return got, result.Account
}

var start = time.Date(2022, 11, 25, 18, 0, 0, 0, time.UTC)

// TestSpread keeps the counts of seconds and the order within them, whatever does not fit the memory.
func TestSpread(t *testing.T) {
	var records []capture.Record
	for i, n := range []int{1, 700, 0, 2, 40} {
		records = append(records, second(start.Add(time.Duration(i)*time.Second), n)...)
	}
	whole, _ := spreadOf(t, records, Options{})
	for _, o := range []Options{{}, {Memory: 1 << 12}, {Memory: 1 << 16}, {Spread: SpreadEven}, {Spread: SpreadEven, Memory: 1 << 14}, {Spread: SpreadNone}} {
		got, account := spreadOf(t, records, o)
		if len(got) != len(records) || account.Spread != int64(len(records)) && o.Spread != SpreadNone || account.Spread != 0 && o.Spread == SpreadNone {
			t.Fatalf("%+v: %d records, %+v", o, len(got), account)
		}
		for i := range got {
			r, want := &got[i], &records[i]
			in := r.Time.Sub(want.Time)
			if r.URL != want.URL || in < 0 || in >= time.Second || i > 0 && r.Time.Before(got[i-1].Time) {
				t.Fatalf("%+v: record %d is %s at %v, want %s within the second of %v", o, i, r.URL, r.Time, want.URL, want.Time)
			}
			if o.Spread == "" && !r.Time.Equal(whole[i].Time) {
				t.Fatalf("%+v: record %d is at %v, and at %v with more memory", o, i, r.Time, whole[i].Time)
			}
			if o.Spread == SpreadNone && in != 0 {
				t.Errorf("record %d was moved by %v", i, in)
			}
		}
		if first := got[701].Time.Sub(start.Add(3 * time.Second)); o.Spread == SpreadEven && (first != time.Second/4 || got[702].Time.Sub(got[701].Time) != time.Second/2) {
			t.Errorf("two of a second, evenly: %v", first)
		}
	}
}

// TestSpreadSeed gives the same messages the same times, and others other ones.
func TestSpreadSeed(t *testing.T) {
	records := second(start, 9)
	times := func(records []capture.Record) (list []time.Time) {
		got, _ := spreadOf(t, records, Options{})
		for i := range got {
			list = append(list, got[i].Time)
		}
		return list
	}
	want := times(records)
	slices.Reverse(records)
	if got := times(records); !slices.EqualFunc(got, want, time.Time.Equal) {
		t.Errorf("in another order of rows the times are %v, not %v", got, want)
	}
	if got := times(second(start.Add(time.Hour), 9)); got[0].Sub(start.Add(time.Hour)) == want[0].Sub(start) {
		t.Error("another second has the same times")
	}
	if got := times(records[1:]); got[0].Equal(want[0]) {
		t.Error("other messages have the same times")
	}
}

// TestSpreadPoisson compares the moments with those of a uniform distribution (Kolmogorov–Smirnov at 1 in 1,000).
func TestSpreadPoisson(t *testing.T) {
	var records []capture.Record
	for i := range 400 {
		records = append(records, second(start.Add(time.Duration(i)*time.Second), 1+i%19)...)
	}
	got, _ := spreadOf(t, records, Options{})
	var moments []float64
	for i := range got {
		moments = append(moments, got[i].Time.Sub(records[i].Time).Seconds())
	}
	slices.Sort(moments)
	far, n := 0.0, float64(len(moments))
	for i, x := range moments {
		far = max(far, math.Abs(x-float64(i)/n), math.Abs(x-float64(i+1)/n))
	}
	if limit := 1.95 / math.Sqrt(n); far > limit {
		t.Errorf("the moments of %v records are %.4f from uniform ones, more than %.4f", n, far, limit)
	}
}

func TestSpreadOption(t *testing.T) {
	_, err := Files(t.Context(), nil, corpus.Dest{Path: filepath.Join(t.TempDir(), "x.rpz")}, Options{Spread: "normal"})
	if option, ok := err.(*OptionError); !ok || option.Option != "Spread" { //nolint:errorlint // it is not wrapped
		t.Errorf("%v", err)
	}
}
