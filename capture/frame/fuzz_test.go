package frame

import (
	"bytes"
	"errors"
	"io"
	"testing"
)

// FuzzReader holds that whatever the bytes are, each is passed once, as a block or as damage, and a payload is what its head says.
func FuzzReader(f *testing.F) {
	layout := Layout2{Marker: "\xc9rpc", MaxRaw: 1 << 16, MaxRecords: 100}
	p, err := NewPacker(layout, Default)
	if err != nil {
		f.Fatal(err)
	}
	defer p.Close()
	var whole []byte
	for i := range 3 {
		whole = append(whole, p.Pack(&Head{Type: byte(i), ID: ID{1}, Records: uint32(i)}, bytes.Repeat([]byte{byte('a' + i)}, 50+100*i))...)
	}
	f.Add(whole)
	f.Add(whole[7:])
	f.Add(whole[:len(whole)-3])
	f.Add(append(bytes.Clone(whole[:100]), whole...))
	f.Fuzz(func(t *testing.T, file []byte) {
		u, err := NewUnpacker(1 << 16)
		if err != nil {
			t.Fatal(err)
		}
		defer u.Close()
		r := NewReader(bytes.NewReader(file), layout, u)
		r.SetID(ID{1})
		for passed := int64(0); ; {
			h, err := r.Head()
			if errors.Is(err, io.EOF) {
				if passed != int64(len(file)) {
					t.Fatalf("%d of %d bytes were passed", passed, len(file))
				}
				return
			}
			var payload []byte
			if err == nil {
				payload, err = r.Payload(&h)
			}
			if err == nil {
				if passed += r.Size(&h); len(payload) != int(h.Raw) || CRC(payload) != h.RawCRC {
					t.Fatalf("block %+v: a payload of %d bytes", h, len(payload))
				}
				continue
			}
			n, err := r.Resync(1)
			if passed += n; err != nil || n < 1 || passed != r.Offset() {
				t.Fatalf("passed %d bytes, at %d: %v", n, r.Offset(), err)
			}
		}
	})
}
