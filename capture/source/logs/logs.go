// Package logs reads webhook requests out of logs: one JSON object a line, with a Map that says where in it
// things are. A preset of the Map exists for nginx.
//
// A line that cannot be used is counted, reported and left out, and reading goes on; one that is no JSON is damage of
// the log. Bodies keep their bytes,
// UTF-8 or not. Memory does not grow with the log: a line is at most 16 MiB. A Reader may be used by one
// goroutine at a time.
package logs

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"reprise/capture"
	"reprise/capture/source/open"
)

// Options say how a log is read.
type Options struct {
	// File is the log's name, for messages.
	File string
	// Map says where in a line things are; needed.
	Map Map
	// Account, where set, is told of every line.
	Account *capture.Account
}

// Reader is a log as a capture.Source. Records come in the order of the lines.
type Reader struct {
	in      *capture.Stoppable
	lines   lines
	plan    *plan
	file    string
	account *capture.Account
	ended   error
}

// New returns a Reader of r. An error names the field of the map that is at fault.
func New(r io.Reader, o Options) (*Reader, error) {
	if err := o.Map.Validate(); err != nil {
		return nil, err
	}
	account := o.Account
	if account == nil {
		account = new(capture.Account)
	}
	in := &capture.Stoppable{In: r}
	return &Reader{in: in, lines: newLines(in), plan: newPlan(o.Map), file: o.File, account: account}, nil
}

// Next fills rec with the next record that can be used. The slices in it are valid until the next call; its
// strings for ever. Where the input ends early or is damaged the account says so, and Next gives what was
// whole and then io.EOF.
func (r *Reader) Next(ctx context.Context, rec *capture.Record) error {
	for {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if r.ended != nil {
			return r.ended
		}
		line, err := r.lines.next()
		if err != nil {
			r.ended = r.end(err)
		}
		if line == nil && err == nil {
			r.account.Read++
			if !r.in.Stopped {
				r.undecodable(problem("", ReasonTooLong), r.lines.passed)
			}
			continue
		}
		line = bytes.TrimSpace(line)
		if len(line) == 0 {
			continue
		}
		r.account.Read++
		switch p := r.plan.fill(rec, line); {
		case p != nil && r.in.Stopped && err != nil: // half a line
			r.account.Read--
			continue
		case p != nil && p.Reason == ReasonNotJSON:
			r.undecodable(p, int64(len(line)))
			continue
		case p != nil:
			r.account.Skip(r.place(p))
			continue
		}
		for _, p := range r.plan.noted {
			r.account.Note(r.place(&p))
		}
		return nil
	}
}

// Place implements capture.Placed: the line of the record that Next gave last.
func (r *Reader) Place() capture.Problem {
	return capture.Problem{File: r.file, Record: r.lines.number, Unit: "line"}
}

// end tells an input that ended too soon, which is data, from one that could not be read.
func (r *Reader) end(err error) error {
	reason := ""
	switch {
	case errors.Is(err, io.EOF):
		return io.EOF
	case errors.Is(err, io.ErrUnexpectedEOF):
		reason = "input ends early"
	case errors.Is(err, open.ErrCorrupt):
		reason = "corrupt compressed data"
	default:
		return fmt.Errorf("%s: line %d: %w", r.file, r.lines.number, err)
	}
	r.account.CutShort(r.place(problem("", reason)), 0)
	return io.EOF
}

// undecodable counts a line of which nothing can be read; a line that can and is no request is only skipped.
func (r *Reader) undecodable(p *capture.Problem, bytes int64) {
	r.account.Skip(r.place(p))
	r.account.Damaged = true
	r.account.Lost += bytes
}

// place adds to a problem where it is.
func (r *Reader) place(p *capture.Problem) capture.Problem {
	at := r.Place()
	at.Field, at.Reason = p.Field, p.Reason
	return at
}

func problem(field, reason string) *capture.Problem {
	return &capture.Problem{Field: field, Reason: reason}
}
