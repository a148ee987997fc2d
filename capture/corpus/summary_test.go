package corpus

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"reprise/capture"
	"reprise/capture/frame"
)

// timed returns records of random kinds at times that are dense in some stretches and far apart in others, some before 1970.
func timed(n int, rng *rand.Rand) []capture.Record {
	out := make([]capture.Record, n)
	at := time.Unix(rng.Int64N(4e9)-2e9, rng.Int64N(1e9)).UTC()
	kinds := 1 + rng.IntN(9)
	most := int64(1) << rng.IntN(34)
	for i := range out {
		if rng.IntN(200) == 0 {
			most = int64(1) << rng.IntN(48)
		}
		if rng.IntN(3) > 0 {
			at = at.Add(time.Duration(rng.Int64N(most)))
		}
		out[i] = capture.Record{Time: at, Method: "POST", URL: "/", Host: "a.example", Kind: capture.Kind(rng.IntN(kinds)), Vendor: "twilio"}
	}
	return out
}

// counted is what Counts should say.
func counted(records []capture.Record, width time.Duration, kinds []capture.Kind) map[int64]int64 {
	m := make(map[int64]int64)
	for i := range records {
		if len(kinds) > 0 && !slices.Contains(kinds, records[i].Kind) {
			continue
		}
		s := int64(width / time.Second)
		m[int64(math.Floor(float64(records[i].Time.Unix())/float64(s)))*s]++
	}
	return m
}

func mustCount(t *testing.T, c *Counts, want map[int64]int64) {
	t.Helper()
	last, n := int64(math.MinInt64), 0
	for s := c.Slots(); s.Next(); {
		at, count := s.At, s.N
		if at <= last || want[at] != count {
			t.Fatalf("%d records from %d on, want %d; before it %d", count, at, want[at], last)
		}
		last = at
		n++
	}
	if n != len(want) {
		t.Fatalf("%d slots, want %d", n, len(want))
	}
	for _, at := range []int{1, 2, 7, 4096} { // as many at once
		one, many, list := c.Slots(), c.Slots(), make([]Slot, at)
		for got := many.Fill(list); got > 0; got = many.Fill(list) {
			for _, s := range list[:got] {
				if !one.Next() || s != (Slot{one.At, one.N}) {
					t.Fatalf("%+v of %d at once, want %d from %d on", s, at, one.N, one.At)
				}
			}
		}
		if one.Next() {
			t.Fatalf("with %d at once there is nothing from %d on", at, one.At)
		}
	}
}

func TestCounts(t *testing.T) {
	for seed := range uint64(60) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			rng := rand.New(rand.NewPCG(seed, 1))
			records := timed(1+rng.IntN(3000), rng)
			b := flushed(t, records, 1+rng.IntN(300))
			r := file(t, b)()
			defer r.Close()
			for range 4 {
				var kinds []capture.Kind
				for k := range capture.Kind(10) {
					if rng.IntN(3) == 0 {
						kinds = append(kinds, k)
					}
				}
				c, ok, err := r.Counts(kinds...)
				if !ok || err != nil || c.Width() != time.Second {
					t.Fatalf("counts: %v, %v, of %v; damage %v", ok, err, c, r.Damage())
				}
				mustCount(t, c, counted(records, time.Second, kinds))
			}
			if d := r.Damage(); len(d) > 0 {
				t.Errorf("damage %v", d)
			}
			if x := r.Extensions(); len(x) > 0 {
				t.Errorf("unknown extensions %v", x)
			}
			for range 8 {
				mustSplit(t, file(t, b)(), records, rng)
			}
		})
	}
}

