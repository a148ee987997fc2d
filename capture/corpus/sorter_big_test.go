package corpus

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"testing"
	"time"

	"reprise/capture"
)

// TestSorterIsStable shuffles 100,000 records, many of equal times, under a memory that holds a few hundred.
func TestSorterIsStable(t *testing.T) {
	const n = 100_000
	rng := rand.New(rand.NewPCG(5, 6))
	start := time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC)
	in := make([]capture.Record, n)
	for i := range in {
		in[i] = capture.Record{Time: start.Add(time.Duration(rng.IntN(n / 4))), URL: strconv.Itoa(i), Method: "POST"}
	}
	want := slices.Clone(in)
	slices.SortStableFunc(want, byTime)
	var got list
	s := NewSorter(&got, t.TempDir(), 4<<20)
	for i := range in {
		if err := s.Write(&in[i]); err != nil {
			t.Fatal(err)
		}
	}
	if len(s.runs) < 2 {
		t.Fatalf("%d runs: the memory is too large to test anything", len(s.runs))
	}
	if err := s.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
	mustEqual(t, got, want)
}

// failing is a sink that breaks after some records.
type failing struct{ left int }

var errSink = errors.New("sink is full")

func (f *failing) Write(*capture.Record) error {
	if f.left--; f.left < 0 {
		return errSink
	}
	return nil
}

func TestSorterCleansUp(t *testing.T) {
	in := sample(2000, 9)
	slices.Reverse(in)
	cancelled, cancel := context.WithCancelCause(context.Background())
	cancel(errSink)
	for name, end := range map[string]func(*Sorter) error{
		"failing sink":  func(s *Sorter) error { return s.Close(context.Background()) },
		"cancelled":     func(s *Sorter) error { return s.Close(cancelled) },
		"discard":       func(s *Sorter) error { return errors.Join(errSink, s.Discard()) },
		"discard twice": func(s *Sorter) error { return errors.Join(errSink, s.Discard(), s.Discard()) },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			goroutines, files := runtime.NumGoroutine(), openFiles(t)
			s := NewSorter(&failing{100}, dir, 100_000)
			for i := range in {
				if err := s.Write(&in[i]); err != nil {
					t.Fatal(err)
				}
			}
			if err := end(s); !errors.Is(err, errSink) {
				t.Errorf("got %v, want the reason", err)
			}
			mustBeEmpty(t, dir)
			if n := runtime.NumGoroutine(); n > goroutines {
				t.Errorf("%d goroutines, %d before", n, goroutines)
			}
			if n := openFiles(t); n > files {
				t.Errorf("%d files open, %d before", n, files)
			}
		})
	}
}

// openFiles counts this process's open files, where the system tells.
func openFiles(t *testing.T) int {
	t.Helper()
	list, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return 0
	}
	return len(list)
}

func TestSorterNoFolder(t *testing.T) {
	in := sample(100, 2)
	s := NewSorter(new(list), filepath.Join(t.TempDir(), "missing"), 1)
	var err error
	for i := range in {
		if err = s.Write(&in[i]); err != nil {
			break
		}
	}
	if !errors.Is(err, os.ErrNotExist) {
		t.Fatalf("Write = %v", err)
	}
	if err := s.Close(context.Background()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("Close = %v, want the first error again", err)
	}
}

// TestSettle says that a growing file can be read while it is sorted.
func TestSettle(t *testing.T) {
	in := sample(100, 4)
	path := filepath.Join(t.TempDir(), "a.rpz")
	f, err := Create(path, Header{State: Raw}, false)
	if err != nil {
		t.Fatal(err)
	}
	s := NewSorter(f, "", 1<<20)
	for i := range in {
		if err := s.Write(&in[i]); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(s.Settle(in[50].Time), f.Sync()); err != nil {
		t.Fatal(err)
	}
	older := 0
	for older < len(in) && in[older].Time.Before(in[50].Time) {
		older++
	}
	r, err := Open(path + ".partial")
	if err != nil {
		t.Fatal(err)
	}
	mustEqual(t, readAll(t, r), in[:older])
	if err := errors.Join(r.Close(), s.Close(context.Background()), f.Commit()); err != nil {
		t.Fatal(err)
	}
	if r, err = Open(path); err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	mustEqual(t, readAll(t, r), in)
}
