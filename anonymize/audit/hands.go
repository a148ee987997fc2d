package audit

import (
	"context"
	"runtime"
	"sync"

	"reprise/capture"
)

// hand is one of those who work at an audit at the same time: what it needs of its own.
type hand struct {
	collected int64 // records of the input
	keys      keys
	scan      scanner
	sift      *scanner // of lookThrough
	words     []word
}

// newHands returns as many as there are processors.
func (a *auditor) newHands() []*hand {
	hands := make([]*hand, max(1, runtime.GOMAXPROCS(0)))
	for i := range hands {
		h := &hand{keys: a.newKeys()}
		h.scan = scanner{auditor: a, keys: &h.keys, report: &Report{}, found: make(candidates)}
		h.scan.look = h.scan.view
		hands[i] = h
	}
	return hands
}

func (a *auditor) newKeys() keys {
	return keys{lexer: a.lexer, safe: a.safe, fields: a.o.Fields, routes: a.routes}
}

// batchRecords and batchBytes bound what is handed out at once.
const (
	batchRecords = 1024
	batchBytes   = 4 << 20
)

// batch is some records of the output with their counterparts, or of the input alone; it owns their memory.
type batch struct {
	first   int64 // the position of its first record
	in, out []capture.Record
	paired  []bool // in has one
	marks   []marks
	bytes   int
}

func (b *batch) reset(first int64) {
	b.first, b.in, b.out, b.paired, b.marks, b.bytes = first, b.in[:0], b.out[:0], b.paired[:0], b.marks[:0], 0
}

// counterpart is that of a record of the output, nil where there is none.
func (b *batch) counterpart(i int) *capture.Record {
	if !b.paired[i] {
		return nil
	}
	return &b.in[i]
}

func (b *batch) full() bool { return len(b.in) >= batchRecords || b.bytes >= batchBytes }

// keep appends a copy of a record, in memory that is used again.
func (b *batch) keep(list []capture.Record, r *capture.Record) []capture.Record {
	n := len(list)
	if n == cap(list) {
		list = append(list, capture.Record{})
	}
	list = list[:n+1]
	to := &list[n]
	headers, body := to.Headers[:0], to.Body[:0]
	if r != nil {
		*to = *r
		headers, body = append(headers, r.Headers...), append(body, r.Body...)
		b.bytes += len(r.Body)
	}
	to.Headers, to.Body = headers, body
	return list
}

// inBatches fills one batch while the hands work at another. fill returns false after the last; done is called for each
// batch when all have worked at it, in order.
func inBatches(ctx context.Context, hands []*hand, fill func(*batch) (more bool, err error), work func(*hand, *batch, int), done func(*batch) error) error {
	now, next := new(batch), new(batch)
	more, err := fill(now)
	for err == nil {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		var working sync.WaitGroup
		for i, h := range hands {
			from, to := len(now.in)*i/len(hands), len(now.in)*(i+1)/len(hands)
			working.Go(func() {
				for at := from; at < to; at++ {
					work(h, now, at)
				}
			})
		}
		again := false
		if more {
			again, err = fill(next)
		}
		working.Wait()
		if err != nil {
			return err
		}
		if err := done(now); err != nil || !more {
			return err
		}
		now, next, more = next, now, again
	}
	return err
}
