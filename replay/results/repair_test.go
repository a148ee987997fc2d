package results

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"
	"time"

	"reprise/capture/frame"
	"reprise/replay"
)

// runFile is a run file of n rows in blocks of about 500, with the header that real runs have.
func runFile(t testing.TB, n int, ended bool) (file []byte, rows []replay.Result, h Header) {
	t.Helper()
	var b bytes.Buffer
	h = Header{
		Run: "0123456789abcdef", Tool: "devel", Started: time.Unix(1669399200, 7).UTC(), Corpus: "c0ffee", PlanHash: "beef", Machine: ThisMachine(),
		Target: "http://127.0.0.1:9000", Engine: "epoll", Settings: map[string]string{"time-scale": "2", "seed": "9"},
		Plan: &replay.Plan{Curve: []int64{1, 2, 3}, Duration: time.Second},
	}
	w, err := NewWriter(&b, h)
	if err != nil {
		t.Fatal(err)
	}
	rows = traffic(n, 4)
	for i := range rows {
		if err := w.Record(&rows[i]); err != nil {
			t.Fatal(err)
		}
		if i%500 == 499 {
			w.flush()
		}
	}
	if !ended {
		w.flush()
		return b.Bytes(), rows, h
	}
	if err := w.Close(replay.Outcome{State: replay.Complete, Ledger: ledgerOf(rows)}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), rows, h
}

// blockEnd is where the block ends that begins at a place of a file of version 2.
func blockEnd(file []byte, at int) int {
	h, ok := layout2().Parse(file[at:])
	if !ok {
		panic("no block begins there")
	}
	return at + layout2().Len() + int(h.Stored)
}

// rowsBegin is where the first block after the header and its copy begins, and headerEnd1 where that of version 1 does.
func rowsBegin(file []byte) int { return blockEnd(file, blockEnd(file, preambleSize)) }

func headerEnd1(file []byte) int {
	return preambleSize + frameSize + int(binary.LittleEndian.Uint32(file[preambleSize+16:]))
}

// oldRun is the frozen file of version 1.
func oldRun(t testing.TB) (file []byte, rows []replay.Result, h Header) {
	t.Helper()
	file = frozen(t, "v1/whole.rpr", "f9b09b8f22f9f69c51439ea33473a844356b5c137b931e5873ec4525339aa41a")
	_, r := readAll(t, file)
	return file, traffic(2000, 4), r.Header()
}

// A flip of any bit before the rows, and any one wrong byte, leaves every row and the whole header. make soak tries all.
func TestOneWrongByteBeforeTheRows(t *testing.T) {
	wrongBytes(t, func(at int) []byte { return [][]byte{{1 << (at % 8)}, {0xff}}[at%2] })
}

// wrongBytes damages each byte before the rows in each of the ways that by lists.
func wrongBytes(t *testing.T, by func(at int) []byte) {
	whole, rows, header := runFile(t, 30, true)
	header.Schema = Schema
	old, oldRows, oldHeader := oldRun(t)
	for _, tc := range []struct {
		version      string
		whole        []byte
		rows         []replay.Result
		header       Header
		mended, last int // up to where the header is mended, and up to where bytes are tried
	}{
		{"2", whole, rows, header, blockEnd(whole, preambleSize), rowsBegin(whole)},
		{"1", old, oldRows, oldHeader, headerEnd1(old), headerEnd1(old)},
	} {
		for at := range tc.last {
			for _, v := range by(at) {
				if v == 0xff && at < preambleSize && at >= len(magic) {
					continue // that may be a newer version
				}
				file := bytes.Clone(tc.whole)
				file[at] ^= v
				want := HeaderMended
				if at >= tc.mended {
					want = HeaderWhole
				}
				checkWrong(t, file, fmt.Sprintf("version %s, byte %d by %#x", tc.version, at, v), want, tc.rows, tc.header)
			}
		}
	}
}

// checkWrong reads a file of which a byte before the rows is wrong.
func checkWrong(t *testing.T, file []byte, what string, want HeaderState, rows []replay.Result, header Header) {
	t.Helper()
	r, state, err := Salvage(bytes.NewReader(file))
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	defer r.Close()
	if state != want || !reflect.DeepEqual(r.Header(), header) {
		t.Fatalf("%s: state %d, header %+v", what, state, r.Header())
	}
	var res replay.Result
	n := 0
	for ; r.Next(&res) == nil; n++ {
		if res != rows[n] {
			t.Fatalf("%s: row %d is another", what, n)
		}
	}
	if n != len(rows) || len(r.Damage()) == 0 {
		t.Fatalf("%s: %d rows, damage %v", what, n, r.Damage())
	}
}

