package anonymize

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"reprise/capture"
)

// CopyOptions shape a Copy.
type CopyOptions struct {
	// Workers is how many goroutines rewrite; less than 1 means 1. What is written does not depend on it.
	Workers int
	// Written, where set, is called for every record that dst has taken, in order.
	Written func()
}

// What a batch holds: enough to make handing it over cheap, little enough to keep memory flat whatever the bodies' size.
const (
	batchRecords = 256
	batchBytes   = 1 << 20
)

// Copy rewrites every record of src and writes it to dst, in their order. It stops at the first error; one of Rewrite's
// names the record. Nothing is left running.
func (a *Anonymizer) Copy(ctx context.Context, dst capture.Sink, src capture.Source, o CopyOptions) error {
	running, stop := context.WithCancel(ctx)
	defer stop()
	workers := max(o.Workers, 1)
	work := make(chan *batch)
	ordered := make(chan *batch, 2*workers)
	empty := make(chan *batch, 2*workers+2)
	var hands sync.WaitGroup
	hands.Go(func() {
		defer close(ordered)
		defer close(work)
		a.deal(running, src, empty, work, ordered)
	})
	helpers := make([]*Anonymizer, workers)
	for i := range helpers {
		helpers[i] = newWorker(a.table, a.classifier, a.keys.again(), a.roll, a.rules, a.router)
		hands.Go(func() {
			for b := range work {
				b.rewrite(helpers[i])
				close(b.done)
			}
		})
	}
	err := collect(dst, ordered, empty, o.Written)
	stop()
	for b := range ordered { // let the dealer go
		<-b.done
	}
	hands.Wait()
	for _, h := range helpers {
		h.tell()
		a.report.add(&h.report)
	}
	if err == nil {
		err = context.Cause(ctx)
	}
	return err
}

// deal reads batches, enrols their addresses in order and hands them out.
func (a *Anonymizer) deal(ctx context.Context, src capture.Source, empty <-chan *batch, work, ordered chan<- *batch) {
	var r capture.Record
	for ended := false; !ended; {
		b := nextBatch(empty)
		for !b.full() && b.failed == nil {
			err := src.Next(ctx, &r)
			if ended = err != nil; ended {
				if !errors.Is(err, io.EOF) {
					b.failed = err
				}
				break
			}
			a.base(&r)
			b.add(&r)
			b.by = a.by
			if b.met, err = a.enrol(b.met, &r); err != nil {
				b.failed = b.drop(r.Seq, err)
				break
			}
			b.ends = append(b.ends, len(b.met))
		}
		ended = ended || b.failed != nil
		select {
		case ordered <- b:
		case <-ctx.Done():
			return
		}
		work <- b // the workers end only after this channel is closed
	}
}

func nextBatch(empty <-chan *batch) *batch {
	select {
	case b := <-empty:
		b.reset()
		return b
	default:
		return &batch{done: make(chan struct{})}
	}
}

// collect writes finished batches in order.
func collect(dst capture.Sink, ordered <-chan *batch, empty chan<- *batch, written func()) error {
	for b := range ordered {
		<-b.done
		for i := range b.records {
			if err := dst.Write(&b.records[i]); err != nil {
				return err
			}
			if written != nil {
				written()
			}
		}
		if b.failed != nil {
			return b.failed
		}
		select {
		case empty <- b:
		default:
		}
	}
	return nil
}

// batch is some records in a row, with memory of their own.
type batch struct {
	records []capture.Record
	met     []address
	ends    []int // of each record, where its addresses end in met
	bytes   int
	by      time.Duration // how far times move
	failed  error         // what ended it, after its records
	done    chan struct{}
}

func (b *batch) full() bool { return len(b.records) >= batchRecords || b.bytes >= batchBytes }

func (b *batch) reset() {
	b.records, b.met, b.ends, b.bytes, b.failed, b.done = b.records[:0], b.met[:0], b.ends[:0], 0, nil, make(chan struct{})
}

// add copies a record into the batch.
func (b *batch) add(r *capture.Record) {
	n := len(b.records)
	if n == cap(b.records) {
		b.records = append(b.records, capture.Record{})
	}
	b.records = b.records[:n+1]
	to := &b.records[n]
	headers, body := to.Headers[:0], to.Body[:0]
	*to = *r
	to.Headers, to.Body = append(headers, r.Headers...), append(body, r.Body...)
	b.bytes += len(r.Body)
}

// drop takes the last record out because of an error.
func (b *batch) drop(seq int64, err error) error {
	b.records = b.records[:len(b.records)-1]
	return fmt.Errorf("record %d: %w", seq, err)
}

// rewrite rewrites the records; the batch ends before one that cannot be.
func (b *batch) rewrite(a *Anonymizer) {
	from := 0
	a.by = b.by
	for i := range b.records {
		a.remember(b.met[from:b.ends[i]])
		from = b.ends[i]
		if err := a.rewrite(&b.records[i]); err != nil {
			b.failed = fmt.Errorf("record %d: %w", b.records[i].Seq, err)
			b.records = b.records[:i]
			return
		}
	}
}
