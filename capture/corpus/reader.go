package corpus

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"time"

	"reprise/capture"
)

// Reader reads a corpus front to back. It is a capture.Source.
type Reader struct {
	in     window
	file   *os.File // what Close closes, if anything
	footer int64    // offset of the footer; 0 where it is not known
	header Header
	id     fileID
	hosts  Hosts
	holes  holes // in the list of hosts
	index  *index
	unpack *unpacker
	rows   rowDecoder
	damage []Damage
	open   int // index in damage of an entry whose lost records are not known yet; -1 where there is none

	expect   int64 // sequence number that the next block should begin with
	last     int64 // time of the last record of the blocks before
	from, to int64 // times wanted: from <= t < to
	kinds    uint16
	started  bool  // a rows block was met
	at       int64 // offset of the block that rows decodes
	wasted   int64 // bytes checked in vain
	sum      content
	blocks   int64
	ended    bool // everything was read, or passed over as not wanted
	err      error
}

// NewReader begins to read a corpus from a stream. It needs no more memory than two blocks.
func NewReader(in io.Reader) (*Reader, error) {
	u, err := newUnpacker()
	if err != nil {
		return nil, err
	}
	r := newReader(in, u)
	if err := r.begin(); err != nil {
		u.close()
		return nil, err
	}
	return r, nil
}

func newReader(in io.Reader, u *unpacker) *Reader {
	return &Reader{
		in: window{src: in}, unpack: u, open: -1, from: math.MinInt64, to: math.MaxInt64, kinds: math.MaxUint16,
		sum: newContent(),
	}
}

// begin reads the magic and the header.
func (r *Reader) begin() error {
	start := r.in.peek(magicLen)
	if err := r.in.failed(); err != nil && len(start) < magicLen {
		return fmt.Errorf("corpus: read: %w", err)
	}
	if err := checkMagic(start); err != nil {
		return err
	}
	r.in.skip(int64(magicLen))
	h, id, ok := parseHead(r.in.peek(headLen))
	size := headLen
	if ok && h.typ == typeHeader {
		size = int(h.size())
	}
	block := r.in.peek(size)
	if err := r.in.failed(); err != nil && len(block) < size {
		return fmt.Errorf("corpus: read: %w", err)
	}
	if size == headLen || len(block) < size {
		return ErrHeader
	}
	payload, err := r.unpack.unpack(&h, block[headLen:])
	if err != nil {
		return ErrHeader
	}
	r.in.skip(h.size())
	r.id = id
	r.header, err = parseHeader(payload)
	return err
}

// Header returns what the corpus is.
func (r *Reader) Header() Header { return r.header }

// Close releases what the reader holds and closes the file that Open opened.
func (r *Reader) Close() error {
	r.unpack.close()
	if r.err == nil {
		r.err = errors.New("corpus: reader is closed")
	}
	if r.file != nil {
		return r.file.Close()
	}
	return nil
}

// Bytes returns how far into the file or the stream the reader is.
func (r *Reader) Bytes() int64 { return r.in.offset }

// Blocks returns how many blocks of records were met so far, without those that are damaged.
func (r *Reader) Blocks() int64 { return r.blocks }

// Skim makes Next leave URL, Headers, Body and Message empty, which is twice as fast: for those who only want to know when
// what came. It is called before Next.
func (r *Reader) Skim() { r.rows.skim = true }

// Next fills rec with the next record and returns io.EOF after the last. The slices in rec are valid until the next
// call. Damage is not an error: ask Damage.
func (r *Reader) Next(ctx context.Context, rec *capture.Record) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	for {
		for r.rows.left > 0 {
			if err := r.rows.next(rec); err != nil {
				r.damaged(Damage{Offset: r.at, Length: r.in.offset - r.at, Reason: BadRows, Records: int64(r.rows.left), Block: true})
				r.rows.left = 0
				break
			}
			switch {
			case r.rows.now < r.from:
				continue
			case r.rows.now >= r.to:
				r.rows.left = 0
				return r.stop(io.EOF)
			}
			return nil
		}
		if r.err != nil {
			return r.err
		}
		if err := r.block(); err != nil {
			return r.stop(err)
		}
	}
}

