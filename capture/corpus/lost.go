package corpus

import (
	"encoding/json"
	"slices"

	"reprise/capture/frame"
	"reprise/capture/output"
)

// extensionLost names the extension that says what was lost before the corpus was made. Part of the file format; never change.
const extensionLost = "lost"

// Lost is what could not be read of the corpora that a corpus was made of, and of those that they were made of.
type Lost struct {
	// Records is how many records are known to be lost.
	Records int64 `json:"records"`
	// More says that others may be lost, of which nobody knows how many.
	More bool `json:"more,omitempty"`
}

// any says whether anything is lost.
func (l Lost) any() bool { return l.Records > 0 || l.More }

// plus adds two up; what is too much to count is more.
func (l Lost) plus(o Lost) Lost {
	room := maxTotal - l.Records
	return Lost{Records: l.Records + min(o.Records, room), More: l.More || o.More || o.Records > room}
}

// Lost is what was lost before the corpus was made, as it says. It is known at once of a file whose footer is whole, and of anything else
// at its end. What cannot be read of this one is its Damage.
func (r *Reader) Lost() Lost { return r.lost }

// losses are those of a copy of what was read so far.
func (r *Reader) losses() Lost {
	l := r.lost
	live := r.file != nil && output.BeingWritten(r.file.Name()) // it has no end yet
	for _, d := range r.damage.List() {
		switch {
		case d.Spare, live && d.Reason == NoFooter:
		case d.Records < 0:
			l.More = true
		default:
			l = l.plus(Lost{Records: d.Records})
		}
	}
	return l
}

// lostBlock writes what was lost before.
func (w *Writer) lostBlock() {
	text, err := json.Marshal(w.lost)
	if err != nil {
		panic("corpus: internal error: two numbers have no JSON: " + err.Error())
	}
	w.block(&head{Type: frame.Extension}, slices.Concat(frame.AppendName(nil, extensionLost), text))
}

// takeLost reads it.
func (r *Reader) takeLost(text []byte) bool {
	var l Lost
	if json.Unmarshal(text, &l) != nil || l.Records < 0 || l.Records > maxTotal {
		return false
	}
	r.lost = l
	return true
}
