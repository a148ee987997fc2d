package stored

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
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
	r, closer, err := Open(t.Context(), frozen, nil)
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
		r, closer, err := Open(t.Context(), tc.name, bytes.NewReader(tc.stdin))
		if err != nil {
			t.Fatal(err)
		}
		if n := count(t, r); n != want || len(r.Damage()) > 0 {
			t.Errorf("%s: %d records of %d, damage %v", tc.name, n, want, r.Damage())
		}
		if err := closer.Close(); err != nil {
			t.Error(err)
		}
		if r, closer, err = Open(t.Context(), tc.name, bytes.NewReader(tc.stdin)); err != nil {
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
	if _, _, err := Open(t.Context(), "-", bytes.NewReader([]byte("{}"))); !errors.As(err, &foreign) || string(foreign.Start) != "{}" || !errors.Is(err, corpus.ErrNotCorpus) {
		t.Errorf("what is no corpus: %v", err)
	}
	if _, err := Spool(t.Context(), filepath.Join(t.TempDir(), "none"), nil); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("what is not there: %v", err)
	}
}

// lines are two requests and what is none between them, the later request first.
const lines = `{"seq":1,"time":"2026-11-27T10:00:01Z","offset_ns":1,"kind":"help","method":"POST","url":"/b","host":"a.example","headers":[["Host","a.example"]],"body":"x"}
{"seq":9,"offset_ns":1,"kind":"help"}
no JSON
{"seq":0,"time":"2026-11-27T10:00:00Z","offset_ns":0,"kind":"help","method":"POST","url":"/a","host":"a.example","headers":[],"body_base64":"AP8="}
`

// Lines as reprise cat prints them become a raw corpus that was captured from every host; what of them is no request is its damage.
func TestLines(t *testing.T) {
	check := func(r *corpus.Reader) {
		t.Helper()
		var urls string
		var rec capture.Record
		err := r.Next(t.Context(), &rec)
		for ; err == nil; err = r.Next(t.Context(), &rec) {
			urls += rec.URL
		}
		if !errors.Is(err, io.EOF) || urls != "/a/b" {
			t.Errorf("it has %s: %v", urls, err)
		}
		if h := r.Hosts(); r.Header().State != corpus.Raw || h.Complete() || !h.Match("b.example") {
			t.Errorf("state %s, hosts %+v", r.Header().State, h)
		}
		want := []corpus.Damage{{Line: 2, Reason: `field "/time": missing`, Records: 1}, {Line: 3, Reason: "not JSON", Records: 1}}
		if d := r.Damage(); !slices.Equal(d, want) {
			t.Errorf("damage %+v, want %+v", d, want)
		}
	}
	for name, text := range map[string][]byte{"plain": []byte(lines), "zipped": zipped(t, []byte(lines))} {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		for _, from := range []string{path, "-"} {
			r, closer, err := Open(t.Context(), from, bytes.NewReader(text))
			if err != nil {
				t.Fatal(err)
			}
			check(r)
			if err := closer.Close(); err != nil {
				t.Error(err)
			}
			f, err := Spool(t.Context(), from, bytes.NewReader(text))
			if err != nil {
				t.Fatal(err)
			}
			for range 2 {
				r, err := corpus.Open(f.Path)
				if err != nil {
					t.Fatal(err)
				}
				check(r)
				r.Close()
			}
			if err := f.Close(); err != nil {
				t.Error(err)
			}
		}
		if h, ok := Header(path); ok {
			t.Errorf("lines have the header %+v", h)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := Open(ctx, "-", strings.NewReader(lines)); !errors.Is(err, context.Canceled) {
		t.Errorf("after the end of the context: %v", err)
	}
	many := strings.Repeat(lines, 2*mostUnread)
	r, closer, err := Open(t.Context(), "-", strings.NewReader(many))
	if err != nil {
		t.Fatal(err)
	}
	defer closer.Close()
	var unread int64
	for _, d := range r.Damage() {
		unread += d.Records
	}
	if n := count(t, r); n != 4*mostUnread || unread != 4*mostUnread || len(r.Damage()) != mostUnread {
		t.Errorf("%d records, and %d lines that are none in %d places", n, unread, len(r.Damage()))
	}
}
