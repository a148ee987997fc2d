// Package traces reads webhook requests out of what tells of one request in several pieces: the log of a Rails application (Started,
// Parameters, Completed), the execution log of an API gateway of AWS (a line for the headers, one for the body), and the traces of
// envoy's tap filter. Requests that overlap are told apart by the id that each of their lines has.
//
// Lines may stand in what collectors of logs put around them: a time and a stream, JSON with a message, arrays of such, a table with a
// column of messages. What is no part of a request is passed over and not counted; the account counts requests.
//
// Memory is bounded: at most so many requests are open, and a line is at most 16 MiB. A Source is for one goroutine at a time.
package traces

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"reprise/capture"
	"reprise/capture/source/open"
	"reprise/capture/wire"
)

// The kinds of input, as users name them.
const (
	Rails      = "rails"
	APIGateway = "api-gateway"
	EnvoyTap   = "envoy-tap"
)

// Formats are the kinds of input that there are.
func Formats() []string { return []string{Rails, APIGateway, EnvoyTap} }

// Options say how an input is read.
type Options struct {
	// File is the input's name in problems and errors.
	File string
	// Account counts what was read, skipped and lost; nil where nobody wants to know.
	Account *capture.Account
	// OnServer, where set, is called with each request's host; the same one may come more than once.
	OnServer func(host string)
}

// The reasons for which requests are not kept, or not whole.
const (
	reasonMixed      = "lines of several requests are mixed, and no id tells them apart"
	reasonParameters = "its parameters are no literal that can be read back"
	reasonNoBody     = "its body is not in the log"
	reasonCutBody    = "its body is cut in the log"
	reasonTime       = "not a time"
	reasonTarget     = "not a path or URL"
	reasonMethod     = "not a method"
	reasonShape      = "not what the format says"
	reasonFiltered   = "a value of it reads [FILTERED]"
	reasonQuery      = "its query was put together from logged parameters"
	reasonHeader     = "a header that is masked, cut or none at all is left out"
	reasonBegin      = "its beginning is not in the log"
	reasonEnds       = "the input ends early"
	reasonBroken     = "corrupt compressed data"
)

// request is one that is being put together.
type request struct {
	line   int64
	at     time.Time
	record capture.Record
	bad    string // why it cannot be used
	field  string // what of it bad is about
	noted  []string
}

// collector puts requests together. It hands those that are whole to done, in the order in which they began as far as that is known.
type collector interface {
	row(r *row, done func(*request))
	// end hands over what is open, since nothing follows.
	end(done func(*request))
}

// Source is an input as a capture.Source. Records come in the order in which their requests ended.
type Source struct {
	o       Options
	in      *capture.Stoppable
	rows    *input
	collect collector
	queue   []*request
	last    int64 // the line of the record that Next gave last
	at      int64 // the line read last
	ended   error
}

// New returns a source of a decompressed input of one of Formats.
func New(r io.Reader, format string, o Options) (*Source, error) {
	if o.Account == nil {
		o.Account = new(capture.Account)
	}
	s := &Source{o: o, in: &capture.Stoppable{In: r}}
	switch format {
	case Rails:
		s.collect = newRails()
	case APIGateway:
		s.collect = newGateway()
	case EnvoyTap:
		s.collect = envoyTap{}
	default:
		return nil, fmt.Errorf("traces: no format is called %q", format)
	}
	s.rows = newInput(s.in)
	return s, nil
}

// Detect says which of Formats an input is, by its first bytes.
func Detect(start []byte) (format string, ok bool) {
	switch {
	case bytes.Contains(start, []byte("Method request body before transformations:")), bytes.Contains(start, []byte("Method request headers: {")):
		return APIGateway, true
	case bytes.Contains(start, []byte(`"http_buffered_trace"`)):
		return EnvoyTap, true
	case newRails().started.Match(bytes.ReplaceAll(bytes.ReplaceAll(start, []byte(`\"`), []byte{'"'}), []byte(`""`), []byte{'"'})):
		return Rails, true
	}
	return "", false
}

// Next gives the next request. Where the input ends early or is damaged the account says so, and Next gives what stood before that.
func (s *Source) Next(ctx context.Context, r *capture.Record) error {
	for {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if len(s.queue) > 0 {
			got := s.queue[0]
			s.queue = s.queue[1:]
			if s.give(r, got) {
				return nil
			}
			continue
		}
		if s.ended != nil {
			return s.ended
		}
		row, err := s.rows.read()
		reason := damage("")
		switch {
		case errors.As(err, &reason):
			end := errors.Is(err, io.EOF)
			if s.at = s.rows.number; !end || !s.in.Stopped { // half a line, of a pipe that was told to end, is no damage
				s.o.Account.Damage(s.problem(s.at, "", string(reason)), s.rows.lost)
			}
			if end {
				s.ended = io.EOF
				s.collect.end(s.done)
			}
		case err != nil:
			s.ended = s.end(err)
			if errors.Is(s.ended, io.EOF) {
				s.collect.end(s.done)
			}
		default:
			s.at = row.number
			s.collect.row(&row, s.done)
		}
	}
}

func (s *Source) done(r *request) { s.queue = append(s.queue, r) }

// give makes a record of a request, or counts why it is none.
func (s *Source) give(r *capture.Record, got *request) bool {
	s.o.Account.Read++
	s.last = got.line
	got.check()
	if got.bad != "" {
		s.o.Account.Skip(s.problem(got.line, got.field, got.bad))
		return false
	}
	for _, reason := range got.noted {
		s.o.Account.Note(s.problem(got.line, "", reason))
	}
	*r = got.record
	r.Time = got.at.UTC()
	if s.o.OnServer != nil && r.Host != "" {
		s.o.OnServer(r.Host)
	}
	return true
}

// check says what a request lacks that every record has.
func (r *request) check() {
	switch rec := &r.record; {
	case r.bad != "":
	case r.at.IsZero() || r.at.Year() < 1678 || r.at.Year() > 2261:
		r.bad = reasonTime
	case !wire.IsToken(rec.Method):
		r.bad = reasonMethod
	case rec.URL == "" || rec.URL[0] != '/' && rec.URL != "*" || !sendable(rec.URL):
		r.bad = reasonTarget
	}
}

// sendable says whether a request line can hold the target.
func sendable(target string) bool {
	for i := range len(target) {
		if target[i] <= ' ' || target[i] == 0x7f {
			return false
		}
	}
	return true
}

// note remembers something about a request that is kept all the same, once.
func (r *request) note(reason string) {
	for _, have := range r.noted {
		if have == reason {
			return
		}
	}
	r.noted = append(r.noted, reason)
}

// Place implements capture.Placed: the line in which the request of the record that Next gave last began.
func (s *Source) Place() capture.Problem { return s.problem(s.last, "", "") }

func (s *Source) problem(line int64, field, reason string) capture.Problem {
	return capture.Problem{File: s.o.File, Record: line, Unit: "line", Field: field, Reason: reason}
}

// end tells an input that ended too soon, which is data, from one that could not be read.
func (s *Source) end(err error) error {
	reason := ""
	switch {
	case s.in.Stopped, errors.Is(err, io.EOF):
		return io.EOF
	case errors.Is(err, io.ErrUnexpectedEOF):
		reason = reasonEnds
	case errors.Is(err, open.ErrCorrupt):
		reason = reasonBroken
	default:
		return fmt.Errorf("%s: line %d: %w", s.o.File, s.at, err)
	}
	s.o.Account.CutShort(s.problem(s.at, "", reason), 0)
	return io.EOF
}
