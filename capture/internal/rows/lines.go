package rows

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// Lines cuts an input into lines.
type Lines struct {
	Limit  int // of a line, in bytes
	in     *bufio.Reader
	number int64 // of the line last given, from 1
	long   []byte
	gone   int64 // bytes of the line given up last
}

// NewLines returns one whose lines have at most limit bytes. Those that in has room for are not copied.
func NewLines(in *bufio.Reader, limit int) *Lines { return &Lines{in: in, Limit: limit} }

// Number is which line Next gave last, from 1.
func (l *Lines) Number() int64 { return l.number }

// Gone is how many bytes a line had that was too long.
func (l *Lines) Gone() int64 { return l.gone }

// Next returns a line, valid until the next call, with its newline. A line that is too long is nil, with no
// error. An error comes with the bytes that stand before it, as io.EOF comes with a last line that lacks its newline.
func (l *Lines) Next() ([]byte, error) {
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
		if len(l.long)+len(line) <= l.Limit {
			l.long = append(l.long, line...)
		} else {
			l.gone = int64(len(l.long) + len(line))
			l.long = l.long[:0]
			return nil, l.discard(err)
		}
	}
	return l.long, err
}

// discard reads to the end of a line that is given up. What ends the input there, the next call tells.
func (l *Lines) discard(err error) error {
	for errors.Is(err, bufio.ErrBufferFull) {
		var line []byte
		line, err = l.in.ReadSlice('\n')
		l.gone += int64(len(line))
	}
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}
