package corpus

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// TestHeadless holds that the records of a corpus come without its header, as raw ones that may be from every host, and that a whole corpus
// is read as NewReader reads it.
func TestHeadless(t *testing.T) {
	whole, records := small(t)
	for name, header := range map[string]bool{"whole": true, "damaged": false} {
		b := bytes.Clone(whole)
		if !header {
			b[magicLen+headLen2+3] ^= 1
			if _, err := NewReader(bytes.NewReader(b)); !errors.Is(err, ErrHeader) {
				t.Fatalf("NewReader gives %v, want ErrHeader", err)
			}
		}
		r, err := NewHeadless(bytes.NewReader(b), nil)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		mustEqual(t, readAll(t, r), records)
		if r.Hosts().Complete() != header || !header && (r.Header().State != Raw || KeepsRecords(r.Damage())) || header && len(r.Damage()) > 0 {
			t.Errorf("%s: header %+v, hosts complete %t, damage %+v", name, r.Header(), r.Hosts().Complete(), r.Damage())
		}
	}
	for n := range 60 {
		r, err := NewHeadless(bytes.NewReader(whole[:n]), bytes.NewReader(whole[:n]))
		if (err == nil) != (n >= magicLen) {
			t.Errorf("of %d bytes: %v", n, err)
		}
		if err == nil && len(readAll(t, r)) > 0 {
			t.Errorf("%d bytes give records", n)
		}
	}
}

// TestHeadlessAmongOthers holds that the blocks of the file that has most count, whatever stands in the place of the lost header.
func TestHeadlessAmongOthers(t *testing.T) {
	whole, records := small(t)
	other := encode(t, Header{State: Anonymized}, sample(5, 1))
	b := bytes.Clone(whole)
	b[magicLen+20] ^= 1 // the header's head
	header := int(newLayout2().mustParse(t, whole[magicLen:]))
	for name, ins := range map[string][]byte{"nothing": nil, "all of another": other[magicLen:], "its header": other[magicLen : magicLen+int(newLayout2().mustParse(t, other[magicLen:]))]} {
		mixed := slices.Concat(b[:magicLen+header], ins, b[magicLen+header:])
		r, err := NewHeadless(bytes.NewReader(mixed), bytes.NewReader(mixed))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if mustEqual(t, readAll(t, r), records); r.Header().State != Raw || r.Hosts().Complete() {
			t.Errorf("%s: header %+v, hosts complete %t", name, r.Header(), r.Hosts().Complete())
		}
	}
}

// TestByFooter holds that a corpus whose beginning is overwritten is read by its footer, and that nothing else is.
func TestByFooter(t *testing.T) {
	whole, records := small(t)
	path := filepath.Join(t.TempDir(), "a.rpz")
	header := magicLen + int(newLayout2().mustParse(t, whole[magicLen:]))
	for _, n := range []int{3, magicLen, magicLen + 10, header} {
		b := bytes.Clone(whole)
		clear(b[:n])
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		r, err := OpenByFooter(path)
		if err != nil {
			t.Fatalf("%d bytes are 0: %v", n, err)
		}
		mustEqual(t, readAll(t, r), records)
		if r.Header().Policy != "none" || !r.Hosts().Complete() || !KeepsRecords(r.Damage()) || len(r.Damage()) == 0 {
			t.Errorf("%d bytes are 0: header %+v, damage %+v", n, r.Header(), r.Damage())
		}
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
		for name, bad := range map[string][]byte{"cut": b[:len(b)-1], "short": b[:min(n, 20)], "damaged": slices.Concat(b[:len(b)-9], make([]byte, 9))} {
			if err := os.WriteFile(path, bad, 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := OpenByFooter(path); !errors.Is(err, ErrNotCorpus) {
				t.Errorf("%s: %v, want ErrNotCorpus", name, err)
			}
		}
	}
}

// mustParse is the length of the block that a file's bytes begin with.
func (l layout2) mustParse(t *testing.T, b []byte) int64 {
	t.Helper()
	h, ok := l.Parse(b)
	if !ok {
		t.Fatal("no block")
	}
	return int64(l.Len()) + int64(h.Stored)
}
