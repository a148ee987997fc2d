package messages

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"reprise/capture/dialect"
	"reprise/capture/payload"
)

// head finds the columns of CSV, whose names may be in any case. A heading without one that is needed is an error, as no row could be used.
func (r *Reader) head() error {
	byName := make(map[string]dialect.Column, len(r.o.Export.Columns))
	for name, c := range r.o.Export.Columns {
		byName[strings.ToLower(name)] = c
	}
	r.columns = []dialect.Column{}
	var have [dialect.ColumnCount]bool
	for _, name := range r.rows.Heading() {
		c := byName[strings.ToLower(name)]
		if have[c] {
			c = dialect.NoColumn // the first of a name counts
		}
		have[c] = c != dialect.NoColumn
		r.columns = append(r.columns, c)
	}
	r.texts = have[dialect.ColumnText]
	for _, c := range [...]dialect.Column{dialect.ColumnFrom, dialect.ColumnTo, dialect.ColumnTime} {
		if !have[c] && (c != dialect.ColumnTime || !have[dialect.ColumnCreated]) {
			return fmt.Errorf("%s: the heading has no column %q", r.o.File, r.name(c))
		}
	}
	return nil
}

// name is what the export calls a column; of one that it does not have, what a map calls it.
func (r *Reader) name(c dialect.Column) (name string) {
	for n, is := range r.o.Export.Columns {
		if is == c && (name == "" || n < name) {
			name = n
		}
	}
	for _, p := range (Map{}).places() {
		if name == "" && p.column == c {
			name = p.field
		}
	}
	return name
}

// take takes the values of a row.
func (r *Reader) take(object []byte, cells [][]byte) error {
	clear(r.values[:])
	if r.o.CSV {
		for i, cell := range cells {
			if c := r.columns[i]; c != dialect.NoColumn {
				r.values[c] = string(cell)
			}
		}
		return nil
	}
	s := &r.scanner
	r.texts = false
	for s.ResetJSON(object); s.Next(); {
		if c := r.o.Export.Columns[string(s.Name())]; c != dialect.NoColumn {
			s.First(&r.values[c])
			r.texts = r.texts || c == dialect.ColumnText
		}
	}
	if err := s.Err(); err != nil {
		r.account.Damaged = true
		r.account.Lost += int64(len(object))
		return err
	}
	return nil
}

// maxAddress is how long a number, or what stands for one, and an id may be, in bytes.
const maxAddress = 256

// address returns a value that stands within a request as it is: one without control characters, in UTF-8.
func (r *Reader) address(c dialect.Column) (string, error) {
	v := strings.TrimSpace(r.values[c])
	switch {
	case v == "":
		return "", &payload.FieldError{Field: r.name(c), Reason: payload.ReasonMissing}
	case len(v) > maxAddress || !utf8.ValidString(v) || strings.ContainsFunc(v, func(c rune) bool { return c < ' ' || c == 0x7f }):
		return "", &payload.FieldError{Field: r.name(c), Reason: "not a number or an id"}
	}
	return v, nil
}

// count returns a value that is a small number; 0 where there is none, or where it is none.
func (r *Reader) count(c dialect.Column, most int) (n int) {
	for _, digit := range []byte(strings.TrimSpace(r.values[c])) {
		if digit == '.' { // as tables write 1.0
			break
		}
		if digit < '0' || digit > '9' {
			return 0
		}
		if n = 10*n + int(digit-'0'); n > most {
			return 0
		}
	}
	return n
}
