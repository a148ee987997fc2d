package rows

import (
	"bytes"
	"io"
)

// The reasons for which a record of a table cannot be read.
const (
	ReasonColumns = "not as many columns as the header has"
	ReasonQuote   = "a quote that does not end where its column ends"
)

// mostColumns is how many columns of a record are told apart, so that no line takes much memory.
const mostColumns = 10_000

// Record is one of a table of columns (RFC 4180): a field within quotes may hold anything, line ends too. A quote within a field that
// is not quoted stands for itself.
type Record struct {
	Comma  byte    // what parts the columns
	Fields []Field // of what Cut saw last
	Broken bool    // it has a quote that does not end, or ends within the field
	open   bool    // it is broken as the input ends within quotes
}

// Field is where a field stands in its record: of one within quotes, what is between them.
type Field struct {
	Start, End int
	doubled    bool // it has quotes, each of them twice
}

// Content is that of the field: two quotes of a quoted one are one. It uses the record's memory.
func (f Field) Content(record []byte) []byte {
	raw := record[f.Start:f.End]
	if !f.doubled {
		return raw
	}
	out := raw[:0]
	for len(raw) > 0 {
		i := bytes.IndexByte(raw, '"')
		if i < 0 {
			return append(out, raw...)
		}
		out = append(out, raw[:i+1]...)
		raw = raw[min(i+2, len(raw)):]
	}
	return out
}

// Comma is what parts the columns of a table with this header: a comma, unless the header has none, and semicolons or tabs.
func Comma(header []byte) byte {
	for _, c := range [...]byte{',', ';', '\t'} {
		if bytes.IndexByte(header, c) >= 0 {
			return c
		}
	}
	return ','
}

// FirstLine is the first line of a text that has something in it, without its line end.
func FirstLine(text []byte) []byte {
	line, _, _ := bytes.Cut(bytes.TrimLeft(text, "\ufeff\r\n"), []byte{'\n'})
	return line
}

// Cut finds the fields of the record that data begins with, and returns how long it is with its line end; 0 where more is needed.
// atEnd says that nothing follows data.
func (r *Record) Cut(data []byte, atEnd bool) int {
	r.Fields, r.Broken, r.open = r.Fields[:0], false, false
	if len(data) == 0 {
		return 0
	}
	stop := -1
	for i := 0; ; {
		if i < len(data) && data[i] == '"' {
			end, doubled := endQuoted(data[i+1:])
			end += i + 1
			switch {
			case end >= len(data) && !atEnd: // the quote may be one of two
				return 0
			case end >= len(data):
				r.open = true
				return r.breakOff(data, atEnd)
			}
			r.add(Field{Start: i + 1, End: end, doubled: doubled})
			i = end + 1
			if i == len(data) && !atEnd {
				return 0
			}
			switch {
			case i == len(data):
				return i
			case data[i] == r.Comma:
				i++
				continue
			case data[i] == '\n':
				return i + 1
			case data[i] == '\r' && i+1 == len(data):
				if atEnd {
					return i + 1
				}
				return 0
			case data[i] == '\r' && data[i+1] == '\n':
				return i + 2
			}
			return r.breakOff(data, atEnd)
		}
		if stop < i { // looked for once a line
			if stop = bytes.IndexByte(data[i:], '\n'); stop < 0 && !atEnd {
				return 0
			}
			if stop += i; stop < i {
				stop = len(data)
			}
		}
		n := bytes.IndexByte(data[i:stop], r.Comma)
		if n >= 0 {
			r.add(Field{Start: i, End: i + n})
			i += n + 1
			continue
		}
		r.add(Field{Start: i, End: i + len(bytes.TrimSuffix(data[i:stop], []byte{'\r'}))})
		return min(stop+1, len(data))
	}
}

// add notes a field.
func (r *Record) add(f Field) {
	if len(r.Fields) <= mostColumns {
		r.Fields = append(r.Fields, f)
	}
}

// breakOff gives up a record whose quotes are wrong: its first line.
func (r *Record) breakOff(data []byte, atEnd bool) int {
	line := bytes.IndexByte(data, '\n')
	switch {
	case line < 0 && !atEnd:
		return 0
	case line < 0:
		line = len(data) - 1
	}
	r.Broken = true
	return line + 1
}

// endQuoted is where the quote stands that ends a field, or the length of data; two quotes stand for one.
func endQuoted(data []byte) (end int, doubled bool) {
	for end < len(data) {
		i := bytes.IndexByte(data[end:], '"')
		if i < 0 {
			return len(data), doubled
		}
		end += i
		if end+1 == len(data) || data[end+1] != '"' {
			return end, doubled
		}
		end += 2
		doubled = true
	}
	return len(data), doubled
}

