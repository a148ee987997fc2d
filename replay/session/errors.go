package session

import (
	"errors"
	"fmt"
	"syscall"

	"reprise/capture/corpus"
	"reprise/replay/send"
)

// OptionError says that an option's value cannot be used.
type OptionError struct {
	// Option is the field of Options, and File the file that it names, where it is that which is wrong.
	Option, File string
	Err          error

	name string // as OptionName has it
}

// Error names the option as Options.OptionName has it.
func (e *OptionError) Error() string {
	if e.name == "" {
		return e.Err.Error()
	}
	if e.File == "" {
		return e.name + ": " + e.Err.Error()
	}
	return e.name + " " + e.File + ": " + e.Err.Error()
}

// Unwrap returns Err.
func (e *OptionError) Unwrap() error { return e.Err }

// interlock is a refusal to play that no engine was asked about.
type interlock string

// Error says why.
func (e interlock) Error() string { return string(e) }

// Is says that it is a send.ErrRefused.
func (e interlock) Is(target error) bool { return target == send.ErrRefused } //nolint:errorlint // it is what errors.Is asks

// The interlocks: errors.Is(err, send.ErrRefused) holds for each.
var (
	// ErrRaw: the corpus was not anonymized, and Options.AllowRaw is not set.
	ErrRaw error = interlock("the corpus is raw: it holds real people's numbers and texts")
	// ErrUnaudited is ErrRaw for what an anonymization left that did not end.
	ErrUnaudited error = interlock("no audit of the corpus has passed, so that it counts as raw: it may hold real people's numbers")
	// ErrRawProxy: a raw corpus is played through no proxy.
	ErrRawProxy error = interlock("a raw corpus goes to this machine alone, and through no proxy")
	// ErrHostsLost: it is not known which hosts the corpus was captured from, so that only this machine can be sent to.
	ErrHostsLost error = corpus.ErrHostsLost
)

// What else keeps a run from beginning.
var (
	// ErrNothing: no record is left to play.
	ErrNothing = errors.New("nothing to play: no record of the corpus is wanted")
	// ErrHeaderLost: the run to go on with has lost its header.
	ErrHeaderLost = errors.New("its header was damaged and is lost, so that it is not known what it played")
	// ErrOtherPlan: the run to go on with is of another plan.
	ErrOtherPlan = errors.New("it played another corpus or another plan")
	// ErrOtherRule: the run to go on with was made of a corpus file of another version, which is named by other rules.
	ErrOtherRule = errors.New("it cannot be told whether it played this corpus: one of the two corpus files was written by an older version")
	// ErrOtherShare: the run to go on with played another of Options.Share.
	ErrOtherShare = errors.New("it played another share of the plan")
	// ErrShortage is a *ShortageError.
	ErrShortage = errors.New("a file of numbers leaves out some of the corpus")
	errNoSeed   = errors.New("the machines that play one plan need one seed: set it to the same on each")
)

// What a session is not ready for.
var (
	// ErrNoTarget: the session was opened to be planned alone.
	ErrNoTarget = errors.New("there is no target to send to")
	// ErrUnplanned: Plan was not called, or failed.
	ErrUnplanned = errors.New("session: it is not planned")
	// ErrPlanned: Plan was called before, and a session is for one run.
	ErrPlanned = errors.New("session: it was planned before")
	// ErrPlayed: Play was called before.
	ErrPlayed = errors.New("session: it was played before")
	// ErrClosed: Close was called.
	ErrClosed = errors.New("session: it is closed")
)

// ShortageError says that Recipients or Senders leave out some of those in the corpus.
type ShortageError struct{ *Numbers }

// Error counts them.
func (e *ShortageError) Error() string {
	return fmt.Sprintf("%v: %d recipients and %d people", ErrShortage, len(e.Outside), e.Unpaired)
}

// Is says that it is ErrShortage.
func (e *ShortageError) Is(target error) bool { return target == ErrShortage } //nolint:errorlint // it is what errors.Is asks

// unreachable is an error of a target that does not let itself be connected to.
type unreachable struct{ error }

func (e unreachable) Unwrap() []error { return []error{e.error, send.ErrUnreachable} }

// reachError says of an error of the way to the target whose it is: of this machine's own limits, of a rule, or of the target.
func reachError(err error) error {
	if err == nil || errors.Is(err, send.ErrRefused) || OutOfFiles(err) {
		return err
	}
	return unreachable{err}
}

// OutOfFiles says whether an error is this machine's own limit on open files.
func OutOfFiles(err error) bool {
	return errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE)
}

// FilesError says that this machine lets the run open too few files.
type FilesError struct {
	// Connections are those that were asked for, Need the files for them, Limit how many this process may open, and Room how many
	// of those are left for connections.
	Connections, Need, Limit, Room int
}

// Error counts them.
func (e *FilesError) Error() string {
	return fmt.Sprintf("%d connections need about %d open files, and this machine allows this process %d", e.Connections, e.Need, e.Limit)
}

// rawError is why a raw corpus is not played.
func rawError(h corpus.Header) error {
	if h.Unaudited {
		return ErrUnaudited
	}
	return ErrRaw
}
