package ingest

import (
	"bytes"
	"context"
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
		read := func(o Options, in string) string {
			var told string
			o.Recognised = func(_ string, f Format, as string) { told = fmt.Sprint(f, as) }
			got, err := Files(context.Background(), []string{in}, corpus.Dest{Path: filepath.Join(t.TempDir(), "out.rpz")}, o)
			said := strings.TrimPrefix(fmt.Sprint(err), in)
			if got == nil {
				return told + ": " + said
			}
			return fmt.Sprintf("%s: %s, read %d, kept %d, skipped %v, %d damaged", told, said, got.Account.Read, got.Account.Kept, got.Account.Skipped, len(got.Damaged))
		}
		want := read(Options{}, name)
		begin := min(len(content), RecogniseBytes/8)
		pipe := io.MultiReader(iotest.OneByteReader(bytes.NewReader(content[:begin])), bytes.NewReader(content[begin:]))
		if got := read(Options{Stdin: pipe}, "-"); got != want {
			t.Errorf("%s: a pipe gives\n%s\nwant\n%s", name, got, want)
		}
	}
	if tried < 40 {
		t.Errorf("%d inputs tried", tried)
	}
}
