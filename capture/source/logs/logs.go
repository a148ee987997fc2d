// Package logs reads webhook requests out of logs: JSON, tables of columns (CSV, TSV), logfmt, and text that a regular expression takes
// apart, with a [Map] that says where in it things are. Begin with [New] and a Map of your own, [ReadMap] or [Preset].
//
// A line that cannot be used is counted, reported and left out, and reading goes on; one that is not what its log is made of is damage
// of the log. Bodies keep their bytes, UTF-8 or not. Memory does not grow with the log: a line, or an object, is at most 16 MiB. A Reader
// may be used by one goroutine at a time.
package logs

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"reprise/capture"
	"reprise/capture/dialect"
	"reprise/capture/internal/rows"
	"reprise/capture/source/open"
)

// Options say how a log is read.
type Options struct {
	// File is the log's name, for messages.
	File string
	// Map says where in a line things are; needed.
	Map Map
	// Vendors tell a payload that is sent as JSON from the fields of a form, which EncodingParsed may have to; the zero value knows none.
	Vendors dialect.Table
	// Account, where set, is told of every line.
	Account *capture.Account
}

// Reader is a log as a capture.Source. Records come in the order of the lines.
type Reader struct {
	in      *capture.Stoppable
	content *bufio.Reader
	rows    splitter // nil until the first bytes have told what there is
	rest    []byte
	plan    *plan
	file    string
	account *capture.Account
	ended   error
	most    int64 // how many lines, or requests of these, are read; 0 is all
}

// splitter cuts an input into what holds a request each: lines, records of a table or objects.
type splitter interface {
	// next returns one that is valid until the next call. One that is too long is nil, without an error. An error may come with what
	// stands before it, as io.EOF does with a last line that lacks its newline.
	next() ([]byte, error)
	// position is where the one last given stands, and lost how many bytes one had that was too long.
	position() (number int64, unit string)
	lost() int64
}

// New returns a Reader of r. An error names the field of the map that is at fault.
func New(r io.Reader, o Options) (*Reader, error) {
	m, err := o.Map.ready()
	if err != nil {
		return nil, err
	}
	account := o.Account
	if account == nil {
		account = new(capture.Account)
	}
	in := &capture.Stoppable{In: r}
	p := newPlan(m)
	p.vendors = o.Vendors
	return &Reader{in: in, content: bufio.NewReaderSize(in, bufferSize), plan: p, file: o.File, account: account}, nil
}

// Next fills rec with the next record that can be used. The slices in it are valid until the next call; its
// strings for ever. Where the input ends early or is damaged the account says so, and Next gives what was
// whole and then io.EOF.
func (r *Reader) Next(ctx context.Context, rec *capture.Record) error {
	for {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if r.most > 0 && r.account.Read >= r.most {
			return io.EOF
		}
		if r.rows == nil {
			r.rows = r.begin()
		}
		var bad *capture.Problem
		length := 0
		switch {
		case r.plan.more():
			r.account.Read++
			bad = r.plan.next(rec)
		case r.ended != nil && len(r.rest) == 0:
			return r.ended
		default:
			line, err := r.line()
			if err != nil {
				r.ended = r.end(err)
			}
			if len(line) == 0 {
				continue
			}
			r.account.Read++
			bad, length = r.plan.fill(rec, line), len(line)
			if bad != nil && bad.Reason == ReasonNotJSON && r.several(line) {
				bad = r.plan.fill(rec, r.first(line))
			} else if err != nil && r.half(&bad, err) {
				r.account.Read--
				continue
			}
		}
		if bad != nil {
			r.leave(bad, int64(length))
			continue
		}
		for _, p := range r.plan.noted {
			r.account.Note(r.place(&p))
		}
		return nil
	}
}

// line gives the next one with something in it; it is empty where that takes another call.
func (r *Reader) line() ([]byte, error) {
	if len(r.rest) > 0 {
		return r.first(r.rest), nil
	}
	line, err := r.rows.next()
	if line == nil && err == nil {
		if r.account.Read++; r.in.Stopped {
			r.account.Read--
		} else {
			r.undecodable(problem("", ReasonTooLong), r.rows.lost())
		}
	}
	if r.plan.table {
		return line, err
	}
	if line = bytes.TrimSpace(line); len(line) > 0 && line[0] == '#' && r.account.Read == 0 { // what a log begins with, such as the names of its fields
		return nil, err
	}
	return line, err
}

// half is about the last line of an input that has no end of its own. Where the input was stopped there it is nothing, unless it is
// whole JSON; where it was cut there, what is no JSON may be half of it.
func (r *Reader) half(bad **capture.Problem, err error) bool {
	text := r.plan.rows != nil
	switch {
	case r.in.Stopped && (*bad != nil || text):
		r.plan.forget()
		return true
	case text && !errors.Is(err, io.EOF):
		r.plan.forget()
		*bad = problem("", reasonHalf)
	}
	return false
}

// several says whether a line is several objects, one behind the other.
func (r *Reader) several(line []byte) bool {
	if _, ok := r.rows.(*lines); !ok || r.plan.rows != nil {
		return false
	}
	for n := 0; len(line) > 0; line = bytes.TrimLeft(line[n:], " \t\r,") {
		c := rows.Cutter{}
		if n = c.End(line); n == 0 || line[0] != '{' || !r.plan.valid(line[:n]) {
			return false
		}
	}
	return true
}

// first cuts the first object off a line of several, and keeps the others for the next calls.
func (r *Reader) first(line []byte) []byte {
	c := rows.Cutter{}
	n := c.End(line)
	r.rest = bytes.TrimLeft(line[n:], " \t\r,")
	return line[:n]
}

// leave counts a line that is no record.
func (r *Reader) leave(p *capture.Problem, length int64) {
	switch {
	case p.Reason == LeftOutByWhere:
		r.account.LeaveOut(LeftOutByWhere)
	case p.Field == "" && p.Reason != ReasonPattern:
		r.undecodable(p, length)
	default:
		r.account.Skip(r.place(p))
	}
}

// Compact implements capture.Compact: the strings of a record are its own, but for those that lines have in common.
func (*Reader) Compact() {}

// WholeSecond says whether the log tells of the time of the record that Next gave last no more than the second.
func (r *Reader) WholeSecond() bool { return r.plan.second }

// Place implements capture.Placed: the line, or the object, of the record that Next gave last.
func (r *Reader) Place() capture.Problem {
	at := capture.Problem{File: r.file, Unit: "line"}
	if r.rows != nil {
		at.Record, at.Unit = r.rows.position()
	}
	return at
}

// end tells an input that ended too soon, which is data, from one that could not be read.
func (r *Reader) end(err error) error {
	reason := ""
	switch {
	case errors.Is(err, io.EOF):
		if o, ok := r.rows.(*objects); ok && o.Within() && !r.in.Stopped {
			r.account.CutShort(r.place(problem("", reasonArray)), 0)
		}
		return io.EOF
	case errors.Is(err, io.ErrUnexpectedEOF):
		reason = "input ends early"
	case errors.Is(err, open.ErrCorrupt):
		reason = "corrupt compressed data"
	default:
		number, unit := r.rows.position()
		return fmt.Errorf("%s: %s %d: %w", r.file, unit, number, err)
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
