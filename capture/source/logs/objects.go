package logs

import (
	"io"

	"reprise/capture/internal/rows"
)

// objects are those of an input that has them one behind another, in arrays, or over several lines.
type objects struct{ *rows.Objects }

func newObjects(in io.Reader, p *plan) *objects {
	l := large{plan: p}
	return &objects{rows.NewObjects(in, maxLine, rows.ObjectOptions{Whole: p.object, Enter: l.enter, Left: l.left})}
}

// next implements splitter.
func (o *objects) next() ([]byte, error) { return o.Next() }

func (o *objects) position() (number int64, unit string) { return o.Number(), "object" }

func (o *objects) lost() int64 { return o.Gone() }
