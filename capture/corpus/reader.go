package corpus

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"time"

	"reprise/capture"
	"reprise/capture/frame"
	"reprise/capture/sms"
)

// Reader reads a corpus front to back. It is a capture.Source.
type Reader struct {
	in         frame.Reader
	file       *os.File // what Close closes, if anything
	footer     int64    // offset of the footer; 0 where it is not known
	version    byte     // of the format
	header     Header
	hosts      Hosts
	holes      holes // in the list of hosts
	index      *index
	summary    *summary            // nil where there is none, or none that counts
	columns    [countColumn][]byte // of counts, that were read
	random     io.ReaderAt         // the file, where it can be entered anywhere
	size, body int64               // of the file, and where what is behind its header begins
	of         *Reader             // whose twin it is, if it is one
	spares     spares              // of its twins
	unpack     *frame.Unpacker
	decode     decoder // of the block under way
	decoders   map[byte]decoder
	tally      *tally // nil where nobody asks
	public     func(header string) bool
	checks     *checking       // nil where digests are taken as they are
	history    []byte          // the dictionary of the file, once it is known
	left       int             // records of the block that are to come
	records    int             // of the block
	past       *capture.Record // the next record, where it was read and is past what was wanted
	now        int64           // time of the record given last
	ready      *Projection     // of the block under way, where it was made before
	projects   bool            // a block's projection is wanted, and nothing else of it
	skims      bool
	cuts       bool
	speller    sms.Speller // of records' persons
	damage     frame.Damages
	lost       Lost // before the corpus was made

	expect   int64       // sequence number that the next block should begin with
	last     int64       // time of the last record of the blocks before
	from     int64       // time from which records are wanted, of SeekTime
	started  bool        // a block of records was met
	at       int64       // offset of the block under way
	wasted   int64       // bytes checked in vain
	sum1     content1    // of version 1
	sum      uint64      // of the digests in the heads of the blocks so far
	total    *uint64     // of the whole corpus, once its end was read
	names    frame.Names // of extensions
	unsorted *unsorted   // of an unfinished file
	blocks   int64
	ended    bool // everything was read, or passed over as not wanted
	err      error
}

// NewReader begins to read a corpus from a stream. It needs no more memory than two blocks.
func NewReader(in io.Reader) (*Reader, error) {
	u, err := frame.NewUnpacker(maxRaw)
	if err != nil {
		return nil, fmt.Errorf("corpus: %w", err)
	}
	r := newReader(in, u)
	if err := r.begin(); err != nil {
		u.Close()
		return nil, err
	}
	return r, nil
}

func newReader(in io.Reader, u *frame.Unpacker) *Reader {
	return &Reader{
		in: *frame.NewReader(in, layout1{}, u), unpack: u, from: math.MinInt64,
		sum1: newContent1(), decoders: make(map[byte]decoder),
	}
}

// begin reads the magic and the header.
func (r *Reader) begin() error {
	start := r.in.Peek(magicLen)
	if err := r.in.Failed(); err != nil && len(start) < magicLen {
		return fmt.Errorf("corpus: read: %w", err)
	}
	var err error
	if r.version, err = version(start); err != nil {
		return err
	}
	if r.version > 1 {
		r.in.SetLayout(newLayout2())
	}
	r.in.Skip(int64(magicLen))
	h, err := r.in.First()
	if err == nil && h.Type != typeHeader {
		return ErrHeader
	}
	var payload []byte
	if err == nil {
		payload, err = r.in.Payload(&h)
	}
	if isDamage(err) || errors.Is(err, io.EOF) {
		return ErrHeader
	}
	if err != nil {
		return fmt.Errorf("corpus: %w", err)
	}
	r.in.SetID(h.ID)
	r.header, err = parseHeader(payload)
	return err
}

// isDamage says whether an error is about the bytes of a file, not about reading them.
func isDamage(err error) bool {
	_, ok := errors.AsType[frame.Reason](err)
	return ok
}

// Header returns what the corpus is.
func (r *Reader) Header() Header { return r.header }

// Close releases what the reader holds and closes the file that Open opened.
func (r *Reader) Close() error {
	if r.of == nil || r.skims || r.unsorted != nil || !r.of.spares.give(r) {
		r.release()
	}
	r.of = nil
	r.unpack, r.decode, r.decoders, r.left = nil, nil, nil, 0
	r.spares.close()
	if r.err == nil {
		r.err = errors.New("corpus: reader is closed")
	}
	if r.unsorted != nil {
		r.unsorted.close()
	}
	if r.file != nil {
		return r.file.Close()
	}
	return nil
}

// base is the reader whose twin r is, or r itself.
func (r *Reader) base() *Reader {
	if r.of != nil {
		return r.of
	}
	return r
}

// release gives back the memory that is not Go's.
func (r *Reader) release() {
	if r.unpack != nil {
		r.unpack.Close()
	}
	if d, ok := r.decoders[codecColumns].(*columnDecoder); ok {
		d.Close()
	}
}

