package logs

import (
	"bufio"

	"reprise/capture/internal/rows"
)

const (
	// maxLine is the longest line that is read, in bytes.
	maxLine = rows.MaxRow
	// bufferSize holds all but the longest lines.
	bufferSize = 256 << 10
)

// lines are those of an input.
type lines struct{ *rows.Lines }

func newLines(r *bufio.Reader) *lines { return &lines{rows.NewLines(r, maxLine)} }

// next implements splitter.
func (l *lines) next() ([]byte, error) { return l.Next() }

func (l *lines) position() (number int64, unit string) { return l.Number(), "line" }

func (l *lines) lost() int64 { return l.Gone() }
