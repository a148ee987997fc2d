package frame

import (
	"fmt"
	"io"
)

// Reader walks the blocks of a file or a stream. It needs no more memory than two blocks.
type Reader struct {
	Window
	layout Layout
	unpack *Unpacker
	id     ID
}

// NewReader reads blocks of a layout from in; SetLayout may say later which.
func NewReader(in io.Reader, layout Layout, u *Unpacker) *Reader {
	return &Reader{Window: Window{src: in}, layout: layout, unpack: u}
}

// SetLayout says how the heads to come are written.
func (r *Reader) SetLayout(layout Layout) { r.layout = layout }

// Layout returns how heads are written.
func (r *Reader) Layout() Layout { return r.layout }

// SetID says which file's blocks count: all others are damage.
func (r *Reader) SetID(id ID) { r.id = id }

// ID returns which file's blocks count.
func (r *Reader) ID() ID { return r.id }

// First returns the head at hand, of whatever file, without moving. It fails as Head does.
func (r *Reader) First() (Head, error) {
	n := r.layout.Len()
	b := r.Peek(n)
	if len(b) < n {
		switch err := r.Failed(); {
		case err != nil:
			return Head{}, fmt.Errorf("read at offset %d: %w", r.offset+int64(len(b)), err)
		case len(b) == 0:
			return Head{}, io.EOF
		}
		return Head{}, Truncated
	}
	h, ok := r.layout.Parse(b)
	if !ok {
		return Head{}, NoBlock
	}
	return h, nil
}

// Head returns the head of the block at hand without moving: io.EOF at the input's end, NoBlock or Truncated where no block of
// the file begins. Any other error is the input's.
func (r *Reader) Head() (Head, error) {
	h, err := r.First()
	if err == nil && h.ID != r.id {
		return Head{}, NoBlock
	}
	return h, err
}

// Payload returns the payload of the block at hand, valid until the next call, and moves past the block. Where it fails with
// Truncated, BadChecksum or BadPayload it has not moved. A packing that is not known is ErrNewer. Any other error is the input's.
func (r *Reader) Payload(h *Head) ([]byte, error) {
	if h.Packing > Zstd {
		return nil, fmt.Errorf("block at offset %d: packing %d: %w", r.offset, h.Packing, ErrNewer)
	}
	size := r.Size(h)
	block := r.Peek(int(size))
	if int64(len(block)) < size {
		if err := r.Failed(); err != nil {
			return nil, fmt.Errorf("read at offset %d: %w", r.offset+int64(len(block)), err)
		}
		return nil, Truncated
	}
	payload, err := r.unpack.Unpack(r.layout, h, block)
	if err != nil {
		return nil, err
	}
	r.Skip(size)
	return payload, nil
}

// Size is a block's length in the file.
func (r *Reader) Size(h *Head) int64 { return int64(r.layout.Len()) + int64(h.Stored) }

// Resync passes n bytes and moves to the next head that is right, or to the end. It returns how many bytes it passed.
func (r *Reader) Resync(n int64) (passed int64, err error) {
	return r.resync(n, r.layout.Sync(r.id), r.Head)
}

// ResyncFirst is Resync where it is not known yet which file's blocks count: any right head will do.
func (r *Reader) ResyncFirst(n int64) (passed int64, err error) {
	return r.resync(n, r.layout.Sync(ID{})[:4], r.First)
}

func (r *Reader) resync(n int64, pattern []byte, head func() (Head, error)) (passed int64, err error) {
	passed = r.Skip(n)
	for {
		more, found := r.find(pattern)
		passed += more
		if !found {
			break
		}
		if _, err := head(); err == nil {
			return passed, nil
		}
		passed += r.Skip(1)
	}
	if err := r.Failed(); err != nil {
		return passed, fmt.Errorf("read at offset %d: %w", r.offset, err)
	}
	return passed, nil
}
