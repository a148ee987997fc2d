package corpus

import (
	"bytes"
	"errors"
	"testing"

	"reprise/capture"
)

// marked is a sample whose records have origins, from the from-th on.
func marked(n, from int) []capture.Record {
	records := sample(n, 3)
	for i := from; i < n; i++ {
		records[i].Origin = capture.Origin(i % 4)
	}
	return records
}

func TestOrigins(t *testing.T) {
	for _, from := range []int{0, 1, 4095, 4096, 9000} {
		records := marked(9000, from)
		r, err := NewReader(bytes.NewReader(encode(t, Header{State: Raw}, records)))
		if err != nil {
			t.Fatal(err)
		}
		mustEqual(t, readAll(t, r), records)
		plain := sample(9000, 3)
		again, err := NewReader(bytes.NewReader(encode(t, Header{State: Raw}, plain)))
		if err != nil {
			t.Fatal(err)
		}
		readAll(t, again)
		hash, _ := r.Hash()
		if want, _ := again.Hash(); hash != want {
			t.Errorf("marks from %d on change the content hash: %s, want %s", from, hash, want)
		}
	}
}

// TestOriginsCodec looks at which codec blocks have: only those with a mark have the newer one.
func TestOriginsCodec(t *testing.T) {
	records := marked(3*blockRecords, blockRecords)
	for i := 2 * blockRecords; i < len(records); i++ {
		records[i].Origin = capture.Recorded
	}
	var codecs []byte
	content := encode(t, Header{State: Raw}, records)
	l := newLayout2()
	for i := range content {
		if h, ok := l.Parse(content[i:]); ok && h.Type == typeRecords {
			codecs = append(codecs, h.Codec)
		}
	}
	if want := []byte{codecRows, codecMarkedRows, codecRows}; !bytes.Equal(codecs, want) {
		t.Errorf("codecs %v, want %v", codecs, want)
	}
}

func TestOriginsSorted(t *testing.T) {
	records := marked(3000, 0)
	for _, memory := range []int64{100 << 10, 48 << 20} {
		var b bytes.Buffer
		w, err := NewWriter(&b, Header{State: Raw})
		if err != nil {
			t.Fatal(err)
		}
		s := NewSorter(w, t.TempDir(), memory)
		for i := range records {
			if err := s.Write(&records[(i*7+3)%len(records)]); err != nil {
				t.Fatal(err)
			}
		}
		if err := errors.Join(s.Close(t.Context()), w.Close()); err != nil {
			t.Fatal(err)
		}
		r, err := NewReader(&b)
		if err != nil {
			t.Fatal(err)
		}
		in, err := Inspect(t.Context(), r, 0)
		if err != nil || in.Rebuilt != 2250 || in.Synthetic != 750 {
			t.Errorf("memory %d: rebuilt %d, synthetic %d, %v", memory, in.Rebuilt, in.Synthetic, err)
		}
	}
}

func TestOriginTooLarge(t *testing.T) {
	w, err := NewWriter(new(bytes.Buffer), Header{State: Raw})
	if err != nil {
		t.Fatal(err)
	}
	r := sample(1, 1)[0]
	r.Origin = originLimit
	if err := w.Write(&r); !errors.Is(err, ErrInvalid) {
		t.Errorf("%v", err)
	}
}
