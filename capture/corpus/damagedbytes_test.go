package corpus

import (
	"bytes"
	"testing"
)

// TestDamagedBytes holds that the bytes of a block that cannot be used are told as damaged, once, and are in no column: of a block whose
// checksum is wrong, and of one that turns out bad when its records are read.
func TestDamagedBytes(t *testing.T) {
	whole := columned(t, Header{State: Raw}, posts(3000), 1000)
	all := func(b []byte, verify bool) (in *Inspection, columns int64) {
		r, err := NewReader(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		if verify {
			r.Verify()
		}
		if in, err = Inspect(t.Context(), r, 0); err != nil {
			t.Fatal(err)
		}
		for _, c := range in.Columns {
			columns += c.Bytes
		}
		return in, columns
	}
	in, inColumns := all(whole, false)
	if in.DamagedBytes != 0 {
		t.Fatalf("%d damaged bytes of a corpus that is whole", in.DamagedBytes)
	}
	none := in.Bytes - inColumns
	blocks := apart(t, whole)
	at, size := int64(magicLen), int64(0)
	second := 0
	for i, n := 0, 0; n < 2; i++ {
		at += size
		head, ok := newLayout2().Parse(whole[at:])
		if !ok {
			t.Fatal("no block")
		}
		if size = int64(headLen2) + int64(head.Stored); head.Type == typeRecords {
			n++
			second = i
		}
	}
	hurt := bytes.Clone(whole)
	hurt[at+size/2] ^= 1
	in, got := all(hurt, false)
	if in.DamagedBlocks != 1 || in.DamagedBytes != size {
		t.Errorf("%d damaged blocks, %d bytes of them, want 1, %d", in.DamagedBlocks, in.DamagedBytes, size)
	}
	if left := in.Bytes - got - in.DamagedBytes; left > none || left < none-1000 {
		t.Errorf("%d bytes in no column, of %d in the whole corpus", left, none)
	}

	withIndex(blocks)
	in, inColumns = all(together(blocks), true)
	none = in.Bytes - inColumns
	total := int64(0)
	for i, change := range []func(*head){
		func(h *head) { h.Last += 5 },   // found out at the block's last record
		func(h *head) { h.Digest ^= 1 }, // found out where records are compared with it
	} {
		late := apart(t, whole)
		change(&late[second].head)
		withIndex(late)
		b := together(late)
		in, got = all(b, i == 1)
		if stored := int64(headLen2 + len(blocks[second].payload)); in.DamagedBlocks != 1 || in.DamagedBytes != stored {
			t.Errorf("%d: %d damaged blocks, %d bytes of them, want 1, %d", i, in.DamagedBlocks, in.DamagedBytes, stored)
		}
		if left := in.Bytes - got - in.DamagedBytes; left > none || left < none-1000 {
			t.Errorf("%d: %d bytes in no column, of %d in the whole corpus", i, left, none)
		}
		total += got
	}
	if total == 0 {
		t.Error("no column is told of a damaged corpus")
	}
}
