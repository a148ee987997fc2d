package anonymize

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"reprise/capture"
	"reprise/capture/dialect/all"
	"reprise/capture/sms"
)

// reel is a source of records, over and over, of other people each time.
type reel struct {
	records []*capture.Record
	times   int
	next    int
	fail    error // in place of io.EOF
}

func (s *reel) Next(ctx context.Context, r *capture.Record) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if s.next == len(s.records)*s.times {
		if s.fail != nil {
			return s.fail
		}
		return io.EOF
	}
	*r = *s.records[s.next%len(s.records)].Clone()
	r.Seq = int64(s.next)
	if old := "4155551234"; s.next%3 > 0 {
		to := fmt.Sprintf("%s%07d", []string{"415", "303", "441"}[s.next%3], s.next%1000)
		r.Body = []byte(strings.ReplaceAll(string(r.Body), old, to))
		r.Message.From = strings.ReplaceAll(r.Message.From, old, to)
	}
	s.next++
	return nil
}

type pages struct {
	b    strings.Builder
	n    int
	fail int // at this many; 0 never
}

func (p *pages) Write(r *capture.Record) error {
	if p.n++; p.n == p.fail {
		return errors.New("disk full")
	}
	p.b.WriteString(dump(r))
	return nil
}

// What comes out does not depend on how many work on it.
func TestCopyIsTheSameForAnyWorkers(t *testing.T) {
	want := ""
	for _, workers := range []int{1, 2, 8} {
		a := newAnonymizer(t, sms.Wide())
		var out pages
		written := 0
		err := a.Copy(t.Context(), &out, &reel{records: vendorRecords(t), times: 300}, CopyOptions{Workers: workers, Written: func() { written++ }})
		if err != nil {
			t.Fatal(err)
		}
		if written != out.n || a.Report().Records != int64(out.n) {
			t.Errorf("%d records, %d told, %d in the report", out.n, written, a.Report().Records)
		}
		got := fmt.Sprintf("%+v\n", a.Report()) + out.b.String()
		if want == "" {
			want = got
		}
		if got != want {
			t.Errorf("%d workers wrote something else than one", workers)
		}
	}
}

// Every address that Rewrite asks for was enrolled before: else its fake would depend on which worker was first.
func TestEnrolMeetsEveryone(t *testing.T) {
	a := newAnonymizer(t, sms.Wide())
	for i, r := range vendorRecords(t) {
		met, err := a.enrol(nil, r)
		if err != nil {
			t.Fatal(err)
		}
		a.met = append(a.met[:0], met...)
		if err := a.rewrite(r.Clone()); err != nil {
			t.Fatal(err)
		}
		for _, ad := range a.met[len(met):] {
			known := false
			for _, m := range met {
				known = known || m.tag == ad.tag
			}
			if !known {
				t.Errorf("record %d (%s %s): an address of class %s was not enrolled", i, r.Vendor, r.Kind, ad.class)
			}
		}
	}
}

func TestCopyEndsWithWhatBroke(t *testing.T) {
	canceled, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("enough"))
	tiny, err := sms.NewPool("tiny", []string{"+12015550100"})
	if err != nil {
		t.Fatal(err)
	}
	for want, tc := range map[string]struct {
		ctx  context.Context
		src  *reel
		out  pages
		pool sms.Pool
	}{
		"enough":                      {ctx: canceled, src: &reel{times: 100}},
		"no such block":               {src: &reel{times: 100, fail: errors.New("no such block")}},
		"disk full":                   {src: &reel{times: 1000}, out: pages{fail: 700}},
		"more numbers than the 1 of ": {src: &reel{times: 1000}, pool: tiny},
	} {
		tc.src.records = vendorRecords(t)
		a := newAnonymizer(t, tc.pool)
		if tc.ctx == nil {
			tc.ctx = t.Context()
		}
		if err := a.Copy(tc.ctx, &tc.out, tc.src, CopyOptions{Workers: 3}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Copy = %v, want %q", err, want)
		}
	}
}

func BenchmarkCopy(b *testing.B) {
	for _, workers := range []int{1, 2} {
		b.Run(fmt.Sprintf("workers=%d", workers), func(b *testing.B) {
			a, err := New(Options{Key: testKey(), Table: all.Table(), Classifier: testClassifier(b)})
			if err != nil {
				b.Fatal(err)
			}
			records := vendorRecords(b)
			b.ResetTimer()
			err = a.Copy(b.Context(), nothing{}, &reel{records: records, times: b.N/len(records) + 1}, CopyOptions{Workers: workers})
			if err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "records/s")
		})
	}
}

type nothing struct{}

func (nothing) Write(*capture.Record) error { return nil }
