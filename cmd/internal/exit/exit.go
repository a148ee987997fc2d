// Package exit holds what the process ends with: the exit codes, errors that know theirs, and the line of advice beside an error.
package exit

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// Code is what the process ends with; users' scripts rely on the numbers.
type Code int

// The exit codes. Done, Failed, Misused and Interrupted belong to every verb.
const (
	Done        Code = 0
	Failed      Code = 1
	Misused     Code = 2
	Unmet       Code = 3
	Refused     Code = 4
	Unreachable Code = 5
	Damaged     Code = 6
	Unjudged    Code = 7
	Interrupted Code = 130
)

// Meaning says in a line what a code means to most verbs; "" for a code that there is not.
func (c Code) Meaning() string {
	switch c {
	case Done:
		return "done (bad records were counted, and said)"
	case Failed:
		return "failed, or nothing was kept (no file is left then)"
	case Misused:
		return "misused: a flag, a policy or a map file"
	case Unmet:
		return "finished, but a target, an audit or a comparison was not met"
	case Refused:
		return "refused by a safety interlock"
	case Unreachable:
		return "target unreachable"
	case Damaged:
		return "bytes of an input that no reader could take (a cut or damaged file, an undecodable line); the rest was used"
	case Unjudged:
		return "cannot be judged: runs that cannot be compared, or what --fail-on lists (inconclusive, unfaithful)"
	case Interrupted:
		return "interrupted"
	}
	return ""
}

// Describe lists exit codes for a verb's help: those of every verb and its own. unmet says what Unmet means to the verb; ""
// says what it means to most.
func Describe(own []Code, unmet string) string {
	var b strings.Builder
	for _, c := range []Code{Done, Failed, Misused, Unmet, Refused, Unreachable, Damaged, Unjudged, Interrupted} {
		everyones := c <= Misused || c == Interrupted
		for _, o := range own {
			everyones = everyones || o == c
		}
		if everyones {
			meaning := c.Meaning()
			if c == Unmet && unmet != "" {
				meaning = unmet
			}
			fmt.Fprintf(&b, "  %-3d  %s\n", c, meaning)
		}
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// codedError is an error that knows its exit code.
type codedError struct {
	error
	code Code
}

func (e *codedError) Unwrap() error { return e.error }

// With gives an error its exit code; no error stays none.
func With(code Code, err error) error {
	if err == nil {
		return nil
	}
	return &codedError{err, code}
}

// Misuse is the error for a command line or a file of settings that makes no sense.
func Misuse(format string, args ...any) error {
	return With(Misused, fmt.Errorf(format, args...))
}

// hintError carries one line of advice beside the error.
type hintError struct {
	error
	hint string
}

func (e *hintError) Unwrap() error { return e.error }

// Hint gives an error one line of advice; "" adds none.
func Hint(err error, hint string) error {
	if hint == "" {
		return err
	}
	return &hintError{err, hint}
}

// HintOf is the advice that an error carries; "" where it carries none.
func HintOf(err error) string {
	var h *hintError
	if errors.As(err, &h) {
		return h.hint
	}
	return ""
}

// CodeOf is the exit code of an error that ended a verb.
func CodeOf(err error) Code {
	var coded *codedError
	switch {
	case errors.As(err, &coded):
		return coded.code
	case errors.Is(err, context.Canceled):
		return Interrupted
	}
	return Failed
}

// Explained says whether an error has a code or a line of advice already.
func Explained(err error) bool {
	return errors.As(err, new(*codedError)) || errors.As(err, new(*hintError))
}
