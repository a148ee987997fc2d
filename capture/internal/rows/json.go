package rows

import (
	"bytes"
	"errors"
	"io"
	"slices"
)

// nextObject finds the next object that is a row. What stands between rows is hardly checked: an export that was cut or joined by hand is read, too.
func (r *Reader) nextObject() ([]byte, error) {
	for {
		if n := len(r.open); n > 0 && r.open[n-1] == '}' && !r.atRows {
			if err := r.leavePage(); err != nil {
				return nil, err
			}
			continue
		}
		c, ok := r.at(0)
		if !ok {
			return nil, r.end()
		}
		switch c {
		case ' ', '\t', '\r', '\n', ',', 0xef, 0xbb, 0xbf: // spaces, and the mark of UTF-8
			r.take(1)
		case '[':
			r.open, r.atRows = append(r.open, ']'), false
			r.take(1)
		case '{':
			object, err := r.object()
			if object != nil || err != nil {
				return object, err
			}
		default:
			if n := len(r.open); c == ']' && n > 0 { // of an array, as those of pages are left above
				r.open = r.open[:n-1]
				r.take(1)
				continue
			}
			r.begin()
			return nil, r.broken(NotJSON)
		}
	}
}

// end is what an input ends with: one that ends inside of an array or a page was cut.
func (r *Reader) end() error {
	err := r.ended()
	if errors.Is(err, io.EOF) && len(r.open) > 0 {
		r.open = r.open[:0]
		return io.ErrUnexpectedEOF
	}
	return err
}

// leavePage passes over what a page has behind its rows, up to its end or to more rows.
func (r *Reader) leavePage() error {
	end, _, ok := r.members(0)
	switch {
	case !ok:
		r.take(len(r.in.Data()))
		if r.in.Err() == nil {
			r.open = r.open[:0]
			return r.broken(NotJSON)
		}
		return r.end()
	case end > 0:
		r.take(end)
		r.open = r.open[:len(r.open)-1]
	default:
		r.atRows = true
	}
	return nil
}

// object reads the object at pos. A page gives nil: then pos is at its rows.
func (r *Reader) object() ([]byte, error) {
	r.begin()
	r.atRows = false
	end, reason, ok := r.members(1)
	switch {
	case !ok:
		return nil, r.broken(reason)
	case end == 0:
		r.row--
		r.nth--
		r.open, r.atRows = append(r.open, '}'), true
		return nil, nil
	}
	object := r.in.Data()[:end]
	r.take(end)
	return object, nil
}

// members passes over the members of an object from i behind pos to its end, which it returns. Where one is the rows of a page, end is 0, and pos is
// where they begin. What stands where it cannot is noticed at once, so that a row that was cut off does not take in all that follows.
func (r *Reader) members(i int) (end int, reason string, ok bool) {
	for r.within = append(r.within[:0], '}'); ; {
		rest := r.in.Data()[min(i, len(r.in.Data())):]
		n := bytes.IndexAny(rest, "\"{}[]")
		if n < 0 {
			i += len(rest)
			if _, more := r.at(i); !more {
				return 0, r.unfinished(), false
			}
			continue
		}
		i += n
		switch rest[n] {
		case '"':
			after, whole := r.str(i)
			if !whole {
				return 0, r.unfinished(), false
			}
			if len(r.within) == 1 && len(r.o.Pages) > 0 && slices.Contains(r.o.Pages, string(r.in.Data()[i+1:after-1])) {
				if at, found := r.rowsAt(after); found {
					r.take(at)
					return 0, "", true
				}
			}
			i = after
			continue
		case '{', '[':
			if !r.mayBegin(i) {
				return 0, NotJSON, false
			}
			r.within = append(r.within, rest[n]+2) // what closes it stands two behind, of both kinds
		default:
			last := len(r.within) - 1
			if r.within[last] != rest[n] {
				return 0, NotJSON, false
			}
			if r.within = r.within[:last]; last == 0 {
				return i + 1, "", true
			}
		}
		i++
	}
}

// mayBegin says whether an object or an array may begin at i: behind a colon in an object, behind a comma or at the begin of an array.
func (r *Reader) mayBegin(i int) bool {
	before := bytes.TrimRight(r.in.Data()[:i], " \t\r\n")
	if len(before) == 0 {
		return false
	}
	c := before[len(before)-1]
	if r.within[len(r.within)-1] == '}' {
		return c == ':'
	}
	return c == ',' || c == '['
}

// unfinished is the reason for which an object has no end.
func (r *Reader) unfinished() string {
	if len(r.in.Data()) >= MaxRow {
		return TooLong
	}
	return NotJSON
}

// str returns where the string ends that begins at i. A line break is in no string.
func (r *Reader) str(i int) (end int, whole bool) {
	for i++; ; {
		rest := r.in.Data()[min(i, len(r.in.Data())):]
		n := bytes.IndexAny(rest, "\"\\\n")
		if n < 0 {
			i += len(rest)
			if _, more := r.at(i); !more {
				return 0, false
			}
			continue
		}
		switch rest[n] {
		case '"':
			return i + n + 1, true
		case '\n':
			return 0, false
		}
		i += n + 2
	}
}

// rowsAt says whether a colon stands at i, and an array or an object of rows behind it, and where.
func (r *Reader) rowsAt(i int) (at int, found bool) {
	for colon := false; ; i++ {
		c, ok := r.at(i)
		switch {
		case !ok:
			return 0, false
		case c == ' ', c == '\t', c == '\r', c == '\n':
		case c == ':' && !colon:
			colon = true
		default:
			return i, colon && (c == '[' || c == '{')
		}
	}
}
