package cli

import (
	"errors"
	"io"
	"io/fs"
	"time"

	"reprise/capture"
)

// How long what writes a pipe, which often gets the same signal, has for what it holds back: so long of silence, and so long in all.
const (
	pipeSilence = 300 * time.Millisecond
	pipeGrace   = 2 * time.Second
)

// pipe is stdin that is a pipe or alike, of which reading ends in order when the verb is asked to end.
type pipe struct {
	in   *stdin
	last <-chan time.Time // when the grace ends; nil before the verb is asked to end
}

// piped returns the pipe that file names, nil where it names none.
func piped(file string, s Streams) *pipe {
	in, ok := s.In.(*stdin)
	if file != "-" || !ok {
		return nil
	}
	if info, err := in.Stat(); err != nil || info.Mode().IsRegular() {
		return nil
	}
	return &pipe{in: in}
}

// Stat describes the file that it is.
func (p *pipe) Stat() (fs.FileInfo, error) { return p.in.Stat() }

// Read gives what has come. Asked to end, it gives what comes at once after that, and then capture.ErrStopped.
func (p *pipe) Read(b []byte) (int, error) {
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

// within is Read after the verb was asked to end.
func (s *stdin) within(b []byte, last <-chan time.Time) (int, error) {
	if len(s.rest) == 0 {
		s.begin()
		select {
		case r := <-s.came:
			s.came, s.rest = nil, s.buf[:r.n]
			if r.n == 0 && r.err != nil {
				return 0, stopped(r.err)
			}
		case <-time.After(pipeSilence):
			return 0, capture.ErrStopped
		case <-last:
			return 0, capture.ErrStopped
		}
	}
	n := copy(b, s.rest)
	s.rest = s.rest[n:]
	return n, nil
}

// stopped is what the end of a pipe is, after the verb was asked to end: what writes it was asked, too.
func stopped(err error) error {
	if errors.Is(err, io.EOF) {
		return capture.ErrStopped
	}
	return err
}
