package frame

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"testing"
	"testing/iotest"
)

// plain is a layout with nothing but what the container needs: marker, id, type, packing, two lengths and two checksums.
type plain struct{}

const plainLen = 34

func (plain) Len() int                             { return plainLen }
func (plain) Sync(id ID) []byte                    { return append([]byte("\xffBLK"), id[:]...) }
func (plain) Check(h *Head, _, stored []byte) bool { return CRC(stored) == h.StoredCRC }
func (plain) CheckRaw(h *Head, raw []byte) bool    { return CRC(raw) == h.RawCRC }

func (plain) Put(b []byte, h *Head, _ []byte) {
	copy(b, plain{}.Sync(h.ID))
	b[12], b[13] = h.Type, h.Packing
	for i, v := range []uint32{h.Stored, h.Raw, h.StoredCRC, h.RawCRC} {
		binary.LittleEndian.PutUint32(b[14+4*i:], v)
	}
	binary.LittleEndian.PutUint32(b[30:], CRC(b[:30]))
}

func (plain) Parse(b []byte) (h Head, ok bool) {
	le := binary.LittleEndian
	if string(b[:4]) != "\xffBLK" || le.Uint32(b[30:]) != CRC(b[:30]) {
		return h, false
	}
	h = Head{ID: ID(b[4:12]), Type: b[12], Packing: b[13], Stored: le.Uint32(b[14:]), Raw: le.Uint32(b[18:]), StoredCRC: le.Uint32(b[22:]), RawCRC: le.Uint32(b[26:])}
	return h, h.Raw <= 1<<20 && h.Stored <= h.Raw && h.Packing <= Zstd
}

// file is three blocks, the second of another file.
func file(t testing.TB) (b []byte, payloads [3][]byte) {
	t.Helper()
	p, err := NewPacker(plain{}, Default)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	for i := range payloads {
		payloads[i] = bytes.Repeat([]byte{byte('a' + i)}, 50+100*i)
		b = append(b, p.Pack(&Head{Type: byte(i + 1), ID: ID{1, byte(i % 2)}}, payloads[i])...)
	}
	return b, payloads
}

// walk reads b whole, and returns the types of the blocks that were read, and the damage.
func walk(t testing.TB, in io.Reader, payloads [3][]byte) (types []byte, damage Damages, err error) {
	t.Helper()
	u, err := NewUnpacker(1 << 20)
	if err != nil {
		t.Fatal(err)
	}
	defer u.Close()
	r := NewReader(in, plain{}, u)
	r.SetID(ID{1})
	for {
		h, err := r.Head()
		var payload []byte
		if err == nil {
			payload, err = r.Payload(&h)
		}
		reason, bad := errors.AsType[Reason](err)
		switch {
		case errors.Is(err, io.EOF):
			return types, damage, nil
		case bad:
			from := r.Offset()
			passed, err := r.Resync(1)
			damage.Extend(Damage{Offset: from, Length: passed, Reason: reason})
			if err != nil {
				return types, damage, err
			}
		case err != nil:
			return types, damage, err
		default:
			if !bytes.Equal(payload, payloads[h.Type-1]) {
				t.Fatalf("block %d has another payload", h.Type)
			}
			types = append(types, h.Type)
		}
	}
}

// What is damaged costs its block, whichever bit it is and however the input comes.
func TestResync(t *testing.T) {
	whole, payloads := file(t)
	types, damage, err := walk(t, iotest.OneByteReader(bytes.NewReader(whole)), payloads)
	if string(types) != "\x01\x03" || err != nil || len(damage.List()) != 1 || damage.List()[0].Reason != NoBlock {
		t.Fatalf("blocks %d, damage %v, %v", types, damage.List(), err)
	}
	for i := range whole {
		b := bytes.Clone(whole)
		b[i] ^= 1 << (i % 8)
		types, damage, err := walk(t, bytes.NewReader(b), payloads)
		if err != nil || len(types) < 1 || len(damage.List()) == 0 {
			t.Errorf("byte %d: blocks %d, damage %v, %v", i, types, damage.List(), err)
		}
	}
	for n := range whole {
		types, _, err := walk(t, bytes.NewReader(whole[:n]), payloads)
		if want := min(1, n/(plainLen+50)); err != nil || len(types) != want {
			t.Errorf("%d bytes: blocks %d, %v", n, types, err)
		}
	}
	broken := errors.New("broken")
	for _, n := range []int{0, 10, 90, len(whole)} {
		if _, _, err := walk(t, io.MultiReader(bytes.NewReader(whole[:n]), iotest.ErrReader(broken)), payloads); !errors.Is(err, broken) {
			t.Errorf("an input that fails after %d bytes: %v", n, err)
		}
	}
}

func TestDamages(t *testing.T) {
	var l Damages
	l.Add(Damage{Offset: 10, Reason: NoBlock, Records: -1})
	l.Add(Damage{Offset: 20, Reason: Truncated, Records: -1})
	l.Settle(5, 30) // the first takes the blame for all
	l.Add(Damage{Offset: 10, Reason: NoBlock, Records: -1})
	l.Forget()
	l.Settle(2, 40)
	l.Settle(0, 50)
	want := []Damage{
		{Offset: 10, Reason: NoBlock, Records: 5}, {Offset: 20, Reason: Truncated}, {Offset: 40, Reason: Missing, Records: 2, Block: true},
	}
	if got := l.List(); len(got) != len(want) || got[0] != want[0] || got[1] != want[1] || got[2] != want[2] {
		t.Errorf("damage %+v, want %+v", got, want)
	}
	for i := range int64(2 * maxDamage) {
		l.Add(Damage{Offset: 100 + 2*i, Length: 1, Reason: NoBlock, Records: 1})
	}
	var lost int64
	for _, d := range l.List() {
		lost += d.Records
	}
	if n := len(l.List()); n != maxDamage || lost != 7+2*maxDamage {
		t.Errorf("%d entries, %d records lost", n, lost)
	}
	var joined Damages
	joined.Extend(Damage{Offset: 5, Length: 3, Reason: NoBlock})
	joined.Extend(Damage{Offset: 8, Length: 2, Reason: Truncated})
	if got := joined.List(); len(got) != 1 || got[0] != (Damage{Offset: 5, Length: 5, Reason: NoBlock}) {
		t.Errorf("joined: %+v", got)
	}
}
