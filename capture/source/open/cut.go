package open

import (
	"errors"
	"io"
)

// Cut returns a reader that gives what a cut or damaged compressed input holds, and then ends as one that is cut
// (io.ErrUnexpectedEOF), so that what reads it tells of the damage and uses the rest.
func Cut(in io.Reader) io.Reader { return cutReader{in} }

type cutReader struct{ in io.Reader }

// Read implements io.Reader.
func (r cutReader) Read(p []byte) (int, error) {
	n, err := r.in.Read(p)
	if IsCut(err) {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

// IsCut says whether an input ended because it is cut or damaged, and not because it cannot be read.
func IsCut(err error) bool {
	return errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, ErrCorrupt)
}
