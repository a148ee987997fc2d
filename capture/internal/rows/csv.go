package rows

import (
	"bytes"
	"errors"
	"io"
	"strings"
)

// maxCSVRow is how long a line of CSV may be. It is far less than MaxRow: a quote that nothing closes would take in all that follows.
const maxCSVRow = 1 << 20

// nextLine reads the heading, and then the cells of a line.
func (r *Reader) nextLine() ([][]byte, error) {
	if r.heading == nil {
		cells, err := r.line1()
		if err != nil {
			return nil, err
		}
		for _, c := range cells {
			r.heading = append(r.heading, strings.TrimSpace(string(c)))
		}
	}
	cells, err := r.readLine()
	if err != nil {
		return nil, err
	}
	if len(cells) != len(r.heading) {
		return nil, &Broken{Reason: FieldCount}
	}
	return cells, nil
}

// line1 reads the heading, whose first character of those that part cells is what parts them.
func (r *Reader) line1() ([][]byte, error) {
	if c, ok := r.in.at(2); ok && c == 0xbf && bytes.HasPrefix(r.in.buf[r.in.pos:], []byte("\ufeff")) {
		r.in.pos += 3
	}
	r.comma = ','
	for i := 0; ; i++ {
		c, ok := r.in.at(i)
		if !ok || c == '\n' {
			break
		}
		if c == ',' || c == ';' || c == '\t' {
			r.comma = c
			break
		}
	}
	return r.readLine()
}

// readLine reads a line that is not empty.
func (r *Reader) readLine() ([][]byte, error) {
	w := &r.in
	for {
		c, ok := w.at(0)
		if !ok {
			return nil, w.ended()
		}
		if c != '\n' && c != '\r' {
			break
		}
		w.pos++
	}
	r.begin()
	r.nth = 1
	end, quoted, ok := r.lineEnd()
	if !ok {
		return nil, r.broken(NotCSV)
	}
	line := w.buf[w.pos : w.pos+end]
	w.pos += end
	line = bytes.TrimSuffix(bytes.TrimSuffix(line, []byte{'\n'}), []byte{'\r'})
	if !quoted {
		return r.split(line), nil
	}
	return r.unquote(line), nil
}

// lineEnd returns where the line ends, line breaks within quotes apart, its own line break included. ok is false where a quote is not closed.
func (r *Reader) lineEnd() (end int, quoted, ok bool) {
	w := &r.in
	inside := false
	for i := 0; ; {
		rest := w.buf[w.pos+min(i, len(w.buf)-w.pos):]
		n := -1
		if inside {
			n = bytes.IndexByte(rest, '"')
		} else {
			n = bytes.IndexAny(rest, "\"\n")
		}
		if n < 0 {
			i += len(rest)
			if i > maxCSVRow {
				return 0, quoted, false
			}
			if _, more := w.at(i); !more {
				return i, quoted, !inside && errors.Is(w.err, io.EOF)
			}
			continue
		}
		if rest[n] == '\n' {
			return i + n + 1, quoted, true
		}
		i += n + 1
		switch {
		case !inside: // a quote within a cell stands for itself
			inside = i == 1 || w.buf[w.pos+i-2] == r.comma
			quoted = quoted || inside
		default:
			if c, _ := w.at(i); c == '"' {
				i++
			} else {
				inside = false
			}
		}
	}
}

// split parts a line without quotes.
func (r *Reader) split(line []byte) [][]byte {
	r.cells = r.cells[:0]
	for {
		i := bytes.IndexByte(line, r.comma)
		if i < 0 {
			r.cells = append(r.cells, line)
			return r.cells
		}
		r.cells = append(r.cells, line[:i])
		line = line[i+1:]
	}
}

// unquote parts a line with quoted cells, in place.
func (r *Reader) unquote(line []byte) [][]byte {
	r.cells = r.cells[:0]
	for {
		if len(line) == 0 || line[0] != '"' {
			i := bytes.IndexByte(line, r.comma)
			if i < 0 {
				r.cells = append(r.cells, line)
				return r.cells
			}
			r.cells = append(r.cells, line[:i])
			line = line[i+1:]
			continue
		}
		n, i := 0, 1
		for i < len(line) {
			c := line[i]
			if c == '"' {
				if i+1 == len(line) || line[i+1] != '"' {
					i++
					break
				}
				i++
			}
			line[n] = c
			n++
			i++
		}
		for i < len(line) && line[i] != r.comma { // behind the quotes
			line[n] = line[i]
			n++
			i++
		}
		r.cells = append(r.cells, line[:n])
		if i == len(line) {
			return r.cells
		}
		line = line[i+1:]
	}
}
