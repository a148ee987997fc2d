package logs

import (
	"bytes"

	"reprise/capture"
)

// table cuts a table of columns into its records (RFC 4180): the first has the columns' names, and a field within quotes may hold
// anything, line ends too. A quote within a field that is not quoted stands for itself.
type table struct {
	window
	comma  byte
	header []byte // as it stands in the input, to know when it comes again
	slots  []int  // by column
	wanted *node

	fields []span // of the record last given
	broken bool   // it has a quote that does not end, or ends within the field
	open   bool   // it is broken as the input ends within quotes
	pipe   *capture.Stoppable
	give   int
	gone   int64
	line   int64 // of the record last given, from 1
	lines  int64 // that it has
}

// ReasonColumns and reasonQuote are the reasons for which a record of a table cannot be read.
const (
	ReasonColumns = "not as many columns as the header has"
	reasonQuote   = "a quote that does not end where its column ends"
)

// next implements rows. It gives records, and never the header.
func (t *table) next() ([]byte, error) {
	for {
		row, err := t.record()
		if len(row) == 0 || bytes.Equal(row, t.header) {
			if err != nil || row == nil {
				return nil, err
			}
			continue
		}
		if t.header != nil {
			return row, err
		}
		t.columns(row)
		if err != nil {
			return nil, err
		}
	}
}

// columns takes the header.
func (t *table) columns(row []byte) {
	t.header = bytes.Clone(row)
	taken := make(map[int]bool)
	for _, f := range t.fields {
		slot := t.wanted.named(string(bytes.TrimSpace(field(row, f))))
		if taken[slot] {
			slot = noSlot // the first of two columns of one name counts
		}
		taken[slot] = slot != noSlot
		t.slots = append(t.slots, slot)
	}
}

// record reads the next one. It is without its line end, empty for a line without content, and nil at the end and where it is too long.
func (t *table) record() ([]byte, error) {
	if t.taken == 0 && t.line == 0 {
		for len(t.data()) < len("\ufeff") && t.more() {
			continue
		}
		if bytes.HasPrefix(t.data(), []byte("\ufeff")) {
			t.take(len("\ufeff"))
		}
		t.line = 1
	}
	t.line += t.lines
	t.take(t.give)
	t.give, t.lines = 0, 0
	for {
		if n := t.cut(t.data(), t.ended()); n > 0 {
			t.give = n
			if t.open && t.pipe != nil && t.pipe.Stopped { // half a record
				t.give = len(t.data())
				return t.data(), t.err
			}
			row := t.data()[:n]
			t.lines = int64(bytes.Count(row, []byte{'\n'}))
			if row[n-1] != '\n' { // it may be half of one
				return row, t.err
			}
			return trimEnd(row), nil
		}
		if t.more() {
			continue
		}
		if t.err == nil {
			if bytes.IndexByte(t.data(), '\n') < 0 {
				return nil, t.discard()
			}
			t.give, t.lines = t.breakOff(t.data(), true), 1 // rather than all that a quote that does not end takes
			return trimEnd(t.data()[:t.give]), nil
		}
		if len(t.data()) == 0 {
			return nil, t.err
		}
		if !t.ended() { // damage, behind which nothing comes
			t.give = len(t.data())
			t.broken = true
			return t.data(), t.err
		}
	}
}

// trimEnd takes a record's line end off.
func trimEnd(row []byte) []byte {
	return bytes.TrimSuffix(bytes.TrimSuffix(row, []byte{'\n'}), []byte{'\r'})
}

// mostColumns is how many columns of a record are told apart, so that no line takes much memory.
const mostColumns = 10_000

// add notes a column of the record that is looked at.
func (t *table) add(f span) {
	if len(t.fields) <= mostColumns {
		t.fields = append(t.fields, f)
	}
}

// cut finds the fields of the record that data begins with, and returns how long it is with its line end; 0 where more is needed.
// atEnd says that nothing follows data.
func (t *table) cut(data []byte, atEnd bool) int {
	t.fields, t.broken, t.open = t.fields[:0], false, false
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
				t.open = true
				return t.breakOff(data, atEnd)
			}
			f := span{kind: plainText, start: i + 1, end: end}
			if doubled {
				f.kind = jsonString // with quotes in it
			}
			t.add(f)
			i = end + 1
			if i == len(data) && !atEnd {
				return 0
			}
			switch {
			case i == len(data):
				return i
			case data[i] == t.comma:
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
			return t.breakOff(data, atEnd)
		}
		if stop < i { // looked for once a line
			if stop = bytes.IndexByte(data[i:], '\n'); stop < 0 && !atEnd {
				return 0
			}
			if stop += i; stop < i {
				stop = len(data)
			}
		}
		n := bytes.IndexByte(data[i:stop], t.comma)
		if n >= 0 {
			t.add(span{kind: plainText, start: i, end: i + n})
			i += n + 1
			continue
		}
		t.add(span{kind: plainText, start: i, end: i + len(bytes.TrimSuffix(data[i:stop], []byte{'\r'}))})
		return min(stop+1, len(data))
	}
}

// breakOff gives up a record whose quotes are wrong: its first line.
func (t *table) breakOff(data []byte, atEnd bool) int {
	line := bytes.IndexByte(data, '\n')
	switch {
	case line < 0 && !atEnd:
		return 0
	case line < 0:
		line = len(data) - 1
	}
	t.broken = true
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

// field is the content of a field: two quotes of a quoted one are one. It uses the row's memory.
func field(row []byte, f span) []byte {
	raw := row[f.start:f.end]
	if f.kind != jsonString {
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

// parse implements parser, of the record last given.
func (t *table) parse(row []byte, l *level) (reason string) {
	switch {
	case t.broken:
		return reasonQuote
	case len(t.fields) != len(t.slots), len(t.fields) > mostColumns:
		return ReasonColumns
	}
	l.doc = row
	clear(l.found)
	for i, slot := range t.slots {
		if slot != noSlot {
			f := t.fields[i]
			l.found[slot] = span{kind: plainText, start: f.start, end: f.start + len(field(row, f))}
		}
	}
	return ""
}

// discard gives up a record that is too long, up to the end of a line.
func (t *table) discard() error {
	t.gone = 0
	for {
		n := bytes.IndexByte(t.data(), '\n')
		if n >= 0 {
			t.take(n + 1)
			t.gone += int64(n)
			t.lines++
			return nil
		}
		t.gone += int64(len(t.data()))
		t.take(len(t.data()))
		if !t.more() {
			return nil
		}
	}
}

func (t *table) position() (number int64, unit string) { return t.line, "line" }

func (t *table) lost() int64 { return t.gone }
