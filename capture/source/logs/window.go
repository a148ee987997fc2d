package logs

import (
	"errors"
	"io"
)

// window is the part of an input that is looked at: what was read and not yet taken.
type window struct {
	in     io.Reader
	buf    []byte
	lo, hi int
	limit  int   // of what is looked at, in bytes
	taken  int64 // bytes
	err    error // what reading ended with
}

func newWindow(in io.Reader) window {
	return window{in: in, buf: make([]byte, bufferSize), limit: maxLine}
}

func (w *window) data() []byte { return w.buf[w.lo:w.hi] }

func (w *window) take(n int) {
	w.lo += n
	w.taken += int64(n)
}

// more reads on behind what is there already, which may move. It is false at the end, which err tells, and where the limit is
// reached.
func (w *window) more() bool {
	if w.err != nil || w.hi-w.lo >= w.limit {
		return false
	}
	if w.lo > 0 {
		w.hi = copy(w.buf, w.buf[w.lo:w.hi])
		w.lo = 0
	}
	if w.hi == len(w.buf) {
		w.buf = append(w.buf, make([]byte, min(len(w.buf), w.limit-len(w.buf)))...)
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

// ended says that the input ended as it should, or ends here.
func (w *window) ended() bool { return errors.Is(w.err, io.EOF) }
