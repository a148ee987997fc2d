package corpus

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
	"time"

	"reprise/capture"
	"reprise/capture/frame"
)

const (
	blockRecords = 4096
	blockBytes   = 1 << 20
)

// Writer writes a corpus front to back. It is a capture.Sink.
type Writer struct {
	w      io.Writer
	header Header
	id     fileID
	salt   salt
	digest digester
	plain  bool  // a temporary file, whose content hash nobody asks for
	batch  batch // of the block under way
	limit  int   // raw bytes of a block of rows
	level  frame.Level
	small  *frame.Packer // of blocks that have no records

	rows    *rowBlocks
	columns *columnBlocks // nil where records are written in rows
	filling filling       // of the two, the one that has the block under way

	most       int            // blocks that are compressed at a time; 0 where the writer does it itself
	busy, idle []*compression // those under way, the oldest first, and those that may be used again
	handed     int64          // records in blocks that are written or being compressed

	offset int64
	footer int64 // where it begins, once closed
	last   time.Time
	index  index
	counts counts
	sum    uint64              // of the digests of the records in blocks that are written
	hosts  Hosts               // all that is known
	fresh  Hosts               // what no hosts block has said yet
	seen   map[string]struct{} // hosts as given, so that each is hashed once
	recent string
	unread []Damage
	lost   Lost

	err    error // the first failed write; nothing is written after it
	closed bool
}

// NewWriter begins a corpus on w.
func NewWriter(w io.Writer, h Header) (*Writer, error) {
	level := frame.Default
	if h.State == Synthetic { // half of it is random ids: it takes a quarter less time, and one part in a hundred more room
		level = frame.Fastest
	}
	return newWriter(w, h, level, blockBytes, compressors())
}

func newWriter(w io.Writer, h Header, level frame.Level, limit, most int) (*Writer, error) {
	header, err := h.encode()
	if err != nil {
		return nil, err
	}
	p, err := newPacker(level)
	if err != nil {
		return nil, err
	}
	out := &Writer{
		w: w, header: h, small: p, limit: limit, level: level, most: most, counts: newCounts(), seen: make(map[string]struct{}),
	}
	out.rows = &rowBlocks{encode: newEncoder()}
	out.id, out.salt = identity(h.State, h.Seed, header)
	out.put([]byte(magic))
	out.headerBlock(header)
	return out, out.err
}

func newPacker(level frame.Level) (*frame.Packer, error) {
	p, err := frame.NewPacker(newLayout2(), level)
	if err != nil {
		return nil, fmt.Errorf("corpus: %w", err)
	}
	return p, nil
}

// identity returns a new file's id and salt. Those of a synthetic corpus follow from its header, and those of a sample from
// what it was taken from, so that the same seed gives the same file.
func identity(s State, seed string, header []byte) (id fileID, hosts salt) {
	if s == Synthetic || s == Anonymized && seed != "" {
		sum := sha256.Sum256(append(header[:len(header):len(header)], seed...))
		copy(id[:], sum[:])
		copy(hosts[:], sum[len(id):])
		return id, hosts
	}
	_, _ = rand.Read(id[:]) // never fails: see crypto/rand
	_, _ = rand.Read(hosts[:])
	return id, hosts
}

// Write appends a record. ErrOrder, ErrTooLarge and ErrInvalid leave the record out and the writer
// usable; any other error is final. Blocks are compressed while others are filled, so that what the disk says comes some
// blocks later, at the latest from Flush or Close.
func (w *Writer) Write(r *capture.Record) error {
	if w.err != nil {
		return w.err
	}
	if w.closed {
		return fmt.Errorf("corpus: write after close")
	}
	size, err := checkRecord(r)
	if err != nil {
		return err
	}
	if w.Records() > 0 && r.Time.Before(w.last) {
		return ErrOrder
	}
	w.Announce(r)
	to := w.fillingOf(size)
	if w.batch.records > 0 && (to != w.filling || !to.fits(r, size, w.limit)) {
		w.flush()
	}
	w.filling = to
	alike := w.digest.look(r, size) && w.batch.records > 0
	if !w.plain {
		w.batch.digest += w.digest.digest(w.Records(), r, size)
	}
	w.batch.add(r)
	if !w.plain {
		w.counts.add(w.batch.last, r.Kind)
	}
	w.last = r.Time
	if to.add(r, size, alike, w.limit) {
		w.flush()
	}
	return w.err
}

// Announce remembers the host of a record that will come, where the corpus is a recording. Write does so too; who holds
// records back calls it before.
func (w *Writer) Announce(r *capture.Record) {
	if w.header.captured() {
		w.AddHost(r.Host)
	}
}

