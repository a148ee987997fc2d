package corpus

import (
	"runtime"

	"reprise/capture/frame"
	"reprise/capture/internal/columns"
)

// compression compresses one block of records while the writer fills the next ones. Blocks are written in their order, so that the
// file is the same whatever the number of processors.
type compression struct {
	pack    *frame.Packer
	raw     []byte           // the block's payload; the buffer goes back and forth between this and the encoder
	records *columns.Encoder // what it is to be made of, in a block of columns
	others  uint64           // of such a block: see verify
	learned *columns.Learned // what the first such block taught; nil for the first
	head    head
	kinds   [kindLimit]uint32
	block   []byte
	err     error
	done    chan struct{} // capacity 1, so that the goroutine ends though nobody waits
}

// run makes the block.
func (p *compression) run(w *Writer) {
	if p.records != nil {
		w.columns.run(p)
		return
	}
	p.block = p.pack.Pack(&p.head, p.raw)
}

func (p *compression) close() { p.pack.Close() }

// compressors is how many blocks a writer compresses at a time: one for each processor, four at most, since encoding is slower
// than four compressors. On one processor there is none, and the writer compresses by itself.
func compressors() int {
	if n := runtime.GOMAXPROCS(0); n > 1 {
		return min(n, 4)
	}
	return 0
}

// submit gives the block under way to a goroutine that compresses it, if there may be any. The first block of columns teaches the next
// ones, and is waited for.
func (w *Writer) submit(h head) error {
	if len(w.busy) == max(w.most, 1) {
		w.writeOldest()
	}
	p, err := w.compression()
	if err != nil {
		return err
	}
	p.head, p.kinds = h, w.batch.kinds
	if err := w.filling.hand(w, p); err != nil {
		w.idle = append(w.idle, p)
		return err
	}
	w.busy = append(w.busy, p)
	if first := p.records != nil && p.learned == nil; w.most == 0 || first {
		p.run(w)
		p.done <- struct{}{}
		if first {
			w.columns.learn(p.learned)
		}
		w.drain()
		return nil
	}
	go func() {
		p.run(w)
		p.done <- struct{}{}
	}()
	return nil
}

func (w *Writer) compression() (*compression, error) {
	if n := len(w.idle); n > 0 {
		p := w.idle[n-1]
		w.idle = w.idle[:n-1]
		return p, nil
	}
	pack, err := newPacker(w.level)
	if err != nil {
		return nil, err
	}
	return &compression{pack: pack, done: make(chan struct{}, 1)}, nil
}

// writeOldest waits for the oldest block that is being compressed, and writes it.
func (w *Writer) writeOldest() {
	p := w.busy[0]
	w.busy = append(w.busy[:0], w.busy[1:]...)
	<-p.done
	if p.err != nil && w.err == nil {
		w.err = p.err
	}
	if p.err == nil {
		w.writeBlock(&p.head, &p.kinds, p.block)
	}
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
