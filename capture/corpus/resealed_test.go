package corpus

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"reprise/capture"
	"reprise/capture/frame"
)

// placed is a block of a file that can be taken apart and sealed again.
type placed struct {
	head    head
	payload []byte // unpacked, and its sections, too
}

// apart takes a file apart.
func apart(t testing.TB, b []byte) (blocks []placed) {
	t.Helper()
	u, err := frame.NewUnpacker(maxRaw)
	if err != nil {
		t.Fatal(err)
	}
	defer u.Close()
	in := frame.NewReader(bytes.NewReader(b[magicLen:]), newLayout2(), u)
	var history []byte
	for {
		h, err := in.First()
		if errors.Is(err, io.EOF) {
			return blocks
		}
		payload, err := in.Payload(&h)
		if err != nil {
			t.Fatal(err)
		}
		payload = bytes.Clone(payload)
		if h.Type == typeDictionary {
			history = payload
		}
		if h.Type == typeRecords && h.Codec == codecColumns {
			payload = sectionsOpen(t, payload, history)
		}
		blocks = append(blocks, placed{h, payload})
	}
}

// sectionsOpen is the payload of a block of columns with its sections stored.
func sectionsOpen(t testing.TB, payload, history []byte) []byte {
	t.Helper()
	s, err := frame.NewSectionReader(maxRaw, history)
	if err != nil || !s.Reset(payload, maxRaw) {
		t.Fatal("no payload of sections", err)
	}
	defer s.Close()
	var out frame.Sections
	for i := range s.Len() {
		raw, ok := s.Section(i)
		if !ok {
			t.Fatal("a section does not open")
		}
		out.Store(raw)
	}
	return out.Append(nil)
}

// together makes a file of blocks, with checksums that are right, and offsets of the footer and the index as far as those are known.
func together(blocks []placed) []byte {
	out := []byte(magic)
	footer := 0
	for i, b := range blocks {
		h := b.head
		if i > 0 && h.Type == typeHeader {
			footer = len(out)
		}
		if h.Type == typeEnd && len(b.payload) == endLen && binary.LittleEndian.Uint64(b.payload) != 0 {
			b.payload = binary.LittleEndian.AppendUint64(nil, uint64(footer))
			b.payload = append(b.payload, blocks[i].payload[8:]...)
		}
		out = append(out, frame.Store(nil, newLayout2(), &h, b.payload)...)
	}
	return out
}

// withIndex puts an index into blocks that is of them, as they will stand.
func withIndex(blocks []placed) {
	var x index
	var before index
	at, offset := -1, int64(magicLen)
	for i := range blocks {
		b := &blocks[i]
		if b.head.Type == typeIndex {
			at = i
			_ = before.decode(b.payload, 2, 1<<40)
		}
	}
	for i := range blocks {
		b := &blocks[i]
		if b.head.Type == typeRecords && b.head.Records > 0 && len(x.entries) < len(before.entries) {
			e := before.entries[len(x.entries)]
			e.offset = offset
			x.entries = append(x.entries, e)
		}
		offset += int64(headLen2 + len(b.payload))
	}
	if at >= 0 && len(x.entries) > 0 {
		blocks[at].payload = x.encode()[0]
	}
}

// mutate changes a few bytes of a payload.
func mutate(rng *rand.Rand, raw []byte) []byte {
	raw = bytes.Clone(raw)
	for range 1 + rng.IntN(3) {
		if len(raw) == 0 {
			return append(raw, byte(rng.Uint32()))
		}
		j := rng.IntN(len(raw))
		if rng.IntN(2) == 0 { // what sections are, and the plan of columns
			j = min(len(raw)-1, []int{j % 64, len(raw) - 1 - j%400}[rng.IntN(2)])
			j = max(j, 0)
		}
		switch rng.IntN(6) {
		case 0:
			raw[j] = byte(rng.Uint32())
		case 1:
			raw[j] ^= 1 << rng.IntN(8)
		case 2:
			raw[j] = []byte{0, 1, 2, 17, 127, 128, 255}[rng.IntN(7)]
		case 3:
			raw = slices.Delete(raw, j, min(len(raw), j+1+rng.IntN(4)))
		case 4:
			raw = slices.Insert(raw, j, raw[rng.IntN(len(raw))])
		case 5:
			raw = slices.Insert(raw, j, binary.AppendUvarint(nil, rng.Uint64()>>rng.IntN(64))...)
		}
	}
	return raw
}