// mustSplit holds that a window and what is outside of it are all.
func mustSplit(t *testing.T, r *Reader, records []capture.Record, rng *rand.Rand) {
	t.Helper()
	defer r.Close()
	bound := func() time.Time {
		if rng.IntN(5) == 0 {
			return time.Time{}
		}
		return records[rng.IntN(len(records))].Time.Add(time.Duration(rng.IntN(3) - 1))
	}
	from, to := bound(), bound()
	kinds, ok, err := r.Outside(context.Background(), from, to)
	if !ok || err != nil {
		t.Fatalf("outside: %v, %v", ok, err)
	}
	wanted := Selection{From: from, To: to}
	var inside []capture.Record
	for i := range records {
		if rec := &records[i]; wanted.Wants(rec) {
			inside = append(inside, *rec)
		} else {
			kinds[rec.Kind]--
		}
	}
	if kinds != [KindLimit]int64{} {
		t.Fatalf("from %v to %v, too many outside: %v", from, to, kinds)
	}
	if !to.IsZero() && to.Before(from) {
		return
	}
	sel, err := Select(r, wanted)
	if err != nil {
		t.Fatal(err)
	}
	mustEqual(t, readAll(t, sel), inside)
}

// flushed writes records in blocks of n.
func flushed(t testing.TB, records []capture.Record, n int) []byte {
	t.Helper()
	return inBlocks(t, Header{State: Raw}, records, n, len(records))
}

// TestCountsWider makes slots wider step by step, as a corpus of many slots does.
func TestCountsWider(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	records := timed(5000, rng)
	c := newCounts()
	for i := range records {
		c.add(records[i].Time.UnixNano(), records[i].Kind)
		if i%600 == 599 {
			c.flush()
			c.widen()
		}
	}
	c.flush()
	if c.width != 86400 {
		t.Fatalf("slots of %d s", c.width)
	}
	for i := range c.columns {
		var kinds []capture.Kind
		if i > 0 {
			kinds = []capture.Kind{capture.Kind(i - 1)}
		}
		mustCount(t, &Counts{width: c.width, cells: [][]byte{c.columns[i].bytes}}, counted(records, 24*time.Hour, kinds))
	}
}

// TestCountsBounded holds that the memory of counts is bounded, whatever comes.
func TestCountsBounded(t *testing.T) {
	c := newCounts()
	at := int64(earliest) * int64(time.Second)
	c.width = 5 // of every second it would take too long
	step := int64(970 * time.Second)
	var n int64
	for ; at < 0; at += step {
		c.add(at, capture.Kind(n%9))
		if n++; c.size > countLimit+64 {
			t.Fatalf("%d bytes", c.size)
		}
		if n%10000 == 0 {
			step += int64(time.Second) * 10
		}
	}
	c.flush()
	if c.width == 5 || c.columns[allKinds].sum != n {
		t.Errorf("slots of %d s, %d records of %d", c.width, c.columns[allKinds].sum, n)
	}
}

// extensions returns where the extensions of a name stand in a corpus.
func extensions(t *testing.T, b []byte, name string) (at []int) {
	t.Helper()
	u, err := frame.NewUnpacker(maxRaw)
	if err != nil {
		t.Fatal(err)
	}
	defer u.Close()
	l := newLayout2()
	for i := range b {
		if h, ok := l.Parse(b[i:]); ok && h.Type == frame.Extension {
			payload, err := u.Unpack(l, &h, b[i:i+frameHead+int(h.Stored)])
			if err != nil {
				t.Fatal(err)
			}
			if _, ok := named(payload, name); ok {
				at = append(at, i)
			}
		}
	}
	return at
}

// TestCountsDamaged holds that damaged counts are told and not used, and that all records are there.
func TestCountsDamaged(t *testing.T) {
	records := sample(900, 6)
	whole := flushed(t, records, 100)
	at := extensions(t, whole, extensionCounts)
	if len(at) != 10 || len(extensions(t, whole, extensionSummary)) != 1 {
		t.Fatalf("counts at %v", at)
	}
	for _, place := range []int{0, 5, 40, 79, 80, 90} {
		b := bytes.Clone(whole)
		b[at[0]+place] ^= 4
		r := file(t, b)()
		if _, ok, err := r.Counts(); ok || err != nil {
			t.Errorf("byte %d: counts %v, %v", place, ok, err)
		}
		if d := r.Damage(); len(d) != 1 || d[0].Reason != BadSummary || !frame.Lossless(d) {
			t.Errorf("byte %d: damage %v", place, d)
		}
		if _, ok, _ := r.Counts(); ok {
			t.Error("a second time they count")
		}
		mustEqual(t, readAll(t, r), records)
		r.Close()
	}
}

