package logs

import (
	"io"

	"reprise/capture"
	"reprise/capture/internal/rows"
)

// table is a table of columns, of which a map names some.
type table struct {
	*rows.Table
	slots  []int // by column
	wanted *node
}

// ReasonColumns is the reason for which a record of a table cannot be read that has too few columns, or too many.
const ReasonColumns = rows.ReasonColumns

func newTable(in io.Reader, comma byte, pipe *capture.Stoppable, wanted *node) *table {
	return &table{Table: rows.NewTable(in, comma, maxLine, func() bool { return pipe.Stopped }), wanted: wanted}
}

// next implements splitter. It gives records, and never the header.
func (t *table) next() ([]byte, error) { return t.Next() }

// columns finds what is wanted of the columns: the first of two of one name counts.
func (t *table) columns() {
	taken := make(map[int]bool)
	for _, name := range t.Columns() {
		slot := t.wanted.named(name)
		if taken[slot] {
			slot = noSlot
		}
		taken[slot] = slot != noSlot
		t.slots = append(t.slots, slot)
	}
}

// parse implements parser, of the record last given.
func (t *table) parse(record []byte, l *level) (reason string) {
	if reason := t.Reason(); reason != "" {
		return reason
	}
	if t.slots == nil {
		t.columns()
	}
	l.doc = record
	clear(l.found)
	for i, slot := range t.slots {
		if slot != noSlot {
			f := t.Fields[i]
			l.found[slot] = span{kind: plainText, start: f.Start, end: f.Start + len(f.Content(record))}
		}
	}
	return ""
}

func (t *table) position() (number int64, unit string) { return t.Line(), "line" }

func (t *table) lost() int64 { return t.Gone() }

// fields are those of a line as one of a table.
func fields(line []byte, comma byte) *rows.Record {
	r := rows.Record{Comma: comma}
	r.Cut(line, true)
	return &r
}