// Bytes returns how far into the file or the stream the reader is.
func (r *Reader) Bytes() int64 { return r.in.Offset() }

// Blocks returns how many blocks of records were met so far, without those that are damaged.
func (r *Reader) Blocks() int64 { return r.blocks }

// Skim makes Next leave URL, Headers, Body and Message empty, which is twice as fast: for those who only want to know when
// what came. It is called before Next.
func (r *Reader) Skim() { r.skims = true }

// Cut has Next set the Cuts of records that have a template, and leave out what MakeWhole fills in: for who makes requests of them. It is
// called before Next.
func (r *Reader) Cut() { r.cuts = true }

// Next fills rec with the next record and returns io.EOF after the last. The slices in rec are valid until the next
// call. Damage is not an error: ask Damage.
func (r *Reader) Next(ctx context.Context, rec *capture.Record) error {
	return r.next(ctx, rec, everything())
}

// bounds are what of a corpus is wanted: records before a time, and blocks with one of some kinds.
type bounds struct {
	to    int64
	kinds uint16
}

func everything() bounds { return bounds{to: math.MaxInt64, kinds: math.MaxUint16} }

// errPast says that the next block begins at or after the end of what is wanted.
var errPast = errors.New("corpus: past the end of what is wanted")

// next is Next, and passes over blocks that hold nothing within w. Past its end it returns io.EOF and stays there: the reader itself
// may go on.
func (r *Reader) next(ctx context.Context, rec *capture.Record, w bounds) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if r.unsorted != nil {
		return r.inOrder(ctx, rec, w)
	}
	return r.main(ctx, rec, w)
}

// main is next of the file alone.
func (r *Reader) main(ctx context.Context, rec *capture.Record, w bounds) error {
	for {
		if d, ok := r.decode.(*columnDecoder); ok && r.passes(d) {
			r.left -= d.pass(r.from)
		}
		for r.left > 0 {
			ns, err := r.record(rec)
			if err != nil {
				r.spoiled()
				break
			}
			if ns >= w.to {
				past := *rec
				r.past = &past
				return io.EOF
			}
			r.left--
			if r.checks != nil {
				if r.checks.add(rec); r.left == 0 {
					r.checked()
				}
			}
			if r.now = ns; ns < r.from {
				continue
			}
			r.speller.Identify(rec)
			return nil
		}
		if r.err != nil {
			return r.err
		}
		switch err := r.block(w); {
		case errors.Is(err, errPast):
			return io.EOF
		case err != nil:
			return r.stop(err)
		}
	}
}

// passes says whether a block was begun of which the first records are too old.
func (r *Reader) passes(d *columnDecoder) bool {
	return r.left == r.records && r.left > 0 && d.head.First < r.from && r.past == nil && r.ready == nil && r.checks == nil && !r.skims
}

// spoiled says that what is left of the block is lost.
func (r *Reader) spoiled() {
	if r.tally != nil {
		r.tally.spoiled()
	}
	reason := BadRows
	if d, ok := r.decode.(*columnDecoder); ok {
		reason = d.reason(r.history)
	}
	r.damage.Add(Damage{Offset: r.at, Length: r.in.Offset() - r.at, Reason: reason, Records: int64(r.left), Block: true})
	r.left = 0
}

// record decodes the next record of the block, or takes the one that is at hand.
func (r *Reader) record(rec *capture.Record) (int64, error) {
	if r.past == nil {
		return r.decode.next(rec)
	}
	*rec, r.past = *r.past, nil
	return rec.Time.UnixNano(), nil
}

func (r *Reader) stop(err error) error {
	r.err = err
	return err
}

// block deals with the next block, whatever it is.
func (r *Reader) block(w bounds) error {
	h, err := r.in.Head()
	switch {
	case errors.Is(err, io.EOF):
		r.damage.Add(Damage{Offset: r.in.Offset(), Reason: NoFooter, Records: -1})
		r.ended = true
		return io.EOF
	case isDamage(err):
		r.holes.open(r.in.Offset())
		return r.resync(Damage{Offset: r.in.Offset(), Reason: reasonOf(err), Records: -1, Block: true}, 1)
	case err != nil:
		return fmt.Errorf("corpus: %w", err)
	}
	switch h.Type {
	case typeRecords:
		return r.recordsBlock(&h, w)
	case typeEnd:
		return r.endBlock(&h)
	case typeHosts:
		return r.hostsBlock(&h)
	case typeDictionary:
		if r.version > 1 {
			return r.dictionaryBlock(&h)
		}
	case frame.Extension:
		if r.version > 1 {
			return r.extensionBlock(&h)
		}
	case typeHeader, typeIndex:
		if h.Type == typeHeader {
			r.holes.footer = r.in.Offset()
		}
		_, err := r.payload(&h) // only to know whether it is whole
		return err
	}
	return r.unknownBlock(&h)
}