// Records returns how many records were written.
func (w *Writer) Records() int64 { return w.handed + int64(w.batch.records) }

// AddHost remembers a host that records are captured from: a Host header, a TLS server name or a server's address, with
// or without port. Only a salted hash is stored. Loopback is not recorded.
func (w *Writer) AddHost(host string) {
	if host == w.recent {
		return
	}
	w.recent = host
	if _, ok := w.seen[host]; ok || w.hosts.overflow {
		return
	}
	if host == EveryHost {
		w.KeepHosts(Hosts{overflow: true})
		return
	}
	if len(w.seen) < maxHosts {
		w.seen[host] = struct{}{}
	}
	name := canonicalHost(host)
	if name == "" {
		return
	}
	hash := hashHost(w.salt, name)
	if w.hosts.add(w.salt, hash) {
		w.fresh.add(w.salt, hash)
		w.fresh.overflow = w.hosts.overflow
	}
}

// KeepHosts carries the hosts of another corpus over.
func (w *Writer) KeepHosts(from Hosts) {
	if w.hosts.merge(from) {
		w.fresh.merge(from)
		w.fresh.overflow = w.hosts.overflow
	}
}

// Flush ends the block under way, so that a reader of the unfinished file sees every record so far.
// Small blocks compress badly: once a second is often enough.
func (w *Writer) Flush() error {
	if w.batch.records > 0 {
		w.flush()
	}
	w.drain()
	return w.err
}

// flush ends the block under way.
func (w *Writer) flush() {
	w.flushHosts()
	h := w.batch.head(w.id, w.filling.codec(), w.handed)
	w.handed += int64(h.Records)
	if err := w.submit(h); err != nil && w.err == nil {
		w.err = err
	}
	w.batch = batch{}
}

func (w *Writer) flushHosts() {
	if w.fresh.count > 0 || w.fresh.overflow {
		w.drain()
		w.block(&head{Type: typeHosts}, w.fresh.encode())
		w.fresh = Hosts{}
	}
}

// Hash returns the content hash of the records written so far that are in whole blocks: of all after Close.
func (w *Writer) Hash() string { return contentHash(w.sum) }

// Close writes the rest and the footer. It does not close the underlying writer. Closing again does nothing.
func (w *Writer) Close() error {
	if w.closed {
		return w.err
	}
	if w.batch.records > 0 {
		w.flush()
	}
	w.closeWith((*Writer).writeCounts)
	return w.err
}

// closeWith writes the footer; counts writes the counts before it and returns what the footer says of them.
func (w *Writer) closeWith(counts func(*Writer) []byte) {
	w.drain()
	w.closed = true
	w.flushHosts()
	summary := counts(w)
	w.footer = w.offset
	if header, err := w.header.encode(); err == nil {
		w.headerBlock(header)
	}
	if w.hosts.count > 0 || w.hosts.overflow {
		w.block(&head{Type: typeHosts}, w.hosts.encode())
	}
	if w.columns != nil {
		w.columns.footer(w)
	}
	if len(w.unread) > 0 {
		w.unreadBlock()
	}
	if w.lost.any() {
		w.lostBlock()
	}
	for _, payload := range w.index.encode() {
		w.block(&head{Type: typeIndex}, payload)
	}
	if summary != nil {
		w.block(&head{Type: frame.Extension}, summary)
	}
	var end [endLen]byte
	binary.LittleEndian.PutUint64(end[:], uint64(w.footer))
	binary.LittleEndian.PutUint64(end[8:], uint64(w.index.records))
	binary.LittleEndian.PutUint64(end[16:], w.sum)
	w.block(&head{Type: typeEnd}, end[:])
	w.release()
}

// release gives the compressors' memory back, when they have ended.
func (w *Writer) release() {
	for _, p := range w.busy {
		<-p.done
	}
	for _, p := range append(w.idle, w.busy...) {
		p.close()
	}
	w.idle, w.busy = nil, nil
	if w.columns != nil {
		w.columns.close()
	}
	if w.small != nil {
		w.small.Close()
		w.small = nil
	}
}

func (w *Writer) block(h *head, payload []byte) {
	h.ID = w.id
	w.put(w.small.Pack(h, payload))
}

// put writes b whole, or poisons the writer.
func (w *Writer) put(b []byte) {
	if w.err != nil {
		return
	}
	n, err := w.w.Write(b)
	if err == nil && n != len(b) {
		err = io.ErrShortWrite
	}
	if err != nil {
		w.err = fmt.Errorf("corpus: write at offset %d: %w", w.offset, err)
	}
	w.offset += int64(len(b))
}
