// Package goreplay reads the files that GoReplay writes (.gor), of its versions 0.10 to 1.3: each payload is a line with
// a type, an id and a time, then the message as it was sent, then a line that ends it. Requests come with the status and the time of
// their recorded answer where the file has it; answers of a replay are passed over.
//
// Payloads may stand in any order; a request waits for its answer for a minute of recorded time, as far as 32 MiB of waiting requests
// allow. A payload that cannot be used is counted, reported and left out; reading goes on behind the next separator. A Source is for
// one goroutine at a time.
package goreplay

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"reprise/capture"
	"reprise/capture/internal/http1"
	"reprise/capture/source/open"
)

// Options say how a file is read.
type Options struct {
	// File is the input's name in problems and errors.
	File string
	// Account counts what was read, skipped and lost; nil where nobody wants to know.
	Account *capture.Account
	// OnServer, where set, is called with each request's Host; the same one may come more than once.
	OnServer func(host string)
}

// The reasons for which a payload is not kept, beside those of its request.
const (
	reasonLine   = "the payload's first line is not GoReplay's"
	reasonTime   = "the payload has no time of day"
	reasonLong   = "payload is over 17 MiB"
	reasonAnswer = "an answer that cannot be read"
	reasonCut    = "the file ends inside a payload"
	reasonBroken = "corrupt compressed data"
)

// Source is a file of GoReplay as a capture.Source. Requests come in no order of time.
type Source struct {
	o        Options
	in       *capture.Stoppable
	payloads payloads
	waiting  waiting
	number   int64 // of the payload read last, from 1
	place    int64 // of the payload of the record given last
	ended    error
}

// New returns a source of a decompressed file.
func New(r io.Reader, o Options) *Source {
	if o.Account == nil {
		o.Account = new(capture.Account)
	}
	in := &capture.Stoppable{In: r}
	return &Source{o: o, in: in, payloads: newPayloads(in), waiting: newWaiting()}
}

// Next gives the next request that is whole and either answered or no longer waited for. Where the input ends early or is damaged the
// account says so, and Next gives what was whole and then io.EOF.
func (s *Source) Next(ctx context.Context, r *capture.Record) error {
	for {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if e := s.waiting.next(s.ended != nil); e != nil {
			*r = e.record
			s.place = e.number
			s.o.Account.Read++
			if s.o.OnServer != nil {
				s.o.OnServer(r.Host)
			}
			return nil
		}
		if s.ended != nil {
			if errors.Is(s.ended, io.EOF) {
				s.o.Account.UnpairedResponses += s.waiting.unpaired()
			}
			return s.ended
		}
		s.step()
	}
}

// Place implements capture.Placed: the payload of the record that Next gave last.
func (s *Source) Place() capture.Problem {
	return capture.Problem{File: s.o.File, Record: s.place, Unit: "payload"}
}

// step reads one payload.
func (s *Source) step() {
	text, whole, err := s.payloads.next()
	if err != nil {
		s.ended = s.end(err)
	}
	switch {
	case s.payloads.passed == 0 && len(bytes.TrimSpace(text)) == 0, s.in.Stopped && !whole: // nothing, or half a payload where the input was told to end
		return
	case s.payloads.passed > 0:
		s.number++
		s.undecodable(reasonLong, s.payloads.passed)
		return
	}
	s.number++
	s.payload(text, whole)
}

// payload takes one in. Behind one that is not whole the line that ends it is missing: the file is cut there, and what the payload tells
// all the same is kept.
func (s *Source) payload(text []byte, whole bool) {
	line, message, _ := bytes.Cut(text, []byte{'\n'})
	head, reason := parseHead(line)
	kept := false
	switch {
	case reason != "" && whole:
		s.undecodable(reason, int64(len(text)))
	case reason != "":
	case head.sort == request:
		kept = s.request(head, message, whole)
	case head.sort == response:
		status, ok := http1.ReadResponse(message)
		if kept = ok; ok {
			s.waiting.answer(head, status)
		} else if whole {
			s.o.Account.Note(s.problem("", reasonAnswer))
		}
	}
	if whole {
		return
	}
	lost := int64(len(text))
	if kept {
		lost = 0
	}
	s.cut(reasonCut, lost)
}

// request keeps a request until its answer is known, and says whether it is whole. Its bytes are copied, as the reader's are used again.
func (s *Source) request(h head, message []byte, whole bool) bool {
	e := &exchange{number: s.number, head: h}
	refused, noted := http1.ReadRequest(bytes.Clone(message), &e.record)
	switch {
	case refused.Reason == http1.ReasonCut && !whole:
		return false
	case refused.Reason != "":
		s.o.Account.Read++
		s.o.Account.Skip(s.problem(refused.Field, refused.Reason))
		return false
	}
	if noted.Reason != "" {
		s.o.Account.Note(s.problem(noted.Field, noted.Reason))
	}
	e.record.Time = time.Unix(0, h.time).UTC()
	s.waiting.add(e, len(message))
	return true
}

// undecodable counts a payload of which nothing can be read.
func (s *Source) undecodable(reason string, bytes int64) {
	s.o.Account.Read++
	s.o.Account.Skip(s.problem("", reason))
	s.o.Account.Damaged = true
	s.o.Account.Lost += bytes
}

// cut says that the input ends too early.
func (s *Source) cut(reason string, bytes int64) {
	s.o.Account.CutShort(s.problem("", reason), bytes)
}

func (s *Source) problem(field, reason string) capture.Problem {
	return capture.Problem{File: s.o.File, Record: s.number, Unit: "payload", Field: field, Reason: reason}
}

// end tells an input that ended too soon, which is data, from one that could not be read.
func (s *Source) end(err error) error {
	switch {
	case errors.Is(err, io.EOF):
	case errors.Is(err, io.ErrUnexpectedEOF):
		s.cut(reasonCut, 0)
	case errors.Is(err, open.ErrCorrupt):
		s.cut(reasonBroken, 0)
	default:
		return fmt.Errorf("%s: payload %d: %w", s.o.File, s.number+1, err)
	}
	return io.EOF
}
