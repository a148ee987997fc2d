package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"reprise/capture"
	"reprise/capture/corpus"
	"slices"
	"strings"
	"testing"
	"time"
)

// Made traffic is the same each time, and its bodies are what they say they are.
func TestMadeTraffic(t *testing.T) {
	for _, tc := range []struct {
		name  string
		make  func() madeTraffic
		check func(body string) error
		sets  int // of keys, at least
	}{
		{"twilio", func() madeTraffic { return newTwilioTraffic(1) }, func(body string) error { _, err := url.ParseQuery(body); return err }, 2},
		{"unknown", func() madeTraffic { return newUnknownTraffic(2) }, func(body string) error { var v any; return json.Unmarshal([]byte(body), &v) }, 50},
	} {
		one, other := tc.make(), tc.make()
		sets := make(map[string]bool)
		for n := range 2_000 {
			var a, b bytes.Buffer
			q, p := one.next(), other.next()
			if err := writeMade(&a, time.Unix(0, 0), &q); err != nil {
				t.Fatal(err)
			}
			if err := writeMade(&b, time.Unix(0, 0), &p); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(a.Bytes(), b.Bytes()) {
				t.Fatalf("%s: request %d is another one the second time", tc.name, n)
			}
			if err := tc.check(q.body); err != nil {
				t.Fatalf("%s: request %d: %v", tc.name, n, err)
			}
			sets[keysOf(q.body)] = true
		}
		if len(sets) < tc.sets {
			t.Errorf("%s: %d sets of keys, want %d at least", tc.name, len(sets), tc.sets)
		}
	}
}

// Made traffic comes out of columns as it went in, over several blocks.
func TestMadeTrafficThroughColumns(t *testing.T) {
	for seed := range uint64(4) {
		for name, traffic := range map[string]madeTraffic{"twilio": newTwilioTraffic(seed), "unknown": newUnknownTraffic(seed)} {
			var file bytes.Buffer
			w, err := corpus.NewWriter(&file, corpus.Header{State: corpus.Synthetic})
			if err != nil {
				t.Fatal(err)
			}
			w.Columns()
			var wrote []capture.Record
			at := time.Date(2025, 1, 2, 7, 4, 5, 0, time.UTC)
			for n := range 20_000 {
				q := traffic.next()
				at = at.Add(q.gap)
				r := capture.Record{Seq: int64(n), Time: at, Method: "POST", URL: q.url, Host: "hooks.example.com", Body: []byte(q.body)}
				for _, h := range q.headers {
					r.Headers = append(r.Headers, capture.Header{Name: h[0], Value: h[1]})
				}
				wrote = append(wrote, r)
				if err := w.Write(&r); err != nil {
					t.Fatal(err)
				}
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			sameRecords(t, fmt.Sprintf("%s, seed %d", name, seed), &file, wrote)
		}
	}
}

// sameRecords holds that a corpus has these records and no others.
func sameRecords(t *testing.T, name string, file io.Reader, want []capture.Record) {
	t.Helper()
	in, err := corpus.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	var got capture.Record
	for i := range want {
		if err := in.Next(t.Context(), &got); err != nil {
			t.Fatalf("%s: record %d: %v", name, i, err)
		}
		w := &want[i]
		if got.Seq != w.Seq || !got.Time.Equal(w.Time) || got.URL != w.URL || got.Host != w.Host || got.Method != w.Method || !slices.Equal(got.Headers, w.Headers) || !bytes.Equal(got.Body, w.Body) {
			t.Fatalf("%s: record %d is\n%+v\nand was\n%+v", name, i, got, *w)
		}
	}
	if err := in.Next(t.Context(), &got); !errors.Is(err, io.EOF) {
		t.Errorf("%s: after the last record: %v", name, err)
	}
}

// keysOf are a body's keys in their order: of a form, or of JSON on every level.
func keysOf(body string) string {
	var keys []string
	for part := range strings.SplitSeq(body, "&") {
		key, _, _ := strings.Cut(part, "=")
		keys = append(keys, key)
	}
	if strings.HasPrefix(body, "{") {
		keys = nil
		parts := strings.Split(body, `":`)
		for _, p := range parts[:len(parts)-1] {
			keys = append(keys, p[strings.LastIndexByte(p, '"')+1:])
		}
	}
	return strings.Join(keys, ",")
}

func TestSizesTable(t *testing.T) {
	s := &size{Corpus: "x", Records: 1000, Written: 100_000, Packed: 50_000, Sample: 500, Zstd3: 40_000, Zstd19: 50_000, codecFigures: codecFigures{InRows: codecSpeeds{Read: 2e6, Bytes: 110_000, Write: 4e5}, InColumns: codecSpeeds{Read: 1e6}}, reach: "0.7"}
	row := sizesTable([]*size{s}).rows[0]
	want := "x|1,000|110.0|–|100.0|50.0|80.0|100.0|0.62|0.50|0.7|no"
	if got := strings.Join(row, "|"); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if got, want := strings.Join(speedsTable([]*size{s}).rows[0], "|"), "x|0.40 M/s|–|–|2.00 M/s|1.00 M/s|0.50|–|–|–|–"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if s.Packed = 0; s.share() != 1 {
		t.Errorf("not packed: a share of %v, want 1", s.share())
	}
	if s.Zstd19 = 0; s.share() != 0 {
		t.Errorf("without zstd: a share of %v, want 0: it is not known", s.share())
	}
}

// least is the smallest figure of a codec.
func least(c codecSpeeds) float64 { return min(c.Write, c.Read, c.Send, float64(c.Bytes)) }

// The roles measure a corpus that is there, and refuse what is none.
func TestCodecAndSeek(t *testing.T) {
	corpus := filepath.Join("..", "..", "fixtures", "testdata", "mixed.rpz")
	var out bytes.Buffer
	if err := codecRole(t.Context(), []string{corpus}, &out); err != nil {
		t.Fatal(err)
	}
	var c codecFigures
	if err := json.Unmarshal(out.Bytes(), &c); err != nil || least(c.InRows) <= 0 || least(c.InColumns) <= 0 {
		t.Errorf("%s: %v", out.Bytes(), err)
	}
	out.Reset()
	if err := seekRole(t.Context(), []string{corpus}, &out); err != nil {
		t.Fatal(err)
	}
	var s seekFigures
	if err := json.Unmarshal(out.Bytes(), &s); err != nil || s.Records == 0 || s.First[0] <= 0 || s.First[1] < s.First[0] {
		t.Errorf("%s: %v", out.Bytes(), err)
	}
	none := filepath.Join(t.TempDir(), "none.rpz")
	if err := os.WriteFile(none, []byte("none"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, role := range map[string]func() error{
		"codec": func() error { return codecRole(t.Context(), []string{none}, io.Discard) },
		"seek":  func() error { return seekRole(t.Context(), []string{none}, io.Discard) },
	} {
		if role() == nil {
			t.Errorf("%s took a file that is no corpus", name)
		}
	}
}
