package frame

import (
	"bytes"
	"errors"
	"io"
)

// Window is the part of an input that is being looked at. Its buffer grows as bytes arrive, never because
// of a length that the input declares.
type Window struct {
	src        io.Reader
	buf        []byte
	start, end int
	offset     int64 // of buf[start] in the input
	err        error // why there is no more: io.EOF, or what the input said

	file io.Seeker // set where src can be entered anywhere up to size
	size int64
}

// Offset is how many bytes into the input the window is.
func (w *Window) Offset() int64 { return w.offset }

// Seekable says that the input is a file of size bytes that can be entered anywhere.
func (w *Window) Seekable(file io.Seeker, size int64) { w.file, w.size = file, size }

// Peek returns the next n bytes, or as many as there are; valid until the next call.
func (w *Window) Peek(n int) []byte {
	if w.file != nil && n > len(w.buf) && int64(n) <= w.size-w.offset { // so much is there
		buf := make([]byte, n+n/4)
		w.start, w.end, w.buf = 0, copy(buf, w.buf[w.start:w.end]), buf
	}
	for w.end-w.start < n && w.err == nil {
		w.fill()
	}
	return w.buf[w.start:min(w.end, w.start+n)]
}

// fill reads once.
func (w *Window) fill() {
	const initial = 16 << 10
	switch {
	case w.start == w.end:
		w.start, w.end = 0, 0
	case w.end == len(w.buf) && w.start > 0:
		w.end = copy(w.buf, w.buf[w.start:w.end])
		w.start = 0
	}
	if w.end == len(w.buf) {
		w.buf = append(w.buf, make([]byte, max(initial, len(w.buf)))...)
	}
	n, err := w.src.Read(w.buf[w.end:])
	w.end += n
	w.err = err
}

// Skip drops n bytes, or as many as there are, and returns how many. A file is not read for it.
func (w *Window) Skip(n int64) (skipped int64) {
	for {
		m := min(n-skipped, int64(w.end-w.start))
		w.start += int(m)
		w.offset += m
		skipped += m
		if skipped == n || w.err != nil {
			return skipped
		}
		if ahead := min(n-skipped, w.size-w.offset); w.file != nil && ahead > int64(len(w.buf)) {
			if w.Jump(w.offset+ahead) == nil {
				skipped += ahead
				continue
			}
		}
		w.fill()
	}
}

// find moves to the next place where pattern begins, or to the end, and returns how many bytes it passed.
func (w *Window) find(pattern []byte) (passed int64, found bool) {
	for {
		have := w.Peek(len(pattern))
		if len(have) < len(pattern) {
			return passed + w.Skip(int64(len(have))), false
		}
		have = w.buf[w.start:w.end]
		if i := bytes.Index(have, pattern); i >= 0 {
			return passed + w.Skip(int64(i)), true
		}
		passed += w.Skip(int64(len(have) - len(pattern) + 1))
	}
}

// Failed returns the error that ended the input, nil for its end.
func (w *Window) Failed() error {
	if w.err == nil || errors.Is(w.err, io.EOF) || errors.Is(w.err, io.ErrUnexpectedEOF) {
		return nil
	}
	return w.err
}

// Reuse takes over the memory of a window that is not used any more.
func (w *Window) Reuse(old *Window) {
	w.buf, old.buf = old.buf, nil
	w.start, w.end, old.start, old.end = 0, 0, 0, 0
}

// Jump continues at an offset of the file.
func (w *Window) Jump(offset int64) error {
	if _, err := w.file.Seek(offset, io.SeekStart); err != nil {
		return err
	}
	w.start, w.end, w.offset, w.err = 0, 0, offset, nil
	return nil
}
