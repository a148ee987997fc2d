package corpus

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"testing"

	"reprise/capture"
	"reprise/capture/frame"
)

// blockOf is how many records each block of small has.
const blockOf = 6

// small is a corpus of four rows blocks and about 8 KiB, with its records.
func small(t testing.TB) ([]byte, []capture.Record) {
	t.Helper()
	rng := rand.New(rand.NewPCG(8, 8))
	records := sample(4*blockOf, 3)
	var b bytes.Buffer
	w, err := NewWriter(&b, Header{State: Raw, Policy: "none"})
	if err != nil {
		t.Fatal(err)
	}
	for i := range records {
		for range 220 {
			records[i].Body = append(records[i].Body, byte(rng.Uint32()))
		}
		if err := w.Write(&records[i]); err != nil {
			t.Fatal(err)
		}
		if (i+1)%blockOf == 0 {
			if err := w.Flush(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), records
}

// checkDamaged reads a damaged corpus: every record must be one of those written, under its own number, in order, and what
// is missing must be reported.
func checkDamaged(t *testing.T, r *Reader, want []capture.Record) (read int) {
	t.Helper()
	var rec capture.Record
	last := int64(-1)
	for {
		err := r.Next(context.Background(), &rec)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("Next: %v", err)
		}
		if rec.Seq <= last || rec.Seq >= int64(len(want)) || !same(&rec, &want[rec.Seq]) {
			t.Fatalf("record %d is wrong", rec.Seq)
		}
		last = rec.Seq
		read++
	}
	var lost int64
	unknown := false
	for _, d := range r.Damage() {
		if d.Records < 0 {
			unknown = true
		} else {
			lost += d.Records
		}
		if d.Offset < 0 || d.Length < 0 || d.Reason == "" {
			t.Fatalf("damage %+v", d)
		}
	}
	if missing := int64(len(want) - read); missing > 0 && !unknown && lost != missing || lost > missing {
		t.Fatalf("%d records missing, %d reported: %+v", missing, lost, r.Damage())
	}
	if read < len(want) && len(r.Damage()) == 0 {
		t.Fatalf("%d records are missing and nothing was said", len(want)-read)
	}
	return read
}

func TestTruncations(t *testing.T) {
	whole, want := small(t)
	t.Logf("%d bytes", len(whole))
	most := 0
	for n := range whole {
		r, err := NewReader(bytes.NewReader(whole[:n]))
		if err != nil {
			if n > 200 {
				t.Fatalf("%d bytes: %v", n, err)
			}
			continue
		}
		read := checkDamaged(t, r, want)
		if read < most {
			t.Fatalf("%d bytes give %d records, fewer give %d", n, read, most)
		}
		if len(r.Damage()) == 0 {
			t.Fatalf("%d of %d bytes: no damage reported", n, len(whole))
		}
		most = read
	}
	if most != len(want) {
		t.Errorf("without its last byte the corpus gives %d of %d records", most, len(want))
	}
}

// stride is from one damaged byte to the next: each, but with -short, which is for the race detector, few. Reading takes one goroutine.
func stride() int {
	if testing.Short() {
		return 29
	}
	return 1
}

func TestBitFlips(t *testing.T) {
	whole, want := small(t)
	b := bytes.Clone(whole)
	u, err := frame.NewUnpacker(maxRaw) // one for all: starting one takes longer than reading so little
	if err != nil {
		t.Fatal(err)
	}
	defer u.Close()
	f := bytes.NewReader(whole)
	r := newReader(f, u)
	if err := r.beginAt(f, int64(len(whole))); err != nil || r.footer == 0 {
		t.Fatalf("no footer: %v", err)
	}
	footer := r.footer
	for i := 0; i < len(b); i += stride() {
		for bit := range 8 {
			b[i] ^= 1 << bit
			checkFlip(t, u, b, want, i, bit)
			if i >= int(footer) || bit == i%8 {
				checkFileFlip(t, u, b, want, i, bit)
			}
			b[i] ^= 1 << bit
		}
	}
}

func checkFlip(t *testing.T, u *frame.Unpacker, b []byte, want []capture.Record, i, bit int) {
	t.Helper()
	r := newReader(bytes.NewReader(b), u)
	if err := r.begin(); err != nil {
		if i > 200 {
			t.Fatalf("byte %d bit %d: %v", i, bit, err)
		}
		return
	}
	read := checkDamaged(t, r, want)
	if len(want)-read > blockOf {
		t.Fatalf("byte %d bit %d: %d records lost, more than one block has", i, bit, len(want)-read)
	}
	if len(r.Damage()) == 0 {
		t.Fatalf("byte %d bit %d: no damage reported", i, bit)
	}
}

// checkFileFlip reads the damaged corpus as a file, with whatever its footer still says.
func checkFileFlip(t *testing.T, u *frame.Unpacker, b []byte, want []capture.Record, i, bit int) {
	t.Helper()
	f := bytes.NewReader(b)
	r := newReader(f, u)
	if err := r.beginAt(f, int64(len(b))); err != nil {
		if i >= magicLen {
			t.Fatalf("byte %d bit %d: %v", i, bit, err)
		}
		return
	}
	if read := checkDamaged(t, r, want); len(want)-read > blockOf {
		t.Fatalf("byte %d bit %d: %d records lost, more than one block has", i, bit, len(want)-read)
	}
	if r.Header().State != Raw {
		t.Fatalf("byte %d bit %d: state %q", i, bit, r.Header().State)
	}
}
