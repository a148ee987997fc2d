package render

import (
	"fmt"
	"net/textproto"
	"strings"

	"reprise/capture"
	"reprise/capture/wire"
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
	case !ok || !wire.IsToken(name):
		return Header{}, fmt.Errorf("a header is written 'Name: value', or 'Name:' to remove it")
	case wire.RoleOf(name).Framing():
		return Header{}, fmt.Errorf("header %s is decided by what is sent", name)
	case wire.HasBreak(value):
		return Header{}, fmt.Errorf("the value of header %s holds a line break", name)
	}
	value = textproto.TrimString(value)
	return Header{Name: name, Value: value, Remove: value == ""}, nil
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
func (e *edit) apply(w *capture.Record, mark string, text *wire.Arena) {
	if e.remove {
		w.Headers = wire.Drop(w.Headers, e.name)
		return
	}
	value := e.value(mark, text)
	w.Headers = wire.Set(w.Headers, e.name, value)
	if capture.SameName(e.name, "Host") {
		w.Host = value
	}
}

func (e *edit) value(mark string, text *wire.Arena) string {
	switch {
	case len(e.pieces) == 1:
		return e.pieces[0]
	case len(e.pieces) == 2 && e.pieces[0] == "" && e.pieces[1] == "":
		return mark
	}
	return text.Join(e.pieces, mark)
}

// areNew says whether edits only add headers, in a request that has none of them.
func areNew(edits []edit) bool {
	for i := range edits {
		if edits[i].remove || wire.RoleOf(edits[i].name) != wire.RoleNone {
			return false
		}
		for k := range i {
			if capture.SameName(edits[i].name, edits[k].name) {
				return false
			}
		}
	}
	return true
}
