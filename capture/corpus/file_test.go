package corpus

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"reprise/capture"
)

func TestCreate(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.rpz")
	records := sample(10, 1)
	f, err := Create(path, Header{State: Synthetic}, false)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Write(&records[0]); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the file has its name before it is whole")
	}
	if err := errors.Join(f.Commit(), f.Discard(), f.Commit()); err != nil {
		t.Fatal(err)
	}
	mustEqual(t, readAll(t, opened(t, path)), records[:1])

	if _, err := Create(path, Header{State: Raw}, false); !errors.Is(err, fs.ErrExist) {
		t.Errorf("Create over a file: %v", err)
	}
	if f, err = Create(path, Header{State: Raw}, true); err != nil {
		t.Fatal(err)
	}
	if err := f.Discard(); err != nil {
		t.Fatal(err)
	}
	if _, err := Create(filepath.Join(dir, "b.rpz"), Header{State: "cooked"}, false); err == nil {
		t.Errorf("Create in an unknown state succeeded")
	}
	left, _ := os.ReadDir(dir)
	if len(left) != 1 || left[0].Name() != "a.rpz" {
		t.Errorf("left in the folder: %v", left)
	}
}

func TestLeave(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.rpz")
	records := sample(10, 1)
	f, err := Create(path, Header{State: Raw}, false)
	if err != nil {
		t.Fatal(err)
	}
	for i := range records {
		if err := f.Write(&records[i]); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Leave(); err != nil {
		t.Fatal(err)
	}
	r := opened(t, path+".partial")
	mustEqual(t, readAll(t, r), records)
	if d := r.Damage(); len(d) != 1 || d[0].Reason != NoFooter || d[0].Block {
		t.Errorf("damage %+v", d)
	}
}

func TestSyntheticIsReproducible(t *testing.T) {
	records := sample(100, 1)
	h := Header{State: Synthetic, Tool: "test", Keywords: map[string][]string{"help": {"AIDE", "HJÄLP"}, "custom_keyword": {"VIP"}}}
	if !bytes.Equal(encode(t, h, records), encode(t, h, records)) {
		t.Errorf("the same records and header give two files")
	}
}

// A seed makes an anonymized file reproducible, and one of raw records never.
func TestSeedIsIdentity(t *testing.T) {
	records := sample(100, 1)
	for _, tc := range []struct {
		state State
		seeds [2]string
		same  bool
	}{
		{Anonymized, [2]string{"a", "a"}, true},
		{Anonymized, [2]string{"a", "b"}, false},
		{Anonymized, [2]string{"", ""}, false},
		{Raw, [2]string{"a", "a"}, false},
	} {
		x, y := encode(t, Header{State: tc.state, Seed: tc.seeds[0]}, records), encode(t, Header{State: tc.state, Seed: tc.seeds[1]}, records)
		if bytes.Equal(x, y) != tc.same {
			t.Errorf("%s with seeds %q: the same file: %v, want %v", tc.state, tc.seeds, !tc.same, tc.same)
		}
	}
}

func TestWriteRefuses(t *testing.T) {
	ok := sample(1, 1)[0]
	for name, tc := range map[string]struct {
		change func(*capture.Record)
		want   error
	}{
		"older":            {func(r *capture.Record) { r.Time = r.Time.Add(-1) }, ErrOrder},
		"no time":          {func(r *capture.Record) { r.Time = time.Time{} }, ErrInvalid},
		"far future":       {func(r *capture.Record) { r.Time = r.Time.AddDate(300, 0, 0) }, ErrInvalid},
		"kind":             {func(r *capture.Record) { r.Kind = 16 }, ErrInvalid},
		"status":           {func(r *capture.Record) { r.Response.Status = 65536 }, ErrInvalid},
		"negative status":  {func(r *capture.Record) { r.Response.Status = -1 }, ErrInvalid},
		"body":             {func(r *capture.Record) { r.Body = make([]byte, maxRaw) }, ErrTooLarge},
		"too many headers": {func(r *capture.Record) { r.Headers = make([]capture.Header, maxHeaders+1) }, ErrTooLarge},
	} {
		var b bytes.Buffer
		w, err := NewWriter(&b, Header{State: Raw})
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Write(&ok); err != nil {
			t.Fatal(err)
		}
		bad := *ok.Clone()
		tc.change(&bad)
		if err := w.Write(&bad); !errors.Is(err, tc.want) {
			t.Errorf("%s: Write = %v, want %v", name, err, tc.want)
		}
		if err := errors.Join(w.Write(&ok), w.Close()); err != nil {
			t.Errorf("%s: the writer is not usable after it: %v", name, err)
		}
		r, err := NewReader(&b)
		if err != nil {
			t.Fatal(err)
		}
		if got := readAll(t, r); len(got) != 2 || len(r.Damage()) > 0 {
			t.Errorf("%s: %d records, damage %v", name, len(got), r.Damage())
		}
	}
}

func TestExtremes(t *testing.T) {
	at := time.Date(1678, 1, 1, 0, 0, 0, 0, time.UTC)
	records := []capture.Record{
		{Time: at},
		{Time: at, Headers: make([]capture.Header, maxHeaders), Response: capture.Response{Status: 65535, Latency: -1}},
		{Time: at.AddDate(400, 0, 0), Body: bytes.Repeat([]byte("0123456789abcdef"), maxRaw/16-100), Kind: 15},
		{Time: at.AddDate(500, 0, 0), Body: []byte("\x00\xff"), URL: "\xff", Method: strings.Repeat("M", 300), Host: "::1", Vendor: "v"},
		{Time: time.Date(2261, 12, 31, 23, 59, 59, 999999999, time.UTC), Response: capture.Response{Latency: 1<<63 - 1}},
	}
	// More kinds of request than a block may know.
	for i := range 30 {
		r := capture.Record{Time: records[4].Time, Method: strings.Repeat("M", i), Headers: make([]capture.Header, maxHeaders-i)}
		records = append(records, r)
	}
	r, err := NewReader(bytes.NewReader(encode(t, Header{State: Synthetic}, records)))
	if err != nil {
		t.Fatal(err)
	}
	mustEqual(t, readAll(t, r), records)
	if d := r.Damage(); len(d) > 0 {
		t.Errorf("damage %v", d)
	}
}

// TestMessages stores what a payload says in few bytes, and gives it back exactly whatever the payload is like.
func TestMessages(t *testing.T) {
	at := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	var records []capture.Record
	for _, m := range []struct{ body, text string }{
		{"Body=hello+world%21&x=1", "hello world!"},
		{"x=1&Body=hello+world%21", "hello world!"},
		{"Body=hello+world%2", "hello world%2"},
		{"Body=hello&Body=hello+you", "hello you"},
		{`{"text":"hello \"you\"\n\u2603 \ud83d\ude00"}`, "hello \"you\"\n☃ 😀"},
		{`{"text":"broken \ud83d"}`, "broken \ufffd"},
		{`{"text":"unended hello`, "unended hello"},
		{`[{"a":"hello world","b":"hello"}]`, "hello"},
		{"", "hello from nowhere"},
		{"hello", "hello"},
		{"a=1&b=", ""},
	} {
		for range 3 {
			records = append(records, capture.Record{Time: at, Body: []byte(m.body), Message: capture.Message{ID: "1", Text: m.text, From: m.text + "x"}})
			records = append(records, capture.Record{Time: at, Body: []byte("x" + m.body), Message: capture.Message{ID: "2", To: m.text}})
		}
	}
	r, err := NewReader(bytes.NewReader(encode(t, Header{State: Synthetic}, records)))
	if err != nil {
		t.Fatal(err)
	}
	mustEqual(t, readAll(t, r), records)
}

func TestShortReads(t *testing.T) {
	records := sample(300, 6)
	file := encode(t, Header{State: Raw}, records)
	for name, in := range map[string]io.Reader{
		"one byte": iotest.OneByteReader(bytes.NewReader(file)),
		"half":     iotest.HalfReader(bytes.NewReader(file)),
		"data err": iotest.DataErrReader(bytes.NewReader(file)),
	} {
		r, err := NewReader(in)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		mustEqual(t, readAll(t, r), records)
		if d := r.Damage(); len(d) > 0 {
			t.Errorf("%s: damage %v", name, d)
		}
	}
}

func TestReadError(t *testing.T) {
	whole, want := small(t)
	for n := 0; n < len(whole); n += 17 {
		r, err := NewReader(io.MultiReader(bytes.NewReader(whole[:n]), iotest.ErrReader(errSink)))
		for read := 0; err == nil; read++ {
			var rec capture.Record
			if err = r.Next(context.Background(), &rec); err == nil && !same(&rec, &want[rec.Seq]) {
				t.Fatalf("%d bytes: record %d is wrong", n, rec.Seq)
			}
		}
		if !errors.Is(err, errSink) {
			t.Fatalf("%d of %d bytes: %v, want the input's error", n, len(whole), err)
		}
	}
}

func TestWriteError(t *testing.T) {
	whole, records := small(t)
	for n := 0; n < len(whole); n += 17 {
		out := &limited{left: n}
		w, err := NewWriter(out, Header{State: Raw, Policy: "none"})
		for i := range records {
			if err != nil {
				break
			}
			err = w.Write(&records[i])
		}
		if err == nil {
			err = w.Close()
		}
		if n < len(whole)/2 && !errors.Is(err, errSink) {
			t.Fatalf("room for %d bytes: %v, want the output's error", n, err)
		}
		if w != nil && err != nil && w.Close() == nil {
			t.Fatalf("room for %d bytes: Close after a failed write succeeded", n)
		}
	}
}

// limited is a writer with room for some bytes.
type limited struct{ left int }

func (l *limited) Write(b []byte) (int, error) {
	if len(b) > l.left {
		return l.left, errSink
	}
	l.left -= len(b)
	return len(b), nil
}

func TestNotACorpus(t *testing.T) {
	for name, tc := range map[string]struct {
		in   string
		want error
	}{
		"empty":        {"", ErrNotCorpus},
		"short":        {magic[:5], ErrNotCorpus},
		"gzip":         {"\x1f\x8b\x08\x00\x00\x00\x00\x00", ErrNotCorpus},
		"text mode":    {"\x8eRPZ\n\x01\x1a\n", ErrNotCorpus},
		"next version": {"\x8eRPZ\r\n\x03\x1a" + strings.Repeat("x", 100), ErrVersion},
		"magic only":   {magic, ErrHeader},
	} {
		if _, err := NewReader(strings.NewReader(tc.in)); !errors.Is(err, tc.want) {
			t.Errorf("%s: NewReader = %v, want %v", name, err, tc.want)
		}
		path := filepath.Join(t.TempDir(), "x")
		if err := os.WriteFile(path, []byte(tc.in), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(path); !errors.Is(err, tc.want) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: Open = %v, want %v and the path", name, err, tc.want)
		}
	}
	if _, err := Open(t.TempDir()); err == nil {
		t.Errorf("Open of a folder succeeded")
	}
}

func TestRepair(t *testing.T) {
	whole, want := small(t)
	damaged := bytes.Clone(whole)
	r, err := NewReader(bytes.NewReader(whole))
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Next(context.Background(), new(capture.Record)); err != nil {
		t.Fatal(err)
	}
	damaged[r.in.Offset()+headLen2+50] ^= 1 // in the second block
	if r, err = NewReader(bytes.NewReader(damaged[:len(damaged)-100])); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	w, err := NewWriter(&b, r.Header())
	if err != nil {
		t.Fatal(err)
	}
	saved, err := Repair(context.Background(), r, w)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if saved.Kept != 3*blockOf || saved.Lost != blockOf || !saved.Unknown || len(saved.Damage) < 2 {
		t.Errorf("saved %+v", saved)
	}
	if r, err = NewReader(&b); err != nil {
		t.Fatal(err)
	}
	mustEqual(t, readAll(t, r), append(want[:blockOf:blockOf], want[2*blockOf:]...))
	if len(r.Damage()) > 0 || r.Header().Policy != "none" || !r.Hosts().Match("hooks.example.com") {
		t.Errorf("repaired: damage %v, header %+v", r.Damage(), r.Header())
	}
}
