package corpus

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"sort"
	"time"

	"reprise/capture/frame"
	"reprise/capture/output"
)

// Open opens a corpus file, or the unfinished one of it. Where the file has a whole footer its index and its hosts are known
// at once; any other input is read as a stream. Errors name the path.
func Open(path string) (*Reader, error) { return openBy(path, openFile) }

// openBy opens the file at a path in a way, and closes it where that fails.
func openBy(path string, open func(*os.File) (*Reader, error)) (*Reader, error) {
	f, err := output.Open(path)
	if err != nil {
		return nil, err
	}
	r, err := open(f)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", path, err), f.Close())
	}
	r.file = f
	return r, nil
}

// HeaderAt returns the header of the corpus file at a path, of which it reads no more than the beginning. ok is false where that is not
// enough: the path is none of a regular file, or no whole header is there. Then Open may still find one.
func HeaderAt(path string) (h Header, ok bool) {
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
		return h, false
	}
	f, err := output.Open(path)
	if err != nil {
		return h, false
	}
	defer f.Close()
	r, err := NewReader(f)
	if err != nil {
		return h, false
	}
	defer r.Close()
	return r.header, true
}

func openFile(f *os.File) (*Reader, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		return nil, errors.New("is a folder")
	}
	u, err := frame.NewUnpacker(maxRaw)
	if err != nil {
		return nil, fmt.Errorf("corpus: %w", err)
	}
	var r *Reader
	if info.Mode().IsRegular() { // read at offsets: others may read by the same descriptor
		r, err = openAt(f, u, info.Size())
	} else {
		r = newReader(f, u)
		err = r.begin()
	}
	if err != nil {
		u.Close()
		return nil, err
	}
	return r, nil
}

// openAt begins to read a regular file, and its journals where it is unfinished.
func openAt(f *os.File, u *frame.Unpacker, size int64) (*Reader, error) {
	begin := func() (*Reader, error) {
		section := io.NewSectionReader(f, 0, size)
		r := newReader(section, u)
		return r, r.beginAt(section, size)
	}
	r, err := begin()
	if err != nil || r.footer > 0 || r.version == 1 {
		return r, err
	}
	j, found, err := findJournals(f.Name(), r.in.ID())
	if err != nil || !found {
		return r, err
	}
	defer j.close()
	// The file may be growing. What went out of the journals into the file is there only from now on.
	info, err := f.Stat()
	if err != nil {
		return r, err
	}
	size = info.Size()
	if r, err = begin(); err != nil || r.footer > 0 {
		return r, err
	}
	return r, r.takeJournals(j, f, size)
}

// randomAccess is what a regular file offers.
type randomAccess interface {
	io.ReadSeeker
	io.ReaderAt
}

// beginAt reads the beginning and the end of a file. Where the end is damaged the file is read as a stream, provided that its
// header is right; where the header is damaged the footer's copy of it serves.
func (r *Reader) beginAt(f randomAccess, size int64) error {
	headerErr := r.begin()
	if headerErr != nil && !errors.Is(headerErr, ErrHeader) {
		return headerErr
	}
	r.in.Seekable(f, size)
	r.random, r.size = f, size
	here := r.in.Offset()
	end, err := r.findFooter(f, size)
	if err == nil {
		err = r.walkFooter(f, end, headerErr != nil)
	}
	switch {
	case errors.Is(err, ErrNewer):
		return fmt.Errorf("corpus: %w", err)
	case err != nil && headerErr != nil:
		return headerErr
	case err != nil && !errors.Is(err, errNoFooter):
		r.damage.Add(Damage{Offset: size, Reason: BadFooter})
	case headerErr != nil:
		r.damage.Add(Damage{Offset: int64(magicLen), Reason: BadHeader})
		if here = int64(magicLen); r.index != nil && len(r.index.entries) > 0 {
			here = r.index.entries[0].offset
		}
	}
	r.body = here
	return r.in.Jump(here)
}

// Twin opens the file of a reader that Open opened once more, for less than Open takes where its footer is whole: it knows all that r knew
// when it was opened. It may be used beside r, and is closed before it. r must not have been read.
func (r *Reader) Twin() (*Reader, error) {
	if r.index == nil || r.random == nil {
		return Open(r.file.Name())
	}
	section := io.NewSectionReader(r.random, 0, r.size)
	t, err := r.spares.take(section)
	if err != nil {
		return nil, err
	}
	t.of = r
	t.in.SetLayout(r.in.Layout())
	t.in.SetID(r.in.ID())
	t.in.Seekable(section, r.size)
	t.random, t.size, t.body = r.random, r.size, r.body
	t.version, t.header, t.hosts, t.footer, t.holes, t.total = r.version, r.header, r.hosts.clone(), r.footer, r.holes, r.total
	t.history, t.lost = r.history, r.lost
	t.index, t.summary, t.columns = r.index, r.summary, r.columns
	for _, d := range r.Damage() {
		t.damage.Add(d)
	}
	for _, name := range r.names.List() {
		t.names.Add(name)
	}
	return t, t.in.Jump(r.body)
}

var (
	errNoFooter  = errors.New("no footer")
	errBadFooter = errors.New("damaged footer")
)