// Table cuts an input into the records of a table. The first has the columns' names.
type Table struct {
	Window
	Record
	stopped func() bool
	header  []byte // as it stands in the input, to know when it comes again
	columns []string
	give    int
	gone    int64
	vain    int   // bytes that were looked at for the end of a quote that does not end
	line    int64 // of the record last given, from 1
	lines   int64 // that it has
}

// patience is how many times a table's limit is looked at in vain for the end of a quote. After that a quote has to end on its line: each
// line of a hostile input may open one, and would cost as much as all that follows.
const patience = 16

// NewTable returns one whose columns comma parts; where it is 0 the header tells. A record has at most limit bytes. stopped, which may
// be nil, says whether the input was stopped where it ended: what it ends with may be half a record then.
func NewTable(in io.Reader, comma byte, limit int, stopped func() bool) *Table {
	if stopped == nil {
		stopped = func() bool { return false }
	}
	return &Table{Window: NewWindow(in, limit), Record: Record{Comma: comma}, stopped: stopped}
}

// Columns are the names in the header, which are known after the first call of Next.
func (t *Table) Columns() []string { return t.columns }

// Line is where the record begins that Next gave last, from 1.
func (t *Table) Line() int64 { return t.line }

// Gone is how many bytes a record had that was too long.
func (t *Table) Gone() int64 { return t.gone }

// Reason says why the record that Next gave last cannot be read; "" where it can.
func (t *Table) Reason() string {
	switch {
	case t.Broken:
		return ReasonQuote
	case len(t.Fields) != len(t.columns), len(t.Fields) > mostColumns:
		return ReasonColumns
	}
	return ""
}

// Next gives the next record without its line end, valid until the next call, and never the header. One that is too long is nil,
// without an error. An error may come with what stands before it, as io.EOF does with a last record that lacks its line end.
func (t *Table) Next() ([]byte, error) {
	for {
		record, err := t.record()
		if len(record) == 0 || bytes.Equal(record, t.header) {
			if err != nil || record == nil {
				return nil, err
			}
			continue
		}
		if t.header != nil {
			return record, err
		}
		t.header = bytes.Clone(record)
		for _, f := range t.Fields {
			t.columns = append(t.columns, string(bytes.TrimSpace(f.Content(record))))
		}
		if err != nil {
			return nil, err
		}
	}
}

// begin passes over the mark of UTF-8, and looks for what parts the columns.
func (t *Table) begin() {
	t.line = 1
	t.passMark()
	if t.Comma != 0 {
		return
	}
	for {
		text := bytes.TrimLeft(t.Data(), "\r\n")
		if bytes.IndexByte(text, '\n') >= 0 || !t.More() {
			break
		}
	}
	t.Comma = Comma(FirstLine(t.Data()))
}

// record reads the next one. It is empty for a line without content, and nil at the end and where it is too long.
func (t *Table) record() ([]byte, error) {
	if t.line == 0 {
		t.begin()
	}
	t.line += t.lines
	t.Take(t.give)
	t.give, t.lines = 0, 0
	for {
		data, atEnd := t.Data(), t.ended()
		if line := bytes.IndexByte(data, '\n'); t.vain > patience*t.Limit && line >= 0 {
			data, atEnd = data[:line+1], true
		}
		if n := t.Cut(data, atEnd); n > 0 {
			t.give = n
			if t.open {
				t.vain += len(data)
			}
			if t.open && t.stopped() { // half a record
				t.give = len(t.Data())
				return t.Data(), t.err
			}
			record := t.Data()[:n]
			t.lines = int64(bytes.Count(record, []byte{'\n'}))
			if record[n-1] != '\n' { // it may be half of one
				return record, t.err
			}
			return trimEnd(record), nil
		}
		if t.More() {
			continue
		}
		if t.err == nil {
			if bytes.IndexByte(t.Data(), '\n') < 0 {
				t.discard()
				return nil, nil
			}
			t.vain += len(t.Data())
			t.give, t.lines = t.breakOff(t.Data(), true), 1 // rather than all that a quote that does not end takes
			return trimEnd(t.Data()[:t.give]), nil
		}
		if len(t.Data()) == 0 {
			return nil, t.err
		}
		if !t.ended() { // damage, behind which nothing comes
			t.give = len(t.Data())
			t.Broken = true
			return t.Data(), t.err
		}
	}
}

// trimEnd takes a record's line end off.
func trimEnd(record []byte) []byte {
	return bytes.TrimSuffix(bytes.TrimSuffix(record, []byte{'\n'}), []byte{'\r'})
}

// discard gives up a record that is too long, up to the end of a line.
func (t *Table) discard() {
	t.gone = 0
	for {
		n := bytes.IndexByte(t.Data(), '\n')
		if n >= 0 {
			t.Take(n + 1)
			t.gone += int64(n)
			t.lines++
			return
		}
		t.gone += int64(len(t.Data()))
		t.Take(len(t.Data()))
		if !t.More() {
			return
		}
	}
}