// remade writes a corpus whose extensions of counts and of the summary somebody has made anew, with right checksums.
func remade(t *testing.T, records []capture.Record, forge func(w *Writer) (summary []byte)) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := NewWriter(&b, Header{State: Raw})
	if err != nil {
		t.Fatal(err)
	}
	for i := range records {
		if err := w.Write(&records[i]); err != nil {
			t.Fatal(err)
		}
		if i%100 == 99 {
			w.Flush()
		}
	}
	w.Flush()
	w.closeWith(forge)
	if w.err != nil {
		t.Fatal(w.err)
	}
	return b.Bytes()
}

func TestCountsForged(t *testing.T) {
	records := sample(900, 6)
	forged := map[string]func(w *Writer) []byte{
		"a second more": func(w *Writer) []byte { w.counts.add(w.last.UnixNano(), 1); return w.writeCounts() },
		"moved":         func(w *Writer) []byte { shift(&w.counts.columns[allKinds], 1); return w.writeCounts() },
		"moved far":     func(w *Writer) []byte { shift(&w.counts.columns[allKinds], 1<<33); return w.writeCounts() },
		"cut":           func(w *Writer) []byte { cut(&w.counts.columns[allKinds]); return w.writeCounts() },
		"no counts":     func(w *Writer) []byte { w.counts.columns[allKinds].bytes = nil; return w.writeCounts() },
		"endless":       func(w *Writer) []byte { endless(&w.counts.columns[allKinds]); return w.writeCounts() },
		"other kinds": func(w *Writer) []byte {
			c := &w.counts.columns
			c[1], c[2] = c[2], c[1]
			return w.writeCounts()
		},
		"another width":   func(w *Writer) []byte { w.counts.width = 60; return w.writeCounts() },
		"no width":        func(w *Writer) []byte { w.counts.width = 7; return w.writeCounts() },
		"another corpus":  func(w *Writer) []byte { w.sum++; defer func() { w.sum-- }(); return w.writeCounts() },
		"offset":          func(w *Writer) []byte { b := w.writeCounts(); return b[:len(b)-1] },
		"nothing":         func(w *Writer) []byte { return frame.AppendName(nil, extensionSummary) },
		"another's place": func(w *Writer) []byte { w.offset -= 300; defer func() { w.offset += 300 }(); return w.writeCounts() },
		"beyond the end": func(w *Writer) []byte {
			b := w.writeCounts()
			return binary.AppendUvarint(b[:len(b)-3], math.MaxInt64)
		},
	}
	for name, forge := range forged {
		t.Run(name, func(t *testing.T) {
			r := file(t, remade(t, records, forge))()
			defer r.Close()
			for _, kinds := range [][]capture.Kind{nil, {0}, {1}, {0, 1}, {8}} {
				c, ok, err := r.Counts(kinds...)
				if err != nil {
					t.Fatal(err)
				}
				if ok {
					mustCount(t, c, counted(records, c.Width(), kinds))
				}
			}
			if d := r.Damage(); len(d) == 0 || d[0].Reason != BadSummary || !frame.Lossless(d) {
				t.Errorf("damage %v", d)
			}
			mustEqual(t, readAll(t, r), records)
		})
	}
}

func shift(c *cells, by uint64) {
	v, used := binary.Uvarint(c.bytes)
	c.bytes = append(binary.AppendUvarint(nil, v+by<<cellBits), c.bytes[used:]...)
}

