package replay

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Note is what somebody said of a moment of a run while it was going. It changes nothing of the run.
type Note struct {
	// At is when, since the run's start.
	At   time.Duration `json:"at_ns"`
	Text string        `json:"text"`
}

// The bounds of notes: a run has so many, of so many bytes each.
const (
	MaxNotes     = 1000
	MaxNoteBytes = 256
)

// ErrNotes is what Control.Note returns when a run has MaxNotes notes.
var ErrNotes = fmt.Errorf("replay: the run has %d notes: it takes no more", MaxNotes)

// CheckNote says what is wrong with the text of a note. It does not repeat the text.
func CheckNote(text string) error {
	switch {
	case strings.TrimSpace(text) == "":
		return errors.New("a note needs a text")
	case len(text) > MaxNoteBytes:
		return fmt.Errorf("a note of %d bytes is too long: %d are the most", len(text), MaxNoteBytes)
	case !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }):
		return errors.New("the note has characters that cannot be shown, such as a line break")
	}
	return nil
}

// Note keeps a text with this moment of the run.
func (c *Control) Note(text string) error {
	if err := CheckNote(text); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.going(); err != nil {
		return err
	}
	if len(c.mu.notes) >= MaxNotes {
		return ErrNotes
	}
	c.mu.notes = append(c.mu.notes, Note{At: max(c.moment(c.mu.run.now()), 0), Text: text})
	return nil
}

// Notes returns what was noted so far, in order; the slice is the caller's.
func (c *Control) Notes() []Note {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.mu.notes)
}

// JoinNotes returns the notes of two parts of a run, the first MaxNotes of them.
func JoinNotes(earlier, later []Note) []Note {
	all := slices.Concat(earlier, later)
	return all[:min(len(all), MaxNotes)]
}
