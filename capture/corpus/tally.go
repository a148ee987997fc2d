package corpus

import (
	"cmp"
	"slices"

	"reprise/capture/internal/columns"
)

// ColumnBytes is what a column takes of a corpus's blocks.
type ColumnBytes struct {
	// Name says what the column has: "time", "header x-request-id", "body From", the key of a form or of JSON. What a block says of its own
	// columns is "plan".
	Name string `json:"name"`
	// Rows is in how many records it is.
	Rows  int64 `json:"rows"`
	Bytes int64 `json:"bytes"`
}

// tally counts where the bytes of a corpus go.
type tally struct {
	codecs  map[string]int64 // blocks
	columns map[string]*ColumnBytes
	public  func(header string) bool
	last    []columns.Usage // of the block under way
}

func newTally(public func(string) bool) *tally {
	return &tally{codecs: make(map[string]int64), columns: make(map[string]*ColumnBytes), public: public}
}

// block counts the block that decode has begun.
func (t *tally) block(codec byte, decode decoder) {
	t.last = nil
	if codec != codecColumns {
		t.codecs["rows"]++
		return
	}
	t.codecs["columns"]++
	d, ok := decode.(*columnDecoder)
	if !ok || d.err != nil || d.Project(d.payload, d.left, d.head.First, 0) != nil { // who reads it finds that out, too
		return
	}
	t.last = d.Usage(t.public)
	t.add(1)
}

// spoiled says that the block under way is damaged: its bytes are damaged bytes, and in no column.
func (t *tally) spoiled() {
	t.add(-1)
	t.last = nil
}

// add counts the columns of the block under way so many times.
func (t *tally) add(times int64) {
	for _, u := range t.last {
		c := t.columns[u.Name]
		if c == nil {
			c = &ColumnBytes{Name: u.Name}
			t.columns[u.Name] = c
		}
		c.Rows += times * int64(u.Rows)
		c.Bytes += times * int64(u.Stored)
	}
}

// list returns the columns, the largest first.
func (t *tally) list() []ColumnBytes {
	list := make([]ColumnBytes, 0, len(t.columns))
	for _, c := range t.columns {
		if c.Rows > 0 || c.Bytes > 0 {
			list = append(list, *c)
		}
	}
	slices.SortFunc(list, func(a, b ColumnBytes) int {
		return cmp.Or(cmp.Compare(b.Bytes, a.Bytes), cmp.Compare(a.Name, b.Name))
	})
	return list
}
