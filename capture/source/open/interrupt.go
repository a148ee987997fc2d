package open

import (
	"context"
	"os"
)

// Input is a stream of which a read that waits for more ends when its context does, such as the process's own input. It is for
// one goroutine at a time.
type Input struct {
	ctx  context.Context
	file *os.File
	buf  []byte
	rest []byte       // of buf, not given out yet
	came chan reading // a read's result; nil while none is under way. Its room of 1 lets a read end that nobody waits for.
}

type reading struct {
	n   int
	err error
}

// Interruptible returns file, with reads that end with ctx.
func Interruptible(ctx context.Context, file *os.File) *Input { return &Input{ctx: ctx, file: file} }

// Stat describes the file that the input is.
func (s *Input) Stat() (os.FileInfo, error) { return s.file.Stat() }

// begin begins a read, where none is under way.
func (s *Input) begin() {
	if s.came != nil {
		return
	}
	if s.buf == nil {
		s.buf = make([]byte, 64<<10)
	}
	s.came = make(chan reading, 1)
	go func(to chan<- reading) {
		n, err := s.file.Read(s.buf)
		to <- reading{n, err}
	}(s.came)
}

// Read gives what has come, or the reason for which ctx ended. The goroutine of a read that then still waits ends with the
// process: a read of a pipe cannot be called off.
func (s *Input) Read(p []byte) (int, error) {
	if len(s.rest) == 0 {
		s.begin()
		select {
		case <-s.ctx.Done():
			return 0, context.Cause(s.ctx)
		case r := <-s.came:
			s.came, s.rest = nil, s.buf[:r.n]
			if r.err != nil {
				n := copy(p, s.rest)
				s.rest = s.rest[n:]
				return n, r.err
			}
		}
	}
	n := copy(p, s.rest)
	s.rest = s.rest[n:]
	return n, nil
}
