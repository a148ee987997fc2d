package columns

import (
	"fmt"

	"reprise/capture"
	"reprise/capture/frame"
)

// Decoder gives the records of one block after another. It is for one goroutine at a time.
type Decoder struct {
	sections *frame.SectionReader
	memory   arena
	plan     reader
	next     int // section
	numbers  int
	work     int
	output   int // bytes of records
	distinct distinct
	classes  map[keyPart]classes
	found    map[keyPart]*foundKeys
	part     Fields
	some     bool // of each record the part only
	whole    bool // all columns are unpacked

	templates   []shape
	columns     []node
	rows        []int    // of each column
	slot        []int32  // of each column in cursor: those that all records have share the first
	cursor      []uint32 // rows that were given
	said        [][]byte // what each column has that others follow from, in the record under way
	places      []uint32 // of those values, where they are of lists
	columnOf    [rowColumns]ints
	templateOf  []uint32        // of each record
	rowSections [rowColumns]int // that end what records have besides values

	at, count int
	first     int64
	length    int // of the body of the record under way
	from      int // where the value under way begins
	buf       []byte
	early     []byte
	text      []byte
	later     []byte // as text, of what is made for a whole record
	headers   []capture.Header
	few       int     // records of a template that NextCut gives as Next does
	one       bool    // few records are made in the way that is compiled
	given     *shape  // of the record that NextCut gave, whose cursors have not moved yet
	marks     []int32 // where pieces end
	values    []byte  // of its URL and headers
	cuts      capture.Cuts
}

// What records have besides their templates' values, in the order of the file.
const (
	rowTemplate = 0
	rowTime     = 1
	rowKind     = 2
	rowOrigin   = 3
	rowStatus   = 4
	rowLatency  = 5
	rowColumns  = 6
)

// NewDecoder returns a decoder of the blocks of a file, whose dictionary history is, or nil.
func NewDecoder(history []byte) (*Decoder, error) {
	s, err := frame.NewSectionReader(maxPayload, history)
	if err != nil {
		return nil, fmt.Errorf("columns: %w", err)
	}
	return &Decoder{sections: s, classes: make(map[keyPart]classes), found: make(map[keyPart]*foundKeys), few: fewRecords}, nil
}

// Close gives the decoder's memory back.
func (d *Decoder) Close() { d.sections.Close() }

// NeedsHistory says whether the block under way needs the file's dictionary.
func (d *Decoder) NeedsHistory() bool { return d.sections.NeedsHistory() }

// Start begins with a block of so many records, of which the first was at the time first. The payload must not change before the next
// call. It returns ErrMalformed where the block is not what an Encoder writes; the columns themselves are unpacked when the first record
// is asked for.
func (d *Decoder) Start(payload []byte, records int, first int64) error {
	d.some, d.whole = false, false
	if !d.readPlan(payload, records, first) {
		return d.give()
	}
	return nil
}

// record begins with the next record, and returns its template.
func (d *Decoder) record() (t *shape, ok bool) {
	if d.given != nil {
		d.advance(d.given)
		d.given = nil
	}
	if d.at >= d.count {
		return nil, false
	}
	if !d.whole && !d.some {
		d.whole = true
		for i := range d.columns {
			d.load(&d.columns[i])
		}
		if d.plan.bad {
			return nil, false
		}
	}
	return &d.templates[d.templateOf[d.at]], true
}

// readPlan reads the plan of a block, and what records have besides their templates' values.
func (d *Decoder) readPlan(payload []byte, records int, first int64) bool {
	d.at, d.count, d.first, d.numbers, d.next, d.work, d.output = 0, records, first, 0, 0, 0, 0
	d.given = nil
	d.memory.reset()
	clear(d.classes)
	clear(d.found)
	if records < 0 || records > maxRecords || !d.sections.Reset(payload, maxPayload) || d.sections.Len() == 0 {
		return false
	}
	plan, ok := d.sections.Section(d.sections.Len() - 1)
	if !ok {
		return false
	}
	d.plan = reader{raw: plan}
	d.readTemplates()
	d.readRows()
	d.readColumns()
	return !d.plan.bad && len(d.plan.raw) == 0 && d.next == d.sections.Len()-1
}

// give gives the block up.
func (d *Decoder) give() error {
	d.count = 0
	return ErrMalformed
}

// section returns the number of the next section.
func (d *Decoder) section() int {
	if d.next >= d.sections.Len()-1 {
		d.plan.fail()
		return 0
	}
	d.next++
	return d.next - 1
}

// open returns what is in a section.
func (d *Decoder) open(section int) []byte {
	raw, ok := d.sections.Section(section)
	if !ok {
		d.plan.fail()
		return nil
	}
	return raw
}

// readRows reads what records have besides their templates' values, and counts the rows of each column.
func (d *Decoder) readRows() {
	limits := [rowColumns]int64{int64(len(d.templates)) - 1, maxSpan, 15, 15, maxStatus, 0}
	for i := range d.columnOf {
		n := &d.columnOf[i]
		*n = d.ints(d.count)
		d.rowSections[i] = d.next
		if i == rowTemplate {
			d.templateOf = d.loadIndex(n, len(d.templates)-1)
			continue
		}
		if d.plan.bad {
			return
		}
		if d.loadInts(n); i != rowLatency && !n.within(limits[i]) {
			d.plan.fail()
		}
	}
	for _, t := range d.templateOf {
		d.templates[t].used++
	}
	for i := range d.templates {
		t := &d.templates[i]
		for _, c := range t.columns {
			d.rows[c] += t.used
		}
		if d.work += t.used * t.pieces; d.work > maxWork {
			d.plan.fail()
			return
		}
	}
}

func (d *Decoder) readColumns() {
	n := d.plan.number(maxColumns)
	if n != len(d.rows) {
		d.plan.fail()
	}
	d.columns = d.columns[:0]
	for i := range n {
		if d.plan.bad {
			return
		}
		d.columns = append(d.columns, d.parse(d.rows[i], i, 0))
	}
	d.checkOrder()
	if d.plan.bad {
		return
	}
	for i := range d.columns {
		if c := &d.columns[i]; c.op == opConst {
			d.said[i] = c.text
		}
		d.slot[i] = 0
		if d.rows[i] != d.count {
			d.slot[i] = int32(i + 1)
		}
	}
	for i := range d.templates {
		t := &d.templates[i]
		t.slots = append(t.slots, 0)
		for _, c := range t.columns {
			if s := d.slot[c]; s > 0 {
				t.slots = append(t.slots, s)
			}
		}
	}
}

// row is which of its values a column has in the record under way.
func (d *Decoder) row(column int) uint32 { return d.cursor[d.slot[column]] }
