// Package har reads HTTP archives (HAR 1.2, http://www.softwareishard.com/blog/har-12-spec/) as browsers, proxies and inspectors of
// webhooks write them: each entry that is a request of HTTP is a record.
//
// Entries are read one after another, so that memory does not grow with the archive; one entry is at most 48 MiB. An entry that cannot
// be used is counted, reported and left out. A Source is for one goroutine at a time.
package har

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"

	"reprise/capture"
	"reprise/capture/source/open"
)

// Options say how an archive is read.
type Options struct {
	// File is the input's name in problems and errors.
	File string
	// Account counts what was read, skipped and lost; nil where nobody wants to know.
	Account *capture.Account
	// OnServer, where set, is called with each request's host; the same one may come more than once.
	OnServer func(host string)
}

// The reasons for which entries are not kept, or not whole.
const (
	reasonNotHTTP   = "not a request of HTTP"
	reasonTime      = "not a time"
	reasonURL       = "not a URL"
	reasonMethod    = "not a method"
	reasonShape     = "not what the format says"
	reasonHeader    = "a header that none can be is left out"
	reasonNoBody    = "the body is not in the archive"
	reasonBase64    = "not base64"
	reasonBodySize  = "body is over 16 MiB"
	reasonParams    = "the body was put together from its fields"
	reasonMultipart = "the body is not in the archive but as fields of a multipart form"
	reasonSize      = "the body has another length than the archive says"
	reasonLength    = "not as long as its Content-Length"
	reasonCut       = "the archive ends early"
	reasonBroken    = "corrupt compressed data"
	reasonJSON      = "not JSON"
	reasonLong      = "an entry is over 48 MiB"
	reasonBehind    = "what follows the archive is none"
	reasonNoEntries = "no HTTP archive: it has no entries"
)

// Source is an archive as a capture.Source. Records come in the order of the entries.
type Source struct {
	o      Options
	in     *capture.Stoppable
	limit  *limited
	dec    *json.Decoder
	found  bool  // the entries begin
	begun  bool  // there were entries before
	number int64 // of the entry read last, from 1
	ended  error
}

// New returns a source of a decompressed archive.
func New(r io.Reader, o Options) *Source {
	if o.Account == nil {
		o.Account = new(capture.Account)
	}
	in := &capture.Stoppable{In: r}
	text := bufio.NewReaderSize(in, 256<<10)
	s := &Source{o: o, in: in, limit: &limited{in: text, left: maxEntry}}
	s.dec = json.NewDecoder(s.limit)
	return s
}

// Detect says whether an input begins as an archive does: with an object whose first member is log.
func Detect(start []byte) bool {
	return regexp.MustCompile(`\A(?:\x{FEFF})?\s*\{\s*"log"\s*:\s*\{`).Match(start)
}

// Next gives the next request. Where the archive ends early or is damaged the account says so, and Next gives what stood before that and,
// of what is damaged, whole entries behind it.
func (s *Source) Next(ctx context.Context, r *capture.Record) error {
	for {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if s.ended != nil {
			return s.ended
		}
		e, err := s.entry()
		if err != nil {
			s.ended = s.stumble(ctx, err)
			continue
		}
		s.o.Account.Read++
		*r = capture.Record{}
		if p := e.fill(r); p != nil {
			s.o.Account.Skip(s.problem(*p))
			continue
		}
		for _, p := range e.noted {
			s.o.Account.Note(s.problem(p))
		}
		if s.o.OnServer != nil {
			s.o.OnServer(r.Host)
		}
		return nil
	}
}

// Place implements capture.Placed: the entry of the record that Next gave last.
func (s *Source) Place() capture.Problem {
	return capture.Problem{File: s.o.File, Record: s.number, Unit: "entry"}
}

func (s *Source) problem(p capture.Problem) capture.Problem {
	at := s.Place()
	at.Field, at.Reason = p.Field, p.Reason
	return at
}

// entry reads the next one, or io.EOF where the archive ends as it should.
func (s *Source) entry() (*entry, error) {
	if !s.found {
		if err := s.begin(); err != nil {
			return nil, err
		}
		s.found, s.begun = true, true
	}
	for s.limit.left = maxEntry; !s.dec.More(); {
		if err := s.after(); err != nil {
			return nil, err
		}
	}
	s.number++
	var text json.RawMessage
	if err := s.dec.Decode(&text); err != nil {
		return nil, early(err)
	}
	e := new(entry)
	if err := json.Unmarshal(text, e); err != nil {
		e.wrong = true
	}
	return e, nil
}

