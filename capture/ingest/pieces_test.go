package ingest

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"reprise/capture/corpus"
)

// TestPieces holds that a pipe is told to be what a file of the same bytes is, and gives the same, in whatever pieces it comes.
func TestPieces(t *testing.T) {
	names, err := filepath.Glob("../source/*/testdata/*")
	if err != nil {
		t.Fatal(err)
	}
	tried := 0
	for _, name := range names {
		if info, err := os.Stat(name); err != nil || info.IsDir() || strings.HasSuffix(name, ".pem") {
			continue
		}
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		tried++
		samePieces(t, name, content)
	}
	if tried < 40 {
		t.Errorf("%d inputs tried", tried)
	}
}

// TestPiecesBehind does so where something stands before what tells a log.
func TestPiecesBehind(t *testing.T) {
	const probe = `192.0.2.1 - - [23/Nov/2026:07:55:47 +0000] "GET /healthz HTTP/1.1" 200 2 "-" "probe"` + "\n"
	for _, name := range []string{"logs/testdata/combined-body.log", "logs/testdata/nginx.log", "logs/testdata/caddy.log", "logs/testdata/docker.log", "traces/testdata/rails.log"} {
		content, err := os.ReadFile("../source/" + name)
		if err != nil {
			t.Fatal(err)
		}
		for what, before := range map[string]string{
			"comments": strings.Repeat("# a comment\n", 30), "blank lines": strings.Repeat("\n", 30), "a space": " ", "a mark": "\ufeff",
			"both": "#a\n\n# b\n", "text": strings.Repeat("starting up\n", 18), "a request without a body": probe,
		} {
			samePieces(t, what+" before "+name, append([]byte(before), content...))
		}
	}
}

// samePieces compares what a file gives with what a pipe does.
func samePieces(t *testing.T, name string, content []byte) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "input")
	if err := os.WriteFile(file, content, 0o600); err != nil {
		t.Fatal(err)
	}
	read := func(o Options, in string) string {
		var told string
		o.Recognised = func(_ string, f Format, as string) { told = fmt.Sprint(f, as) }
		got, err := Files(t.Context(), []string{in}, corpus.Dest{Path: filepath.Join(t.TempDir(), "out.rpz")}, o)
		said := strings.TrimPrefix(fmt.Sprint(err), in)
		if got == nil {
			return told + ": " + said
		}
		return fmt.Sprintf("%s: %s, read %d, kept %d, skipped %v, %d damaged", told, said, got.Account.Read, got.Account.Kept, got.Account.Skipped, len(got.Damaged))
	}
	want := read(Options{}, file)
	begin := min(len(content), RecogniseBytes/8)
	pipe := io.MultiReader(iotest.OneByteReader(bytes.NewReader(content[:begin])), bytes.NewReader(content[begin:]))
	if got := read(Options{Stdin: pipe}, "-"); got != want {
		t.Errorf("%s: a pipe gives\n%s\nwant\n%s", name, got, want)
	}
}
