package corpus

import (
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
func Open(path string) (*Reader, error) {
	f, err := output.Open(path)
	if err != nil {
		return nil, err
	}
	r, err := openFile(f)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", path, err), f.Close())
	}
	return r, nil
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
		section := io.NewSectionReader(f, 0, info.Size())
		r = newReader(section, u)
		err = r.beginAt(section, info.Size())
	} else {
		r = newReader(f, u)
		err = r.begin()
	}
	if err != nil {
		u.Close()
		return nil, err
	}
	r.file = f
	return r, nil
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
	here := r.in.Offset()
	end, err := r.findFooter(f, size)
	if err == nil {
		err = r.walkFooter(f, end, headerErr != nil)
	}
	switch {
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
	return r.in.Jump(here)
}

var (
	errNoFooter  = errors.New("no footer")
	errBadFooter = errors.New("damaged footer")
)

// span is where a footer's blocks are, and how many records it speaks of.
type span struct {
	from, to int64
	records  int64
	id       fileID
}

// findFooter reads the end block.
func (r *Reader) findFooter(f io.ReaderAt, size int64) (span, error) {
	if size < int64(magicLen)+endBlockLen {
		return span{}, errNoFooter
	}
	b := make([]byte, endBlockLen)
	if _, err := f.ReadAt(b, size-endBlockLen); err != nil {
		return span{}, errBadFooter
	}
	h, ok := r.in.Layout().Parse(b)
	if !ok || h.Type != typeEnd || h.Stored != endLen {
		return span{}, errNoFooter
	}
	payload, err := r.unpack.Unpack(r.in.Layout(), &h, b)
	if id := r.in.ID(); err != nil || id != (fileID{}) && h.ID != id {
		return span{}, errBadFooter
	}
	from := binary.LittleEndian.Uint64(payload)
	records := binary.LittleEndian.Uint64(payload[8:])
	if from < uint64(magicLen) || from > uint64(size-endBlockLen) || records > maxTotal {
		return span{}, errBadFooter
	}
	return span{from: int64(from), to: size - endBlockLen, records: int64(records), id: h.ID}, nil
}

// walkFooter reads the footer's blocks; all of them must be right.
func (r *Reader) walkFooter(f io.ReaderAt, s span, takeHeader bool) error {
	in := frame.NewReader(io.NewSectionReader(f, s.from, s.to-s.from), r.in.Layout(), r.unpack)
	in.SetID(s.id)
	var x index
	var header Header
	hosts := r.hosts.clone()
	seen := false
	for in.Offset() < s.to-s.from {
		h, err := in.Head()
		if err != nil {
			return errBadFooter
		}
		payload, err := in.Payload(&h)
		if err != nil {
			return errBadFooter
		}
		switch h.Type {
		case typeHeader:
			header, err = parseHeader(payload)
			seen = true
		case typeHosts:
			err = hosts.decode(payload)
		case typeIndex:
			err = x.decode(payload, s.from)
		}
		if err != nil {
			return errBadFooter
		}
	}
	if !seen {
		return errBadFooter
	}
	r.hosts, r.footer, r.holes.whole = hosts, s.from, true
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
	r.index = &x
	return nil
}

// enter goes to the first block that may hold a record at or after ns.
func (r *Reader) enter(ns int64) error {
	entries := r.index.entries
	i := sort.Search(len(entries), func(i int) bool { return entries[i].last >= ns })
	offset := r.footer
	r.expect = r.index.records
	if i < len(entries) {
		offset, r.expect = entries[i].offset, entries[i].seq
	}
	r.left, r.started = 0, false
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
