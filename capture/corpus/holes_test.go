package corpus

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
)

// written is a corpus of four blocks of ten records, captured from a host unless it has none, its hosts before the records or,
// as older writers had it, after them.
func written(t *testing.T, s State, host string, late bool) []byte {
	t.Helper()
	var from Hosts
	if host != "" {
		from = hostsOf(t, Raw, func(w *Writer) { w.AddHost(host) })
	}
	var b bytes.Buffer
	w, err := NewWriter(&b, Header{State: s})
	if err != nil {
		t.Fatal(err)
	}
	if !late {
		w.KeepHosts(from)
	}
	records := sample(40, 5)
	for i := range records {
		if s == Raw {
			records[i].Host = host
		}
		if err := w.Write(&records[i]); err != nil {
			t.Fatal(err)
		}
		if i%10 == 9 {
			if err := w.Flush(); err != nil {
				t.Fatal(err)
			}
		}
	}
	w.KeepHosts(from)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// block is where the nth block of a type begins, and how long it is.
func blockAt(t *testing.T, file []byte, typ byte, n int) (at, size int) {
	t.Helper()
	for at = magicLen; at < len(file); at += size {
		h, ok := newLayout2().Parse(file[at:])
		if !ok {
			break
		}
		if size = headLen2 + int(h.Stored); h.Type == typ {
			if n--; n < 0 {
				return at, size
			}
		}
	}
	t.Fatalf("there are fewer blocks of type %d", typ)
	return 0, 0
}

func TestHostsAreDoubted(t *testing.T) {
	const host = "hooks.example.com"
	footer := func(t *testing.T, b []byte) int {
		at, _ := blockAt(t, b, typeHeader, 1)
		return at
	}
	unfinished := func(t *testing.T, b []byte) []byte { return b[:footer(t, b)] }
	flip := func(typ byte, n, into int) func(*testing.T, []byte) []byte {
		return func(t *testing.T, b []byte) []byte {
			at, _ := blockAt(t, b, typ, n)
			b[at+into] ^= 4
			return b
		}
	}
	also := func(do ...func(*testing.T, []byte) []byte) func(*testing.T, []byte) []byte {
		return func(t *testing.T, b []byte) []byte {
			for _, d := range do {
				b = d(t, b)
			}
			return b
		}
	}
	whole := func(_ *testing.T, b []byte) []byte { return b }
	const inHead, inPayload = 20, headLen2 + 1
	for _, tc := range []struct {
		name     string
		state    State
		host     string
		late     bool
		hurt     func(*testing.T, []byte) []byte
		complete bool
	}{
		{"whole", Anonymized, host, false, whole, true},
		{"whole, hosts last", Anonymized, host, true, whole, true},
		{"whole, captured from none", Anonymized, "", false, whole, true},
		{"raw, from none", Raw, "", false, whole, true},
		{"unfinished", Anonymized, host, false, unfinished, true},
		{"unfinished, hosts last", Anonymized, host, true, func(t *testing.T, b []byte) []byte {
			at, _ := blockAt(t, b, typeHosts, 0)
			return b[:at]
		}, false},
		{"unfinished raw from none", Raw, "", false, unfinished, true},
		{"unfinished synthetic", Synthetic, "", false, unfinished, true},
		{"hosts damaged, the footer has them", Anonymized, host, false, flip(typeHosts, 0, inPayload), true},
		{"the footer's damaged, the hosts before have them", Anonymized, host, false, flip(typeHosts, 1, inPayload), true},
		{"hosts damaged, unfinished", Anonymized, host, false, also(unfinished, flip(typeHosts, 0, inPayload)), false},
		{"their header damaged, unfinished", Anonymized, host, false, also(unfinished, flip(typeHosts, 0, inHead)), false},
		{"raw, hosts damaged, unfinished", Raw, host, false, also(unfinished, flip(typeHosts, 0, inPayload)), false},
		{"rows damaged, unfinished", Anonymized, host, false, also(unfinished, flip(typeRecords, 1, inPayload)), true},
		{"a header of rows damaged, unfinished", Raw, host, false, also(unfinished, flip(typeRecords, 1, inHead)), false},
		{"a header of rows damaged", Raw, host, false, flip(typeRecords, 1, inHead), true},
		{"the last header of rows damaged, unfinished", Raw, host, false, also(unfinished, flip(typeRecords, 3, inHead)), true},
		{"synthetic, a header of rows damaged", Synthetic, "", false, also(unfinished, flip(typeRecords, 1, inHead)), true},
		{"the index damaged", Anonymized, host, false, flip(typeIndex, 0, inPayload), true},
		{"the index damaged, hosts last", Anonymized, host, true, flip(typeIndex, 0, inPayload), true},
		{"the header damaged", Anonymized, host, false, flip(typeHeader, 0, inPayload), true},
	} {
		file := tc.hurt(t, bytes.Clone(written(t, tc.state, tc.host, tc.late)))
		path := filepath.Join(t.TempDir(), "a.rpz")
		if err := os.WriteFile(path, file, 0o600); err != nil {
			t.Fatal(err)
		}
		sources := map[string]func() (*Reader, error){
			"file":   func() (*Reader, error) { return Open(path) },
			"stream": func() (*Reader, error) { return NewReader(bytes.NewReader(file)) },
		}
		for kind, open := range sources {
			r, err := open()
			if kind == "stream" && errors.Is(err, ErrHeader) {
				continue // its second header cannot be known
			}
			if err != nil {
				t.Fatalf("%s, %s: %v", tc.name, kind, err)
			}
			readAll(t, r)
			h := r.Hosts()
			if h.Complete() != tc.complete || h.Match("10.0.0.9") == tc.complete {
				t.Errorf("%s, %s: complete %v, and another host matches: %v", tc.name, kind, h.Complete(), h.Match("10.0.0.9"))
			}
			if h.Match("127.0.0.1") || tc.host != "" && !h.Match(tc.host) && tc.complete {
				t.Errorf("%s, %s: loopback matches, or the host does not", tc.name, kind)
			}
			if !tc.complete {
				mendedHosts(t, tc.name, r, file)
			}
			_ = r.Close()
		}
	}
}

// mendedHosts repairs a corpus and asks the outcome for what it does not know.
func mendedHosts(t *testing.T, name string, header *Reader, file []byte) {
	t.Helper()
	src, err := NewReader(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	var b bytes.Buffer
	w, err := NewWriter(&b, header.Header())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Repair(t.Context(), src, w); err != nil && !errors.Is(err, io.EOF) {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	r, err := NewReader(&b)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	readAll(t, r)
	if r.Hosts().Complete() {
		t.Errorf("%s: repair forgot that hosts are lost", name)
	}
}