// A reader goes on with the copy of a header, and with nothing where both are gone.
func TestCopyOfTheHeader(t *testing.T) {
	whole, rows, _ := runFile(t, 30, true)
	for at := preambleSize; at < rowsBegin(whole); at += 7 {
		b := bytes.Clone(whole)
		b[at] ^= 4
		got, r := readAll(t, b)
		if len(got) != len(rows) || r.Header().Run != "0123456789abcdef" || len(r.Damage()) != 1 {
			t.Errorf("byte %d: %d rows, damage %v", at, len(got), r.Damage())
		}
	}
	b := bytes.Clone(whole)
	b[preambleSize+90] ^= 4
	b[rowsBegin(whole)-9] ^= 4
	if _, err := NewReader(bytes.NewReader(b)); !errors.Is(err, ErrHeader) {
		t.Errorf("without both: %v", err)
	}
}

// A first block that is whole and no header is passed over, and nothing behind it.
func TestCopyBehindAHeaderThatIsNone(t *testing.T) {
	whole, rows, want := runFile(t, 30, true)
	want.Schema = Schema
	end := blockEnd(whole, preambleSize)
	h, _ := layout2().Parse(whole[preambleSize:end])
	p, err := frame.NewPacker(layout2(), frame.Fastest)
	if err != nil {
		t.Fatal(err)
	}
	none := p.Pack(&frame.Head{ID: h.ID, Type: blockHeader}, []byte(`{"corpus":"another","settings":{"shards":"9"},"run":7}`))
	file := slices.Concat(whole[:preambleSize], none, whole[end:])
	got, r := readAll(t, file)
	if len(got) != len(rows) || !reflect.DeepEqual(r.Header(), want) {
		t.Errorf("%d rows, header %+v", len(got), r.Header())
	}
	if d := r.Damage(); len(d) != 1 || d[0].Offset != int64(preambleSize) || d[0].Length != int64(len(none)) {
		t.Errorf("damage %+v", d)
	}
}

func TestSalvageOfALostHeader(t *testing.T) {
	whole, rows, _ := runFile(t, 2000, true)
	old, _, _ := oldRun(t)
	end, oldEnd := rowsBegin(whole), headerEnd1(old)
	for _, tc := range []struct {
		name string
		file []byte
		hurt func(b []byte) []byte
		kept int
	}{
		{"a bit of both", whole, func(b []byte) []byte { b[100] ^= 1; b[end-50] ^= 1; return b }, 2000},
		{"all of both", whole, func(b []byte) []byte { clear(b[preambleSize+4 : end]); return b }, 2000},
		{"both and the first rows", whole, func(b []byte) []byte {
			clear(b[preambleSize+4 : end])
			b[end+200] ^= 1
			return b
		}, 1500},
		{"version 1: two bytes of the header", old, func(b []byte) []byte { b[40] ^= 1; b[90] ^= 1; return b }, 2000},
		{"version 1: all of the header", old, func(b []byte) []byte { clear(b[preambleSize+4 : oldEnd]); return b }, 2000},
		{"version 1: the header and its length", old, func(b []byte) []byte { clear(b[preambleSize+8 : preambleSize+50]); return b }, 2000},
		{"version 1: the header and the first rows", old, func(b []byte) []byte {
			clear(b[preambleSize+4 : oldEnd])
			b[oldEnd+200] ^= 1
			return b
		}, 1500},
	} {
		r, state, err := Salvage(bytes.NewReader(tc.hurt(bytes.Clone(tc.file))))
		if err != nil || state != HeaderLost {
			t.Fatalf("%s: state %d, %v", tc.name, state, err)
		}
		name := filepath.Join(t.TempDir(), "a.rpr")
		s, err := repair(t.Context(), r, name, rebuiltHeader(nil), false, nil, nil)
		if err != nil || s.Kept != int64(tc.kept) || s.Lost != int64(2000-tc.kept) || !s.Ended || len(s.Damage) == 0 {
			t.Errorf("%s: %+v, %v", tc.name, s, err)
			continue
		}
		kept, err := Open(name)
		if err != nil {
			t.Fatal(err)
		}
		run, err := Summarize(t.Context(), kept)
		if err != nil || len(run.Damage) > 0 || run.Header.Rebuilt != FromNothing || run.Footer == nil || run.Footer.Lost != s.Lost {
			t.Errorf("%s: repaired: %v, damage %v, %+v", tc.name, err, run.Damage, run.Header)
		}
		if run.Summary.Ledger.OK != ledgerOf(rows).OK {
			t.Errorf("%s: the ledger is not the run's: %+v", tc.name, run.Summary.Ledger.Tally)
		}
		_ = kept.Close()
	}
}

