package corpus

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"reprise/capture/frame"
)

// headerBlock writes a header. That of a corpus that is still to be audited is not compressed: the one that takes its place then
// has the same length.
func (w *Writer) headerBlock(header []byte) {
	if w.header.Unaudited {
		w.put(frame.Store(nil, newLayout2(), &head{ID: w.id, Type: typeHeader}, header))
		return
	}
	w.block(&head{Type: typeHeader}, header)
}

// Audited makes an anonymized corpus of a closed one whose header said Unaudited: it writes both copies of the header anew, in
// place. f is what the corpus was written to, from its beginning.
func (w *Writer) Audited(f io.WriterAt) error {
	switch {
	case w.err != nil:
		return w.err
	case !w.closed || w.footer == 0:
		return errors.New("corpus: audited before it is whole")
	case !w.header.Unaudited:
		return errors.New("corpus: it was not to be audited")
	}
	before, err := w.header.encode()
	if err != nil {
		return err
	}
	h := w.header
	h.State, h.Unaudited = Anonymized, false
	after, err := h.encode()
	if err != nil {
		return err
	}
	if len(after) > len(before) {
		return errors.New("corpus: the header has no room for the state of an audited corpus")
	}
	after = append(after, bytes.Repeat([]byte{' '}, len(before)-len(after))...)
	block := frame.Store(nil, newLayout2(), &head{ID: w.id, Type: typeHeader}, after)
	for _, offset := range [...]int64{w.footer, int64(magicLen)} { // the first decides, so it comes last
		if _, err := f.WriteAt(block, offset); err != nil {
			return fmt.Errorf("corpus: say in the header that the audit has passed: %w", err)
		}
	}
	w.header = h
	return nil
}

// Audited makes an anonymized corpus of it, as Writer.Audited does, before Commit.
func (f *File) Audited() error {
	if err := f.part.Sync(); err != nil {
		return err
	}
	return f.Writer.Audited(f.part)
}
