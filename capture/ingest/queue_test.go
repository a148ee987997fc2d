package ingest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"reprise/capture"
	"reprise/capture/corpus"
)

func TestQueueKeepsTheOrder(t *testing.T) {
	const n = 20_000
	var got []string
	q := newQueue(func(it *item) error { got = append(got, it.host); return nil })
	for i := range n {
		if err := q.put(item{host: fmt.Sprint(i)}, i%3*1000); err != nil {
			t.Fatal(err)
		}
		if i%7777 == 0 {
			if err := q.settle(); err != nil || len(got) != i+1 {
				t.Fatalf("settled with %d of %d: %v", len(got), i+1, err)
			}
		}
	}
	if err := q.close(); err != nil || len(got) != n {
		t.Fatalf("closed with %d of %d: %v", len(got), n, err)
	}
	for i := range got {
		if got[i] != fmt.Sprint(i) {
			t.Fatalf("item %d is %s", i, got[i])
		}
	}
}

// TestQueueEndsAtAnError: one that puts does not wait for a worker that has failed, and hears of it.
func TestQueueEndsAtAnError(t *testing.T) {
	full := errors.New("disk full")
	done := 0
	q := newQueue(func(*item) error {
		if done++; done > 1000 {
			return full
		}
		return nil
	})
	var err error
	for n := 0; err == nil; n++ {
		if err = q.put(item{}, queueBytes/100); n > 1000+2*queueItems {
			t.Fatal("the error is not told")
		}
	}
	if settled := q.settle(); !errors.Is(err, full) || !errors.Is(settled, full) || !errors.Is(q.close(), full) || done != 1001 {
		t.Errorf("put: %v, settle: %v, done %d", err, settled, done)
	}
}

// TestQueueDoesNotKeepFewWaiting: an item that is alone is worked on in time.
func TestQueueDoesNotKeepFewWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		done := 0
		q := newQueue(func(*item) error { done++; return nil })
		for n := range 3 {
			if err := q.put(item{}, 1); err != nil {
				t.Fatal(err)
			}
			time.Sleep(queueWait)
			synctest.Wait()
			if done != n+1 {
				t.Fatalf("%d of %d are done", done, n+1)
			}
		}
		if err := q.close(); err != nil {
			t.Fatal(err)
		}
	})
}

// grumbler gives records of which the payload is cut short, skips one behind each, and changes what it gave.
type grumbler struct {
	few
	body []byte
}

func (g *grumbler) Next(ctx context.Context, r *capture.Record) error {
	clear(g.body)
	left := g.n
	if err := g.few.Next(ctx, r); err != nil {
		return err
	}
	g.account.Read++
	g.account.Skip(capture.Problem{Record: int64(left), Reason: "mine"})
	g.body = append(g.body[:0], `{"data":`...)
	r.Body = g.body
	return nil
}

// TestReportsComeInOrder: what the source says and what annotating does come in the order of the input.
func TestReportsComeInOrder(t *testing.T) {
	const n = 3000
	var told []string
	o := Options{Vendor: "telnyx", Report: func(p capture.Problem) { told = append(told, p.Reason) }}
	to := corpus.Dest{Path: filepath.Join(t.TempDir(), "out.rpz")}
	got, err := Source(t.Context(), "mine", func(a *capture.Account, _ func(string)) (capture.Source, error) {
		return &grumbler{few: few{n, a}}, nil
	}, to, o)
	if err != nil {
		t.Fatal(err)
	}
	if a := got.Account; a.Read != 2*n || a.Kept != n || a.Skipped["mine"] != n || len(a.Noted) != 1 || got.Unknown != 0 {
		t.Errorf("%+v, %d unknown", a, got.Unknown)
	}
	if len(told) != 2*n {
		t.Fatalf("%d problems", len(told))
	}
	for i, reason := range told {
		if strings.HasSuffix(reason, "kept as kind other") != (i%2 == 1) {
			t.Fatalf("problem %d: %s", i, reason)
		}
	}
	r, err := corpus.Open(to.Path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var rec capture.Record
	for err = r.Next(t.Context(), &rec); err == nil; err = r.Next(t.Context(), &rec) {
		if string(rec.Body) != `{"data":` {
			t.Fatalf("the body of record %d was changed", rec.Seq)
		}
	}
	if !errors.Is(err, io.EOF) {
		t.Error(err)
	}
}
