package corpus

import (
	"fmt"
	"sync"

	"reprise/capture"
	"reprise/capture/frame"
	"reprise/capture/internal/columns"
)

// filling is a block under way, of one codec.
type filling interface {
	// fits says whether the block, which is not empty, takes one more record, which adds at most size bytes; limit is that of a block of
	// rows.
	fits(r *capture.Record, size, limit int) bool
	// add appends a record and says whether the block is full.
	add(r *capture.Record, size int, alike bool, limit int) (full bool)
	codec() byte
	// hand gives the block to p, which makes it, and begins with the next one.
	hand(w *Writer, p *compression) error
}

// rowBlocks fills blocks of rows.
type rowBlocks struct {
	encode  encoder
	records int
}

func (b *rowBlocks) fits(r *capture.Record, size, limit int) bool {
	return b.encode.fits(r, size, limit)
}

func (b *rowBlocks) add(r *capture.Record, size int, alike bool, limit int) bool {
	b.records++
	return b.encode.add(r, size, alike) >= limit || b.records >= blockRecords
}

func (b *rowBlocks) codec() byte { return b.encode.codec() }

func (b *rowBlocks) hand(_ *Writer, p *compression) error {
	p.records, p.learned = nil, nil
	p.raw = b.encode.take(p.raw)
	b.records = 0
	return nil
}

// Limits of a block of columns: it takes many records to learn what they have in common. The first block is smaller: it is waited for, and
// a small file has more than one. A record that is large has a block of rows to itself.
const (
	columnFirst   = 4096
	columnRecords = 16_384
	columnBytes   = 12 << 20
	columnNumbers = 2 << 20
	columnLargest = 1 << 20
	// dictionaryAfter is how many blocks are written before the file gets a dictionary, which is in it twice: a small file is smaller without.
	dictionaryAfter = 4
)

// columnBlocks fills blocks of columns. While one is filled, another one is built, and one more is read back: each of these at one block at
// a time, so that a writer needs the same memory on any number of processors.
type columnBlocks struct {
	encode  *columns.Encoder // nil where the next record finds one
	first   *columns.Encoder // of columnEncoders
	made    int              // of them
	free    chan *columns.Encoder
	learned *columns.Learned
	blocks  int  // that were handed over
	told    bool // the dictionary is in the file
	others  concluded
	sum     uint64 // of the digests of others
	build   struct {
		sync.Mutex
		sections *frame.SectionPacker
		history  bool // sections knows the file's dictionary
	}
	check struct {
		sync.Mutex
		verifier verifier
	}
}

// columnEncoders is how many encoders a writer has: the one that is filled, and the one that is built.
const columnEncoders = 2

func newColumnBlocks() *columnBlocks {
	return &columnBlocks{free: make(chan *columns.Encoder, columnEncoders)} // all of them fit: giving one back does not wait
}

// take finds an encoder for the block to come. It waits for that of the block under way, where there are no more.
func (b *columnBlocks) take() {
	switch {
	case b.encode != nil:
		return
	case b.made == 0:
		b.first, b.made = columns.NewEncoder(), 1
		b.encode = b.first
		return
	}
	select {
	case b.encode = <-b.free:
	default:
		if b.made == columnEncoders {
			b.encode = <-b.free
			break
		}
		b.encode, b.made = b.first.Twin(), b.made+1
	}
	b.encode.Expect(b.learned, columnRecords)
}

// Columns makes the writer pack records by column, in fewer bytes and more time. It is called before the first record is written. A
// block of columns is a large one: who writes what comes as it comes writes rows.
func (w *Writer) Columns() {
	if !w.plain {
		w.columns = newColumnBlocks()
	}
}

func (w *Writer) fillingOf(size int) filling {
	if w.columns != nil && size <= columnLargest {
		return w.columns
	}
	return w.rows
}

func (b *columnBlocks) fits(r *capture.Record, size, _ int) bool {
	return b.encode.Size()+size <= columnBytes && b.encode.Reaches(r.Time)
}

func (b *columnBlocks) add(r *capture.Record, _ int, _ bool, _ int) bool {
	b.take()
	b.encode.Add(r)
	b.sum += b.others.digest(r)
	most := columnRecords
	if b.learned == nil {
		most = columnFirst
	}
	return b.encode.Len() >= most || b.encode.Numbers() >= columnNumbers
}

func (b *columnBlocks) codec() byte { return codecColumns }

func (b *columnBlocks) hand(w *Writer, p *compression) error {
	if b.blocks++; b.blocks > dictionaryAfter && !b.told && len(b.learned.History()) > 0 {
		b.told = true
		w.drain()
		w.block(&head{Type: typeDictionary}, b.learned.History())
	}
	if err := b.prepare(); err != nil {
		return err
	}
	p.records, p.learned, p.others, b.sum = b.encode, b.learned, b.sum, 0
	b.encode = nil
	return nil
}

// prepare sees to it that blocks are packed with the file's dictionary, once there is one: then no block is under way.
func (b *columnBlocks) prepare() error {
	history := b.history()
	if b.build.sections != nil && b.build.history == (len(history) > 0) {
		return nil
	}
	b.close()
	var err error
	b.build.sections, err = frame.NewSectionPacker(history)
	b.check.verifier.decode = newColumnDecoder(history)
	b.build.history = len(history) > 0
	return err
}

// close gives memory back, when no block is under way.
func (b *columnBlocks) close() {
	if b.build.sections != nil {
		b.build.sections.Close()
		b.check.verifier.decode.Close()
		b.build.sections = nil
	}
}

// run makes the block of p and reads it back.
func (b *columnBlocks) run(p *compression) {
	b.make(p)
	if len(p.raw) > maxRaw {
		p.err = fmt.Errorf("corpus: internal error: a block of %d bytes", len(p.raw))
		return
	}
	b.check.Lock()
	defer b.check.Unlock()
	if p.err = b.check.verifier.verify(&p.head, p.raw, p.others); p.err == nil {
		p.block = frame.Store(p.block, newLayout2(), &p.head, p.raw)
	}
}

// make makes the block, and gives the encoder back.
func (b *columnBlocks) make(p *compression) {
	b.build.Lock()
	defer b.build.Unlock()
	p.raw, p.learned = p.records.Build(p.raw[:0], p.head.First, b.build.sections, p.learned)
	p.records.Reset()
	b.free <- p.records
	p.records = nil
}

// history is the dictionary of the file, once it is there.
func (b *columnBlocks) history() []byte {
	if b.told {
		return b.learned.History()
	}
	return nil
}

// learn takes what the first block taught.
func (b *columnBlocks) learn(l *columns.Learned) { b.learned = l }

// footer repeats the dictionary, for readers that enter the file by its end.
func (b *columnBlocks) footer(w *Writer) {
	if b.told {
		w.block(&head{Type: typeDictionary}, b.learned.History())
	}
}
