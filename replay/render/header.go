package render

import (
	"fmt"
	"net/textproto"
	"strings"

	"reprise/capture"
)

// Header is one edit of the headers: a value to set, or, where Remove is set, a name to take away.
type Header struct {
	Name, Value string
	Remove      bool
	// Literal says that {run} and {record} in the value stand for themselves.
	Literal bool
}

// ParseHeader reads "Name: value" or, to remove, "Name:". {run} and {record} in a value stand for the run's id and for
// SEQ.COPY. Framing headers cannot be set: what is sent decides them.
func ParseHeader(s string) (Header, error) {
	name, value, ok := strings.Cut(s, ":")
	name = strings.TrimRight(name, " \t")
	switch {
	case !ok || !isToken(name):
		return Header{}, fmt.Errorf("a header is written 'Name: value', or 'Name:' to remove it")
	case decided(name):
		return Header{}, fmt.Errorf("header %s is decided by what is sent", name)
	case hasBreak(value):
		return Header{}, fmt.Errorf("the value of header %s holds a line break", name)
	}
	value = textproto.TrimString(value)
	return Header{Name: name, Value: value, Remove: value == ""}, nil
}

// decided says whether a header is about how the message is sent, and so is not the user's to set.
func decided(name string) bool {
	switch roleOf(name) {
	case roleHop, roleConnection, roleTransfer, roleLength:
		return true
	}
	return false
}

// The characters of a token (RFC 9110, section 5.6.2), a bit each: those below 64, and those from there to 127.
const (
	tokenLow  uint64 = 0x3ff6cfa00000000  // !#$%&'*+-. and digits
	tokenHigh uint64 = 0x57ffffffc7fffffe // letters and ^_`|~
)

// isToken says whether name may stand before a header's colon, or be a method.
func isToken(name string) bool {
	for i := range len(name) {
		set := tokenLow
		if name[i] >= 64 {
			set = tokenHigh
		}
		if name[i] >= 128 || set>>(name[i]&63)&1 == 0 {
			return false
		}
	}
	return name != ""
}

// hasBreak says whether s holds a byte that would end a header line, or that no header may hold.
func hasBreak(s string) bool {
	return strings.IndexByte(s, '\n') >= 0 || strings.IndexByte(s, '\r') >= 0 || strings.IndexByte(s, 0) >= 0
}

// edit is a Header made ready: its value is between, with the record's mark between each two of the pieces.
type edit struct {
	name   string
	remove bool
	pieces []string
}

func newEdit(h Header, run string) edit {
	if h.Literal {
		return edit{name: h.Name, remove: h.Remove, pieces: []string{h.Value}}
	}
	pieces := strings.Split(h.Value, "{record}")
	for i := range pieces {
		pieces[i] = strings.ReplaceAll(pieces[i], "{run}", run)
	}
	return edit{name: h.Name, remove: h.Remove, pieces: pieces}
}

// apply edits the headers of a record whose mark is SEQ.COPY.
func (e *edit) apply(w *capture.Record, mark string, text *arena) {
	if e.remove {
		w.Headers = dropHeader(w.Headers, e.name)
		return
	}
	value := e.value(mark, text)
	w.Headers = setHeader(w.Headers, e.name, value)
	if sameName(e.name, "Host") {
		w.Host = value
	}
}

func (e *edit) value(mark string, text *arena) string {
	switch {
	case len(e.pieces) == 1:
		return e.pieces[0]
	case len(e.pieces) == 2 && e.pieces[0] == "" && e.pieces[1] == "":
		return mark
	}
	return text.join(e.pieces, mark)
}

// areNew says whether edits only add headers, in a request that has none of them.
func areNew(edits []edit) bool {
	for i := range edits {
		if edits[i].remove || roleOf(edits[i].name) != roleNone {
			return false
		}
		for k := range i {
			if sameName(edits[i].name, edits[k].name) {
				return false
			}
		}
	}
	return true
}

// sameName compares names of headers. It is strings.EqualFold with the lengths looked at first: most names differ there.
func sameName(a, b string) bool { return len(a) == len(b) && strings.EqualFold(a, b) }

// setHeader is capture.Record.SetHeader.
func setHeader(hs []capture.Header, name, value string) []capture.Header {
	found := false
	for i := range hs {
		if sameName(hs[i].Name, name) {
			hs[i].Value, found = value, true
		}
	}
	if !found {
		hs = append(hs, capture.Header{Name: name, Value: value})
	}
	return hs
}

// dropHeader is capture.Record.DropHeader.
func dropHeader(hs []capture.Header, name string) []capture.Header {
	kept := hs[:0]
	for _, h := range hs {
		if !sameName(h.Name, name) {
			kept = append(kept, h)
		}
	}
	return kept
}

// arena makes many small strings of few allocations: one for each 16 KB of them. The strings are for one request, so that
// what is let go of with one is let go of with all.
type arena struct{ b strings.Builder }

const arenaSize = 16 << 10

func (a *arena) grow(n int) {
	if a.b.Cap()-a.b.Len() < n {
		a.b.Reset()
		a.b.Grow(max(arenaSize, n))
	}
}

// string returns b as a string.
func (a *arena) string(b []byte) string {
	a.grow(len(b))
	start := a.b.Len()
	a.b.Write(b)
	return a.b.String()[start:]
}

// join returns the pieces with the separator between each two.
func (a *arena) join(pieces []string, separator string) string {
	n := len(separator) * (len(pieces) - 1)
	for _, p := range pieces {
		n += len(p)
	}
	a.grow(n)
	start := a.b.Len()
	for i, p := range pieces {
		if i > 0 {
			a.b.WriteString(separator)
		}
		a.b.WriteString(p)
	}
	return a.b.String()[start:]
}

// number returns n, which is not negative, in digits.
func (a *arena) number(n int) string {
	var buffer [20]byte
	return a.string(appendDecimal(buffer[:0], n))
}

// appendDecimal appends n, which is not negative. It is strconv.AppendInt at half its price.
func appendDecimal(dst []byte, n int) []byte {
	var buffer [20]byte
	i := len(buffer)
	for {
		i--
		buffer[i] = byte('0' + n%10)
		if n /= 10; n == 0 {
			return append(dst, buffer[i:]...)
		}
	}
}
