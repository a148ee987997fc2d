package corpus

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"reprise/capture"
)

// TestQueue hands over records that are changed as soon as Write has returned, which a sink may not mind.
func TestQueue(t *testing.T) {
	for name, disorder := range disorders(3) {
		t.Run(name, func(t *testing.T) {
			in := sample(5000, 11)
			for i := range in {
				if i%700 == 0 {
					in[i].Headers = append(in[i].Headers, slices.Repeat([]capture.Header{{Name: strings.Repeat("N", 100), Value: "v"}}, 20)...)
				}
			}
			disorder(in)
			want := make([]capture.Record, len(in))
			for i := range in {
				want[i] = *in[i].Clone()
			}
			slices.SortStableFunc(want, byTime)

			var got list
			s := NewSorter(&got, t.TempDir(), 1<<30)
			q := s.Queue()
			for i := range in {
				r := in[i].Clone()
				if err := q.Write(r); err != nil {
					t.Fatal(err)
				}
				clear(r.Body)
				clear(r.Headers)
			}
			if err := errors.Join(q.Close(), q.Close(), s.Close(context.Background())); err != nil {
				t.Fatal(err)
			}
			mustEqual(t, got, want)
			if err := q.Write(&in[0]); err == nil {
				t.Error("a closed queue took a record")
			}
		})
	}
}

// TestQueueHosts: hosts reach the file, those that come without a record too.
func TestQueueHosts(t *testing.T) {
	var b bytes.Buffer
	w, err := NewWriter(&b, Header{State: Raw})
	if err != nil {
		t.Fatal(err)
	}
	s := NewSorter(w, t.TempDir(), 1<<20)
	q := s.Queue()
	r := sample(1, 1)[0]
	q.AddHost("192.0.2.1:80")
	if err := q.Write(&r); err != nil {
		t.Fatal(err)
	}
	q.AddHost("192.0.2.2")
	if err := errors.Join(q.Close(), s.Close(t.Context()), w.Close()); err != nil {
		t.Fatal(err)
	}
	back, err := NewReader(&b)
	if err != nil {
		t.Fatal(err)
	}
	readAll(t, back)
	for _, host := range []string{"192.0.2.1", "192.0.2.2", r.Host} {
		if !back.Hosts().Match(host) {
			t.Errorf("%s is not known", host)
		}
	}
}

// TestQueueTellsErrors: a record that no file can hold is refused at once; what the sink says comes later, and Close returns.
func TestQueueTellsErrors(t *testing.T) {
	s := NewSorter(&failing{100}, t.TempDir(), 10_000)
	q := s.Queue()
	r := sample(1, 1)[0]
	r.Response.Status = -1
	if err := q.Write(&r); !errors.Is(err, ErrInvalid) {
		t.Errorf("a status of -1: %v", err)
	}
	// The first run is written when the second begins, so that the sink breaks at the end of the sorter.
	var err error
	s.dst, s.file = nil, broken{}
	for _, r := range sample(200_000, 2) {
		if err = q.Write(&r); err != nil {
			break
		}
	}
	if !errors.Is(err, errSink) || !errors.Is(q.Close(), errSink) {
		t.Errorf("Write said %v, Close %v", err, q.Close())
	}
	if err := s.Discard(); err != nil {
		t.Error(err)
	}
}

// broken is a file that takes nothing.
type broken struct{}

func (broken) Write(*capture.Record) error                { return errSink }
func (broken) Flush() error                               { return nil }
func (broken) Path() string                               { return "" }
func (broken) rewrite(func(dst capture.Sink) error) error { return nil }

// TestQueueDoesNotKeepFewWaiting: a record that is alone reaches the sorter in time.
func TestQueueDoesNotKeepFewWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var got list
		s := NewSorter(&got, t.TempDir(), 1<<20)
		q := s.Queue()
		for n := range int64(3) {
			if err := q.Write(&sample(1, uint64(n))[0]); err != nil {
				t.Fatal(err)
			}
			time.Sleep(handfulWait)
			synctest.Wait()
			if s.arrived != n+1 {
				t.Fatalf("%d of %d have arrived", s.arrived, n+1)
			}
		}
		if err := errors.Join(q.Close(), s.Close(t.Context())); err != nil {
			t.Fatal(err)
		}
		if len(got) != 3 {
			t.Errorf("%d of 3", len(got))
		}
	})
}
