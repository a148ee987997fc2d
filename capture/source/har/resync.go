package har

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
)

// resync looks for the next whole entry behind damage, and has reading go on there. It returns how many bytes it passed, and whether there
// is one. Where there is none, the input is read to its end, or to the end of the context.
//
// Tools write the members of an entry in any order. So each object that can be an element of an array, by what stands before it, is tried
// for one: it is small where it is none, or damaged soon.
func (s *Source) resync(ctx context.Context) (passed int64, found bool) {
	t := tape{in: s.limit.in}
	t.text, _ = io.ReadAll(s.dec.Buffered()) // from memory
	t.text = append(t.text, s.limit.ahead...)
	effort := int64(minEffort)
	last := byte(0) // the last byte before at that is no white space
	for at := 0; ; at++ {
		if at == len(t.text) && !t.more() {
			return passed + int64(len(t.text)), false
		}
		c := t.text[at]
		if c == '{' && (last == ',' || last == '[') {
			whole, cost := t.tryEntry(at)
			if whole {
				s.readOn(t.text[at:])
				return passed + int64(at), true
			}
			if effort -= cost; effort < 0 {
				n, _ := io.Copy(io.Discard, t.in) // what ends it, the account says already
				return passed + int64(len(t.text)) + n, false
			}
		}
		if c != ' ' && c != '\t' && c != '\r' && c != '\n' {
			last = c
		}
		effort += effortPerByte
		if at >= windowBytes {
			passed += int64(at)
			t.text = t.text[:copy(t.text, t.text[at:])]
			at = 0
			if ctx.Err() != nil {
				return passed, false
			}
		}
	}
}

const (
	// minEffort and effortPerByte bound how many bytes are tried for entries: so many, and so many for each byte that is passed. A text
	// can be made of which each object is tried to its end.
	minEffort     = 64 << 20
	effortPerByte = 16
	// windowBytes is how many passed bytes are kept.
	windowBytes = 1 << 20
)

// readOn has entries read from text on, and what follows it.
func (s *Source) readOn(text []byte) {
	s.limit.ahead = append([]byte(`{"log":{"entries":[`), text...)
	s.dec = json.NewDecoder(s.limit)
	s.found = false
}

// tape is an input of which text was read and is still needed.
type tape struct {
	in   io.Reader
	text []byte
}

// more reads more of the input, and says whether there was any.
func (t *tape) more() bool {
	const chunk = 64 << 10
	n := len(t.text)
	t.text = append(t.text, make([]byte, chunk)...)
	got, _ := io.ReadAtLeast(t.in, t.text[n:], 1) // an error comes again, and ends reading then
	t.text = t.text[:n+got]
	return got > 0
}

// tryEntry says whether a whole entry stands at an offset of the text, and how many bytes that took to know.
func (t *tape) tryEntry(at int) (whole bool, cost int64) {
	from := reading{tape: t, at: at}
	var e struct {
		StartedDateTime *string
		Request         *struct{ Method, URL *string }
	}
	err := json.NewDecoder(&from).Decode(&e)
	return err == nil && e.StartedDateTime != nil && e.Request != nil && e.Request.Method != nil && e.Request.URL != nil, int64(from.at - at)
}

// reading reads a tape from an offset of its text, an entry's longest length at most.
type reading struct {
	tape *tape
	at   int
	read int
}

// Read implements io.Reader.
func (r *reading) Read(p []byte) (int, error) {
	if r.read >= maxEntry {
		return 0, errLong
	}
	if r.at == len(r.tape.text) && !r.tape.more() {
		return 0, io.EOF
	}
	n := copy(p, r.tape.text[r.at:])
	r.at += n
	r.read += n
	return n, nil
}

// limited is an input that gives no more than is left.
type limited struct {
	ahead []byte // what comes before in
	in    io.Reader
	left  int
}

// Read implements io.Reader.
func (l *limited) Read(p []byte) (n int, err error) {
	if l.left <= 0 {
		return 0, errLong
	}
	p = p[:min(len(p), l.left)]
	if len(l.ahead) > 0 {
		n = copy(p, l.ahead)
		l.ahead = l.ahead[n:]
	} else {
		n, err = l.in.Read(p)
	}
	l.left -= n
	return n, err
}

// skipBOM passes over a byte order mark at the beginning.
func (l *limited) skipBOM() {
	bom := []byte("\ufeff")
	if len(l.ahead) > 0 {
		return
	}
	start := make([]byte, len(bom))
	n, _ := io.ReadFull(l.in, start) // what ends it comes again
	if start = start[:n]; !bytes.Equal(start, bom) {
		l.ahead = start
	}
}
