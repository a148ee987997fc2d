package ingest

import (
	"context"
	"errors"
	"io"

	"reprise/capture"
	"reprise/capture/corpus"
	"reprise/capture/source/open"
)

// corpusSource reads the records of a corpus, where they are only looked at.
type corpusSource struct {
	in      *corpus.Reader
	file    string
	account *capture.Account
}

func readCorpus(file string, in io.Reader, account *capture.Account, _ func(string)) (capture.Source, error) {
	r, err := corpus.NewReader(open.Cut(in))
	if err != nil {
		return nil, err
	}
	return &corpusSource{r, file, account}, nil
}

// Next implements capture.Source.
func (s *corpusSource) Next(ctx context.Context, rec *capture.Record) error {
	err := s.in.Next(ctx, rec)
	switch {
	case err == nil:
		s.account.Read++
	case errors.Is(err, io.EOF):
		for _, d := range s.in.Damage() {
			if !d.Spare {
				s.account.Damage(capture.Problem{File: s.file, Reason: string(d.Reason)}, d.Length)
			}
		}
	}
	return err
}

// Close closes the corpus, and not the input that it stands in.
func (s *corpusSource) Close() error { return s.in.Close() }
