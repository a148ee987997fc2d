package corpus

import (
	"errors"
	"fmt"
	"io"
	"os"

	"reprise/capture/frame"
)

// NewHeadless is NewReader also for a stream whose header is damaged. Then it is not known what the records are: they count as raw, and every host
// but this machine as one that they were captured from. The records' own fields, kinds among them, are as they were written. Which file's blocks
// count is not known either: those that take most of again, which is the same input once more. Where that is nil, as of a pipe, those of the
// first block that is right.
func NewHeadless(in, again io.Reader) (*Reader, error) {
	u, err := frame.NewUnpacker(maxRaw)
	if err != nil {
		return nil, fmt.Errorf("corpus: %w", err)
	}
	r := newReader(in, u)
	if err = r.begin(); errors.Is(err, ErrHeader) {
		err = r.beginWithout(again)
	}
	if err != nil {
		u.Close()
		return nil, err
	}
	return r, nil
}

// OpenByFooter opens a corpus file of which the first bytes are damaged, header and all, by its footer, if that is whole. Errors name the path;
// what has no such footer is ErrNotCorpus.
func OpenByFooter(path string) (*Reader, error) { return openBy(path, byFooter) }

func byFooter(f *os.File) (*Reader, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, ErrNotCorpus
	}
	u, err := frame.NewUnpacker(maxRaw)
	if err != nil {
		return nil, fmt.Errorf("corpus: %w", err)
	}
	section := io.NewSectionReader(f, 0, info.Size())
	r := newReader(section, u)
	r.version = magic[versionByte]
	r.in.SetLayout(newLayout2())
	r.in.Seekable(section, info.Size())
	r.random, r.size, r.body = section, info.Size(), int64(magicLen)
	end, err := r.findFooter(section, info.Size())
	if err == nil {
		err = r.walkFooter(section, end, true)
	}
	if err != nil {
		u.Close()
		return nil, ErrNotCorpus
	}
	r.damage.Add(Damage{Reason: BadHeader})
	if r.index != nil && len(r.index.entries) > 0 {
		r.body = r.index.entries[0].offset
	}
	return r, r.in.Jump(r.body)
}

// beginWithout goes on to the first block that is right, and says what is not known without a header.
func (r *Reader) beginWithout(again io.Reader) error {
	var id fileID
	if again != nil {
		var err error
		if id, err = r.mostOf(again); err != nil {
			return err
		}
	} else if h, err := r.in.First(); err == nil {
		id = h.ID
	}
	var passed int64
	var err error
	if id == (fileID{}) {
		passed, err = r.in.ResyncFirst(1)
		if h, failed := r.in.First(); failed == nil {
			id = h.ID
		}
		r.in.SetID(id)
	} else {
		r.in.SetID(id)
		passed, err = r.in.Resync(1)
	}
	if err != nil {
		return fmt.Errorf("corpus: %w", err)
	}
	r.header, r.hosts.overflow = Header{State: Raw}, true
	r.damage.Add(Damage{Offset: int64(magicLen), Length: passed, Reason: BadHeader, Block: true})
	return nil
}

// mostIDs is how many files' blocks are told apart in one input.
const mostIDs = 1000

// mostOf returns the file whose whole blocks take most of an input; none where there is no whole block.
func (r *Reader) mostOf(again io.Reader) (most fileID, err error) {
	u, err := frame.NewUnpacker(maxRaw)
	if err != nil {
		return most, fmt.Errorf("corpus: %w", err)
	}
	defer u.Close()
	in := frame.NewReader(again, r.in.Layout(), u)
	in.Skip(int64(magicLen))
	size := make(map[fileID]int64)
	for {
		h, err := in.First()
		switch {
		case errors.Is(err, io.EOF):
			return most, nil
		case err == nil:
			n := in.Size(&h)
			if _, err = in.Payload(&h); err == nil && (len(size) < mostIDs || size[h.ID] > 0) {
				if size[h.ID] += n; size[h.ID] > size[most] {
					most = h.ID
				}
			}
		}
		switch {
		case err == nil:
		case isDamage(err), errors.Is(err, ErrNewer):
			if _, err := in.ResyncFirst(1); err != nil {
				return most, fmt.Errorf("corpus: %w", err)
			}
		default:
			return most, fmt.Errorf("corpus: %w", err)
		}
	}
}
