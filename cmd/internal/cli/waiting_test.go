//go:build unix

package cli

import (
	"bytes"
	"context"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"reprise/cmd/internal/exit"
)

// TestNobodyWrites interrupts verbs that wait for somebody to write to a named pipe that they are to read.
func TestNobodyWrites(t *testing.T) {
	dir := t.TempDir()
	corpus := filepath.Join(dir, "in.rpz")
	if code := Run(t.Context(), []string{"fixtures", "synth", "--curve", "bfcm2022", "--messages", "20", "-o", corpus, "--quiet"}, Streams{
		In: strings.NewReader(""), Out: new(bytes.Buffer), Err: new(bytes.Buffer),
	}); code != 0 {
		t.Fatalf("synth: %d", code)
	}
	for _, line := range []string{
		"replay CORPUS --target http://127.0.0.1:9 --shape PIPE",
		"replay CORPUS --target http://127.0.0.1:9 --shape=PIPE",
		"replay CORPUS --target http://127.0.0.1:9 --recipients PIPE:number",
		"replay CORPUS --target http://127.0.0.1:9 --cacert PIPE",
		"replay CORPUS --target http://127.0.0.1:9 --dialect PIPE",
		"replay CORPUS --target http://127.0.0.1:9 --header @PIPE",
		"replay PIPE --target http://127.0.0.1:9",
		"sink --listen 127.0.0.1:0 --behaviour PIPE",
		"fixtures synth --spec PIPE -o OUT",
		"anonymize CORPUS --policy PIPE -o OUT",
		"capture logs CORPUS --map PIPE -o OUT",
		"cat PIPE",
		"inspect PIPE",
		"report PIPE",
		"compare PIPE PIPE",
	} {
		t.Run(line, func(t *testing.T) {
			t.Parallel()
			pipe, out := filepath.Join(t.TempDir(), "pipe.yaml"), filepath.Join(t.TempDir(), "out.rpz")
			if err := syscall.Mkfifo(pipe, 0o600); err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			time.AfterFunc(50*time.Millisecond, cancel)
			var said bytes.Buffer
			args := strings.Fields(strings.NewReplacer("PIPE", pipe, "CORPUS", corpus, "OUT", out).Replace(line))
			code := Run(ctx, args, Streams{In: strings.NewReader(""), Out: new(bytes.Buffer), Err: &said})
			if code != int(exit.Interrupted) || !strings.Contains(said.String(), "interrupted") {
				t.Errorf("exit %d, want %d; it says %q", code, exit.Interrupted, said.String())
			}
		})
	}
}
