package open

import (
	"errors"
	"io"
	"io/fs"
	"time"

	"reprise/capture"
)

// How long what writes a pipe, which often gets the same signal, has for what it holds back: so long of silence, and so long in all. Silence is
// made of short waits: a process that has had no processor for a while cannot have heard anything.
const (
	pipeSilence = 300 * time.Millisecond
	pipeWait    = 10 * time.Millisecond
	pipeGrace   = 2 * time.Second
)

// Pipe is an input that is a pipe or alike, of which reading ends in order when its context does: what another program was
// still to write comes through.
type Pipe struct {
	in   *Input
	last <-chan time.Time // when the grace ends; nil before the context ends
}

// Pipe returns the input as a pipe; nil where it is a regular file.
func (s *Input) Pipe() *Pipe {
	if info, err := s.Stat(); err != nil || info.Mode().IsRegular() {
		return nil
	}
	return &Pipe{in: s}
}

// Stat describes the file that it is.
func (p *Pipe) Stat() (fs.FileInfo, error) { return p.in.Stat() }

// Read gives what has come. After the end of its context it gives what comes at once after that, and then capture.ErrStopped.
func (p *Pipe) Read(b []byte) (int, error) {
	if p.in.ctx.Err() == nil {
		n, err := p.in.Read(b)
		if err == nil || n > 0 || p.in.ctx.Err() == nil {
			return n, err
		}
	}
	if p.last == nil {
		p.last = time.After(pipeGrace)
	}
	return p.in.within(b, p.last)
}

// within is Read after the context ended.
func (s *Input) within(b []byte, last <-chan time.Time) (int, error) {
	for waited := time.Duration(0); len(s.rest) == 0; waited += pipeWait {
		s.begin()
		select {
		case r := <-s.came:
			s.came, s.rest = nil, s.buf[:r.n]
			if r.n == 0 && r.err != nil {
				return 0, stopped(r.err)
			}
		case <-time.After(pipeWait):
			if waited >= pipeSilence {
				return 0, capture.ErrStopped
			}
		case <-last:
			return 0, capture.ErrStopped
		}
	}
	n := copy(b, s.rest)
	s.rest = s.rest[n:]
	return n, nil
}

// stopped is what the end of a pipe is, after the context ended: what writes it was asked to end, too.
func stopped(err error) error {
	if errors.Is(err, io.EOF) {
		return capture.ErrStopped
	}
	return err
}
