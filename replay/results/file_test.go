package results

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"
	"time"

	"reprise/capture"
	"reprise/capture/frame"
	"reprise/replay"
)

// traffic makes n results as a run might, in the order of their answers.
func traffic(n int, seed uint64) []replay.Result {
	rng := rand.New(rand.NewPCG(seed, 0))
	out := make([]replay.Result, n)
	for i := range out {
		intended := time.Duration(i)*100*time.Microsecond + time.Duration(rng.IntN(80_000))
		sent := intended + time.Duration(rng.IntN(1_000_000)) + 1
		first := sent + 20*time.Millisecond + time.Duration(rng.IntN(3_000_000))
		out[i] = replay.Result{
			Seq: int64(i / 2), Copy: i % 2, Kind: capture.Kind(rng.IntN(9)), Intended: intended, Sent: sent,
			FirstByte: first, Done: first + time.Duration(rng.IntN(100_000)), Status: 200, Bytes: 38, Hash: 0x1234abcd, Shard: i % 4,
		}
		switch r := rng.IntN(200); {
		case r == 0:
			out[i] = replay.Result{Seq: out[i].Seq, Copy: out[i].Copy, Kind: out[i].Kind, Intended: intended, Error: replay.ReasonShed}
		case r < 3:
			out[i].Status, out[i].FirstByte, out[i].Bytes, out[i].Hash, out[i].Error = 0, 0, 0, 0, replay.ReasonTimeout
		case r < 5:
			out[i].Status, out[i].Hash = 503, uint32(i)
		}
	}
	return out
}

func ledgerOf(rows []replay.Result) replay.Ledger {
	var b replay.Book
	for i := range rows {
		t := b.Of(rows[i].Kind)
		t.Count(&rows[i])
		if rows[i].Copy == 0 {
			t.Recorded++
		} else {
			t.Added++
		}
	}
	return b.Ledger()
}

