package rows

import (
	"bytes"
	"errors"
	"io"
)

// firstWindow holds all but the longest rows.
const firstWindow = 256 << 10

// Window is the part of an input that is looked at: what was read and not yet taken.
type Window struct {
	Limit  int // of what is looked at, in bytes
	in     io.Reader
	buf    []byte
	lo, hi int
	err    error // what reading ended with
}

// NewWindow returns one of at most limit bytes.
func NewWindow(in io.Reader, limit int) Window {
	return Window{in: in, buf: make([]byte, firstWindow), Limit: limit}
}

// Data is what is looked at. It is valid until More is called.
func (w *Window) Data() []byte { return w.buf[w.lo:w.hi] }

// Take goes on behind the first n bytes of Data.
func (w *Window) Take(n int) {
	w.lo += n
}

// More reads on behind what is there already, which may move. It is false at the end and where the limit is
// reached.
func (w *Window) More() bool {
	if w.err != nil || w.hi-w.lo >= w.Limit {
		return false
	}
	if w.lo > 0 {
		w.hi = copy(w.buf, w.buf[w.lo:w.hi])
		w.lo = 0
	}
	if w.hi == len(w.buf) {
		w.buf = append(w.buf, make([]byte, min(len(w.buf), w.Limit-len(w.buf)))...)
	}
	for range 100 {
		n, err := w.in.Read(w.buf[w.hi:])
		w.hi += n
		if w.err = err; err != nil || n > 0 {
			return n > 0
		}
	}
	w.err = io.ErrNoProgress
	return false
}

// passMark passes over the mark of UTF-8 that an input may begin with.
func (w *Window) passMark() {
	const mark = "\ufeff"
	for len(w.Data()) < len(mark) && w.More() {
		continue
	}
	if bytes.HasPrefix(w.Data(), []byte(mark)) {
		w.Take(len(mark))
	}
}

// ended says that the input ended as it should, or ends here.
func (w *Window) ended() bool { return errors.Is(w.err, io.EOF) }
