package capture

import (
	"errors"
	"io"
)

// ErrStopped is what the read of an input returns that was told to end, as a pipe from a program that records until it is stopped.
// It may end anywhere: half a packet or half a line there is no damage.
var ErrStopped = errors.New("capture: the input was stopped")

// Stoppable reads an input that may be stopped, which then just ends.
type Stoppable struct {
	In io.Reader
	// Stopped says that it was.
	Stopped bool
}

// Read implements io.Reader.
func (s *Stoppable) Read(p []byte) (int, error) {
	n, err := s.In.Read(p)
	if errors.Is(err, ErrStopped) {
		s.Stopped, err = true, io.EOF
	}
	return n, err
}
