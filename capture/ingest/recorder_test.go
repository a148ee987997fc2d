package ingest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"reprise/capture"
	"reprise/capture/corpus"
)

// traffic is a source that gives a record each step, until it has given so many.
type traffic struct {
	account *capture.Account
	step    time.Duration
	left    int
	next    time.Time
	at      func(n int) // where set, is called before each record
	n       int
}

func (s *traffic) Next(ctx context.Context, r *capture.Record) error {
	if s.left == 0 {
		return io.EOF
	}
	if s.next.IsZero() {
		s.next = time.Now().Add(s.step)
	}
	select {
	case <-time.After(time.Until(s.next)):
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	s.next = s.next.Add(s.step)
	s.left--
	s.n++
	if s.at != nil {
		s.at(s.n)
	}
	s.account.Read++
	*r = capture.Record{Time: time.Now().UTC(), Method: "POST", URL: fmt.Sprintf("/%d", s.n), Body: []byte("x")}
	return nil
}

func (s *traffic) Settled() time.Time { return time.Now() }

// run records a source, and returns the files that became whole with their records.
func run(t *testing.T, path string, rotate Rotation, o Options, src *traffic, failed func(error)) (got *Result, files map[string]int64, err error) {
	t.Helper()
	files = map[string]int64{}
	r, err := NewRecorder(corpus.Dest{Path: path}, rotate, RecorderFiles{
		Written: func(path string, n int64) { files[filepath.Base(path)] = n }, Failed: failed,
	}, o)
	if err != nil {
		t.Fatal(err)
	}
	got, err = r.Run(t.Context(), "traffic", func(a *capture.Account, _ func(string)) Traffic {
		src.account = a
		return src
	})
	return got, files, err
}

// records counts those of a corpus.
func records(t *testing.T, path string) int64 {
	t.Helper()
	n, err := readable(path)
	if err != nil {
		t.Error(err)
	}
	return n
}

// TestRotation holds that files are rotated in time, named by when they begin, and hold every record once.
func TestRotation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		begun := time.Now()
		got, files, err := run(t, filepath.Join(dir, "out.rpz"), Rotation{Every: time.Minute}, Options{}, &traffic{step: 10 * time.Second, left: 20}, nil)
		if err != nil || got.Account.Kept != 20 {
			t.Fatalf("%+v, %v", got.Account, err)
		}
		var sum int64
		for name, n := range files {
			if have := records(t, filepath.Join(dir, name)); have != n {
				t.Errorf("%s holds %d records, and %d were said", name, have, n)
			}
			if match, _ := filepath.Match(RotatedNames("out.rpz"), name); !match {
				t.Errorf("%s is no name of a rotated file", name)
			}
			sum += n
		}
		if first := begun.UTC().Format("out-20060102T150405Z.rpz"); files[first] == 0 {
			t.Errorf("no file is called %s: %v", first, files)
		}
		if sum != 20 || len(files) != 3 {
			t.Errorf("%d records in %v", sum, files)
		}
		if left, _ := filepath.Glob(filepath.Join(dir, "*.partial")); len(left) > 0 {
			t.Errorf("%v are left", left)
		}
	})
}

// TestRotatedNamesCollide holds that a name that is taken is not, and that nothing is written over.
func TestRotatedNamesCollide(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		taken := filepath.Join(dir, time.Now().UTC().Format("out-20060102T150405Z.rpz"))
		if err := os.WriteFile(taken, []byte("mine"), 0o600); err != nil {
			t.Fatal(err)
		}
		other, err := NewRecorder(corpus.Dest{Path: filepath.Join(dir, "out.rpz")}, Rotation{Size: 1 << 20}, RecorderFiles{}, Options{})
		if err != nil {
			t.Fatal(err)
		}
		_, files, err := run(t, filepath.Join(dir, "out.rpz"), Rotation{Size: 1 << 20}, Options{}, &traffic{step: time.Millisecond, left: 3}, nil)
		if err != nil || len(files) != 1 {
			t.Errorf("%v %v", files, err)
		}
		for name := range files {
			if name != filepath.Base(taken[:len(taken)-4])+"-2.rpz" {
				t.Errorf("the file is called %s", name)
			}
		}
		if text, err := os.ReadFile(taken); string(text) != "mine" || err != nil {
			t.Errorf("%q %v", text, err)
		}
		_, err = other.Run(t.Context(), "none", func(*capture.Account, func(string)) Traffic { return &traffic{} })
		if !errors.Is(err, corpus.ErrEmpty) {
			t.Errorf("a recording of nothing: %v", err)
		}
	})
}

// TestUnwritable holds that a folder that goes away ends the recording and not the source, that with rotation it begins again, and that the
// account says what is lost.
func TestUnwritable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "gone")
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		var said []string
		src := &traffic{step: time.Second, left: 100, at: func(n int) {
			switch n {
			case 10:
				if err := os.RemoveAll(dir); err != nil {
					t.Error(err)
				}
			case 50:
				if err := os.Mkdir(dir, 0o700); err != nil {
					t.Error(err)
				}
			}
		}}
		got, files, err := run(t, filepath.Join(dir, "out.rpz"), Rotation{Every: 20 * time.Second}, Options{}, src, func(err error) {
			said = append(said, fmt.Sprint(err != nil))
		})
		if err == nil {
			t.Error("a file that could not be finished is no error")
		}
		a := &got.Account
		var sum int64
		for name := range files {
			sum += records(t, filepath.Join(dir, name))
		}
		if a.Read != 100 || a.Kept != sum || a.Skipped[ReasonUnwritten] != 100-sum || sum < 30 || sum > 60 || a.Check() != nil {
			t.Errorf("%d records are there, account %+v", sum, a)
		}
		if !slices.Equal(said, []string{"true", "false"}) {
			t.Errorf("said %q", said)
		}
	})
}

// TestRecorderFilters holds that what the options leave out is counted, and that nothing kept is an error without a file.
func TestRecorderFilters(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		got, _, err := run(t, filepath.Join(dir, "out.rpz"), Rotation{}, Options{Methods: []string{"PUT"}}, &traffic{step: time.Millisecond, left: 3}, nil)
		if !errors.Is(err, corpus.ErrEmpty) || got.Account.Skipped[LeftOutByMethod] != 3 {
			t.Errorf("%+v %v", got.Account, err)
		}
		if left, _ := filepath.Glob(filepath.Join(dir, "*")); len(left) > 0 {
			t.Errorf("%v are left", left)
		}
	})
}
