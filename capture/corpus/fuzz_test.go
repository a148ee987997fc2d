package corpus

import (
	"bytes"
	"context"
	"io"
	"math"
	"testing"
	"time"

	"reprise/capture"
	"reprise/capture/frame"
	"reprise/capture/sms"
)

// FuzzReader reads arbitrary files, as a stream and with random access: no panic, no endless loop, records in
// order, and nothing that was read may be unwritable.
func FuzzReader(f *testing.F) {
	whole, _ := small(f)
	f.Add(whole)
	f.Add(whole[:len(whole)/2])
	f.Add(append(bytes.Clone(whole[:3000]), whole[3100:]...))
	f.Add([]byte(magic))
	f.Add(encode(f, Header{State: Synthetic}, nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		if r, err := NewReader(bytes.NewReader(b)); err == nil {
			fuzzRead(t, r)
			r.Close()
		}
		u, err := frame.NewUnpacker(maxRaw)
		if err != nil {
			t.Fatal(err)
		}
		defer u.Close()
		in := bytes.NewReader(b)
		if r := newReader(in, u); r.beginAt(in, int64(len(b))) == nil {
			fuzzRead(t, r)
		}
		alike(t, file(t, b), time.Time{})
	})
}

// FuzzRow does the same behind right checksums: its input is the payload of a rows block.
func FuzzRow(f *testing.F) {
	records := sample(8, 1)
	e := newRowEncoder()
	for i := range records {
		e.add(&records[i], 1000, false)
	}
	f.Add(uint8(len(records)), uint32(records[7].Time.Sub(records[0].Time)), e.take(nil))
	f.Add(uint8(1), uint32(0), []byte{0, 0, 0, 0, 0, 0, 0, 200, 0, 5, 'a', '=', '%', '4', '1', 9, 0, 1, 4, 0, 0, 0})
	f.Fuzz(func(t *testing.T, n uint8, span uint32, raw []byte) {
		h := head{Type: typeRecords, Records: uint32(n), Raw: uint32(len(raw)), Last: int64(span), Kinds: math.MaxUint16}
		if len(raw) > maxRaw || n == 0 {
			return
		}
		for _, marked := range []bool{false, true} {
			d := rowDecoder{marked: marked}
			d.start(&h, raw)
			var r capture.Record
			var again []capture.Record
			for d.left > 0 {
				if _, err := d.next(&r); err != nil {
					break
				}
				again = append(again, *r.Clone())
			}
			reread, err := NewReader(bytes.NewReader(encode(t, Header{State: Synthetic}, again)))
			if err != nil {
				t.Fatal(err)
			}
			mustEqual(t, readAll(t, reread), again)
			for _, speller := range []*sms.Speller{nil, new(sms.Speller)} {
				d.start(&h, raw)
				var p Projection
				p.begin(0, speller)
				err := d.project(&p)
				if n := len(p.Times); len(p.Kinds) != n || len(p.Routes) != n || speller != nil && (n != len(again) || len(p.Persons) != n) || n < len(again) || err == nil && n != int(h.Records) {
					t.Fatalf("%d records by columns, %d by rows: %v", n, len(again), err)
				}
			}
		}
	})
}

func fuzzRead(t *testing.T, r *Reader) {
	t.Helper()
	var rec capture.Record
	last := int64(-1)
	var before capture.Record
	for n := 0; ; n++ {
		err := r.Next(context.Background(), &rec)
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if rec.Seq <= last || n > 0 && rec.Time.Before(before.Time) {
			t.Fatalf("record %d at %v came after %d at %v", rec.Seq, rec.Time, last, before.Time)
		}
		last, before.Time = rec.Seq, rec.Time
	}
	r.Hosts().Match("a.example")
	r.Index()
	r.Hash()
	if err := r.SeekTime(before.Time); err == nil {
		for r.Next(context.Background(), &rec) == nil {
		}
	}
}

// FuzzJournal reads arbitrary journals beside an unfinished file: what they give can be written, and what of it the file has comes once.
func FuzzJournal(f *testing.F) {
	records := sample(30, 3)
	whole := encode(f, Header{State: Raw}, records[:20])
	r, err := NewReader(bytes.NewReader(whole))
	if err != nil {
		f.Fatal(err)
	}
	j := journal{id: r.in.ID(), encode: newEncoder()}
	if j.pack, err = newPacker(frame.Fastest); err != nil {
		f.Fatal(err)
	}
	text := []byte(journalMagic)
	for i := 15; i < 30; i += 5 {
		for k := range records[i : i+5] {
			j.batch.add(&records[i+k])
			j.encode.add(&records[i+k], 1000, false)
		}
		h := j.batch.head(j.id, j.encode.codec(), 0)
		j.batch = batch{}
		text = append(text, j.pack.Pack(&h, j.encode.take(nil))...)
	}
	f.Add(text)
	f.Add(text[:len(text)-20])
	f.Add(append(bytes.Clone(text[:300]), text[310:]...))
	f.Add([]byte(journalMagic))
	f.Fuzz(func(t *testing.T, b []byte) {
		u, err := frame.NewUnpacker(maxRaw)
		if err != nil {
			t.Fatal(err)
		}
		defer u.Close()
		r := newReader(bytes.NewReader(whole), u)
		if err := r.begin(); err != nil {
			t.Fatal(err)
		}
		end, err := r.reach(bytes.NewReader(whole), int64(len(whole)), 0)
		if err != nil {
			t.Fatal(err)
		}
		var got list
		if err := r.missing(bytes.NewReader(b), int64(len(b)), &end, &got); err != nil {
			return
		}
		if bytes.Equal(b, text) {
			mustEqual(t, got, records[20:])
		}
		for i := range got {
			if got[i].Time.UnixNano() < end.last {
				t.Errorf("a record of %v is in the file already", got[i].Time)
			}
			if _, err := checkRecord(&got[i]); err != nil {
				t.Error(err)
			}
		}
	})
}
