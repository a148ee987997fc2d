package corpus

import (
	"bytes"
	"encoding/binary"
	"runtime"
	"testing"
	"time"

	"reprise/capture/frame"
)

// forge makes a file of blocks whose checksums are right, whatever they say.
func forge(t testing.TB, blocks ...forged) []byte {
	t.Helper()
	p, err := newPacker(frame.Fastest)
	if err != nil {
		t.Fatal(err)
	}
	header, err := Header{State: Raw}.encode()
	if err != nil {
		t.Fatal(err)
	}
	id := fileID{1, 2, 3}
	out := append([]byte(magic), p.Pack(&head{ID: id, Type: typeHeader}, header)...)
	for _, b := range blocks {
		b.head.ID = id
		block := p.Pack(&b.head, b.payload)
		if b.change != nil {
			b.change(&b.head)
			newLayout2().Put(block, &b.head, nil)
		}
		out = append(out, block...)
	}
	return out
}

type forged struct {
	head    head
	payload []byte
	change  func(*head) // of what the header says about the payload
}

// rowsOf is a rows block with records of one time each.
func rowsOf(seq, first int64, n int) forged {
	e := newRowEncoder()
	var b batch
	records := sample(n, 1)
	for i := range records {
		records[i].Time = time.Unix(0, first)
		b.add(&records[i])
		e.add(&records[i], 1000, false)
	}
	return forged{head: b.head(fileID{}, codecRows, seq), payload: e.take(nil)}
}

func TestForged(t *testing.T) {
	bomb := make([]byte, maxRaw)
	end := func(footer, records uint64) forged {
		b := binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(nil, footer), records)
		return forged{head: head{Type: typeEnd}, payload: binary.LittleEndian.AppendUint64(b, 0)}
	}
	with := func(b forged, change func(*head)) forged {
		change(&b.head)
		return b
	}
	for name, tc := range map[string]struct {
		blocks []forged
		want   int // records
		reason Reason
	}{
		"two blocks":         {[]forged{rowsOf(0, 5, 3), rowsOf(3, 5, 2), end(0, 5)}, 5, ""},
		"seq goes back":      {[]forged{rowsOf(0, 5, 3), rowsOf(2, 5, 2), end(0, 5)}, 3, OutOfOrder},
		"seq jumps":          {[]forged{rowsOf(0, 5, 3), rowsOf(9, 5, 2), end(0, 11)}, 5, Missing},
		"seq overflows":      {[]forged{rowsOf(0, 5, 3), rowsOf(1<<63-2, 5, 2), end(0, 5)}, 3, OutOfOrder},
		"time goes back":     {[]forged{rowsOf(0, 5, 3), rowsOf(3, 4, 2), end(0, 5)}, 3, OutOfOrder},
		"more at the end":    {[]forged{rowsOf(0, 5, 3), end(0, 7)}, 3, Missing},
		"fewer at the end":   {[]forged{rowsOf(0, 5, 3), end(0, 1)}, 3, BadFooter},
		"no rows":            {[]forged{rowsOf(0, 5, 3), {head: head{Type: typeRecords, Codec: codecRows}}, end(0, 3)}, 3, OutOfOrder},
		"later type":         {[]forged{rowsOf(0, 5, 3), {head: head{Type: 77}, payload: []byte("x")}, rowsOf(3, 5, 1), end(0, 4)}, 4, ""},
		"later rows":         {[]forged{with(rowsOf(0, 5, 3), func(h *head) { h.Type = 7 }), rowsOf(3, 5, 1), end(0, 4)}, 1, UnknownType},
		"after the end":      {[]forged{rowsOf(0, 5, 3), end(0, 3), rowsOf(3, 5, 1)}, 3, TrailingData},
		"rows too few":       {[]forged{with(rowsOf(0, 5, 3), func(h *head) { h.Records = 4 }), rowsOf(4, 5, 1), end(0, 5)}, 4, BadRows},
		"rows too many":      {[]forged{with(rowsOf(0, 5, 3), func(h *head) { h.Records = 2 }), rowsOf(2, 5, 1), end(0, 3)}, 2, BadRows},
		"kinds not said":     {[]forged{with(rowsOf(0, 5, 3), func(h *head) { h.Kinds = 0 }), rowsOf(3, 5, 1), end(0, 4)}, 1, BadRows},
		"last time differs":  {[]forged{with(rowsOf(0, 5, 3), func(h *head) { h.Last = 9 }), rowsOf(3, 9, 1), end(0, 4)}, 3, BadRows},
		"bomb":               {[]forged{{head: head{Type: typeRecords, Codec: codecRows, Records: 1 << 16, Kinds: 1}, payload: bomb}, end(0, 1<<16)}, 0, BadRows},
		"hosts of nothing":   {[]forged{{head: head{Type: typeHosts}}, end(0, 0)}, 0, BadPayload},
		"hosts cut short":    {[]forged{{head: head{Type: typeHosts}, payload: make([]byte, 30)}, end(0, 0)}, 0, BadPayload},
		"raw length too low": {[]forged{{rowsOf(0, 5, 3).head, rowsOf(0, 5, 3).payload, func(h *head) { h.Raw-- }}, end(0, 3)}, 0, BadPayload},
	} {
		b := forge(t, tc.blocks...)
		u, err := frame.NewUnpacker(maxRaw)
		if err != nil {
			t.Fatal(err)
		}
		in := bytes.NewReader(b)
		file := newReader(in, u)
		if err := file.beginAt(in, int64(len(b))); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		stream, err := NewReader(bytes.NewReader(b))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, r := range []*Reader{stream, file} {
			got := readAll(t, r)
			said := tc.reason == ""
			for _, d := range r.Damage() {
				said = said || d.Reason == tc.reason
			}
			if len(got) != tc.want || !said {
				t.Errorf("%s: %d records, want %d; damage %+v, want %q", name, len(got), tc.want, r.Damage(), tc.reason)
			}
		}
		u.Close()
	}
}

