package results

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"reprise/capture/frame"
	"reprise/capture/output"
)

// ErrDamaged says that a run file is damaged, so that it is not copied.
var ErrDamaged = errors.New("results: the file is damaged: repair it first")

// Store writes the run file path once more, as the file to, with the completions that were joined to it in place of those that it holds: of
// is what the join asked, and c what it came to. to may be path itself with force: a kill leaves the old file or the new one whole. Everything
// else of the file stays as it is, what a later version has added too. A run without its end stays one.
func Store(ctx context.Context, path, to string, force bool, of Completions, c *Completion) (err error) {
	stored, err := storedOf(ctx, path, of, c)
	if err != nil {
		return err
	}
	r, err := Open(path)
	if err != nil {
		return err
	}
	defer r.Close()
	file, err := output.Create(to, force)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Discard()) }() // which does nothing to a file that is whole
	w, err := NewWriter(file, r.header)
	if err != nil {
		return err
	}
	defer w.packer.Close()
	if err := w.completions(stored); err != nil {
		return err
	}
	if err := w.copyBlocks(ctx, r); err != nil {
		return fmt.Errorf("copy %s: %w", path, err)
	}
	return file.Commit()
}

// copyBlocks copies what follows the header, but for completions; the last footer alone, and at the end.
func (w *Writer) copyBlocks(ctx context.Context, r *Reader) error {
	var footer []byte
	for {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		h, payload, err := r.block()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		switch name, _, _ := frame.CutName(payload); {
		case h.Type == blockHeader, h.Type == frame.Extension && (name == storedCompletions || r.version == 1): // which knows none
		case h.Type == blockFooter:
			footer = bytes.Clone(payload)
		default:
			if h.Type == blockRows && r.version == 1 { // which has no other codec
				h.Codec = codecColumns
			}
			w.block(&frame.Head{Type: h.Type, Codec: h.Codec, Records: h.Records}, payload)
		}
	}
	if len(r.Damage()) > 0 && !(footer == nil && EndsEarly(r.Damage())) { // a run that died has no end
		return ErrDamaged
	}
	if footer != nil {
		w.block(&frame.Head{Type: blockFooter}, footer)
	}
	return w.err
}
