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
	"sync"

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
	// Numbers holds telephone numbers in E.164, and short codes, that the output may hold besides those of the pool, such as
	// those of a staging platform.
	Numbers []string
	// Fields, where set, tells what the vendors' tables say of the fields of a record. It is called by several goroutines at
	// once; a value is valid during the call.
	Fields func(r *capture.Record, f func(sort FieldSort, value []byte))
	// Routes, where set, says which segments of paths may stay: none other may.
	Routes *Routes
	// LinkWords are what paths of generated links are made of: one that stands in a link of the input too is there by chance, unless the
	// whole path is.
	LinkWords []string
	// Headers, where set, says which headers' values may stay: none other may.
	Headers *PlainHeaders
	// Kept, where set, tells the names of the fields of a record that a policy keeps, each once. It is called by several goroutines.
	Kept func(r *capture.Record, f func(name string))
	// Records is about how many the input has, where that is known.
	Records int64
	// FilterBytes is the size of the filter; where 0 it is DefaultFilterBytes or, of many Records, more. A filter that is too small costs time,
	// not truth.
	FilterBytes int
}

// FieldSort says what a field holds.
type FieldSort uint8

// The sorts of field. Numbers of people and texts are told by the record's message.
const (
	// Personal is a name, a place, or what no table lists: none of it may survive.
	Personal FieldSort = iota
	// Made is an id or a link: none of the input's may survive, and in those of the output digits are no telephone number.
	Made
	// Common is an enumeration or a time: the same for everyone.
	Common
	// Number is a telephone number: none of the input's may survive, in whatever spelling.
	Number
	// Brief is too short to be looked for in all records, where it may stand by chance: it may not survive in its own field. In those of the
	// output digits are no telephone number.
	Brief
)

// auditor is the state of one run.
type auditor struct {
	o      Options
	lexer  *lexer
	safe   safe
	routes *routes
	plain  *headerRule
	filter *filter
	report *Report
	hands  []*hand

	found   candidates // by all hands
	marking sync.Mutex // guards what is marked on found while all hands compare exactly
	batch   int        // how many candidates are gathered before they are compared
	people  people
	times   times
	places  *placeTable // where what was found stands; nil until that is asked

	confirmed map[uint64]confirmed // what was found, by the filter's bits
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
		size = filterBytes(o.Records)
	}
	if o.In == nil || o.Out == nil {
		return Report{}, errors.New("audit: an input and an output are needed")
	}
	a := &auditor{
		o: o, lexer: newLexer(o.Vocabulary, o.Keywords, o.Allow), safe: newSafe(o.Pool, o.Numbers), filter: newFilter(size),
		report: &Report{Findings: []Finding{}}, found: make(candidates), batch: batch,
	}
	a.routes, a.plain = newRoutes(o.Routes, a.lexer), newHeaderRule(o.Headers)
	if a.routes != nil {
		a.routes.links = o.LinkWords
	}
	a.hands = a.newHands()
	if err := a.collect(ctx); err != nil {
		return Report{}, err
	}
	if err := a.compare(ctx); err != nil {
		return Report{}, err
	}
	for _, h := range a.hands {
		a.report.merge(h.scan.report)
	}
	a.report.Unique = a.people.unique()
	a.report.Pass = !a.report.Failed()
	if !a.report.Pass {
		if err := a.explain(ctx); err != nil {
			return Report{}, err
		}
	}
	return *a.report, nil
}

// collect fills the filter with what the output must not hold.
func (a *auditor) collect(ctx context.Context) error {
	err := a.eachInput(ctx, func(h *hand, r *capture.Record) {
		h.collected++
		h.keys.of(r, func(k key) {
			a.filter.hold(&k)
		})
	})
	records := int64(0)
	for _, h := range a.hands {
		records += h.collected
	}
	for _, h := range a.hands {
		h.keys.records = records
	}
	if err != nil {
		return err
	}
	return a.sieve(ctx, records)
}

// eachInput has the hands work at every record of the input.
func (a *auditor) eachInput(ctx context.Context, work func(*hand, *capture.Record)) error {
	in, err := open(ctx, a.o.In, "input")
	if err != nil {
		return err
	}
	defer in.close()
	return inBatches(ctx, a.hands, func(b *batch) (bool, error) {
		for b.reset(0); !b.full(); {
			r, err := in.next(ctx)
			if err != nil || r == nil {
				return false, err
			}
			b.in = b.keep(b.in, r)
		}
		return true, nil
	}, func(h *hand, b *batch, i int) { work(h, &b.in[i]) }, func(*batch) error { return nil })
}

// compare reads input and output side by side.
func (a *auditor) compare(ctx context.Context) error {
	in, out, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer in.close()
	defer out.close()
	err = inBatches(ctx, a.hands, func(b *batch) (bool, error) { return a.fill(ctx, b, in, out) }, func(h *hand, b *batch, i int) {
		h.scan.record(b.first+int64(i), b.counterpart(i), &b.out[i], &b.marks[i])
	}, func(b *batch) error {
		for i := range b.marks {
			for _, field := range a.people.add(&b.marks[i]) {
				a.fidelity(b.first+int64(i), field, b.out[i].Vendor)
			}
		}
		return a.gather(ctx)
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
		a.fidelity(n, recordsField, "")
	}
}

// fidelity reports a record that is not what its counterpart was.
func (a *auditor) fidelity(n int64, name, vendor string) {
	a.report.add(Fidelity, n, name, 1)
	if a.places != nil {
		a.places.add(Fidelity, where{field: field{name: name}, vendor: vendor, seq: n})
	}
}

// fill reads the next records of the output, and their counterparts.
func (a *auditor) fill(ctx context.Context, b *batch, in, out *stream) (more bool, err error) {
	return b.fill(ctx, a.report.Records, in, out, func(before, after *capture.Record) {
		if a.report.Records == 0 && before != nil {
			a.times = times{before.Time, after.Time}
		}
		a.report.Records++
	})
}

// fill reads records of the output from the one at first, and their counterparts, and calls each for both before it keeps them.
func (b *batch) fill(ctx context.Context, first int64, in, out *stream, each func(before, after *capture.Record)) (more bool, err error) {
	for b.reset(first); !b.full(); {
		after, err := out.next(ctx)
		if err != nil || after == nil {
			return false, err
		}
		before, err := in.next(ctx)
		if err != nil {
			return false, err
		}
		each(before, after)
		b.in, b.out = b.keep(b.in, before), b.keep(b.out, after)
		b.paired, b.marks = append(b.paired, before != nil), append(b.marks, marks{})
	}
	return true, nil
}

// gather takes the candidates of all hands, and compares them when they are many.
func (a *auditor) gather(ctx context.Context) error {
	for _, h := range a.hands {
		a.found.merge(h.scan.found)
	}
	if len(a.found) >= a.batch {
		return a.verify(ctx)
	}
	return nil
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

// open opens both.
func (a *auditor) open(ctx context.Context) (in, out *stream, err error) {
	if in, err = open(ctx, a.o.In, "input"); err != nil {
		return nil, nil, err
	}
	if out, err = open(ctx, a.o.Out, "output"); err != nil {
		in.close()
		return nil, nil, err
	}
	return in, out, nil
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