func (r *Reader) stop(err error) error {
	r.err = err
	return err
}

// block deals with the next block, whatever it is.
func (r *Reader) block() error {
	begin := r.in.peek(headLen)
	if err := r.in.failed(); err != nil && len(begin) < headLen {
		return fmt.Errorf("corpus: read at offset %d: %w", r.in.offset+int64(len(begin)), err)
	}
	if len(begin) == 0 {
		r.damaged(Damage{Offset: r.in.offset, Reason: NoFooter, Records: -1})
		r.ended = true
		return io.EOF
	}
	h, id, ok := parseHead(begin)
	if !ok || id != r.id {
		reason := NoBlock
		if len(begin) < headLen {
			reason = Truncated
		}
		r.holes.open(r.in.offset)
		return r.resync(Damage{Offset: r.in.offset, Reason: reason, Records: -1, Block: true}, 1)
	}
	switch h.typ {
	case typeRows:
		return r.rowsBlock(&h)
	case typeEnd:
		return r.endBlock(&h)
	case typeHosts:
		return r.hostsBlock(&h)
	case typeHeader, typeIndex:
		if h.typ == typeHeader {
			r.holes.footer = r.in.offset
		}
		_, err := r.payload(&h) // only to know whether it is whole
		return err
	}
	return r.unknownBlock(&h)
}

// unknownBlock passes over a block of a type from a later version.
func (r *Reader) unknownBlock(h *head) error {
	if h.records > 0 {
		if h.firstSeq < r.expect {
			return r.resync(Damage{Offset: r.in.offset, Reason: OutOfOrder, Block: true}, headLen)
		}
		r.gap(h.firstSeq)
		r.damaged(Damage{Offset: r.in.offset, Length: h.size(), Reason: UnknownType, Records: int64(h.records), Block: true})
		r.expect = h.firstSeq + int64(h.records)
	}
	r.in.skip(h.size())
	return nil
}

// rowsBlock makes a rows block's records the next ones, if they are wanted.
func (r *Reader) rowsBlock(h *head) error {
	if h.records == 0 || h.firstSeq < r.expect || h.firstSeq > maxTotal || r.started && h.first < r.last {
		return r.resync(Damage{Offset: r.in.offset, Reason: OutOfOrder, Block: true}, headLen)
	}
	if h.first >= r.to {
		return io.EOF
	}
	if h.firstSeq > r.expect {
		r.holes.open(r.in.offset)
	}
	r.gap(h.firstSeq)
	if h.last < r.from || r.kinds != math.MaxUint16 && h.kinds&r.kinds == 0 {
		r.passed(h)
		r.in.skip(h.size())
		return nil
	}
	payload, err := r.payload(h)
	if err != nil {
		return err
	}
	if payload != nil {
		r.passed(h)
		r.at = r.in.offset - h.size()
		r.rows.start(h, payload)
	}
	return nil
}

// passed accounts for a rows block whose header is right.
func (r *Reader) passed(h *head) {
	r.started, r.last = true, h.last
	r.holes.rows()
	r.blocks++
	r.expect = h.firstSeq + int64(h.records)
	r.sum.add(h.rawCRC, h.raw, h.records, h.first, h.last)
}

// payload reads a block's payload and goes to the block after. It is nil where the block is damaged.
func (r *Reader) payload(h *head) ([]byte, error) {
	at := r.in.offset
	block := r.in.peek(int(h.size()))
	lost := Damage{Offset: at, Records: int64(h.records), Block: h.typ == typeRows || h.typ == typeHosts}
	if len(block) < int(h.size()) {
		if err := r.in.failed(); err != nil {
			return nil, fmt.Errorf("corpus: read at offset %d: %w", at+int64(len(block)), err)
		}
		lost.Reason = Truncated
		return nil, r.resyncCounted(lost, h)
	}
	payload, err := r.unpack.unpack(h, block[headLen:])
	switch {
	case errors.Is(err, errChecksum):
		lost.Reason = BadChecksum
		return nil, r.resyncCounted(lost, h)
	case err != nil:
		lost.Reason = BadPayload
		return nil, r.resyncCounted(lost, h)
	}
	r.in.skip(h.size())
	return payload, nil
}

