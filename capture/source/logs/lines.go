package logs

import (
	"bufio"
	"bytes"
	"errors"
	"io"

	"reprise/capture/internal/rows"
)

const (
	// maxLine is the longest line that is read, in bytes.
	maxLine = rows.MaxRow
	// bufferSize holds all but the longest lines.
	bufferSize = 256 << 10
)

// lines cuts a stream into lines of at most limit bytes.
type lines struct {
	in     *bufio.Reader
	limit  int
	number int64 // of the line last given, from 1
	long   []byte
	passed int64 // bytes of the line given up last
}

func newLines(r *bufio.Reader) *lines { return &lines{in: r, limit: maxLine} }

func (l *lines) position() (number int64, unit string) { return l.number, "line" }

func (l *lines) lost() int64 { return l.passed }

// next returns a line, valid until the next call, with its newline. A line that is too long is nil, with no
// error. An error comes with the bytes that stand before it, as io.EOF comes with a last line that lacks its newline.
func (l *lines) next() ([]byte, error) {
	l.number++
	line, err := l.in.ReadSlice('\n')
	if l.number == 1 {
		line = bytes.TrimPrefix(line, []byte("\ufeff"))
	}
	if !errors.Is(err, bufio.ErrBufferFull) {
		return line, err
	}
	l.long = append(l.long[:0], line...)
	for errors.Is(err, bufio.ErrBufferFull) {
		line, err = l.in.ReadSlice('\n')
		if len(l.long)+len(line) <= l.limit {
			l.long = append(l.long, line...)
		} else {
			l.passed = int64(len(l.long) + len(line))
			l.long = l.long[:0]
			return nil, l.discard(err)
		}
	}
	return l.long, err
}

// discard reads to the end of a line that is given up. What ends the input there, the next call tells.
func (l *lines) discard(err error) error {
	for errors.Is(err, bufio.ErrBufferFull) {
		var line []byte
		line, err = l.in.ReadSlice('\n')
		l.passed += int64(len(line))
	}
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}