func TestRepairOfARunThatDied(t *testing.T) {
	whole, rows, header := runFile(t, 2000, false)
	for _, n := range []int{len(whole), len(whole) - 30, len(whole) / 2} {
		r, state, err := Salvage(bytes.NewReader(whole[:n]))
		if err != nil || state != HeaderWhole {
			t.Fatal(state, err)
		}
		name := filepath.Join(t.TempDir(), "a.rpr")
		s, err := repair(t.Context(), r, name, r.Header(), false, nil, nil)
		if err != nil || s.Ended || s.Unknown != (n < len(whole)) || s.Kept == 0 || s.Kept%500 != 0 {
			t.Fatalf("cut at %d: %+v, %v", n, s, err)
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		got, again := readAll(t, text)
		if _, ended := again.Footer(); ended || len(again.Damage()) > 0 || !reflect.DeepEqual(got, rows[:s.Kept]) || again.Header().Run != header.Run {
			t.Errorf("cut at %d: %d rows, ended %v, %v", n, len(got), ended, again.Damage())
		}
	}
}

func TestNothingToRepair(t *testing.T) {
	whole, _, _ := runFile(t, 300, true)
	name := filepath.Join(t.TempDir(), "a.rpr")
	r, _, err := Salvage(bytes.NewReader(whole[:rowsBegin(whole)]))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := repair(t.Context(), r, name, r.Header(), false, nil, nil); !errors.Is(err, ErrNothing) {
		t.Errorf("no rows: %v", err)
	}
	r, _, _ = Salvage(bytes.NewReader(whole))
	no := errors.New("no")
	if _, err := repair(t.Context(), r, name, r.Header(), false, nil, func() error { return no }); !errors.Is(err, no) {
		t.Errorf("a refusal: %v", err)
	}
	r, _, _ = Salvage(bytes.NewReader(whole))
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := repair(ctx, r, name, r.Header(), false, nil, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("stopped: %v", err)
	}
	if left, _ := filepath.Glob(name + "*"); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
	if err := os.WriteFile(name, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	r, _, _ = Salvage(bytes.NewReader(whole))
	if _, err := repair(t.Context(), r, name, r.Header(), false, nil, nil); !errors.Is(err, fs.ErrExist) {
		t.Errorf("over a file: %v", err)
	}
}

func TestSalvageRefuses(t *testing.T) {
	whole, _, _ := runFile(t, 10, true)
	newer := bytes.Clone(whole)
	newer[len(magic)] = 9
	for name, tc := range map[string]struct {
		text []byte
		want error
	}{
		"nothing": {nil, ErrFormat}, "text": {[]byte("From: someone, and a line that is long enough"), ErrFormat},
		"a newer version": {newer, ErrVersion}, "the first bytes alone": {whole[:len(magic)-1], ErrFormat},
	} {
		if _, _, err := Salvage(bytes.NewReader(tc.text)); !errors.Is(err, tc.want) {
			t.Errorf("%s: %v, want %v", name, err, tc.want)
		}
	}
	if _, err := NewReader(bytes.NewReader(append(bytes.Clone(whole[:60]), make([]byte, 2000)...))); !errors.Is(err, ErrHeader) || !errors.Is(err, ErrFormat) {
		t.Errorf("a damaged header: %v", err)
	}
}

func TestRebuiltHeader(t *testing.T) {
	_, _, h := runFile(t, 1, true)
	h.Settings = map[string]string{"time-scale": "2", "seed": "7", "share": "2 of 3"}
	got := rebuiltHeader(&h)
	want := Header{Rebuilt: FromAnother, Corpus: h.Corpus, PlanHash: h.PlanHash, Plan: h.Plan, Settings: map[string]string{"time-scale": "2"}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
}

// Of two copies of a header, damage to one loses nothing; where it takes more with it, it does.
func TestOneHeaderIsEnough(t *testing.T) {
	whole, rows, header := runFile(t, 30, true)
	header.Schema = Schema
	first, second := blockEnd(whole, preambleSize), rowsBegin(whole)
	for _, tc := range []struct {
		name     string
		at       []int
		lossless bool
		reason   Reason
	}{
		{"the head of the header", []int{preambleSize + 5}, true, headerDamaged},
		{"the header", []int{first - 3}, true, headerDamaged},
		{"the head of its copy", []int{first + 1}, true, copyDamaged},
		{"its copy", []int{second - 1}, true, copyDamaged},
		{"its copy and the rows", []int{second - 1, second + 1}, false, copyDamaged},
	} {
		file := bytes.Clone(whole)
		for _, at := range tc.at {
			file[at] ^= 4
		}
		got, r := readAll(t, file)
		d := r.Damage()
		if len(d) != 1 || d[0].Reason != tc.reason && tc.lossless || frame.Lossless(d) != tc.lossless {
			t.Errorf("%s: damage %+v", tc.name, d)
		}
		if tc.lossless && (!reflect.DeepEqual(got, rows) || !reflect.DeepEqual(r.Header(), header)) {
			t.Errorf("%s: %d rows, header %+v", tc.name, len(got), r.Header())
		}
	}
}

func FuzzSalvage(f *testing.F) {
	whole, _, _ := runFile(f, 40, true)
	f.Add(whole)
	f.Add(whole[:rowsBegin(whole)-9])
	hurt := bytes.Clone(whole)
	hurt[50] ^= 3
	hurt[70] ^= 3
	f.Add(hurt)
	f.Fuzz(func(t *testing.T, text []byte) {
		r, state, err := Salvage(bytes.NewReader(text))
		if err != nil {
			return
		}
		defer r.Close()
		if state != HeaderWhole && len(r.Damage()) == 0 {
			t.Fatal("a damaged header is not told")
		}
		var res replay.Result
		for r.Next(&res) == nil { //nolint:revive // only to its end
		}
	})
}