// recordsBlock makes a block's records the next ones, if they are wanted.
func (r *Reader) recordsBlock(h *head, w bounds) error {
	if h.Records == 0 || h.Seq < r.expect || h.Seq > maxTotal || r.started && h.First < r.last {
		return r.resync(Damage{Offset: r.in.Offset(), Reason: OutOfOrder, Block: true}, int64(r.in.Layout().Len()))
	}
	if h.First >= w.to {
		return errPast
	}
	if h.Seq > r.expect {
		r.holes.open(r.in.Offset())
	}
	r.gap(h.Seq)
	if h.Last < r.from || w.kinds != math.MaxUint16 && h.Kinds&w.kinds == 0 {
		r.passed(h)
		r.in.Skip(r.in.Size(h))
		return nil
	}
	decode := r.decoder(h.Codec)
	if decode == nil {
		return fmt.Errorf("corpus: block at offset %d: codec %d: %w", r.in.Offset(), h.Codec, ErrNewer)
	}
	if r.projects && r.tally == nil && r.checks == nil {
		if r.ready = r.base().spares.edge(r.in.Offset(), h); r.ready != nil {
			r.passed(h)
			r.at = r.in.Offset()
			r.in.Skip(r.in.Size(h))
			r.left, r.records = int(h.Records), int(h.Records)
			return nil
		}
	}
	payload, err := r.payload(h)
	if err != nil || payload == nil {
		return err
	}
	r.passed(h)
	r.at = r.in.Offset() - r.in.Size(h)
	r.decode = decode
	if d, ok := decode.(*columnDecoder); ok {
		d.cuts = r.cuts && !r.skims && r.checks == nil && r.unsorted == nil
	}
	r.decode.start(h, payload)
	if r.checks != nil {
		r.checks.sum, r.checks.want = 0, h.Digest
	}
	if r.tally != nil {
		r.tally.block(h.Codec, decode)
	}
	r.left = int(h.Records)
	r.records = r.left
	return nil
}

// decoder returns the decoder of a codec; nil where there is none.
func (r *Reader) decoder(codec byte) decoder {
	d := r.decoders[codec]
	if d != nil {
		return d
	}
	if d = newDecoder(codec, r.history); d != nil {
		if r.skims {
			d.skim()
		}
		r.decoders[codec] = d
	}
	return d
}

// passed accounts for a block of records whose header is right.
func (r *Reader) passed(h *head) {
	r.started, r.last = true, h.Last
	r.holes.rows()
	r.blocks++
	r.expect = h.Seq + int64(h.Records)
	if r.unsorted == nil { // else each record has another number
		r.sum += h.Digest
	}
	if r.version == 1 {
		r.sum1.add(h.RawCRC, h.Raw, h.Records, h.First, h.Last)
	}
}

// reasonOf returns the damage that an error is about.
func reasonOf(err error) Reason {
	reason, _ := errors.AsType[frame.Reason](err)
	return reason
}

// payload reads a block's payload and goes to the block after. It is nil where the block is damaged.
func (r *Reader) payload(h *head) ([]byte, error) {
	lost := Damage{Offset: r.in.Offset(), Block: h.Type == typeRecords || h.Type == typeHosts}
	if h.Type == typeRecords { // an extension's are those of the block that it is about
		lost.Records = int64(h.Records)
	}
	payload, err := r.in.Payload(h)
	switch {
	case isDamage(err):
		lost.Reason = reasonOf(err)
		return nil, r.resyncCounted(lost, h)
	case err != nil:
		return nil, fmt.Errorf("corpus: %w", err)
	}
	return payload, nil
}

// resyncCounted goes on behind a block whose header is right and whose payload is not.
func (r *Reader) resyncCounted(d Damage, h *head) error {
	if h.Type == typeRecords {
		r.expect = h.Seq + int64(h.Records)
	}
	// A block that was cut short must not hide the one behind it. But headers made up to be checked again and again
	// must not cost more than reading does.
	const patience = 64 << 20
	pass := int64(r.in.Layout().Len())
	if r.wasted += int64(h.Stored); r.wasted > 8*r.in.Offset()+patience {
		pass = r.in.Size(h)
	}
	return r.resync(d, pass)
}

// resync passes n bytes, takes note of the damage and moves to the next header that is right, or to the end.
func (r *Reader) resync(d Damage, n int64) error {
	var err error
	d.Length, err = r.in.Resync(n)
	r.damage.Add(d)
	if err != nil {
		return fmt.Errorf("corpus: %w", err)
	}
	return nil
}

// gap says that the next record known to exist is seq: so many are missing before it.
func (r *Reader) gap(seq int64) {
	r.damage.Settle(seq-r.expect, r.in.Offset())
	r.expect = seq
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
		if r.started && r.now >= ns {
			return ErrSeek
		}
		if r.unsorted != nil {
			r.unsorted.from = ns
		} else {
			r.from = ns
		}
		return nil
	}
	r.from, r.err = ns, nil
	return r.enter(ns)
}
