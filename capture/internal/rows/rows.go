// Package rows splits what a service exports into rows: objects of JSON, or lines of CSV under a heading.
//
// JSON comes in every framing that exports have: an object a line, objects back to back, an array, and pages, which are objects with
// the rows in an array of a known name. Memory is that of the longest row, MaxRow at most. A Reader may be used by one goroutine at a time.
package rows

import (
	"bytes"
	"errors"
	"io"
)

// MaxRow is how long a row may be, in bytes.
const MaxRow = 16 << 20

// The reasons for which a row cannot be read. What is in it is lost, and reading goes on behind it.
const (
	NotJSON    = "not JSON"
	NotCSV     = "not CSV"
	TooLong    = "row too long"
	FieldCount = "not as many fields as the heading"
)

// Broken is a row that cannot be read.
type Broken struct {
	Reason string
	// Bytes are how many were passed over; 0 where the row was whole and is left out for another reason.
	Bytes int64
}

// Error implements error.
func (b *Broken) Error() string { return "rows: " + b.Reason }

// Options say what the rows of an input are.
type Options struct {
	// CSV says that they are lines of CSV, and no JSON.
	CSV bool
	// Pages are the names of the members of a page that hold its rows.
	Pages []string
}

// Reader gives rows one after another.
type Reader struct {
	in window
	o  Options
	// open are what closes the arrays and pages that reading is inside of; atRows says that the rows of the innermost page come next.
	open   []byte
	atRows bool
	within []byte // what closes the objects and arrays of the row under way
	row    int64  // rows so far
	line   int64  // on which the row begins, and which of the rows of that line it is
	nth    int64

	heading []string
	comma   byte
	cells   [][]byte
}

// New returns a Reader of in.
func New(in io.Reader, o Options) *Reader { return &Reader{in: newWindow(in), o: o} }

// Place says where the row stands that Next gave last: its line, or, where a line has several, which row of the input it is.
func (r *Reader) Place() (n int64, unit string) {
	if r.nth > 1 || len(r.open) > 0 {
		return r.row, "row"
	}
	return r.line, "line"
}

// Heading returns the names of the columns of CSV, which are known after the first call of Next.
func (r *Reader) Heading() []string { return r.heading }

// Next returns the next row: an object of JSON, or the cells of a line of CSV. Both are valid until the next call. A *Broken is one row
// that cannot be read; every other error is the end: io.EOF, or what the input returned.
func (r *Reader) Next() (object []byte, cells [][]byte, err error) {
	if r.o.CSV {
		cells, err = r.nextLine()
		return nil, cells, err
	}
	object, err = r.nextObject()
	return object, nil, err
}

// begin notes where a row begins.
func (r *Reader) begin() {
	r.row++
	if line := r.in.line(); line != r.line {
		r.line, r.nth = line, 0
	}
	r.nth++
}

// window is the part of an input that is in memory.
type window struct {
	in    io.Reader
	buf   []byte
	pos   int // what comes next
	lines int64
	told  int // up to where lines are counted
	err   error
}

const firstWindow = 64 << 10

func newWindow(in io.Reader) window {
	return window{in: in, buf: make([]byte, 0, firstWindow), lines: 1}
}

// line is the number of the line at pos, from 1.
func (w *window) line() int64 {
	if w.told < w.pos {
		w.lines += int64(bytes.Count(w.buf[w.told:w.pos], []byte{'\n'}))
		w.told = w.pos
	}
	return w.lines
}

// more reads on, keeping what stands from pos. It returns false at the end, or where a row outgrows MaxRow.
func (w *window) more() bool {
	if w.err != nil || len(w.buf)-w.pos > MaxRow {
		return false
	}
	w.line()
	if w.pos > 0 && (len(w.buf) == cap(w.buf) || w.pos > len(w.buf)/2) {
		n := copy(w.buf, w.buf[w.pos:])
		w.buf, w.told, w.pos = w.buf[:n], w.told-w.pos, 0
	}
	if len(w.buf) == cap(w.buf) {
		w.buf = append(make([]byte, 0, 2*cap(w.buf)), w.buf...)
	}
	for range 100 {
		n, err := w.in.Read(w.buf[len(w.buf):cap(w.buf)])
		w.buf = w.buf[:len(w.buf)+n]
		w.err = err
		if n > 0 || err != nil {
			return n > 0
		}
	}
	w.err = io.ErrNoProgress
	return false
}

// at returns the byte i behind pos; false where the input ends before.
func (w *window) at(i int) (byte, bool) {
	for w.pos+i >= len(w.buf) {
		if !w.more() {
			return 0, false
		}
	}
	return w.buf[w.pos+i], true
}

// ended is why there is no more.
func (w *window) ended() error {
	if w.err == nil {
		return io.ErrNoProgress
	}
	return w.err
}

// passLine moves behind the next line break, and returns how many bytes that were. What is no line break is not kept.
func (w *window) passLine() (passed int64) {
	for {
		if i := bytes.IndexByte(w.buf[w.pos:], '\n'); i >= 0 {
			w.pos += i + 1
			return passed + int64(i+1)
		}
		passed += int64(len(w.buf) - w.pos)
		w.pos = len(w.buf)
		if !w.more() {
			return passed
		}
	}
}

// broken is the error of a row that begins at pos: reading goes on at the next line.
func (r *Reader) broken(reason string) error {
	b := &Broken{Reason: reason, Bytes: r.in.passLine()}
	if r.in.err != nil && !errors.Is(r.in.err, io.EOF) && r.in.pos == len(r.in.buf) {
		return r.in.err // the input ends within the row, and not in order
	}
	return b
}