func encode(t testing.TB, rows []replay.Result) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := NewWriter(&b, Header{Run: "r1", Target: "http://127.0.0.1:9000", Settings: map[string]string{"time-scale": "2"}})
	if err != nil {
		t.Fatal(err)
	}
	for i := range rows {
		if err := w.Record(&rows[i]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(replay.Outcome{State: replay.Complete, Ledger: ledgerOf(rows)}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func readAll(t testing.TB, b []byte) (rows []replay.Result, r *Reader) {
	t.Helper()
	r, err := NewReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	for {
		var res replay.Result
		switch err := r.Next(&res); {
		case errors.Is(err, io.EOF):
			return rows, r
		case err != nil:
			t.Fatal(err)
		}
		rows = append(rows, res)
	}
}

func TestRoundTrip(t *testing.T) {
	odd := []replay.Result{
		{},
		{Seq: 1 << 60, Copy: 1 << 20, Kind: capture.Status, Intended: 240 * time.Hour, Sent: 1, FirstByte: 2, Done: 3, Status: 599, Bytes: 1 << 40, Error: "a reason of a later version"},
		{Seq: 3, Intended: 5, Done: 4, Error: replay.ReasonReset},
		{Seq: 2, Intended: 5, Sent: 9, Done: 7},
	}
	for _, rows := range [][]replay.Result{nil, odd, traffic(1, 1), traffic(10_000, 2)} {
		got, r := readAll(t, encode(t, rows))
		if len(got) != len(rows) {
			t.Fatalf("%d rows came back of %d", len(got), len(rows))
		}
		for i := range rows {
			if got[i] != rows[i] {
				t.Fatalf("row %d came back as %+v, was %+v", i, got[i], rows[i])
			}
		}
		footer, ok := r.Footer()
		if !ok || footer.Rows != int64(len(rows)) || footer.State != replay.Complete || !reflect.DeepEqual(footer.Ledger, ledgerOf(rows)) {
			t.Errorf("footer %+v, %v", footer, ok)
		}
		if h := r.Header(); h.Run != "r1" || h.Schema != Schema || h.Settings["time-scale"] != "2" {
			t.Errorf("header %+v", h)
		}
		if r.Damage() != nil {
			t.Errorf("damage %v", r.Damage())
		}
	}
}

func TestRowsAreSmall(t *testing.T) {
	const n = 50_000
	rows := traffic(n, 3)
	if b := encode(t, rows); len(b) > 20*n {
		t.Errorf("%.1f bytes a row, want less than 20", float64(len(b))/n)
	}
	for i := range rows {
		rows[i].Hash = uint32(i) * 0x9e3779b9 // every answer another
	}
	if b := encode(t, rows); len(b) > 20*n {
		t.Errorf("%.1f bytes a row with a hash each, want less than 20", float64(len(b))/n)
	}
}

// A file of the first version, which has neither hash nor shard, is never written again: it reads as it did.
func TestFirstVersion(t *testing.T) {
	r, err := Open("testdata/v1/first.rpr")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	want := traffic(300, 1)
	for i := range want {
		var res replay.Result
		if err := r.Next(&res); err != nil {
			t.Fatal(err)
		}
		want[i].Hash, want[i].Shard = 0, 0
		if res != want[i] {
			t.Fatalf("row %d is %+v, was %+v", i, res, want[i])
		}
	}
	var res replay.Result
	if err := r.Next(&res); !errors.Is(err, io.EOF) {
		t.Errorf("after the last row: %v", err)
	}
	footer, ok := r.Footer()
	if !ok || footer.Rows != 300 || footer.State != replay.Complete || r.Header().Run != "r1" || r.Damage() != nil {
		t.Errorf("footer %+v, header %+v, damage %v", footer, r.Header(), r.Damage())
	}
}

// frozen reads a file that is never written again.
func frozen(t testing.TB, name, sum string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprintf("%x", sha256.Sum256(b)); got != sum {
		t.Errorf("%s was changed: SHA-256 %s", name, got)
	}
	return b
}

// TestFrozen reads the files that the last writer of version 1 and the first of version 2 wrote.
func TestFrozen(t *testing.T) {
	for name, sum := range map[string]string{"v1/whole.rpr": "f9b09b8f22f9f69c51439ea33473a844356b5c137b931e5873ec4525339aa41a", "v2/whole.rpr": "91e12ed8bb72e28d4ebc7612aa9426cdb2bf0829606b60aeb8d6ee2a23569905"} {
		got, r := readAll(t, frozen(t, name, sum))
		if want := traffic(2000, 4); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %d rows that are not those written", name, len(got))
		}
		footer, ended := r.Footer()
		if h := r.Header(); !ended || footer.Rows != 2000 || len(r.Damage()) > 0 || h.Corpus != "c0ffee" || h.Plan.Curve[2] != 3 {
			t.Errorf("%s: footer %+v, header %+v, damage %v", name, footer, h, r.Damage())
		}
		if names := r.Extensions(); name == "v2/whole.rpr" && !slices.Equal(names, []string{"later.column", "later.notes"}) {
			t.Errorf("%s: extensions %q", name, names)
		}
	}
}

// What is not known, and without which rows cannot be read, is no damage.
func TestNewer(t *testing.T) {
	for name, h := range map[string]frame.Head{
		"codec": {Type: blockRows, Codec: 7, Records: 1}, "packing": {Type: blockRows, Codec: codecColumns, Records: 1},
	} {
		var b bytes.Buffer
		w, err := NewWriter(&b, Header{})
		if err != nil {
			t.Fatal(err)
		}
		at := b.Len()
		w.block(&h, new(rowEncoder).append(nil, traffic(1, 1)))
		file := b.Bytes()
		if name == "packing" {
			h.Packing = 9
			layout2().Put(file[at:], &h, nil)
		}
		r, err := NewReader(bytes.NewReader(file))
		if err != nil {
			t.Fatal(err)
		}
		var res replay.Result
		if err := r.Next(&res); !errors.Is(err, ErrNewer) || len(r.Damage()) > 0 {
			t.Errorf("%s: %v, damage %v", name, err, r.Damage())
		}
	}
}

// A column of a later version is passed over, as the first version's reader passes over hash and shard.
func TestUnknownColumn(t *testing.T) {
	rows := traffic(50, 1)
	e := new(rowEncoder)
	raw := e.append(nil, rows)
	shards := append([]byte{colShard}, binary.AppendUvarint(nil, uint64(len(rows)))...)
	at := bytes.LastIndex(raw, shards)
	if at < 0 {
		t.Fatal("there is no shard column")
	}
	raw[at] = 200
	got, err := parseRows(nil, raw, len(rows), nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := range rows {
		rows[i].Shard = 0
		if got[i] != rows[i] {
			t.Fatalf("row %d is %+v, was %+v", i, got[i], rows[i])
		}
	}
}

// A run that died leaves what was flushed, whatever the byte at which its file ends.
func TestTruncated(t *testing.T) {
	rows := traffic(3*rowsPerBlock, 4)
	whole := encode(t, rows)
	for cut := preambleSize; cut < len(whole); cut += 3011 {
		r, err := NewReader(bytes.NewReader(whole[:cut]))
		if err != nil {
			if !errors.Is(err, ErrFormat) {
				t.Fatalf("cut at %d: %v", cut, err)
			}
			continue
		}
		n := 0
		var res replay.Result
		for ; r.Next(&res) == nil; n++ {
			if res != rows[n] {
				t.Fatalf("cut at %d: row %d differs", cut, n)
			}
		}
		if n%rowsPerBlock != 0 {
			t.Fatalf("cut at %d: %d rows", cut, n)
		}
		if _, ok := r.Footer(); ok {
			t.Fatalf("cut at %d: there is a footer", cut)
		}
	}
}

// A flipped bit costs the block it is in and no other.
func TestDamage(t *testing.T) {
	rows := traffic(5*rowsPerBlock, 5)
	whole := encode(t, rows)
	first := rowsBegin(whole)
	for at := first; at < len(whole); at += 3307 {
		b := bytes.Clone(whole)
		b[at] ^= 0x10
		got, r := readAll(t, b)
		_, footer := r.Footer()
		if len(got) == len(rows) && footer {
			t.Fatalf("the flip at %d went unseen", at)
		}
		if len(got) != len(rows) && len(got) != len(rows)-rowsPerBlock {
			t.Fatalf("the flip at %d cost %d rows", at, len(rows)-len(got))
		}
		var lost int64
		for _, d := range r.Damage() {
			lost += d.Length
			if int64(at) < d.Offset || int64(at) >= d.Offset+d.Length {
				t.Errorf("the flip at %d is told as %+v", at, d)
			}
		}
		if lost == 0 {
			t.Errorf("the flip at %d is not told", at)
		}
	}
}

func TestRefuses(t *testing.T) {
	whole := encode(t, nil)
	newer := bytes.Clone(whole)
	newer[len(magic)] = 9
	header := bytes.Clone(whole)
	clear(header[preambleSize+20 : len(header)-200])
	for name, tc := range map[string]struct {
		b    []byte
		want error
	}{
		"nothing": {nil, ErrFormat}, "a corpus": {[]byte("RPZ\x00\x01 and much more of it"), ErrFormat},
		"a newer version": {newer, ErrVersion}, "a broken header": {header, ErrFormat},
	} {
		if _, err := NewReader(bytes.NewReader(tc.b)); !errors.Is(err, tc.want) {
			t.Errorf("%s: %v, want %v", name, err, tc.want)
		}
	}
}

func TestSlowRunsAreFlushed(t *testing.T) {
	var b bytes.Buffer
	w, err := NewWriter(&b, Header{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 10 {
		if err := w.Record(&replay.Result{Seq: int64(i), Done: time.Duration(i) * time.Second}); err != nil {
			t.Fatal(err)
		}
	}
	if got, _ := readAll(t, b.Bytes()); len(got) != 9 {
		t.Errorf("%d rows are safe, want 9 of ten", len(got))
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	if got, _ := readAll(t, b.Bytes()); len(got) != 10 {
		t.Errorf("flushed, %d rows are safe, want ten", len(got))
	}
}

func TestFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.rpr")
	rows := traffic(6000, 6)
	f, err := Create(path, Header{Run: "r"}, false)
	if err != nil {
		t.Fatal(err)
	}
	for i := range rows {
		if err := f.Record(&rows[i]); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("the file has its name before its end")
	}
	end := replay.Outcome{State: replay.Complete, Ledger: ledgerOf(rows), Stats: replay.Stats{MaxInFlight: 512}}
	if err := f.Finish(end); err != nil {
		t.Fatal(err)
	}
	live := f.Summary(&end)
	r, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	run, err := Summarize(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	a, b := asJSON(t, live), asJSON(t, run.Summary)
	if a != b {
		t.Errorf("the live summary is\n%s\nand the file's\n%s", a, b)
	}
	if x, y := asJSON(t, f.Windows(false)), asJSON(t, run.Windows); x != y {
		t.Errorf("the live windows are\n%s\nand the file's\n%s", x, y)
	}
	if _, err := Create(path, Header{}, false); !errors.Is(err, os.ErrExist) {
		t.Errorf("a second file of that name: %v", err)
	}
}

func asJSON(t testing.TB, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// full is a disk that takes so many bytes.
type full struct{ left int }

var errFull = errors.New("no space left")

func (f *full) Write(b []byte) (int, error) {
	if f.left -= len(b); f.left < 0 {
		return 0, errFull
	}
	return len(b), nil
}

func TestFullDisk(t *testing.T) {
	w, err := NewWriter(&full{left: 40_000}, Header{})
	if err != nil {
		t.Fatal(err)
	}
	for _, res := range traffic(50_000, 7) {
		if err = w.Record(&res); err != nil {
			break
		}
	}
	if !errors.Is(err, errFull) || !errors.Is(w.Close(replay.Outcome{}), errFull) {
		t.Errorf("a full disk gave %v", err)
	}
}

func FuzzRunFile(f *testing.F) {
	whole := encode(f, traffic(50, 8))
	f.Add(whole)
	f.Add(whole[:len(whole)/2])
	f.Add(encode(f, knownTraffic(50, 8)))
	f.Add(append(bytes.Clone(whole), whole...))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := NewReader(bytes.NewReader(b))
		if err != nil {
			return
		}
		run, err := Summarize(t.Context(), r)
		if err != nil {
			t.Fatalf("a damaged file ends the reading: %v", err)
		}
		if len(run.Windows) > replay.MaxWindows {
			t.Fatalf("%d windows", len(run.Windows))
		}
		if _, err := json.Marshal(run.Summary); err != nil {
			t.Fatal(err)
		}
	})
}

// The rows of a block, past its checksum, which the fuzzer would not get by.
func FuzzRows(f *testing.F) {
	f.Add(new(rowEncoder).append(nil, traffic(20, 9)), 20)
	f.Add(new(rowEncoder).append(nil, knownTraffic(20, 9)), 20)
	f.Fuzz(func(t *testing.T, raw []byte, n int) {
		if n < 0 || n > 1000 {
			return
		}
		rows, err := parseRows(nil, raw, n, new(frame.Names))
		if err != nil {
			return
		}
		again, err := parseRows(nil, new(rowEncoder).append(nil, rows), n, new(frame.Names))
		if len(rows) != n || err == nil && !reflect.DeepEqual(rows, again) {
			t.Fatalf("%d rows do not come back: %v", n, err)
		}
		a := NewAccumulator(nil)
		for i := range rows {
			_ = a.Record(&rows[i])
		}
		a.Summary(nil)
	})
}

func BenchmarkRecord(b *testing.B) {
	rows := traffic(rowsPerBlock, 10)
	w, err := NewWriter(io.Discard, Header{})
	if err != nil {
		b.Fatal(err)
	}
	f := &File{Accumulator: NewAccumulator(nil), writer: w}
	b.ReportAllocs()
	var i int
	for b.Loop() {
		if err := f.Record(&rows[i%len(rows)]); err != nil {
			b.Fatal(err)
		}
		i++
	}
}

func BenchmarkAccumulate(b *testing.B) {
	rows := traffic(rowsPerBlock, 10)
	a := NewAccumulator(nil)
	b.ReportAllocs()
	var i int
	for b.Loop() {
		_ = a.Record(&rows[i%len(rows)])
		i++
	}
}

func BenchmarkRead(b *testing.B) {
	whole := encode(b, traffic(100_000, 11))
	b.ReportAllocs()
	for b.Loop() {
		r, err := NewReader(bytes.NewReader(whole))
		if err != nil {
			b.Fatal(err)
		}
		if _, err := Summarize(b.Context(), r); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/100_000, "ns/row")
}
