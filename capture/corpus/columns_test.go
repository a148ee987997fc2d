package corpus

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"reprise/capture"
	"reprise/capture/frame"
)

// columned writes records by column, with a block's end after each so many.
func columned(t testing.TB, h Header, records []capture.Record, per int) []byte {
	t.Helper()
	return inBlocks(t, h, records, per, 0)
}

// inBlocks writes a corpus in blocks of at most so many records, of rows and from a record on of columns.
func inBlocks(t testing.TB, h Header, records []capture.Record, per, columns int) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := NewWriter(&b, h)
	if err != nil {
		t.Fatal(err)
	}
	for i := range records {
		if i == columns {
			if err := w.Flush(); err != nil {
				t.Fatal(err)
			}
			w.Columns()
		}
		if err := w.Write(&records[i]); err != nil {
			t.Fatal(err)
		}
		if (i+1)%per == 0 {
			if err := w.Flush(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// posts is n posts of a vendor, with texts of a few words that come again and again: they teach a dictionary.
func posts(n int) []capture.Record {
	rng := rand.New(rand.NewPCG(3, 3))
	words := strings.Fields("where is my order please stop thanks yes no when do you open today can I change it to another store near me")
	records := make([]capture.Record, n)
	at := time.Date(2025, 1, 2, 3, 4, 5, 0, time.UTC)
	for i := range records {
		at = at.Add(time.Duration(rng.IntN(4_000_000)) * time.Microsecond)
		var text []string
		for range 3 + rng.IntN(12) {
			text = append(text, words[rng.IntN(len(words))])
		}
		from := fmt.Sprintf("1415555%04d", rng.IntN(3000))
		id := fmt.Sprintf("SM%016x%016x", rng.Uint64(), rng.Uint64())
		body := "ToCountry=US&MessageSid=" + id + "&Body=" + strings.Join(text, "+") + "&From=%2B" + from + "&To=%2B18335550142"
		records[i] = capture.Record{
			Time: at, Method: "POST", URL: "/webhooks/sms", Host: "hooks.example.com", Vendor: "twilio", Kind: capture.Kind(rng.IntN(3)),
			Headers: []capture.Header{{Name: "Host", Value: "hooks.example.com"}, {Name: "Content-Length", Value: fmt.Sprint(len(body))}},
			Body:    []byte(body), Message: capture.Message{ID: id, From: "+" + from, To: "+18335550142", Text: strings.Join(text, " ")},
			Response: capture.Response{Status: 200, Latency: time.Duration(rng.IntN(1e7))},
		}
	}
	return records
}

func TestColumns(t *testing.T) {
	for name, records := range map[string][]capture.Record{
		"none": nil, "one": sample(1, 1), "any": sample(5000, 2), "marked": marked(3000, 1000), "posts": posts(40_000),
	} {
		t.Run(name, func(t *testing.T) {
			h := Header{State: Raw}
			rows, b := encode(t, h, records), columned(t, h, records, 1<<30)
			var hashes [2]string
			for i, open := range []func() *Reader{file(t, rows), file(t, b)} {
				r := open()
				mustEqual(t, readAll(t, r), records)
				hashes[i], _ = r.Hash()
			}
			if hashes[0] != hashes[1] {
				t.Errorf("the content hash is %s in columns, %s in rows", hashes[1], hashes[0])
			}
			alike(t, stream(t, b), time.Time{})
			if len(records) > 0 {
				alike(t, file(t, b), records[len(records)/2].Time)
			}
			if len(records) > 1000 && len(b) > len(rows)*5/4 { // noise that has nothing in common is no smaller
				t.Errorf("%d bytes in columns, %d in rows", len(b), len(rows))
			}
		})
	}
}

// TestColumnsLarge puts a record that is larger than a block of columns takes between others.
func TestColumnsLarge(t *testing.T) {
	records := posts(100)
	records[50].Body = bytes.Repeat([]byte("a=b&"), 1<<20)
	b := columned(t, Header{State: Raw}, records, 1<<30)
	mustEqual(t, readAll(t, stream(t, b)()), records)
	x, _ := file(t, b)().Index()
	if len(x.Blocks) != 3 {
		t.Errorf("%d blocks, want the large record in one of its own", len(x.Blocks))
	}
}

// TestColumnsDamaged flips and cuts: what comes is what was written, and what is lost is said.
func TestColumnsDamaged(t *testing.T) {
	records := sample(4*blockOf, 3)
	b := columned(t, Header{State: Raw, Policy: "none"}, records, blockOf)
	for i := 0; i < len(b); i += stride() {
		damaged := bytes.Clone(b)
		damaged[i] ^= 1 << (i % 8)
		for _, open := range []func() *Reader{stream(t, damaged), file(t, damaged), stream(t, b[:i]), file(t, b[:i])} {
			if r := open(); r != nil {
				checkDamaged(t, r, records)
				r.Close()
			}
		}
	}
}

// TestColumnsDictionary loses the first copy of the dictionary: a file has the second, a stream loses the blocks that need it, and
// says so.
func TestColumnsDictionary(t *testing.T) {
	records := posts(72_000)
	b := columned(t, Header{State: Raw}, records, 1<<30)
	at := dictionaries(t, b)
	if len(at) != 2 {
		t.Fatalf("dictionaries at %d, want one before its first use and one in the footer", at)
	}
	b[at[0]+100] ^= 1
	mustEqual(t, readAll(t, file(t, b)()), records)
	r := stream(t, b)()
	if n := checkDamaged(t, r, records); n == 0 || n == len(records) {
		t.Errorf("a stream without the dictionary has %d of %d records", n, len(records))
	}
	if !slices.ContainsFunc(r.Damage(), func(d Damage) bool { return d.Reason == NoDictionary }) {
		t.Errorf("damage %v does not say that the dictionary is missing", r.Damage())
	}
}

func dictionaries(t *testing.T, b []byte) (at []int) {
	t.Helper()
	in := frame.NewReader(bytes.NewReader(b[magicLen:]), newLayout2(), nil)
	first, err := in.First()
	if err != nil {
		t.Fatal(err)
	}
	in.SetID(first.ID)
	for {
		h, err := in.Head()
		if errors.Is(err, io.EOF) {
			return at
		}
		if err != nil {
			t.Fatal(err)
		}
		if h.Type == typeDictionary {
			at = append(at, magicLen+int(in.Offset()))
		}
		in.Skip(in.Size(&h))
	}
}

// TestColumnsAlike holds that the file does not depend on how many blocks are packed at a time.
func TestColumnsAlike(t *testing.T) {
	records := posts(40_000)
	var files [3][]byte
	for i, most := range []int{0, 1, 3} {
		var b bytes.Buffer
		w, err := newWriter(&b, Header{State: Synthetic}, frame.Default, blockBytes, most)
		if err != nil {
			t.Fatal(err)
		}
		w.Columns()
		for k := range records {
			if err := w.Write(&records[k]); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		files[i] = b.Bytes()
	}
	if !bytes.Equal(files[0], files[1]) || !bytes.Equal(files[0], files[2]) {
		t.Error("files differ")
	}
}

func BenchmarkColumns(b *testing.B) {
	records := traffic(b)
	rows, packed := encode(b, Header{State: Anonymized}, records), columned(b, Header{State: Anonymized}, records, 1<<30)
	for name, file := range map[string][]byte{"rows": rows, "columns": packed} {
		b.Run("read "+name, func(b *testing.B) {
			for range b.N {
				r, err := NewReader(bytes.NewReader(file))
				if err != nil {
					b.Fatal(err)
				}
				drainSource(b, r, len(records))
				r.Close()
			}
			report(b, len(records), int64(len(file)))
		})
		b.Run("write "+name, func(b *testing.B) {
			for range b.N {
				w, err := newWriter(io.Discard, Header{State: Anonymized}, frame.Default, blockBytes, 0)
				if err != nil {
					b.Fatal(err)
				}
				if name == "columns" {
					w.Columns()
				}
				for i := range records {
					if err := w.Write(&records[i]); err != nil {
						b.Fatal(err)
					}
				}
				if err := w.Close(); err != nil {
					b.Fatal(err)
				}
			}
			report(b, len(records), int64(len(file)))
		})
	}
}

// TestColumnsSpan writes the first and the last moment that a record can have, and one between: a block of columns spans less.
func TestColumnsSpan(t *testing.T) {
	records := posts(4)
	records[0].Time = time.Date(1678, 1, 1, 0, 0, 0, 0, time.UTC)
	records[1].Time = records[0].Time.Add(1<<62 - 1)
	records[2].Time = records[1].Time.Add(1)
	records[3].Time = time.Date(2261, 12, 31, 23, 59, 59, 999_999_999, time.UTC)
	b := columned(t, Header{State: Raw}, records, 1<<30)
	mustEqual(t, readAll(t, file(t, b)()), records)
	mustEqual(t, readAll(t, stream(t, b)()), records)
}

// TestVerify finds a block whose checksums are right and whose records are others than those that were given, when it is written and when
// it is read.
func TestVerify(t *testing.T) {
	records := posts(300)
	e := newColumnBlocks()
	var b batch
	var d digester
	for i := range records {
		size, err := checkRecord(&records[i])
		if err != nil {
			t.Fatal(err)
		}
		d.look(&records[i], size)
		b.digest += d.digest(int64(i), &records[i], size)
		b.add(&records[i])
		e.add(&records[i], size, false, 0)
	}
	p := compression{head: b.head(fileID{}, codecColumns, 0)}
	if err := e.prepare(); err != nil {
		t.Fatal(err)
	}
	defer e.close()
	payload, _ := e.encode.Build(nil, p.head.First, e.build.sections, nil)
	if err := e.check.verifier.verify(&p.head, payload, e.sum); err != nil {
		t.Error(err)
	}
	if err := e.check.verifier.verify(&p.head, payload, e.sum+1); err == nil {
		t.Error("another conclusion is taken for the one that was given")
	}
	p.head.Digest++
	if err := e.check.verifier.verify(&p.head, payload, e.sum); err == nil {
		t.Error("other records are taken for those that were given")
	}

	forged := rowsOf(0, 5, 3)
	forged.head.Digest = 7
	r, err := NewReader(bytes.NewReader(forge(t, forged)))
	if err != nil {
		t.Fatal(err)
	}
	r.Verify()
	if got := readAll(t, r); len(got) != 3 || !slices.ContainsFunc(r.Damage(), func(d Damage) bool { return d.Reason == BadDigest }) {
		t.Errorf("%d records, damage %v", len(got), r.Damage())
	}
	whole := stream(t, columned(t, Header{State: Raw}, records, 100))()
	whole.Verify()
	if mustEqual(t, readAll(t, whole), records); len(whole.Damage()) > 0 {
		t.Errorf("a whole file is damaged: %v", whole.Damage())
	}
}
