//go:build unix

package ingest

import (
	"context"
	"errors"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"reprise/capture/corpus"
)

// A named pipe that nobody writes to is waited for until the context ends.
func TestPipeWithoutWriter(t *testing.T) {
	dir := t.TempDir()
	pipe := filepath.Join(dir, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	enough := errors.New("enough")
	ctx, cancel := context.WithTimeoutCause(t.Context(), 10*time.Millisecond, enough)
	defer cancel()
	if _, err := Files(ctx, []string{pipe}, corpus.Dest{Path: filepath.Join(dir, "out.rpz")}, Options{}); !errors.Is(err, enough) {
		t.Errorf("%v", err)
	}
}
