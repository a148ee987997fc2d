// Package audit searches an output for anything that an input tells of anyone.
//
// It shares no code with what made the output: it reads both with its own eyes, brings every field into one
// folded form with every layer of escaping taken off, and trusts neither a field's name nor its place. What it
// looks for it keeps in a Bloom filter of fixed size; what the filter lets through it compares exactly in a
// further pass, so that memory stays flat and nothing is found that is not there. A finding names a check, a
// record and a field, never a value.
package audit

import (
	"context"
	"errors"
	"fmt"
	"io"

	"reprise/capture"
	"reprise/capture/sms"
)

// Opener opens a source from its beginning. It is called more than once and must give the same records each
// time; a source that is an io.Closer is closed.
type Opener func(ctx context.Context) (capture.Source, error)

// Options say what is compared, and what an output may hold.
type Options struct {
	// In is what was recorded and Out what was made of it, record by record; both are needed.
	In, Out Opener
	// Vocabulary holds every word that the generator of texts can write.
	Vocabulary []string
	// Keywords holds every keyword, and every word that a reaction is made of.
	Keywords []string
	// Allow holds further words that are nobody's secret.
	Allow []string
	// Pool is where every telephone number of the output must come from.
	Pool sms.Pool
	// Numbers holds telephone numbers in E.164 that the output may hold besides those of the pool, such as those of a staging
	// platform.
	Numbers []string
	// FilterBytes is the size of the filter, DefaultFilterBytes where 0. A filter that is too small costs time, not truth.
	FilterBytes int
}

// auditor is the state of one run.
type auditor struct {
	o      Options
	lexer  *lexer
	filter *filter
	report *Report

	keys  keys // of the record of the input
	scan  scanner
	found candidates
	batch int // how many candidates are gathered before they are compared
}

// maxCandidates bounds how much is held until the next exact comparison.
const maxCandidates = 1 << 16

// Run audits o.Out against o.In. The error says that a source could not be read; what is wrong with
// the output is in the report.
func Run(ctx context.Context, o Options) (Report, error) { return runBatches(ctx, o, maxCandidates) }

// runBatches is Run with a batch of candidates of that size.
func runBatches(ctx context.Context, o Options, batch int) (Report, error) {
	size := o.FilterBytes
	if size == 0 {
		size = DefaultFilterBytes
	}
	if o.In == nil || o.Out == nil {
		return Report{}, errors.New("audit: an input and an output are needed")
	}
	a := &auditor{o: o, lexer: newLexer(o.Vocabulary, o.Keywords, o.Allow), filter: newFilter(size), report: &Report{Findings: []Finding{}}, batch: batch}
	a.keys.lexer, a.keys.safe = a.lexer, newSafe(o.Pool, o.Numbers)
	a.found = make(candidates)
	if err := a.collect(ctx); err != nil {
		return Report{}, err
	}
	if err := a.compare(ctx); err != nil {
		return Report{}, err
	}
	a.report.Pass = !a.report.Failed()
	return *a.report, nil
}

// collect fills the filter with what the output must not hold.
func (a *auditor) collect(ctx context.Context) error {
	return each(ctx, a.o.In, "input", func(r *capture.Record) error {
		a.keys.of(r, func(k key) {
			a.filter.set(k.hash, k.domain)
			for _, w := range k.words {
				if k.domain == run && w.foreign {
					a.filter.set(w.hash, runWord)
				}
			}
			if k.domain == secret {
				a.filter.set(k.words[k.anchor].hash, anchorWord)
			}
		})
		return nil
	})
}

// compare reads input and output side by side.
func (a *auditor) compare(ctx context.Context) error {
	in, err := open(ctx, a.o.In, "input")
	if err != nil {
		return err
	}
	defer in.close()
	a.scan = scanner{auditor: a}
	a.scan.look = a.scan.view
	err = each(ctx, a.o.Out, "output", func(out *capture.Record) error {
		before, err := in.next(ctx)
		if err != nil {
			return err
		}
		a.report.Records++
		a.scan.record(a.report.Records-1, before, out)
		if len(a.found) >= a.batch {
			return a.verify(ctx)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for n := a.report.Records; ; n++ {
		switch before, err := in.next(ctx); {
		case err != nil:
			return err
		case before == nil:
			return a.verify(ctx)
		}
		a.report.add(Fidelity, n, "records", 1)
	}
}

// stream is an open source, with one record of it.
type stream struct {
	source capture.Source
	name   string
	record capture.Record
	ended  bool
}

func open(ctx context.Context, opener Opener, name string) (*stream, error) {
	source, err := opener(ctx)
	if err != nil {
		return nil, fmt.Errorf("audit: open the %s: %w", name, err)
	}
	return &stream{source: source, name: name}, nil
}

// next returns the next record, valid until the next call; nil after the last.
func (s *stream) next(ctx context.Context) (*capture.Record, error) {
	if s.ended {
		return nil, nil
	}
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	switch err := s.source.Next(ctx, &s.record); {
	case errors.Is(err, io.EOF):
		s.ended = true
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("audit: read the %s: %w", s.name, err)
	}
	return &s.record, nil
}

func (s *stream) close() {
	if c, ok := s.source.(io.Closer); ok {
		_ = c.Close() // it was read only
	}
}

// each calls f for every record of a source.
func each(ctx context.Context, opener Opener, name string, f func(*capture.Record) error) error {
	s, err := open(ctx, opener, name)
	if err != nil {
		return err
	}
	defer s.close()
	for {
		r, err := s.next(ctx)
		if err != nil || r == nil {
			return err
		}
		if err := f(r); err != nil {
			return err
		}
	}
}
