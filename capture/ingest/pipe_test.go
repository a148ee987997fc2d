//go:build unix

package ingest

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"reprise/capture/corpus"
)

// namedPipe makes one.
func namedPipe(t *testing.T) string {
	t.Helper()
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	return pipe
}

// A named pipe that nobody writes to is waited for until the context ends.
func TestPipeWithoutWriter(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	to := filepath.Join(t.TempDir(), "out.rpz")
	if _, err := Files(ctx, []string{namedPipe(t)}, corpus.Dest{Path: to}, Options{}); !errors.Is(err, corpus.ErrEmpty) {
		t.Errorf("%v", err)
	}
	if left, _ := filepath.Glob(to + "*"); len(left) > 0 {
		t.Errorf("it leaves %v", left)
	}
}

// What a named pipe gives is taken as it comes, compressed or not, and saved; the end of the context ends it in order, and the inputs
// behind it are not waited for.
func TestNamedPipe(t *testing.T) {
	for _, packed := range []bool{false, true} {
		pipe, to := namedPipe(t), filepath.Join(t.TempDir(), "out.rpz")
		ctx, cancel := context.WithCancel(t.Context())
		came := make(chan int64, 100)
		type end struct {
			got *Result
			err error
		}
		ended := make(chan end, 1)
		go func() {
			got, err := Files(ctx, []string{pipe, namedPipe(t)}, corpus.Dest{Path: to}, Options{Map: logMap(), As: AsLogs, Progress: func(n int64) { came <- n }})
			ended <- end{got, err}
		}()
		file, err := os.OpenFile(pipe, os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		var in io.Writer = file
		flush := func() error { return nil }
		if packed {
			z := gzip.NewWriter(file)
			in, flush = z, z.Flush
		}
		for i := range 3 {
			fmt.Fprintf(in, `{"t":%d,"m":"POST","u":"/%d","b":"x"}`+"\n", 10-i, i)
			if err := flush(); err != nil {
				t.Fatal(err)
			}
			if n := <-came; n != int64(i+1) {
				t.Fatalf("packed %v: record %d came as %d", packed, i+1, n)
			}
		}
		for len(read(t, to+".partial")) < 3 { // until they are saved
			time.Sleep(20 * time.Millisecond)
		}
		cancel()
		got := <-ended
		if got.err != nil || got.got.Account.Kept != 3 || len(got.got.Damaged) > 0 || len(got.got.Unread) != 1 {
			t.Errorf("packed %v: %+v", packed, got)
		}
		if urls := read(t, to); !slices.Equal(urls, []string{"/2", "/1", "/0"}) {
			t.Errorf("packed %v: the corpus has %v", packed, urls)
		}
		file.Close()
	}
}
