package columns

import (
	"encoding/binary"
	"slices"
	"time"

	"reprise/capture"
)

const (
	manyTemplates = 512     // of a block, after which arrays are not split
	mostTemplates = 1024    // of a block, after which bodies are not: what has more shapes than that is not made by one program
	templateBytes = 1 << 20 // of all templates of a block
	manyColumns   = 1 << 14 // of a block, after which bodies are not split either
	recent        = 16      // templates that a record is compared with first
)

// Encoder collects the records of one block. It is for one goroutine at a time; what it collected can be packed in another one.
type Encoder struct {
	split     splitter
	templates []*template
	byKey     map[string]int
	order     []int // templates, the one used last first
	columns   []*column
	byName    map[string]int
	rows      []row
	cuts      []cut
	key       []byte
	spare     map[string]*column // of the block before, by their names
	learned   *Learned           // says what memory columns need
	most      int                // records of a block
	texts     int                // bytes in templates
	pieces    int                // of templates
	size      int                // bytes of values
	output    int                // bytes of the records
	numbers   int                // about how many numbers the columns have
	build     *builder           // its memory is used again
}

// row is what a record has besides its template's values.
type row struct {
	template     uint32
	time         int64
	latency      int64
	status       uint32
	body         uint32 // length
	kind, origin byte
}

// column is the values of one name, with the records that they are of.
type column struct {
	name string
	values
	some []uint32 // the records that have it, where not all up to the last of them do
	of   []uint32 // the records that have it, when a block is built
}

// add appends the value of a record.
func (c *column) add(record uint32) {
	n := c.len() - 1
	if len(c.some) == 0 {
		if n == int(record) {
			return
		}
		for i := range n {
			c.some = append(more(c.some, 1), uint32(i))
		}
	}
	c.some = append(more(c.some, 1), record)
}

// room is how much memory a column has.
func (c *column) room() int { return 256 + cap(c.data) + 4*(cap(c.ends)+cap(c.some)) }

// NewEncoder returns an empty encoder.
func NewEncoder() *Encoder { return newEncoder(&builder{}) }

// Twin returns an empty encoder that shares the memory in which blocks are built: it collects while e is built, and the two are built one
// after the other.
func (e *Encoder) Twin() *Encoder { return newEncoder(e.build) }

func newEncoder(b *builder) *Encoder {
	return &Encoder{
		split: splitter{names: make(map[string]int)}, byKey: make(map[string]int), byName: make(map[string]int), spare: make(map[string]*column), build: b,
	}
}

// Expect makes room for columns as large as those of the block were that taught; most is how many records the next one may have.
func (e *Encoder) Expect(l *Learned, most int) { e.learned, e.most = l, most }

// Len is how many records were added.
func (e *Encoder) Len() int { return len(e.rows) }

// Reaches says whether a record of that time may be in a block with those that were added: a block of columns spans 146 years.
func (e *Encoder) Reaches(t time.Time) bool {
	return len(e.rows) == 0 || uint64(t.UnixNano())-uint64(e.rows[0].time) <= maxSpan
}

// Size is about how many bytes they take here. It is large, too, where they come near to another limit of a block.
func (e *Encoder) Size() int {
	const piece, column = 64, 512
	return max(e.size+e.texts+piece*e.pieces+column*len(e.columns), e.output/(maxOutput/maxPayload))
}

// Numbers is at most how many numbers are to be written of them.
func (e *Encoder) Numbers() int { return e.numbers }

// Add appends a record, and copies what it needs of it.
func (e *Encoder) Add(r *capture.Record) {
	at := e.template(r)
	t := e.templates[at]
	n := uint32(len(e.rows))
	e.rows = append(e.rows, row{
		template: uint32(at), time: r.Time.UnixNano(), latency: int64(r.Response.Latency), status: uint32(r.Response.Status),
		body: uint32(len(r.Body)), kind: byte(r.Kind), origin: byte(r.Origin),
	})
	k := addCuts(e, t.parts[partBody], r.Body, 0, n)
	e.output += len(r.Body)
	for i := partURL; i < len(t.parts); i++ {
		text := t.text(r, i)
		e.output += len(text)
		k = addCuts(e, t.parts[i], text, k, n)
	}
}

