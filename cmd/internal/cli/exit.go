package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"reprise/capture/output"
	"reprise/fixtures/export"
)

// exitCode is what the process ends with; users' scripts rely on the numbers.
type exitCode int

const (
	exitDone        exitCode = 0
	exitFailed      exitCode = 1
	exitMisused     exitCode = 2
	exitUnmet       exitCode = 3
	exitRefused     exitCode = 4
	exitUnreachable exitCode = 5
	exitDamaged     exitCode = 6
	exitInterrupted exitCode = 130
)

var exitMeanings = map[exitCode]string{
	exitDone:        "done (bad records were counted, and said)",
	exitFailed:      "failed, or nothing was kept (no file is left then)",
	exitMisused:     "misused: a flag, a policy or a map file",
	exitUnmet:       "finished, but a target, an audit or a comparison was not met",
	exitRefused:     "refused by a safety interlock",
	exitUnreachable: "target unreachable",
	exitDamaged:     "bytes of an input that no reader could take (a cut or damaged file, an undecodable line); the rest was used",
	exitInterrupted: "interrupted",
}

// describe lists exit codes for a verb's help; 0, 1, 2 and 130 belong to every verb. unmet says what 3 means to the verb;
// empty says what it means to most.
func describe(own []exitCode, unmet string) string {
	var b strings.Builder
	for _, c := range []exitCode{0, 1, 2, 3, 4, 5, 6, 130} {
		everyones := c <= exitMisused || c == exitInterrupted
		for _, o := range own {
			everyones = everyones || o == c
		}
		if everyones {
			meaning := exitMeanings[c]
			if c == exitUnmet && unmet != "" {
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
	code exitCode
}

func (e *codedError) Unwrap() error { return e.error }

func withCode(code exitCode, err error) error {
	if err == nil {
		return nil
	}
	return &codedError{err, code}
}

// misuse is the error for a command line or a file of settings that makes no sense.
func misuse(format string, args ...any) error {
	return withCode(exitMisused, fmt.Errorf(format, args...))
}

// hintError carries one line of advice beside the error.
type hintError struct {
	error
	hint string
}

func (e *hintError) Unwrap() error { return e.error }

func withHint(err error, hint string) error { return &hintError{err, hint} }

func codeOf(err error) int {
	var coded *codedError
	switch {
	case errors.As(err, &coded):
		return int(coded.code)
	case errors.Is(err, context.Canceled):
		return int(exitInterrupted)
	}
	return int(exitFailed)
}

// outputError explains why an output could not be begun.
func outputError(err error) error {
	if errors.Is(err, export.ErrForeign) {
		return withHint(err, "choose another name: --force replaces only what an export made")
	}
	switch {
	case errors.Is(err, output.ErrNoFile):
		return withCode(exitMisused, withHint(err, "give the name of a file that is not there yet, or - for stdout"))
	case errors.Is(err, output.ErrPartialName):
		return withCode(exitMisused, err)
	case errors.Is(err, output.ErrBusy):
		return withHint(err, "choose another name, or wait for its end")
	case errors.Is(err, fs.ErrExist):
		return withHint(err, "choose another name, or overwrite it with --force")
	}
	return err
}
