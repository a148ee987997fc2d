package capture

import (
	"context"
	"errors"
	"fmt"
	"io"
)

// Copy moves every record from src to dst, each through the steps in their order, and returns how many dst
// took. A step that returns false leaves the record out. Account.Copy does the same and keeps the account.
func Copy(ctx context.Context, dst Sink, src Source, steps ...func(*Record) bool) (written int64, err error) {
	err = each(ctx, src, func(r *Record) error {
		for _, step := range steps {
			if !step(r) {
				return nil
			}
		}
		if err := dst.Write(r); err != nil {
			return err
		}
		written++
		return nil
	})
	return written, err
}

// each calls f for every record of src.
func each(ctx context.Context, src Source, f func(*Record) error) error {
	var r Record
	for {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		switch err := src.Next(ctx, &r); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		if err := f(&r); err != nil {
			return err
		}
	}
}

// Step looks at a record on its way and may change it. What it returns is the reason for which the record is left out, such
// as "method"; "" keeps it.
type Step func(r *Record) (leftOut string)

// RefusedError is what a Sink's Write returns for one record that it cannot take. The record is left out, and the sink takes
// the next.
type RefusedError struct {
	// Reason is a short fixed phrase, as Problem.Reason is.
	Reason string
}

// Error implements error.
func (e *RefusedError) Error() string { return "record refused: " + e.Reason }

// Compact is a Source whose records' strings are no parts of larger ones than their record: who holds them need not copy them.
type Compact interface {
	Source
	// Compact does nothing.
	Compact()
}

// Placed is a Source that knows where in its input the record stands that Next gave last: File, Record and Unit of a Problem.
type Placed interface {
	Place() Problem
}

// Copy moves every record from src to dst, each through the steps in their order, and counts in a what is kept and, by its
// reason, what a step leaves out or dst refuses (*RefusedError). src counts in the same account what it reads, skips and loses.
// After the last record the account has to balance: where it does not, the error is an *UnbalancedError, and dst has all that
// was kept.
func (a *Account) Copy(ctx context.Context, dst Sink, src Source, steps ...Step) error {
	a.given = 0
	a.placed, _ = src.(Placed)
	defer func() { a.placed = nil }()
	err := each(ctx, src, func(r *Record) error {
		a.given++
		for _, step := range steps {
			if reason := step(r); reason != "" {
				a.LeaveOut(reason)
				return nil
			}
		}
		err := dst.Write(r)
		if err == nil {
			a.Kept++
			a.Origins.Count(r.Origin)
			return nil
		}
		if refused := (*RefusedError)(nil); errors.As(err, &refused) {
			p := a.Place()
			p.Reason = refused.Reason
			a.Skip(p)
			return nil
		}
		return err
	})
	if err != nil {
		return err
	}
	return a.Check()
}

// Place says where the record stands that Copy is at, for the problems that a step reports: as its source says (Placed), else
// which one of those that this source gave it is.
func (a *Account) Place() Problem {
	if a.placed != nil {
		return a.placed.Place()
	}
	return Problem{File: a.File, Record: a.given, Unit: "request"}
}

// Check returns an *UnbalancedError where what was read is not what was kept and skipped. It holds once a source has ended;
// while records are on their way it need not.
func (a *Account) Check() error {
	var skipped int64
	for _, n := range a.Skipped {
		skipped += n
	}
	if a.Read == a.Kept+skipped {
		return nil
	}
	return &UnbalancedError{Read: a.Read, Kept: a.Kept, Skipped: skipped}
}

// UnbalancedError says that some records are in no part of an account, which is a fault of the source or of what was given
// to Account.Copy with it.
type UnbalancedError struct{ Read, Kept, Skipped int64 }

// Error implements error.
func (e *UnbalancedError) Error() string {
	return fmt.Sprintf("capture: the account does not balance: %d read, %d kept, %d skipped", e.Read, e.Kept, e.Skipped)
}