// mutateHead changes what a head says.
func mutateHead(rng *rand.Rand, h *head) {
	odd := func() uint64 {
		return []uint64{0, 1, 1 << 16, 1<<16 - 1, 1<<31 - 1, 1 << 62, 1<<63 - 1, 1<<64 - 1, rng.Uint64() >> rng.IntN(64)}[rng.IntN(9)]
	}
	switch rng.IntN(8) {
	case 0:
		h.Records = uint32(odd())
	case 1:
		h.Seq = int64(odd())
	case 2:
		h.First = int64(odd())
	case 3:
		h.Last = int64(odd())
	case 4:
		h.Kinds = uint16(odd())
	case 5:
		h.Codec = byte(rng.IntN(5))
	case 6:
		h.Type = byte(rng.IntN(9))
	case 7:
		h.Digest = odd()
	}
}

// bomb is a section's or a block's payload that says that it is much.
func bomb(t testing.TB) []byte {
	t.Helper()
	e, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	b := e.EncodeAll(make([]byte, maxRaw), nil)
	p := binary.AppendUvarint(nil, 2)
	for _, raw := range []int{maxRaw - 100, 100} {
		p = binary.AppendUvarint(append(p, 1), uint64(len(b)))
		p = binary.AppendUvarint(p, uint64(raw))
	}
	return append(append(p, b...), b...)
}

// TestResealed mutates files whose checksums are then made right again, so that what is behind them is met: every reading ends, in records in order
// and little memory, and blocks that were not touched give what they gave. MUTATIONS=n tries n.
func TestResealed(t *testing.T) {
	rounds := 100
	if testing.Short() {
		rounds = 5
	}
	if s := os.Getenv("MUTATIONS"); s != "" {
		rounds, _ = strconv.Atoi(s)
	}
	seed := uint64(time.Now().UnixNano())
	rng := rand.New(rand.NewPCG(seed, 0))
	t.Logf("seed %d", seed)
	type whole struct {
		name    string
		blocks  []placed
		records []capture.Record
	}
	var files []whole
	list := selectable(400, rand.New(rand.NewPCG(5, 5)))
	for name, b := range map[string][]byte{
		"rows": flushed(t, list, 100), "columns": columned(t, Header{State: Raw}, list, 100), "both": inBlocks(t, Header{State: Raw}, list, 100, 200),
		"small": columned(t, Header{State: Raw}, list[:20], 5),
	} {
		f := whole{name, apart(t, b), list}
		if withIndex(f.blocks); name == "small" {
			f.records = list[:20]
		}
		got := readAll(t, file(t, together(f.blocks))())
		mustEqual(t, got, f.records)
		files = append(files, f)
	}
	slices.SortFunc(files, func(a, b whole) int { return len(a.name) - len(b.name) + 10*(int(a.name[0])-int(b.name[0])) })
	big := bomb(t)
	var peak uint64
	for i := range rounds {
		f := files[rng.IntN(len(files))]
		blocks := slices.Clone(f.blocks)
		at := rng.IntN(len(blocks))
		heads := rng.IntN(6) == 0
		switch {
		case heads:
			mutateHead(rng, &blocks[at].head)
		case rng.IntN(200) == 0:
			blocks[at].payload = big
		default:
			blocks[at].payload = mutate(rng, blocks[at].payload)
		}
		if rng.IntN(3) > 0 {
			withIndex(blocks)
		}
		b := together(blocks)
		what := fmt.Sprintf("round %d: %s, block %d", i, f.name, at)
		only := &blocks[at].head
		if heads || only.Type != typeRecords {
			only = nil // others may be lost with it
		}
		resealed(t, what, b, f.records, only, i)
		if i%16 == 0 {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			if peak = max(peak, m.HeapAlloc); m.HeapAlloc > 1<<30 {
				t.Fatalf("%s: %d MB in use", what, m.HeapAlloc>>20)
			}
		}
		if t.Failed() {
			_ = os.WriteFile(os.Getenv("RESEALED_TO"), b, 0o600)
			return
		}
	}
	t.Logf("at most %d MB in use", peak>>20)
}