func addCuts[T string | []byte](e *Encoder, p part, text T, k int, row uint32) int {
	for i := range p {
		if p[i].column < 0 {
			continue
		}
		c, at := e.columns[p[i].column], e.cuts[k]
		addValue(&c.values, text[at.from:at.to])
		c.add(row)
		e.size += at.to - at.from
		e.numbers += 2
		k++
	}
	return k
}

// template returns the number of the record's template and leaves its values in e.cuts.
func (e *Encoder) template(r *capture.Record) int {
	for i, at := range e.order {
		if i == recent {
			break
		}
		t := e.templates[at]
		if !t.of(r) {
			continue
		}
		var ok bool
		if e.cuts, ok = splitBy(t, r, e.cuts[:0]); ok {
			copy(e.order[1:i+1], e.order[:i])
			e.order[0] = at
			return at
		}
	}
	t := e.split.newTemplate(r, e.detail(), e.column)
	e.key = t.appendKey(e.key[:0], nil)
	at, known := e.byKey[string(e.key)]
	if !known {
		at = len(e.templates)
		e.byKey[string(e.key)] = at
		e.templates = append(e.templates, t)
		e.texts += len(e.key)
		for _, p := range t.parts {
			e.pieces += 1 + len(p)
		}
	}
	var ok bool
	if e.cuts, ok = splitBy(e.templates[at], r, e.cuts[:0]); !ok {
		panic("columns: internal error: a record does not fit the template that was made of it")
	}
	e.use(at)
	return at
}

// detail is how far bodies are split: the more shapes there are, the less.
func (e *Encoder) detail() detail {
	n := len(e.templates)
	switch {
	case n >= mostTemplates || e.texts > templateBytes || len(e.columns) > manyColumns:
		return noDetail
	case n >= manyTemplates || e.texts > templateBytes/2:
		return noArrays
	}
	return allDetail
}

// use puts a template before the others.
func (e *Encoder) use(at int) {
	i := slices.Index(e.order, at)
	if i < 0 {
		e.order = append(e.order, at)
		if i = len(e.order) - 1; i > recent {
			e.order[recent], i = e.order[i], recent // the others are not looked at
			e.order = e.order[:recent+1]
		}
	}
	copy(e.order[1:i+1], e.order[:i])
	e.order[0] = at
}

func (e *Encoder) column(name string) int {
	n, ok := e.byName[name]
	if !ok {
		n = len(e.columns)
		e.byName[name] = n
		c := e.spare[name]
		if delete(e.spare, name); c == nil {
			c = &column{name: name}
		}
		if e.learned != nil {
			c.expect(e.learned.room(name, e.most))
		}
		e.columns = append(e.columns, c)
	}
	return n
}

// Reset makes e empty. The memory of its columns is used again by those of the same names.
func (e *Encoder) Reset() {
	const most = 64 << 20 // bytes of columns that are kept
	clear(e.spare)
	kept := 0
	for _, c := range e.columns {
		c.reset()
		c.some, c.of = c.some[:0], nil
		if kept += c.room(); kept < most {
			e.spare[c.name] = c
		}
	}
	clear(e.columns)
	clear(e.templates)
	clear(e.byKey)
	clear(e.byName)
	e.templates, e.order, e.rows, e.columns = e.templates[:0], e.order[:0], e.rows[:0], e.columns[:0]
	e.texts, e.pieces, e.size, e.output, e.numbers = 0, 0, 0, 0, 0
}

// appendKey appends what tells a template from others; it is its definition in the file, too, where the columns have other numbers.
func (t *template) appendKey(b []byte, number []int) []byte {
	b = appendText(appendText(appendText(b, t.method), t.host), t.vendor)
	b = binary.AppendUvarint(b, uint64(len(t.names)))
	for _, name := range t.names {
		b = appendText(b, name)
	}
	for _, p := range t.parts {
		b = binary.AppendUvarint(b, uint64(len(p)))
		for _, c := range p {
			switch {
			case c.column < 0:
				b = appendText(append(b, 0), c.text)
			case number != nil:
				b = binary.AppendUvarint(b, uint64(number[c.column])+1)
			default:
				b = binary.AppendUvarint(b, uint64(c.column)+1)
			}
		}
	}
	return b
}

func appendText[T string | []byte](b []byte, s T) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}