// TestNoAmplification reads files that declare as much as a header can, and measures what the reader takes.
func TestNoAmplification(t *testing.T) {
	names := append([]byte{0, 0, 0, 0}, binary.AppendUvarint(nil, maxHeaders)...)
	names = append(names, make([]byte, maxHeaders)...)
	names = append(names, 0, 0, 0, 0, 0)
	templates := bytes.Repeat(append(names, append(binary.AppendUvarint(nil, maxHeaders+fixedSlots), make([]byte, maxHeaders+fixedSlots)...)...), 500)
	for name, b := range map[string][]byte{
		"templates": forge(t, forged{head: head{Type: typeRecords, Codec: codecRows, Records: 500, Kinds: 1}, payload: templates}),
		"declared":  append(forge(t), bigHead()...),
		"bombs":     forge(t, slicesOf(30, forged{head: head{Type: typeRecords, Codec: codecRows, Records: 1, Kinds: 1}, payload: make([]byte, maxRaw)})...),
	} {
		before := heapInUse()
		r, err := NewReader(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		readAll(t, r)
		after := heapInUse()
		if took := int64(after) - int64(before); took > 64<<20 {
			t.Errorf("%s: the reader holds %d MiB for a file of %d KiB", name, took>>20, len(b)>>10)
		}
		if len(r.Damage()) == 0 {
			t.Errorf("%s: no damage", name)
		}
		r.Close()
	}
}

// bigHead is a header, with no payload behind it, that declares the most that is allowed.
func bigHead() []byte {
	b := make([]byte, headLen2)
	h := head{ID: fileID{1, 2, 3}, Type: typeRecords, Codec: codecRows, Packing: frame.Zstd, Raw: maxRaw, Stored: maxRaw, Records: maxRecords}
	newLayout2().Put(b, &h, nil)
	return b
}

func slicesOf(n int, b forged) (out []forged) {
	for i := range n {
		b.head.Seq = int64(i)
		out = append(out, b)
	}
	return out
}

func heapInUse() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
