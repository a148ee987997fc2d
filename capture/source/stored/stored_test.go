package stored

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"reprise/capture"
	"reprise/capture/corpus"
)

const frozen = "../../corpus/testdata/v1/whole.rpz"

// count reads a corpus to its end.
func count(t *testing.T, r *corpus.Reader) (n int) {
	t.Helper()
	for {
		var rec capture.Record
		err := r.Next(t.Context(), &rec)
		if errors.Is(err, io.EOF) {
			return n
		}
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
}

func zipped(t *testing.T, text []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestEveryName opens one corpus in each of the ways that a user may name it, once and again and again.
func TestEveryName(t *testing.T) {
	text, err := os.ReadFile(frozen)
	if err != nil {
		t.Fatal(err)
	}
	r, closer, err := Open(frozen, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := count(t, r)
	if err := closer.Close(); err != nil || want == 0 {
		t.Fatalf("%d records, %v", want, err)
	}
	packed := filepath.Join(t.TempDir(), "packed")
	if err := os.WriteFile(packed, zipped(t, text), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name  string
		stdin []byte
	}{{frozen, nil}, {packed, nil}, {"-", text}, {"-", zipped(t, text)}} {
		r, closer, err := Open(tc.name, bytes.NewReader(tc.stdin))
		if err != nil {
			t.Fatal(err)
		}
		if n := count(t, r); n != want || len(r.Damage()) > 0 {
			t.Errorf("%s: %d records of %d, damage %v", tc.name, n, want, r.Damage())
		}
		if err := closer.Close(); err != nil {
			t.Error(err)
		}
		if r, closer, err = Open(tc.name, bytes.NewReader(tc.stdin)); err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(r.Next(t.Context(), new(capture.Record)), closer.Close()); err != nil {
			t.Fatal(err)
		}
		for err == nil {
			err = r.Next(t.Context(), new(capture.Record))
		}
		if errors.Is(err, io.EOF) {
			t.Errorf("%s: it was closed, and read on to its end", tc.name)
		}
		f, err := Spool(t.Context(), tc.name, bytes.NewReader(tc.stdin))
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			r, err := corpus.Open(f.Path)
			if err != nil {
				t.Fatal(err)
			}
			if n := count(t, r); n != want {
				t.Errorf("%s, spooled: %d records of %d", tc.name, n, want)
			}
			r.Close()
		}
		if err := f.Close(); err != nil || f.Cut != nil {
			t.Errorf("%s: %v, cut: %v", tc.name, err, f.Cut)
		}
	}
}

func TestCutAndForeign(t *testing.T) {
	text, err := os.ReadFile(frozen)
	if err != nil {
		t.Fatal(err)
	}
	packed := zipped(t, text)
	cut := packed[:len(packed)*9/10]
	f, err := Spool(t.Context(), "-", bytes.NewReader(cut))
	if err != nil || !errors.Is(f.Cut, io.ErrUnexpectedEOF) {
		t.Fatalf("a cut input: %v, %+v", err, f)
	}
	f.Close()
	foreign := (*NotCorpusError)(nil)
	if _, _, err := Open("-", bytes.NewReader([]byte("{}"))); !errors.As(err, &foreign) || string(foreign.Start) != "{}" || !errors.Is(err, corpus.ErrNotCorpus) {
		t.Errorf("what is no corpus: %v", err)
	}
	if _, err := Spool(t.Context(), filepath.Join(t.TempDir(), "none"), nil); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("what is not there: %v", err)
	}
}