// begin reads on to the first entry.
func (s *Source) begin() error {
	s.limit.skipBOM()
	if err := s.delim('{'); err != nil {
		return err
	}
	return s.open()
}

// open reads on from the beginning of an archive to its first entry.
func (s *Source) open() error {
	found, err := s.member("log")
	if err == nil && found {
		if err = s.delim('{'); err == nil {
			found, err = s.member("entries")
		}
	}
	switch {
	case err != nil:
		return err
	case !found:
		return errNoEntries
	}
	return s.delim('[')
}

// after reads on from the end of the entries: to more of them, which an archive that was put together may have, or to the end, which
// is io.EOF.
func (s *Source) after() error {
	if err := s.delim(']'); err != nil {
		return err
	}
	switch more, err := s.member("entries"); {
	case err != nil:
		return err
	case more:
		return s.delim('[')
	}
	if _, err := s.member(""); err != nil { // to the end of the archive
		return err
	}
	s.limit.left = maxEntry
	switch next, err := s.dec.Token(); {
	case err != nil: // io.EOF, where it ends as it should
		return err
	case next != json.Delim('{'):
		return errNoEntries
	}
	return s.open()
}

// member reads on to the value of a member of the object that was begun, or to the object's end.
func (s *Source) member(name string) (found bool, err error) {
	for s.limit.left = maxEntry; s.dec.More(); s.limit.left = maxEntry {
		key, err := s.token()
		if err != nil {
			return false, err
		}
		if key == name {
			return true, nil
		}
		var passed json.RawMessage
		if err := s.dec.Decode(&passed); err != nil {
			return false, early(err)
		}
	}
	return false, s.delim('}')
}

func (s *Source) delim(want json.Delim) error {
	got, err := s.token()
	if err == nil && got != want {
		return errNoEntries
	}
	return err
}

// token reads one of an archive that has not ended yet.
func (s *Source) token() (json.Token, error) {
	token, err := s.dec.Token()
	return token, early(err)
}

// early says of an end that it is too early.
func early(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

var (
	errNoEntries = errors.New(reasonNoEntries)
	errLong      = errors.New(reasonLong)
)

// stumble tells what keeps the next entry from being read. nil says that reading goes on behind damage; io.EOF that the archive ends, as it
// should or, which is data too, because it is cut or damaged.
func (s *Source) stumble(ctx context.Context, err error) error {
	reason, readOn := "", false
	switch syntax := (*json.SyntaxError)(nil); {
	case errors.Is(err, io.EOF), s.in.Stopped:
		return io.EOF
	case errors.Is(err, io.ErrUnexpectedEOF):
		reason = reasonCut
	case errors.Is(err, open.ErrCorrupt):
		reason = reasonBroken
	case errors.As(err, &syntax):
		reason, readOn = reasonJSON, true
	case errors.Is(err, errLong):
		reason, readOn = reasonLong, true
	case errors.Is(err, errNoEntries) && s.begun:
		reason, readOn = reasonBehind, true
	default:
		return fmt.Errorf("%s: entry %d: %w", s.o.File, s.number, err)
	}
	problem := s.problem(capture.Problem{Reason: reason})
	if !readOn {
		s.o.Account.CutShort(problem, s.rest())
		return io.EOF
	}
	passed, found := s.resync(ctx)
	if !found {
		s.o.Account.CutShort(problem, passed)
		return io.EOF
	}
	s.o.Account.Damage(problem, passed)
	return nil
}

// rest reads on to the input's end, and says how many bytes that were which no entry was read of.
func (s *Source) rest() (bytes int64) {
	bytes, _ = io.Copy(io.Discard, s.dec.Buffered())
	more, _ := io.Copy(io.Discard, s.limit.in) // what ends it, the reason says already
	return bytes + int64(len(s.limit.ahead)) + more
}

// maxEntry is the longest entry that is read, in bytes of JSON.
const maxEntry = 48 << 20