func cut(c *cells) {
	_, used := binary.Uvarint(c.bytes)
	c.bytes = c.bytes[:used]
}

func endless(c *cells) { c.bytes = bytes.Repeat([]byte{0xff}, 40) }

// FuzzCounts reads arbitrary columns and summaries: they end, in order, and nothing passes that the index does not confirm.
func FuzzCounts(f *testing.F) {
	records := sample(900, 6)
	c := newCounts()
	var x index
	for i := range records {
		c.add(records[i].Time.UnixNano(), records[i].Kind)
	}
	c.flush()
	for i := range 9 {
		h := head{Records: 100, Seq: int64(i * 100), First: records[i*100].Time.UnixNano(), Last: records[i*100+99].Time.UnixNano(), Kinds: 1}
		x.add(&h, int64(i+1), &[kindLimit]uint32{100})
	}
	if !x.confirms(c.columns[allKinds].bytes, allKinds, 1, 900) {
		f.Fatal("what was written is not confirmed")
	}
	f.Add(c.columns[allKinds].bytes, int64(1))
	f.Add(c.columns[2].bytes, int64(60))
	f.Add([]byte{0xff, 0xff, 0xff, 1}, int64(1))
	f.Fuzz(func(t *testing.T, b []byte, width int64) {
		parseSummary(b)
		last, sum := int64(math.MinInt64), uint64(0)
		r := cellReader{rest: b, slot: firstSlot - 1}
		for r.next() {
			if r.slot <= last || r.n == 0 {
				t.Fatalf("slot %d with %d records after %d", r.slot, r.n, last)
			}
			last = r.slot
			sum += r.n
		}
		if width < 1 || width > 86400 {
			return
		}
		if x.confirms(b, allKinds, width, 900) && (r.bad || sum != 900) {
			t.Fatalf("%d records are confirmed", sum)
		}
	})
}

// TestInspectRecounts holds that what somebody made of counts within a block is found where all records are read.
func TestInspectRecounts(t *testing.T) {
	records := sample(100, 6)
	for i := range records {
		records[i].Time = records[0].Time.Add(time.Duration(i) * 7 * time.Second)
	}
	forged := map[string]func(w *Writer) []byte{
		"true": func(w *Writer) []byte { return w.writeCounts() },
		"moved within the block": func(w *Writer) []byte {
			var c counts
			c.width = 1
			for i := range records {
				at := records[i].Time
				if i > 0 && i < len(records)-1 {
					at = records[0].Time
				}
				c.add(at.UnixNano(), records[i].Kind)
			}
			w.counts = c
			return w.writeCounts()
		},
	}
	for name, forge := range forged {
		r := file(t, remade(t, records, forge))()
		in, err := Inspect(t.Context(), r, 0)
		if err != nil || in.Records != 100 {
			t.Fatalf("%s: %v, %v", name, in, err)
		}
		d := r.Damage()
		if told := len(d) == 1 && d[0].Reason == BadSummary && frame.Lossless(d); told == (name == "true") || len(d) > 1 {
			t.Errorf("%s: damage %v", name, d)
		}
		r.Close()
	}
}

// TestInspectCurveBounded holds that a curve of too many stretches is refused before memory is taken for it.
func TestInspectCurveBounded(t *testing.T) {
	records := []capture.Record{
		{Time: time.Date(1700, 1, 1, 0, 0, 0, 0, time.UTC), Method: "POST", URL: "/"},
		{Time: time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC), Method: "POST", URL: "/"},
	}
	for step, want := range map[time.Duration]error{time.Nanosecond: ErrCurve, time.Second: ErrCurve, 24 * time.Hour: nil} {
		r := file(t, flushed(t, records, 1))()
		in, err := Inspect(t.Context(), r, step)
		if !errors.Is(err, want) || len(in.Curve) > MaxCurve {
			t.Errorf("a step of %v: %v, %d stretches", step, err, len(in.Curve))
		}
		r.Close()
	}
}