// resealed reads a file in every way; touched is the one block of records that is not as it was, or nil.
func resealed(t *testing.T, what string, b []byte, want []capture.Record, touched *head, round int) {
	t.Helper()
	ctx := context.Background()
	for k, open := range []func() *Reader{stream(t, b), file(t, b)} {
		r := open()
		if r == nil {
			continue
		}
		switch round % 4 {
		case 1:
			r.Verify()
		case 2:
			r.Cut()
		}
		last, before, n := int64(-1), int64(-1<<63), 0
		var rec capture.Record
		for r.Next(ctx, &rec) == nil {
			if rec.MakeWhole(); rec.Seq <= last || rec.Time.UnixNano() < before {
				t.Errorf("%s: %d: record %d after %d", what, k, rec.Seq, last)
				break
			}
			last, before = rec.Seq, rec.Time.UnixNano()
			if touched != nil && (rec.Seq < touched.Seq || rec.Seq >= touched.Seq+int64(touched.Records)) {
				if n++; !same(&rec, &want[rec.Seq]) {
					t.Errorf("%s: %d: record %d is another", what, k, rec.Seq)
					break
				}
			}
		}
		if touched != nil && n != len(want)-int(touched.Records) {
			t.Errorf("%s: %d: %d records of other blocks", what, k, n)
		}
		if r.SeekTime(time.Unix(0, before)) == nil {
			for r.Next(ctx, &rec) == nil {
			}
		}
		r.Close()
		r = open()
		_, _ = Inspect(ctx, r, 0)
		r.Close()
		if r = open(); round%2 == 0 {
			for p := (Projection{}); r.Project(ctx, &p, round%3 == 0) == nil; {
				if n := len(p.Times); n == 0 || len(p.Kinds) != n || len(p.Routes) != n || len(p.Origins) != 0 && len(p.Origins) != n {
					t.Errorf("%s: %d: columns of %d, %d, %d and %d entries", what, k, n, len(p.Kinds), len(p.Routes), len(p.Origins))
				}
			}
		} else if c, ok, err := r.Counts(); ok && err == nil {
			total := int64(0)
			for s := c.Slots(); s.Next(); {
				total += s.N
			}
			if x, ok := r.Index(); ok && total != x.Records {
				t.Errorf("%s: %d: %d records by counts, %d by the index", what, k, total, x.Records)
			}
		}
		_, _, _ = r.Outside(ctx, want[len(want)/3].Time, want[len(want)/2].Time)
		r.Close()
	}
}

// TestTimesWithinBlock has a block whose records are later than its head says, and one behind it that begins before them: times never fall.
func TestTimesWithinBlock(t *testing.T) {
	list := selectable(30, rand.New(rand.NewPCG(6, 6)))
	for i := range list {
		list[i].Time = list[0].Time.Add(time.Duration(i) * time.Second)
	}
	for name, b := range map[string][]byte{"rows": flushed(t, list, 10), "columns": columned(t, Header{State: Raw}, list, 10)} {
		blocks := apart(t, b)
		var of []*head
		for i := range blocks {
			if blocks[i].head.Type == typeRecords {
				of = append(of, &blocks[i].head)
			}
		}
		of[0].Last = of[0].First + int64(4*time.Second)
		by := of[1].First - of[0].Last
		of[1].First -= by
		of[1].Last -= by
		for k, open := range []func() *Reader{stream(t, together(blocks)), file(t, together(blocks))} {
			r := open()
			var before time.Time
			got := readAll(t, r)
			for i := range got {
				if got[i].Time.Before(before) {
					t.Errorf("%s: %d: record %d at %v after one at %v", name, k, got[i].Seq, got[i].Time, before)
				}
				before = got[i].Time
			}
			if len(got) != 25 || len(r.Damage()) == 0 {
				t.Errorf("%s: %d: %d records, damage %v", name, k, len(got), r.Damage())
			}
			r.Close()
		}
	}
}
