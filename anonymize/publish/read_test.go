package publish

import (
	"bytes"
	"compress/gzip"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"reprise/capture"
	"reprise/capture/corpus"
	"reprise/capture/sms/numberfile"
	"reprise/capture/source/stored"
)

func TestReadPool(t *testing.T) {
	file := func(text string) string {
		name := filepath.Join(t.TempDir(), "pool")
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	for _, tc := range []struct {
		name, pool, err string
		content         bool
	}{
		{"wide", "wide", "", false},
		{"strict", "strict", "", false},
		{file("# ours\n\n+14155550100\n +14155550101 \n"), "list-", "", false},
		{file("# ours\n\n"), "", "lists nothing", false},
		{file("+14155550100\nnobody\n"), "", "", true},
		{"deep", "", `no pool is called "deep" (wide, strict), and as a file: no such file`, false},
	} {
		p, err := ReadPool(tc.name)
		switch {
		case tc.pool != "":
			if err != nil || !strings.HasPrefix(p.Name(), tc.pool) {
				t.Errorf("%s: pool %q, %v", tc.name, p.Name(), err)
			}
		case err == nil || !strings.Contains(err.Error(), tc.err) || errors.As(err, new(*numberfile.Error)) != tc.content:
			t.Errorf("%s: %v", tc.name, err)
		}
	}
}

// A corpus may come by a pipe, and compressed. One that is cut is used as far as it goes, which is told.
func TestFileOfAPipe(t *testing.T) {
	var whole, packed bytes.Buffer
	w, err := corpus.NewWriter(&whole, corpus.Header{State: corpus.Raw})
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		r := capture.Record{Time: time.Unix(1700000000, 0), Method: "POST", URL: "/hook", Body: []byte("a=1")}
		if err := w.Write(&r); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	z := gzip.NewWriter(&packed)
	_, _ = z.Write(whole.Bytes())
	_ = z.Close()
	for name, in := range map[string][]byte{"whole": whole.Bytes(), "packed": packed.Bytes(), "cut": packed.Bytes()[:packed.Len()-4]} {
		var out bytes.Buffer
		cut := false
		rep, err := File(t.Context(), "-", corpus.Dest{Stream: &out}, Options{Stdin: bytes.NewReader(in), Cut: func(error) { cut = true }})
		if err != nil || rep.Records != 3 || out.Len() == 0 || cut != (name == "cut") {
			t.Errorf("%s: %v; report %+v; cut %t", name, err, rep, cut)
		}
	}
	if rep, err := File(t.Context(), "-", corpus.Dest{Stream: new(bytes.Buffer)}, Options{Stdin: strings.NewReader("{}")}); rep != nil || !errors.As(err, new(*stored.NotCorpusError)) {
		t.Errorf("no corpus: %v", err)
	}
}
