// Package messages reads what vendors export: tables of messages, of which the requests are rebuilt that told of them, and lists of requests that
// were really sent. What an export looks like, and how its vendor writes requests, a dialect.Export and a dialect.Vendor say; the package knows no
// vendor.
//
// A row that cannot be used is counted, reported by its line and column, and left out. Rows come in their order; memory is that of the longest
// row. A Reader may be used by one goroutine at a time.
package messages

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"

	"reprise/capture"
	"reprise/capture/dialect"
	"reprise/capture/internal/rows"
	"reprise/capture/payload"
	"reprise/capture/source/open"
)

// Options say how an export is read.
type Options struct {
	// File is the input's name, for messages.
	File string
	// Export is what it is, and whose; needed.
	Export dialect.VendorExport
	// CSV says that its rows are lines of CSV, and no objects of JSON.
	CSV bool
	// Vendors are those that a table of several vendors' messages may name, and Vendor is whose messages are that name none.
	Vendors dialect.Table
	Vendor  string
	// Receipts makes a receipt of each message that the platform sent; else these are left out.
	Receipts bool
	// Account, where set, is told of every row.
	Account *capture.Account
}

// The reasons for which rows are left out because Options do not ask for them.
const (
	LeftOutOutbound  = "sent by the platform"
	LeftOutNoReceipt = "sent by the platform, in a state without a receipt"
)

// Reader is an export as a capture.Source.
type Reader struct {
	o       Options
	in      *capture.Stoppable
	rows    *rows.Reader
	account *capture.Account
	ended   error

	scanner payload.Scanner
	columns []dialect.Column // of CSV, by cell
	values  [dialect.ColumnCount]string
	texts   bool // the rows, or the row, have a column of the text
	pcg     *rand.PCG
	random  *rand.Rand
	targets map[string]*target
	regions map[string]string

	headers []capture.Header
	body    []byte
	waiting []waiting // requests of the row read last
	whole   bool
}

// waiting is a request of a row that holds several.
type waiting struct {
	rec   *capture.Record
	whole bool
}

// New returns a Reader of in.
func New(in io.Reader, o Options) *Reader {
	stoppable := &capture.Stoppable{In: in}
	account := o.Account
	if account == nil {
		account = new(capture.Account)
	}
	pcg := rand.NewPCG(0, 0)
	return &Reader{
		o: o, in: stoppable, account: account, pcg: pcg, random: rand.New(pcg),
		rows:    rows.New(stoppable, rows.Options{CSV: o.CSV, Pages: o.Export.Pages, Stopped: func() bool { return stoppable.Stopped }}),
		targets: make(map[string]*target), regions: make(map[string]string),
	}
}

// WholeSecond says whether the time of the record that Next gave last is of a whole second because the export knows no more.
func (r *Reader) WholeSecond() bool { return r.whole }

// Place implements capture.Placed: the row of the record that Next gave last.
func (r *Reader) Place() capture.Problem {
	n, unit := r.rows.Place()
	return capture.Problem{File: r.o.File, Record: n, Unit: unit}
}

// Next fills rec with the next record. The slices in it are valid until the next call. Where the input ends early or is damaged the account says
// so, and Next gives what was whole and then io.EOF.
func (r *Reader) Next(ctx context.Context, rec *capture.Record) error {
	for {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if n := len(r.waiting); n > 0 {
			next := r.waiting[0]
			r.waiting = r.waiting[1:]
			*rec, r.whole = *next.rec, next.whole
			return nil
		}
		if r.ended != nil {
			return r.ended
		}
		object, cells, err := r.rows.Next()
		if err != nil {
			r.ended = r.failed(err)
			continue
		}
		if r.o.CSV && r.o.Export.Requests != nil {
			r.ended = fmt.Errorf("%s: its rows are lines of CSV, and those of %s are objects of JSON", r.o.File, r.o.Export.Name)
			continue
		}
		if r.o.CSV && r.columns == nil {
			if r.ended = r.head(); r.ended != nil {
				continue
			}
		}
		if r.o.Export.Requests != nil {
			r.requests(object)
			continue
		}
		r.account.Read++
		if err := r.take(object, cells); err != nil {
			r.skip(err)
			continue
		}
		switch done, err := r.fill(rec); {
		case err != nil:
			r.skip(err)
		case done:
			return nil
		}
	}
}

// failed counts a row that could not be read, or returns how reading ends.
func (r *Reader) failed(err error) error {
	broken := (*rows.Broken)(nil)
	switch {
	case errors.As(err, &broken):
		if r.in.Stopped {
			return nil // half a row
		}
		r.account.Read++
		p := r.Place()
		p.Reason = broken.Reason
		r.account.Skip(p)
		if broken.Bytes > 0 {
			r.account.Damaged = true
			r.account.Lost += broken.Bytes
		}
		return nil
	case errors.Is(err, io.EOF):
		return io.EOF
	case r.in.Stopped:
		return io.EOF
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, open.ErrCorrupt):
		p := r.Place()
		p.Reason = "input ends early"
		if errors.Is(err, open.ErrCorrupt) {
			p.Reason = "corrupt compressed data"
		}
		r.account.CutShort(p, 0)
		return io.EOF
	}
	n, unit := r.rows.Place()
	return fmt.Errorf("%s: %s %d: %w", r.o.File, unit, n, err)
}

// skip counts a row that cannot be used. One that nobody asked for has no field.
func (r *Reader) skip(err error) {
	field := (*payload.FieldError)(nil)
	if !errors.As(err, &field) {
		panic("messages: internal error: a row has an error of no field")
	}
	if field.Field == "" {
		r.account.LeaveOut(field.Reason)
		return
	}
	p := r.Place()
	p.Field, p.Byte, p.Reason = field.Field, field.At, field.Reason
	r.account.Skip(p)
}

// requests takes the true requests of a row.
func (r *Reader) requests(object []byte) {
	r.waiting = r.waiting[:0]
	err := r.o.Export.Requests(object, func(rec *capture.Record) error {
		r.account.Read++
		r.waiting = append(r.waiting, waiting{rec.Clone(), r.o.Export.Whole && rec.Time.Nanosecond() == 0})
		return nil
	})
	if err != nil {
		r.account.Read++
		r.skip(err)
	}
}