// span is where a footer's blocks are, and what the end says of the corpus.
type span struct {
	end
	from, to int64
	id       fileID
}

// end is what an end block says.
type end struct {
	footer, records int64
	digest          uint64
}

// parseEnd reads the payload of an end block, as the format's version has it.
func parseEnd(b []byte, version byte) (e end, ok bool) {
	le := binary.LittleEndian
	if len(b) != endSize(version) {
		return e, false
	}
	footer, records := le.Uint64(b), le.Uint64(b[8:])
	if footer > math.MaxInt64 || records > maxTotal {
		return e, false
	}
	e.footer, e.records = int64(footer), int64(records)
	if version > 1 {
		e.digest = le.Uint64(b[16:])
	}
	return e, true
}

func endSize(version byte) int {
	if version == 1 {
		return endLen1
	}
	return endLen
}

// findFooter reads the end block.
func (r *Reader) findFooter(f io.ReaderAt, size int64) (span, error) {
	layout := r.in.Layout()
	last := int64(layout.Len() + endSize(r.version))
	if size < int64(magicLen)+last {
		return span{}, errNoFooter
	}
	b := make([]byte, last)
	if _, err := f.ReadAt(b, size-last); err != nil {
		return span{}, errBadFooter
	}
	h, ok := layout.Parse(b)
	if !ok || h.Type != typeEnd || int64(h.Stored) != last-int64(layout.Len()) {
		return span{}, errNoFooter
	}
	if h.Packing > frame.Zstd {
		return span{}, fmt.Errorf("block at offset %d: packing %d: %w", size-last, h.Packing, ErrNewer)
	}
	payload, err := r.unpack.Unpack(layout, &h, b)
	if id := r.in.ID(); err != nil || id != (fileID{}) && h.ID != id {
		return span{}, errBadFooter
	}
	e, ok := parseEnd(payload, r.version)
	if !ok || e.footer < int64(magicLen) || e.footer > size-last {
		return span{}, errBadFooter
	}
	return span{end: e, from: e.footer, to: size - last, id: h.ID}, nil
}

// walkFooter reads the footer's blocks; all of them must be right.
func (r *Reader) walkFooter(f io.ReaderAt, s span, takeHeader bool) error {
	section := io.NewSectionReader(f, s.from, s.to-s.from)
	in := frame.NewReader(section, r.in.Layout(), r.unpack)
	in.Seekable(section, section.Size())
	in.SetID(s.id)
	var x index
	var header Header
	var sum *summary
	var bad bool
	var history []byte
	hosts := r.hosts.clone()
	seen := false
	for in.Offset() < s.to-s.from {
		h, err := in.Head()
		if err != nil {
			return errBadFooter
		}
		at := s.from + in.Offset()
		payload, err := in.Payload(&h)
		switch {
		case errors.Is(err, ErrNewer):
			return fmt.Errorf("block at offset %d: packing %d: %w", at, h.Packing, ErrNewer)
		case err != nil:
			return errBadFooter
		}
		switch h.Type {
		case typeHeader:
			header, err = parseHeader(payload)
			seen = true
		case typeHosts:
			err = hosts.decode(payload)
		case typeDictionary:
			history = bytes.Clone(payload) // the memory is used again for what is larger
		case typeIndex:
			err = x.decode(payload, r.version, s.from)
		case frame.Extension:
			if text, ok := named(payload, extensionSummary); ok && r.version > 1 {
				sum, bad = parseSummary(text)
				bad = !bad
			} else {
				r.named(payload)
			}
		}
		if err != nil {
			return errBadFooter
		}
	}
	if !seen {
		return errBadFooter
	}
	r.hosts, r.footer, r.holes.whole, r.total = hosts, s.from, true, &s.digest
	if history != nil && r.version > 1 {
		r.setHistory(history)
	}
	if takeHeader {
		r.header = header
		r.in.SetID(s.id)
	}
	if x.records != s.records {
		if len(x.entries) > 0 {
			return errBadFooter
		}
		return nil // too many blocks for an index
	}
	r.index, r.summary = &x, sum
	if bad || sum != nil && !sum.agrees(&x, s.digest) {
		r.badSummary(s.from)
	}
	return nil
}

// enter goes to the first block that may hold a record at or after ns.
func (r *Reader) enter(ns int64) error {
	entries := r.index.entries
	i := sort.Search(len(entries), func(i int) bool { return entries[i].last >= ns })
	if i < len(entries) {
		return r.enterAt(entries[i].offset, entries[i].seq)
	}
	return r.enterAt(r.footer, r.index.records)
}

// enterAt goes to a block whose first record has a number.
func (r *Reader) enterAt(offset, seq int64) error {
	r.expect = seq
	r.left, r.past, r.started = 0, nil, false
	r.damage.Forget()
	if err := r.in.Jump(offset); err != nil {
		return fmt.Errorf("corpus: seek: %w", err)
	}
	return nil
}

// clampTime turns a time into nanoseconds, those out of range into the ends of it.
func clampTime(t time.Time) int64 {
	switch y := t.Year(); {
	case y < 1678:
		return math.MinInt64
	case y > 2261:
		return math.MaxInt64
	}
	return t.UnixNano()
}
