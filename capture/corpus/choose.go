package corpus

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"

	"reprise/capture"
)

// NoRecordError says that a record that was asked for is not in the corpus.
type NoRecordError struct {
	Seq int64
	// Records is how many there are, numbered from 0.
	Records int64
}

// Error says which records there are.
func (e *NoRecordError) Error() string {
	return fmt.Sprintf("there is no record %d: those of the corpus are numbered from 0 to %d", e.Seq, e.Records-1)
}

// Chosen is the records of a Reader that Choose gives. It is a capture.Source.
type Chosen struct {
	*Selected
	known []string
}

// Choose is Select for what people ask for. It refuses a number of a record that the corpus has not, by a *NoRecordError, and a
// vendor that is neither among those that are known nor in the corpus, by a *VendorError. Where there is an index the file at path,
// which r reads, is looked at for the vendor; else it is found missing at the end, by Next.
func Choose(ctx context.Context, r *Reader, path string, s Selection, known []string) (*Chosen, error) {
	if x, ok := r.Index(); ok {
		if n := len(x.Blocks); n > 0 { // else it is empty, and that is seen
			count := x.Blocks[n-1].FirstSeq + x.Blocks[n-1].Records
			if seq, missing := s.Missing(count); missing {
				return nil, &NoRecordError{Seq: seq, Records: count}
			}
		}
		if err := CheckVendors(ctx, path, s.Vendors, known); err != nil {
			return nil, err
		}
	}
	selected, err := Select(r, s)
	return &Chosen{selected, known}, err
}

// Next implements capture.Source.
func (c *Chosen) Next(ctx context.Context, r *capture.Record) error {
	err := c.Selected.Next(ctx, r)
	if errors.Is(err, io.EOF) {
		err = cmp.Or(c.CheckVendors(c.known), err)
	}
	return err
}
