package packet

import (
	"errors"
	"io"
)

// window is the part of the input that is looked at. It gives bytes without copying them and grows to what is asked
// for, so that whoever asks bounds it.
type window struct {
	in   io.Reader
	buf  []byte
	r, w int   // buf[r:w] has been read from in and not been taken
	err  error // what the input ended with; io.EOF is the clean end
}

func newWindow(in io.Reader) *window { return &window{in: in, buf: make([]byte, readSize)} }

// peek returns the next n bytes, or as many as there are. They are valid until the next call of peek or skip.
func (v *window) peek(n int) []byte {
	if v.w-v.r < n {
		v.fill(n)
	}
	return v.buf[v.r:min(v.w, v.r+n)]
}

// fill reads until n bytes are there or the input has ended. It makes room as bytes come, and not because n asks for it.
func (v *window) fill(n int) {
	for idle := 0; v.w-v.r < n && v.err == nil; {
		if v.w == len(v.buf) || v.r > 0 && n > len(v.buf)-v.r {
			v.makeRoom()
		}
		got, err := v.in.Read(v.buf[v.w:])
		v.w, v.err = v.w+got, err
		if idle++; got > 0 {
			idle = 0
		}
		if idle == 100 {
			v.err = io.ErrNoProgress
		}
	}
}

// makeRoom moves what is left to the front of the buffer, or, where that is more than half of it, of one of double size.
func (v *window) makeRoom() {
	to := v.buf
	if v.w-v.r > len(v.buf)/2 {
		to = make([]byte, 2*len(v.buf))
	}
	v.w = copy(to, v.buf[v.r:v.w])
	v.buf, v.r = to, 0
}

// take passes n bytes that have been peeked at.
func (v *window) take(n int) { v.r += n }

// skip passes n bytes, or as many as there are, without holding them, and returns how many there were.
func (v *window) skip(n int64) int64 {
	for passed := int64(0); ; {
		here := min(n-passed, int64(v.w-v.r))
		v.r += int(here)
		if passed += here; passed == n || len(v.peek(1)) == 0 {
			return passed
		}
	}
}

// endsAt says whether the input ends right behind the next n bytes.
func (v *window) endsAt(n int) bool { return len(v.peek(n+1)) == n }

// failed returns why the input ended, if it did not simply end.
func (v *window) failed() error {
	if errors.Is(v.err, io.EOF) {
		return nil
	}
	return v.err
}
