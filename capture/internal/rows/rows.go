// Package rows cuts what sources read into rows: objects of JSON, and records of a table. Each kind of input is cut here and nowhere else.
//
// A [Table] is CSV, TSV or what else parts columns by a character. A [Reader] gives what a service exports: a table, or JSON in every framing that exports
// have: an object a line, objects back to back, an array, and pages, which are objects with the rows in an array of a known name. Memory is that of the
// longest row, MaxRow at most. What is here may be used by one goroutine at a time.
package rows

import (
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
	table   *Table // of CSV
	cells   [][]byte
	objects *Objects // of JSON
	cut     bool     // it was said that the input ends within an array or a page
}

// New returns a Reader of in.
func New(in io.Reader, o Options) *Reader {
	if o.CSV {
		return &Reader{table: NewTable(in, 0, maxCSVRow, o.Stopped)}
	}
	return &Reader{objects: NewObjects(in, MaxRow, ObjectOptions{Pages: o.Pages})}
}

// Place says where the row stands that Next gave last: its line, or, where a line has several, which row of the input it is.
func (r *Reader) Place() (n int64, unit string) {
	if r.table != nil {
		return r.table.Line(), "line"
	}
	if o := r.objects; o.nth > 1 || o.Within() {
		return o.number, "row"
	}
	return r.objects.line, "line"
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

// nextObject gives the next object. An input that ends within an array or a page was cut.
func (r *Reader) nextObject() ([]byte, error) {
	o := r.objects
	object, err := o.Next()
	switch {
	case object == nil && err == nil:
		return nil, &Broken{Reason: TooLong, Bytes: o.Gone()}
	case len(object) > 0 && (err == nil || errors.Is(err, io.EOF)):
		if o.Broken {
			return nil, &Broken{Reason: NotJSON, Bytes: int64(len(object))}
		}
		return object, nil
	case errors.Is(err, io.EOF) && o.Within() && !r.cut:
		r.cut = true
		return nil, io.ErrUnexpectedEOF
	}
	return nil, err
}
