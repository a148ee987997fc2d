package columns

import "slices"

// Learned is what the first block of a file taught: how each column is best written, by its name, and which texts come again. The
// blocks after it begin from there. It does not change any more then, so that blocks can be built side by side.
type Learned struct {
	sources map[string]source
	parents map[string]parent
	order   map[string]int // of columns
	sizes   map[string]size
	records int  // of the block
	whole   size // of all these columns
	history []byte
}

// size is what a column had that was not always the same.
type size struct{ values, bytes int }

// source is another column from which a column follows, and how.
type source struct {
	name string // empty: there is none
	op   byte
}

// parent is another column that tells a column's value, by the first bytes of its own.
type parent struct {
	name   string
	length int
}

func newLearned() *Learned {
	return &Learned{sources: make(map[string]source), parents: make(map[string]parent), order: make(map[string]int), sizes: make(map[string]size)}
}

// learnSizes keeps how large the columns of the block are.
func (b *builder) learnSizes() {
	l := b.learned
	l.records = len(b.e.rows)
	for _, c := range b.e.columns {
		if c.same == 0 {
			l.sizes[c.name] = size{c.len(), c.size()}
			l.whole.values += c.len()
			l.whole.bytes += c.size()
		}
	}
}

// room is how many values and bytes a column is to have in a block of at most so many records. All columns together have no more than
// fits a block: where records are large it has few.
func (l *Learned) room(name string, most int) (values, bytes int) {
	s, known := l.sizes[name]
	if !known {
		return 0, 0
	}
	const mostValues = maxNumbers / 4
	times := min(float64(most)/float64(max(l.records, 1)), maxPayload/float64(max(l.whole.bytes, 1)), mostValues/float64(max(l.whole.values, 1)))
	room := func(n int) int { return int(float64(n)*times*1.05) + 64 }
	return min(room(s.values), most), room(s.bytes)
}

// History is the dictionary of the file; empty where no text was learnt.
func (l *Learned) History() []byte {
	if l == nil {
		return nil
	}
	return l.history
}

const (
	historyBytes = 128 << 10
	historyShare = 16 << 10 // what a text's column needs to have to be a part of it
)

// learnText keeps a text's column as a part of the file's dictionary.
func (b *builder) learnText(data []byte) {
	if !b.learning || len(data) < historyShare {
		return
	}
	l := b.learned
	l.history = append(l.history, data[len(data)-min(len(data), historyBytes):]...)
	if n := len(l.history); n > historyBytes {
		l.history = slices.Clone(l.history[n-historyBytes:])
	}
}
