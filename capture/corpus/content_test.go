package corpus

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"reprise/capture"
	"reprise/capture/frame"
)

// hashOf writes records in blocks of n and returns the content hash, as the writer says it, as a file's end does and as a stream of
// it does.
func hashOf(t *testing.T, h Header, records []capture.Record, n int) string {
	t.Helper()
	var b bytes.Buffer
	w, err := NewWriter(&b, h)
	if err != nil {
		t.Fatal(err)
	}
	for i := range records {
		if err := w.Write(&records[i]); err != nil {
			t.Fatal(err)
		}
		if (i+1)%n == 0 {
			if err := w.Flush(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "a.rpz")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	early, ok := opened(t, path).Hash()
	stream, err := NewReader(&b)
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := stream.Hash(); ok {
		t.Error("a stream cannot know its hash before its end")
	}
	stream.Skim()
	readAll(t, stream)
	late, ok2 := stream.Hash()
	if !ok || !ok2 || early != w.Hash() || late != w.Hash() || !strings.HasPrefix(early, contentRule+":") {
		t.Errorf("the writer says %s, the file %s (%v), the stream %s (%v)", w.Hash(), early, ok, late, ok2)
	}
	return early
}

// A corpus is its records: neither blocks nor what was concluded from them change its hash, and all that is sent does.
func TestContentHash(t *testing.T) {
	records := sample(900, 3)
	whole := hashOf(t, Header{State: Raw, Tool: "a"}, records, 1000)
	for n, h := range map[int]Header{1: {State: Raw}, 7: {State: Synthetic}, 64: {State: Anonymized, Policy: "p"}} {
		if got := hashOf(t, h, records, n); got != whole {
			t.Errorf("in blocks of %d the hash is %s, in one it is %s", n, got, whole)
		}
	}
	at := 400
	for records[at].Headers == nil {
		at++
	}
	change := func(f func(r *capture.Record)) string {
		changed := append([]capture.Record(nil), records...)
		changed[at] = *records[at].Clone()
		f(&changed[at])
		return hashOf(t, Header{State: Raw}, changed, 100)
	}
	for name, f := range map[string]func(r *capture.Record){
		"kind": func(r *capture.Record) { r.Kind = (r.Kind + 1) % 9 }, "vendor": func(r *capture.Record) { r.Vendor += "x" },
		"message": func(r *capture.Record) { r.Message = capture.Message{ID: "1", From: "2", To: "3", Text: "4"} },
		"seq":     func(r *capture.Record) { r.Seq = 5 }, "zone": func(r *capture.Record) { r.Time = r.Time.In(time.FixedZone("x", 3600)) },
	} {
		if change(f) != whole {
			t.Errorf("another %s changes the hash", name)
		}
	}
	seen := map[string]string{whole: "nothing"}
	for name, f := range map[string]func(r *capture.Record){
		"time": func(r *capture.Record) { r.Time = r.Time.Add(1) }, "method": func(r *capture.Record) { r.Method = "PUT" },
		"url": func(r *capture.Record) { r.URL += "0" }, "host": func(r *capture.Record) { r.Host += ":1" },
		"body": func(r *capture.Record) { r.Body = append(r.Body, 0) }, "empty header": func(r *capture.Record) { r.Headers = append(r.Headers, capture.Header{}) },
		"header name": func(r *capture.Record) { r.Headers[1].Name += "x" }, "header value": func(r *capture.Record) { r.Headers[1].Value += "x" },
		"name and value": func(r *capture.Record) {
			r.Headers[1] = capture.Header{Name: r.Headers[1].Name[1:], Value: "x" + r.Headers[1].Value}
		},
		"header order": func(r *capture.Record) { r.Headers[0], r.Headers[1] = r.Headers[1], r.Headers[0] },
		"url and value": func(r *capture.Record) {
			r.URL, r.Headers[0].Value = r.URL+r.Headers[0].Value[:1], r.Headers[0].Value[1:]
		},
		"status": func(r *capture.Record) { r.Response.Status++ }, "latency": func(r *capture.Record) { r.Response.Latency++ },
	} {
		hash := change(f)
		if other, ok := seen[hash]; ok {
			t.Errorf("another %s has the hash of another %s", name, other)
		}
		seen[hash] = name
	}
	swapped := append([]capture.Record(nil), records...)
	swapped[10].Time = swapped[11].Time
	before := hashOf(t, Header{State: Raw}, swapped, 100)
	swapped[10], swapped[11] = swapped[11], swapped[10]
	if before == hashOf(t, Header{State: Raw}, swapped, 100) || whole == hashOf(t, Header{State: Raw}, records[:899], 100) {
		t.Error("neither order nor number of the records is in the hash")
	}
}

// A digest is what FORMAT.md says: it is part of the format.
func TestDigestIsFrozen(t *testing.T) {
	records := sample(300, 5)
	if got, want := hashOf(t, Header{State: Raw}, records, 50), "records-1:4902e2cc028637b4"; got != want {
		t.Errorf("the hash is %s, was %s", got, want)
	}
}

// What was read again has the hash of what was written, through every way of copying; what is damaged has that of what was found.
func TestContentHashOfCopies(t *testing.T) {
	records := sample(500, 4)
	path := saved(t, records, 64)
	want, _ := opened(t, path).Hash()
	copied := func(src capture.Source) string {
		t.Helper()
		var b bytes.Buffer
		w, err := NewWriter(&b, Header{State: Raw})
		if err != nil {
			t.Fatal(err)
		}
		s := NewSorter(w, t.TempDir(), 20<<10) // in temporary files
		if _, err := capture.Copy(context.Background(), s, src); err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(s.Close(context.Background()), w.Close()); err != nil {
			t.Fatal(err)
		}
		return w.Hash()
	}
	if got := copied(opened(t, path)); got != want {
		t.Errorf("sorted: %s, want %s", got, want)
	}
	half := func(records []capture.Record) *Reader { return opened(t, saved(t, records, 40)) }
	if got := copied(Merge(half(records[:230]), half(records[230:]))); got != want {
		t.Errorf("merged: %s, want %s", got, want)
	}
	file := contents(t, path)
	end := len(file) - headLen2 - endLen
	r, err := NewReader(bytes.NewReader(file[:end]))
	if err != nil {
		t.Fatal(err)
	}
	readAll(t, r)
	if got, ok := r.Hash(); !ok || got != want {
		t.Errorf("without its end: %s, %v", got, ok)
	}
	at, size := blockAt(t, file, typeRecords, 3)
	file[at+size-5] ^= 1
	hurt, err := NewReader(bytes.NewReader(file[:end]))
	if err != nil {
		t.Fatal(err)
	}
	readAll(t, hurt)
	if got, ok := hurt.Hash(); !ok || got == want {
		t.Errorf("without a block: %s, %v", got, ok)
	}
	if hurt, err = NewReader(bytes.NewReader(file)); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	w, err := NewWriter(&b, hurt.Header())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Repair(context.Background(), hurt, w); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	rest := append(append([]capture.Record(nil), records[:3*64]...), records[4*64:]...)
	if got := hashOf(t, Header{State: Raw}, rest, 100); w.Hash() != got {
		t.Errorf("repaired: %s, and written anew %s", w.Hash(), got)
	}
}

// A block of a codec, or with a packing, that is not known is no damage.
func TestNewer(t *testing.T) {
	newer := rowsOf(3, 5, 2)
	newer.head.Codec = 9
	packed := rowsOf(3, 5, 2)
	packed.change = func(h *head) { h.Packing = 7 }
	for name, b := range map[string]forged{"codec": newer, "packing": packed} {
		r, err := NewReader(bytes.NewReader(forge(t, rowsOf(0, 5, 3), b)))
		if err != nil {
			t.Fatal(err)
		}
		var rec capture.Record
		n := 0
		for err == nil {
			if err = r.Next(context.Background(), &rec); err == nil {
				n++
			}
		}
		if n != 3 || !errors.Is(err, ErrNewer) || len(r.Damage()) > 0 {
			t.Errorf("%s: %d records, %v, damage %v", name, n, err, r.Damage())
		}
		if err := r.Next(context.Background(), &rec); !errors.Is(err, ErrNewer) {
			t.Errorf("%s: asked again: %v", name, err)
		}
	}
}

// A footer's block with a packing that is not known is no damage either, and a corpus of a later version is called as newer.
func TestNewerFooter(t *testing.T) {
	whole := contents(t, saved(t, sample(20, 2), 8))
	newer := func(typ byte, n int) []byte {
		file := bytes.Clone(whole)
		at, _ := blockAt(t, file, typ, n)
		h, _ := newLayout2().Parse(file[at:])
		h.Packing = 7
		newLayout2().Put(file[at:], &h, nil)
		return file
	}
	version := bytes.Clone(whole)
	version[versionByte] = 9
	for name, tc := range map[string]struct {
		file []byte
		want string
	}{
		"header": {newer(typeHeader, 1), "packing 7: written by a newer reprise"}, "index": {newer(typeIndex, 0), "packing 7: written by a newer reprise"},
		"end":     {newer(typeEnd, 0), "packing 7: written by a newer reprise"},
		"version": {version, "corpus: format version 9: written by a newer reprise"},
	} {
		path := filepath.Join(t.TempDir(), "newer.rpz")
		if err := os.WriteFile(path, tc.file, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(path); !errors.Is(err, ErrNewer) || !strings.HasSuffix(err.Error(), tc.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// reversed is a codec that has its records' bodies alone, the last first: only encoder and decoder know that.
type reversed struct {
	bodies [][]byte
	first  int64
	seq    int64
}

func (c *reversed) fits(*capture.Record, int, int) bool { return len(c.bodies) < 3 }
func (c *reversed) skim()                               {}
func (c *reversed) codec() byte                         { return 200 }

func (c *reversed) add(r *capture.Record, _ int, _ bool) int {
	c.bodies = append(c.bodies, bytes.Clone(r.Body))
	return 0
}

func (c *reversed) take(buf []byte) []byte {
	for len(c.bodies) > 0 {
		last := c.bodies[len(c.bodies)-1]
		buf, c.bodies = appendString(buf, string(last)), c.bodies[:len(c.bodies)-1]
	}
	return buf
}

func (c *reversed) start(h *head, payload []byte) {
	in := cursor{raw: payload}
	for in.pos < len(payload) {
		b, _ := in.bytes()
		c.bodies = append(c.bodies, b)
	}
	c.first, c.seq = h.First, h.Seq
}

func (c *reversed) next(r *capture.Record) (int64, error) {
	n := len(c.bodies) - 1
	*r = capture.Record{Seq: c.seq, Time: time.Unix(0, c.first).UTC(), Body: c.bodies[n]}
	c.bodies, c.seq = c.bodies[:n], c.seq+1
	return c.first, nil
}

// TestAnotherCodec writes and reads blocks of a codec that writer, reader and index do not know.
func TestAnotherCodec(t *testing.T) {
	var b bytes.Buffer
	w, err := NewWriter(&b, Header{State: Synthetic})
	if err != nil {
		t.Fatal(err)
	}
	w.rows.encode = new(reversed)
	records := make([]capture.Record, 20)
	for i := range records {
		records[i] = capture.Record{Time: time.Unix(1, 0), Body: []byte{byte('a' + i)}}
		if err := w.Write(&records[i]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	u, err := frame.NewUnpacker(maxRaw)
	if err != nil {
		t.Fatal(err)
	}
	defer u.Close()
	in := bytes.NewReader(b.Bytes())
	r := newReader(in, u)
	if err := r.beginAt(in, in.Size()); err != nil {
		t.Fatal(err)
	}
	r.decoders[200] = new(reversed)
	got := readAll(t, r)
	mustEqual(t, got, records)
	x, ok := r.Index()
	if hash, _ := r.Hash(); !ok || x.Records != 20 || len(x.Blocks) != 7 || len(r.Damage()) > 0 || hash != hashOf(t, Header{State: Raw}, records, 20) {
		t.Errorf("index %+v, damage %v, hash %s", x, r.Damage(), hash)
	}
}

// An extension is passed over and named; everything else is as it would be without it.
func TestExtensions(t *testing.T) {
	records := sample(40, 2)
	var b bytes.Buffer
	w, err := NewWriter(&b, Header{State: Raw})
	if err != nil {
		t.Fatal(err)
	}
	for i := range records {
		if err := w.Write(&records[i]); err != nil {
			t.Fatal(err)
		}
		if i%10 == 4 {
			if err := w.Flush(); err != nil {
				t.Fatal(err)
			}
			w.block(&head{Type: frame.Extension, Records: 10, Seq: w.handed}, append(frame.AppendName(nil, "notes.v1"), "whatever"...))
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "a.rpz")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	r := opened(t, path)
	mustEqual(t, readAll(t, r), records)
	if names := r.Extensions(); len(names) != 1 || names[0] != "notes.v1" || len(r.Damage()) > 0 {
		t.Errorf("extensions %q, damage %v", names, r.Damage())
	}
	bad := forge(t, rowsOf(0, 5, 3), forged{head: head{Type: frame.Extension}, payload: []byte("\x05N\x00te!x")}, rowsOf(3, 5, 1))
	if r, err = NewReader(bytes.NewReader(bad)); err != nil {
		t.Fatal(err)
	}
	if n := len(readAll(t, r)); n != 4 || len(r.Extensions()) > 0 || r.Damage()[0].Reason != BadPayload || r.Damage()[0].Block {
		t.Errorf("%d records, extensions %q, damage %v", n, r.Extensions(), r.Damage())
	}
}

// A damaged extension loses no records, though its head has the number of those that it is about.
func TestDamagedExtensionLosesNoRecords(t *testing.T) {
	b := forge(t, rowsOf(0, 5, 3), forged{head: head{Type: frame.Extension, Records: 2, Seq: 3}, payload: frame.AppendName(nil, "notes.v1")}, rowsOf(3, 5, 2))
	at, size := blockAt(t, b, frame.Extension, 0)
	b[at+size-1] ^= 1
	r, err := NewReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	if got := readAll(t, r); len(got) != 5 {
		t.Errorf("%d records of 5", len(got))
	}
	for _, d := range r.Damage() {
		if d.Records > 0 {
			t.Errorf("damage %+v", d)
		}
	}
	if d := r.Damage(); len(d) == 0 || d[0].Reason != BadChecksum {
		t.Errorf("damage %+v", d)
	}
}
