// Package rows cuts what sources read into rows: objects of JSON, and records of a table. Each kind of input is cut here and nowhere else.
//
// A [Table] is CSV, TSV or what else parts columns by a character. A [Reader] gives what a service exports: a table, or JSON in every framing that exports
// have: an object a line, objects back to back, an array, and pages, which are objects with the rows in an array of a known name. Memory is that of the
// longest row, MaxRow at most. What is here may be used by one goroutine at a time.
package rows

import (
	"bytes"
	"errors"
	"io"
)

const (
	// MaxRow is how long a row may be, in bytes.
	MaxRow = 16 << 20
	// maxCSVRow is how long a line of CSV may be. It is far less than MaxRow: to see that nothing closes a quote takes as much memory.
	maxCSVRow = 1 << 20
)

// The reasons for which a row cannot be read, beside those of a table. What is in it is lost, and reading goes on behind it.
const (
	NotJSON = "not JSON"
	TooLong = "row too long"
)

// Broken is a row that cannot be read.
type Broken struct {
	Reason string
	// Bytes are how many were passed over.
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
	// Stopped, which may be nil, says whether the input was stopped where it ended: a line of CSV without a line end is half of one then.
	Stopped func() bool
}

// Reader gives rows one after another.
type Reader struct {
	in    Window
	table *Table // of CSV
	cells [][]byte
	o     Options
	// open are what closes the arrays and pages that reading is inside of; atRows says that the rows of the innermost page come next.
	open   []byte
	atRows bool
	within []byte // what closes the objects and arrays of the row under way
	row    int64  // rows so far
	taken  int64  // lines
	line   int64  // on which the row begins, and which of the rows of that line it is
	nth    int64
}

// New returns a Reader of in.
func New(in io.Reader, o Options) *Reader {
	if o.CSV {
		return &Reader{o: o, table: NewTable(in, 0, maxCSVRow, o.Stopped)}
	}
	return &Reader{o: o, in: NewWindow(in, MaxRow)}
}

// Place says where the row stands that Next gave last: its line, or, where a line has several, which row of the input it is.
func (r *Reader) Place() (n int64, unit string) {
	if r.table != nil {
		return r.table.Line(), "line"
	}
	if r.nth > 1 || len(r.open) > 0 {
		return r.row, "row"
	}
	return r.line, "line"
}

// Heading returns the names of the columns of CSV, which are known after the first call of Next.
func (r *Reader) Heading() []string {
	if r.table == nil {
		return nil
	}
	return r.table.Columns()
}

// Next returns the next row: an object of JSON, or the cells of a line of CSV. Both are valid until the next call. A *Broken is one row
// that cannot be read; every other error is the end: io.EOF, or what the input returned.
func (r *Reader) Next() (object []byte, cells [][]byte, err error) {
	if r.table != nil {
		cells, err = r.nextLine()
		return nil, cells, err
	}
	object, err = r.nextObject()
	return object, nil, err
}

// nextLine gives the cells of the next record of the table.
func (r *Reader) nextLine() ([][]byte, error) {
	t := r.table
	line, err := t.Next()
	switch {
	case line == nil && err == nil:
		return nil, &Broken{Reason: TooLong, Bytes: t.Gone()}
	case len(line) == 0, err != nil && (!errors.Is(err, io.EOF) || t.stopped()): // what stands before that is half a line
		return nil, err
	}
	if reason := t.Reason(); reason != "" {
		return nil, &Broken{Reason: reason, Bytes: int64(t.give)}
	}
	r.cells = r.cells[:0]
	for _, f := range t.Fields {
		r.cells = append(r.cells, f.Content(line))
	}
	return r.cells, nil
}

// begin notes where a row begins.
func (r *Reader) begin() {
	r.row++
	if line := r.taken + 1; line != r.line {
		r.line, r.nth = line, 0
	}
	r.nth++
}

// at returns the byte i behind what was taken; false where the input ends before.
func (r *Reader) at(i int) (byte, bool) {
	for i >= len(r.in.Data()) {
		if !r.in.More() {
			return 0, false
		}
	}
	return r.in.Data()[i], true
}

// take goes on behind n bytes, and counts their lines.
func (r *Reader) take(n int) {
	r.taken += int64(bytes.Count(r.in.Data()[:n], []byte{'\n'}))
	r.in.Take(n)
}

// ended is why there is no more.
func (r *Reader) ended() error {
	if r.in.Err() == nil {
		return io.ErrNoProgress
	}
	return r.in.Err()
}

// passLine moves behind the next line break, and returns how many bytes that were. What is no line break is not kept.
func (r *Reader) passLine() (passed int64) {
	for {
		if i := bytes.IndexByte(r.in.Data(), '\n'); i >= 0 {
			r.take(i + 1)
			return passed + int64(i+1)
		}
		passed += int64(len(r.in.Data()))
		r.in.Take(len(r.in.Data()))
		if !r.in.More() {
			return passed
		}
	}
}

// broken is the error of a row that begins at pos: reading goes on at the next line.
func (r *Reader) broken(reason string) error {
	b := &Broken{Reason: reason, Bytes: r.passLine()}
	if err := r.in.Err(); err != nil && !errors.Is(err, io.EOF) && len(r.in.Data()) == 0 {
		return err // the input ends within the row, and not in order
	}
	return b
}
