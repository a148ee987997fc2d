package corpus

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"reprise/capture"
)

// Transfer writes the records of src as a corpus with a header, and carries over the hosts that its origins were captured from:
// a part of a corpus, several that are merged, or what is whole of a damaged one. It returns how many records there are. Errors are
// those of Output.End.
func Transfer(ctx context.Context, to Dest, h Header, src capture.Source, origins ...*Reader) (n int64, err error) {
	out, err := Begin(to, h)
	if err != nil {
		return 0, err
	}
	out.Columns()
	rest := out.Carry(origins...)
	n, err = capture.Copy(ctx, out, src)
	for _, r := range origins {
		if err == nil && !r.HostsKnown() {
			err = passOver(ctx, r) // what was not wanted of it may name hosts
		}
	}
	rest()
	return n, out.End(ctx, err)
}

// passOver reads what is left of a source.
func passOver(ctx context.Context, src capture.Source) error {
	var r capture.Record
	for {
		if err := src.Next(ctx, &r); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// MismatchError says that two corpora cannot become one.
type MismatchError struct {
	// A and B are their places in the list.
	A, B int
	// What differs: one of the constants.
	What Mismatch
	// States are those of the two.
	States [2]State
}

// Mismatch is what differs between corpora.
type Mismatch string

// What may differ. With different keys two people could share one number. What raw corpora take for keywords has to be one thing, since
// anonymizing reads each message again, and what a vendor of a profile is must be one thing in all.
const (
	StateDiffers  Mismatch = "state"
	PolicyDiffers Mismatch = "policy"
	KeyDiffers    Mismatch = "key"

	KeywordsDiffer Mismatch = "keywords"
	DialectDiffers Mismatch = "dialect"
)

// Error implements error.
func (e *MismatchError) Error() string {
	return fmt.Sprintf("corpus: corpora %d and %d cannot become one: their %s differs", e.A+1, e.B+1, e.What)
}

// agree says whether no vendor is described in two ways.
func agree(a, b []string) bool {
	for _, text := range a {
		name, _, _ := strings.Cut(text, "\n")
		for _, other := range b {
			if otherName, _, _ := strings.Cut(other, "\n"); otherName == name && other != text {
				return false
			}
		}
	}
	return true
}

// Join returns the header of what corpora become together, and their records in time order. They must be of one state, one
// policy and one key, so that nobody takes the result for safer than its parts, and agree on keywords and dialects: else the error is a *MismatchError.
func Join(readers ...*Reader) (Header, capture.Source, error) {
	sources := make([]capture.Source, len(readers))
	var h Header
	for i, r := range readers {
		sources[i] = r
		one := r.Header()
		if i == 0 {
			h = one
		}
		e := &MismatchError{B: i, States: [2]State{h.State, one.State}}
		switch {
		case one.State != h.State:
			e.What = StateDiffers
		case one.Policy != h.Policy:
			e.What = PolicyDiffers
		case one.KeyFingerprint != h.KeyFingerprint:
			e.What = KeyDiffers
		case h.State == Raw && (one.KeywordProfile != h.KeywordProfile || !maps.EqualFunc(one.Keywords, h.Keywords, slices.Equal)):
			e.What = KeywordsDiffer
		case !agree(h.Dialects, one.Dialects):
			e.What = DialectDiffers
		}
		if e.What != "" {
			return h, nil, e
		}
		h.PathRule = min(h.PathRule, one.PathRule) // of all that it holds
		h.Unaudited = h.Unaudited || one.Unaudited
		for _, text := range one.Dialects {
			if !slices.Contains(h.Dialects, text) {
				h.Dialects = append(slices.Clip(h.Dialects), text)
			}
		}
	}
	return h, Merge(sources...), nil
}
