package replay

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"reprise/replay/pace"
)

func TestCheckNote(t *testing.T) {
	for _, tc := range []struct{ name, text, want string }{
		{"plain", "cache warmed", ""},
		{"other scripts", "déploiement 本番", ""},
		{"the longest", strings.Repeat("x", MaxNoteBytes), ""},
		{"too long", strings.Repeat("x", MaxNoteBytes+1), "a note of 257 bytes is too long: 256 are the most"},
		{"empty", "", "a note needs a text"},
		{"blank", " ", "a note needs a text"},
		{"two lines", "one\ntwo", "cannot be shown"},
		{"a terminal's order", "\x1b[2Jgone", "cannot be shown"},
		{"turned about", "abc\u202edef", "cannot be shown"},
		{"no text", "\xff\xfe", "cannot be shown"},
	} {
		err := CheckNote(tc.text)
		if tc.want == "" && err != nil || tc.want != "" && (err == nil || !strings.Contains(err.Error(), tc.want)) {
			t.Errorf("%s: %v, want %q", tc.name, err, tc.want)
		}
		if err != nil && tc.text != "" && tc.text != " " && strings.Contains(err.Error(), tc.text) {
			t.Errorf("%s: the error repeats the note: %v", tc.name, err)
		}
	}
}

// A note has its moment, is bounded in number, and is no change.
func TestNotes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c Control
		if err := c.Note("early"); !errors.Is(err, ErrNotRunning) {
			t.Errorf("before the run: %v", err)
		}
		time.AfterFunc(lead+2500*ms, func() {
			if err := c.Note("half way"); err != nil {
				t.Error(err)
			}
			if s := c.Status(); s.Notes != 1 || s.LastNote == nil || s.LastNote.Text != "half way" {
				t.Errorf("status %+v", s)
			}
		})
		time.AfterFunc(lead+3500*ms, func() {
			for range MaxNotes - 1 {
				_ = c.Note("more")
			}
			if err := c.Note("one too many"); !errors.Is(err, ErrNotes) {
				t.Errorf("note %d: %v", MaxNotes+1, err)
			}
		})
		out, err := Run(t.Context(), &tape{at: steady(5, time.Second)}, schedule(pace.Options{}), plain{}, by(&target{}), &list{}, Options{Control: &c})
		if err != nil {
			t.Fatal(err)
		}
		if n := out.Stats.Notes; len(n) != MaxNotes || n[0] != (Note{2500 * ms, "half way"}) || len(out.Stats.Changes) != 0 {
			t.Errorf("%d notes, the first %+v, %d changes", len(n), n[0], len(out.Stats.Changes))
		}
		if err := c.Note("late"); !errors.Is(err, ErrEnded) {
			t.Errorf("after the run: %v", err)
		}
		if n := len(JoinNotes([]Note{{Text: "before"}}, out.Stats.Notes)); n != MaxNotes {
			t.Errorf("%d notes of two parts", n)
		}
	})
}
