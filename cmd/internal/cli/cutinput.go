package cli

import (
	"errors"
	"io"

	"reprise/capture/source/open"
)

// cutReader gives what a cut or damaged compressed input holds, and then ends as one that is cut, so that what reads it
// tells of the damage and uses the rest.
type cutReader struct{ io.Reader }

func (r cutReader) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	if isCut(err) {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

// isCut says whether an input ended because it is cut or damaged, and not because it cannot be read.
func isCut(err error) bool {
	return errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, open.ErrCorrupt)
}
