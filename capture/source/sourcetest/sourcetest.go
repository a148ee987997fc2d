// Package sourcetest holds the contract of a capture.Source that reads an input: the tests of every source run it. What it
// asks of a source: the account balances however the input ends, an input that ends early or is stopped is data and no error,
// an input that cannot be read is an error, and no problem tells what stood in the input.
package sourcetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"testing"
	"testing/iotest"
	"time"

	"reprise/capture"
)

// File is the input's name that Check gives to an Opener.
const File = "input.recorded"

// Opener makes a source of one input. File is the name that problems and errors give to it.
type Opener func(in io.Reader, file string, account *capture.Account) (capture.Source, error)

// cuts is how many places of an input Check cuts it at.
const cuts = 60

// Check runs the contract against a source of an input that is whole and undamaged and holds at least two requests.
func Check(t *testing.T, input []byte, open Opener) {
	t.Helper()
	c := &check{input: input, open: open}
	whole := c.read(t, bytes.NewReader(input))
	if whole.err != nil || len(whole.records) < 2 {
		t.Fatalf("the whole input gives %d records and %v", len(whole.records), whole.err)
	}
	if whole.account.Damaged || whole.account.Cut {
		t.Errorf("the whole input counts as damaged: %+v", whole.account)
	}
	c.whole = whole
	t.Run("records", c.records)
	t.Run("small reads", c.smallReads)
	t.Run("cut", c.cut)
	t.Run("stopped", c.stopped)
	t.Run("unreadable", c.unreadable)
	t.Run("cancelled", c.cancelled)
}

type check struct {
	input []byte
	open  Opener
	whole result
}

// result is what a source gave.
type result struct {
	records []string
	account capture.Account
	err     error
}

// digits are as many in a row as no problem has to tell, and as a phone number has.
func digits() *regexp.Regexp { return regexp.MustCompile(`[0-9]{7,}`) }

// read reads an input whole through Account.Copy, and checks what holds of every input.
func (c *check) read(t *testing.T, in io.Reader) (got result) {
	t.Helper()
	told := digits()
	got.account.Report = func(p capture.Problem) {
		if p.File != File || p.Reason == "" {
			t.Errorf("a problem does not say where or what: %+v", p)
		}
		if told.MatchString(p.Error()) {
			t.Error("a problem tells something of the input's content")
		}
	}
	src, err := c.open(in, File, &got.account)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	got.err = got.account.Copy(t.Context(), sink(func(r *capture.Record) error {
		checkRecord(t, r)
		got.records = append(got.records, describe(r))
		clear(r.Body) // a source does not rely on what it has given
		clear(r.Headers)
		return nil
	}), src)
	if got.err == nil {
		if got.account.Kept != int64(len(got.records)) {
			t.Errorf("%d records came, and the account has %d: a source does not count what is kept", len(got.records), got.account.Kept)
		}
		if err := src.Next(t.Context(), new(capture.Record)); !errors.Is(err, io.EOF) {
			t.Errorf("after its end a source gives %v", err)
		}
	}
	got.account.Report = nil
	return got
}

// sink makes a capture.Sink of a function.
type sink func(*capture.Record) error

func (f sink) Write(r *capture.Record) error { return f(r) }

func checkRecord(t *testing.T, r *capture.Record) {
	t.Helper()
	switch {
	case r.Time.IsZero() || r.Time.Location() != time.UTC:
		t.Errorf("a record's time is %v", r.Time)
	case r.Method == "" || r.URL == "":
		t.Error("a record has no method or no URL")
	case r.Seq != 0 || r.Kind != capture.Other:
		t.Errorf("a source gave a record the number %d and the kind %v", r.Seq, r.Kind)
	}
}

func describe(r *capture.Record) string {
	return fmt.Sprintf("%v %s %s %s %q %q %+v", r.Time, r.Method, r.URL, r.Host, r.Headers, r.Body, r.Response)
}

// records are read twice: the second time nothing is left of the first.
func (c *check) records(t *testing.T) {
	if again := c.read(t, bytes.NewReader(c.input)); again.err != nil || !slices.Equal(again.records, c.whole.records) {
		t.Errorf("read again, it gives other records, and %v", again.err)
	}
}

func (c *check) smallReads(t *testing.T) {
	for name, in := range map[string]io.Reader{
		"a byte": iotest.OneByteReader(bytes.NewReader(c.input)),
		"half":   iotest.HalfReader(bytes.NewReader(c.input)),
		"at end": iotest.DataErrReader(bytes.NewReader(c.input)),
	} {
		if got := c.read(t, in); got.err != nil || !slices.Equal(got.records, c.whole.records) {
			t.Errorf("%s at a time: %d records of %d, %v", name, len(got.records), len(c.whole.records), got.err)
		}
	}
}

// ends gives places to end an input at; the first is behind its first bytes, which tell what it is.
func (c *check) ends() (at []int) {
	for n := 64; n < len(c.input); n += 1 + len(c.input)/cuts {
		at = append(at, n)
	}
	return at
}

// cut ends the input early, as a damaged compressed file does.
func (c *check) cut(t *testing.T) {
	for _, n := range c.ends() {
		cut := io.MultiReader(bytes.NewReader(c.input[:n]), iotest.ErrReader(io.ErrUnexpectedEOF))
		got := c.read(t, cut)
		if got.err != nil || !got.account.Damaged || len(got.records) > len(c.whole.records) {
			t.Errorf("cut at %d: %d records, damaged %v, %v", n, len(got.records), got.account.Damaged, got.err)
		}
	}
}

// stopped ends the input as a pipe that is told to end.
func (c *check) stopped(t *testing.T) {
	for _, n := range c.ends() {
		got := c.read(t, io.MultiReader(bytes.NewReader(c.input[:n]), iotest.ErrReader(capture.ErrStopped)))
		if got.err != nil || got.account.Damaged || got.account.Cut {
			t.Errorf("stopped at %d: damaged %v, cut %v, %v", n, got.account.Damaged, got.account.Cut, got.err)
		}
	}
}

// unreadable has the input fail, which is no damage of it. A packet file whose device fails ends there all the same, so
// that a source may also take it for damage; it must not pass over it.
func (c *check) unreadable(t *testing.T) {
	broken := errors.New("the disk is on fire")
	for _, n := range c.ends() {
		got := c.read(t, io.MultiReader(bytes.NewReader(c.input[:n]), iotest.ErrReader(broken)))
		if !errors.Is(got.err, broken) && !got.account.Damaged {
			t.Errorf("unreadable from %d: %v", n, got.err)
		}
	}
}

func (c *check) cancelled(t *testing.T) {
	enough := errors.New("enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	var account capture.Account
	src, err := c.open(bytes.NewReader(c.input), File, &account)
	if err != nil {
		t.Fatal(err)
	}
	cancel(enough)
	if err := src.Next(ctx, new(capture.Record)); !errors.Is(err, enough) {
		t.Errorf("Next of a cancelled context gives %v, want its cause", err)
	}
}
