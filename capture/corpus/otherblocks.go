package corpus

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"unicode"

	"reprise/capture/frame"
)

// extensionUnread names the extension that says what could not be read of the input that a corpus was made of. Part of the file format;
// never change.
const extensionUnread = "unread"

// mostUnread bounds an unread extension in bytes: a list takes several times as much in memory.
const mostUnread = 1 << 20

// Unread says what could not be read of the input that the corpus is made of: its readers tell it as damage of the corpus. For a corpus
// that only stands in for such an input; a copy of it says nothing of that.
func (w *Writer) Unread(list []Damage) { w.unread = list }

// unreadBlock writes what Unread was told.
func (w *Writer) unreadBlock() {
	list, err := json.Marshal(w.unread)
	if err != nil {
		panic("corpus: internal error: damage has no JSON: " + err.Error())
	}
	w.block(&head{Type: frame.Extension}, append(frame.AppendName(nil, extensionUnread), list...))
}

// takeUnread reads it. A reason goes to a terminal, so that it has to be plain text.
func (r *Reader) takeUnread(text []byte) bool {
	var list []Damage
	if len(text) > mostUnread || json.Unmarshal(text, &list) != nil {
		return false
	}
	for _, d := range list {
		if strings.ContainsFunc(string(d.Reason), func(c rune) bool { return !unicode.IsPrint(c) }) {
			return false
		}
		r.damage.Add(d)
	}
	return true
}

// extensionBlock takes note of an extension.
func (r *Reader) extensionBlock(h *head) error {
	at := r.in.Offset()
	payload, err := r.payload(h)
	if err != nil || payload == nil {
		return err
	}
	if !r.named(payload) {
		r.damage.Add(Damage{Offset: at, Length: r.in.Size(h), Reason: BadPayload})
	}
	return nil
}

// named returns what an extension of a name says.
func named(payload []byte, want string) (text []byte, ok bool) {
	name, rest, ok := frame.CutName(payload)
	return rest, ok && name == want
}

func (r *Reader) named(payload []byte) bool {
	name, rest, ok := frame.CutName(payload)
	switch {
	case ok && name == extensionUnread:
		return r.takeUnread(rest)
	case ok && name == extensionLost:
		return r.takeLost(rest)
	case ok && name != extensionCounts && name != extensionSummary:
		r.names.Add(name)
	}
	return ok
}

// Extensions returns the names of what was met so far that a later version has added and that this one passes over. What is
// delivered means the same without it.
func (r *Reader) Extensions() []string { return r.names.List() }

// unknownBlock passes over a block of a type from a later version.
func (r *Reader) unknownBlock(h *head) error {
	if h.Records > 0 {
		if h.Seq < r.expect {
			return r.resync(Damage{Offset: r.in.Offset(), Reason: OutOfOrder, Block: true}, int64(r.in.Layout().Len()))
		}
		r.gap(h.Seq)
		r.damage.Add(Damage{Offset: r.in.Offset(), Length: r.in.Size(h), Reason: UnknownType, Records: int64(h.Records), Block: true})
		r.expect = h.Seq + int64(h.Records)
	}
	r.in.Skip(r.in.Size(h))
	return nil
}

func (r *Reader) hostsBlock(h *head) error {
	at := r.in.Offset()
	payload, err := r.payload(h)
	if err != nil {
		return err
	}
	if payload == nil {
		r.holes.lose(at)
		return nil
	}
	if r.hosts.decode(payload) != nil {
		r.holes.lose(at)
		r.damage.Add(Damage{Offset: at, Length: r.in.Size(h), Reason: BadPayload, Block: true})
	}
	return nil
}

// dictionaryBlock takes the dictionary of the file. The footer's copy of it is known before, where there is one.
func (r *Reader) dictionaryBlock(h *head) error {
	if h.Records > 0 {
		return r.unknownBlock(h)
	}
	payload, err := r.payload(h)
	if err == nil && payload != nil && r.history == nil {
		r.setHistory(bytes.Clone(payload))
	}
	return err
}

// setHistory keeps the file's dictionary.
func (r *Reader) setHistory(text []byte) {
	r.history = text
	if d, ok := r.decoders[codecColumns].(*columnDecoder); ok {
		d.Close()
		delete(r.decoders, codecColumns)
	}
}

// endBlock checks that the end is where it says and that nothing is missing before it.
func (r *Reader) endBlock(h *head) error {
	payload, err := r.payload(h)
	if err != nil || payload == nil {
		return err
	}
	end, ok := parseEnd(payload, r.version)
	if !ok || end.records < r.expect {
		r.damage.Add(Damage{Offset: r.in.Offset() - r.in.Size(h), Length: r.in.Size(h), Reason: BadFooter})
	} else {
		r.gap(end.records)
		r.holes.end(end.footer)
		r.total = &end.digest
	}
	if len(r.in.Peek(1)) > 0 {
		at := r.in.Offset()
		for len(r.in.Peek(1)) > 0 {
			r.in.Skip(1 << 20)
		}
		r.damage.Add(Damage{Offset: at, Length: r.in.Offset() - at, Reason: TrailingData})
	}
	r.ended = true
	return io.EOF
}
