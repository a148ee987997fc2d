package corpus

import (
	"runtime"

	"reprise/capture/frame"
)

// compression compresses one block of records while the writer encodes the next ones. Blocks are written in their order, so that the
// file is the same whatever the number of processors.
type compression struct {
	pack  *frame.Packer
	raw   []byte // the block's payload; the buffer goes back and forth between this and the encoder
	head  head
	kinds [kindLimit]uint32
	block []byte
	done  chan struct{} // capacity 1, so that the goroutine ends though nobody waits
}

// compressors is how many blocks a writer compresses at a time: one for each processor, four at most, since encoding is slower
// than four compressors. On one processor there is none, and the writer compresses by itself.
func compressors() int {
	if n := runtime.GOMAXPROCS(0); n > 1 {
		return min(n, 4)
	}
	return 0
}

// submit gives the encoder's block to a goroutine that compresses it.
func (w *Writer) submit(h head) error {
	if len(w.busy) == w.most {
		w.writeOldest()
	}
	var p *compression
	if n := len(w.idle); n > 0 {
		p, w.idle = w.idle[n-1], w.idle[:n-1]
	} else {
		pack, err := newPacker(w.level)
		if err != nil {
			return err
		}
		p = &compression{pack: pack, done: make(chan struct{}, 1)}
	}
	p.head, p.kinds = h, w.batch.kinds
	p.raw = w.encode.take(p.raw)
	w.busy = append(w.busy, p)
	go func() {
		p.block = p.pack.Pack(&p.head, p.raw)
		p.done <- struct{}{}
	}()
	return nil
}

// writeOldest waits for the oldest block that is being compressed, and writes it.
func (w *Writer) writeOldest() {
	p := w.busy[0]
	w.busy = append(w.busy[:0], w.busy[1:]...)
	<-p.done
	w.writeBlock(&p.head, &p.kinds, p.block)
	w.idle = append(w.idle, p)
}

// drain writes all blocks that are being compressed.
func (w *Writer) drain() {
	for len(w.busy) > 0 {
		w.writeOldest()
	}
}

// writeBlock writes a block of records and remembers where it is.
func (w *Writer) writeBlock(h *head, kinds *[kindLimit]uint32, block []byte) {
	offset := w.offset
	w.put(block)
	w.index.add(h, offset, kinds)
	w.sum += h.Digest
}