// resyncCounted goes on behind a block whose header is right and whose payload is not.
func (r *Reader) resyncCounted(d Damage, h *head) error {
	if h.typ == typeRows {
		r.expect = h.firstSeq + int64(h.records)
	}
	// A block that was cut short must not hide the one behind it. But headers made up to be checked again and again
	// must not cost more than reading does.
	const patience = 64 << 20
	pass := int64(headLen)
	if r.wasted += int64(h.stored); r.wasted > 8*r.in.offset+patience {
		pass = h.size()
	}
	return r.resync(d, pass)
}

// resync passes n bytes, takes note of the damage and moves to the next header that is right, or to the end.
func (r *Reader) resync(d Damage, n int64) error {
	pattern := append([]byte(blockMagic), r.id[:]...)
	d.Length = r.in.skip(n)
	for {
		passed, found := r.in.find(pattern)
		d.Length += passed
		if found {
			if _, _, ok := parseHead(r.in.peek(headLen)); !ok {
				d.Length += r.in.skip(1)
				continue
			}
		}
		r.damaged(d)
		if err := r.in.failed(); err != nil && !found {
			return fmt.Errorf("corpus: read at offset %d: %w", r.in.offset, err)
		}
		return nil
	}
}

// gap says that the next record known to exist is seq: so many are missing before it.
func (r *Reader) gap(seq int64) {
	missing := seq - r.expect
	if r.open < 0 && missing > 0 {
		r.damaged(Damage{Offset: r.in.offset, Reason: Missing, Records: missing, Block: true})
	}
	// The first damage since the last known record takes the blame for all.
	for i := r.open; i >= 0 && i < len(r.damage); i++ {
		if r.damage[i].Records < 0 {
			r.damage[i].Records, missing = missing, 0
		}
	}
	r.open, r.expect = -1, seq
}

func (r *Reader) hostsBlock(h *head) error {
	at := r.in.offset
	payload, err := r.payload(h)
	if err != nil {
		return err
	}
	if payload == nil {
		r.holes.lose(at)
		return nil
	}
	if r.hosts.decode(payload) != nil {
		r.holes.lose(at)
		r.damaged(Damage{Offset: at, Length: h.size(), Reason: BadPayload, Block: true})
	}
	return nil
}

// endBlock checks that the end is where it says and that nothing is missing before it.
func (r *Reader) endBlock(h *head) error {
	payload, err := r.payload(h)
	if err != nil || payload == nil {
		return err
	}
	var records uint64
	if len(payload) == endLen {
		records = binary.LittleEndian.Uint64(payload[8:])
	}
	if records < uint64(r.expect) || records > maxTotal {
		r.damaged(Damage{Offset: r.in.offset - h.size(), Length: h.size(), Reason: BadFooter})
	} else {
		r.gap(int64(records))
		r.holes.end(int64(binary.LittleEndian.Uint64(payload)))
	}
	if len(r.in.peek(1)) > 0 {
		at := r.in.offset
		for len(r.in.peek(1)) > 0 {
			r.in.skip(1 << 20)
		}
		r.damaged(Damage{Offset: at, Length: r.in.offset - at, Reason: TrailingData})
	}
	r.ended = true
	return io.EOF
}

// Hash names the records of the corpus: 64 hexadecimal digits. It is known at once where there is an index, else after
// the last record; then it covers the blocks that could be found.
func (r *Reader) Hash() (hash string, ok bool) {
	if r.index != nil {
		return r.index.hash(), true
	}
	return r.sum.String(), r.ended
}

// Index returns the table of contents, if the input is a file whose footer is whole.
func (r *Reader) Index() (Index, bool) {
	if r.index == nil {
		return Index{}, false
	}
	return r.index.public(), true
}

// SeekTime goes to the first record at or after t. A file with an index goes there directly, also back; a stream only
// goes forward: ErrSeek where it is beyond t already.
func (r *Reader) SeekTime(t time.Time) error {
	ns := clampTime(t)
	if r.index == nil {
		if r.started && r.rows.now >= ns {
			return ErrSeek
		}
		r.from = ns
		return nil
	}
	r.from, r.err = ns, nil
	return r.enter(ns)
}
