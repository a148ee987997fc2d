package session_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"reprise/capture/corpus"
	"reprise/replay"
	"reprise/replay/render"
	"reprise/replay/session"
)

// TestOrder holds that a call that a session is not ready for is an error that says so, and does nothing.
func TestOrder(t *testing.T) {
	ctx := t.Context()
	path := week(t, corpus.Header{State: corpus.Synthetic}, 3, 1)
	target := receive(t)
	out := filepath.Join(t.TempDir(), "run.rpr")
	is := func(call string, err, want error) {
		t.Helper()
		if !errors.Is(err, want) || want == nil && err != nil {
			t.Errorf("%s: %v, want %v", call, err, want)
		}
	}
	open := func(target string) *session.Session {
		t.Helper()
		s, err := session.Open(ctx, path, target, session.Options{Output: session.Output{File: out}})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(s.Close)
		return s
	}
	play := func(s *session.Session) error { _, err := s.Play(ctx, session.Hooks{}); return err }
	plan := func(s *session.Session) error { _, err := s.Plan(ctx); return err }

	s := open(target.URL)
	is("Play without Plan", play(s), session.ErrUnplanned)
	is("Probe without Plan", s.Probe(ctx), session.ErrUnplanned)
	if sums := s.Sums().Summary(nil); sums.Ledger.Recorded != 0 || s.Shortcomings() != (render.Stats{}) {
		t.Errorf("before Plan: %+v", sums)
	}
	is("CheckTarget", s.CheckTarget(ctx), nil)
	is("Plan", plan(s), nil)
	is("a second Plan", plan(s), session.ErrPlanned)
	is("Probe", s.Probe(ctx), nil)
	is("Play", play(s), nil)
	is("a second Play", play(s), session.ErrPlayed)
	is("Plan after Play", plan(s), session.ErrPlanned)
	s.Close()
	is("Play after Close", play(s), session.ErrClosed)
	if len(target.requests()) != 3 {
		t.Errorf("%d requests came", len(target.requests()))
	}

	s = open("")
	is("CheckTarget of no target", s.CheckTarget(ctx), session.ErrNoTarget)
	is("Plan, and Play over a file that is there", plan(s), fs.ErrExist)
	is("Play after a Plan that failed", play(s), session.ErrUnplanned)
	if err := os.Remove(out); err != nil {
		t.Fatal(err)
	}
	s = open("")
	is("Plan of no target", plan(s), nil)
	is("Probe of no target", s.Probe(ctx), session.ErrNoTarget)
	is("Play at no target", play(s), session.ErrNoTarget)
	s.Close()
	if left, _ := filepath.Glob(out + "*"); len(left) > 0 {
		t.Errorf("%v is left", left)
	}
}

// TestSharesNeedASeed holds that no machine draws its own, and that an id is one that a header can have.
func TestSharesNeedASeed(t *testing.T) {
	for _, tc := range []struct {
		option string
		o      session.Options
	}{
		{"Seed", session.Options{Share: replay.Share{Index: 1, Of: 2}}},
		{"RunID", session.Options{Identity: session.Identity{RunID: "a\r\nX: b"}}},
		{"RunID", session.Options{Identity: session.Identity{RunID: strings.Repeat("a", 65)}}},
	} {
		_, err := session.Open(t.Context(), "none.rpz", "", tc.o)
		if option, ok := errors.AsType[*session.OptionError](err); !ok || option.Option != tc.option {
			t.Errorf("%v, want one of %s", err, tc.option)
		}
	}
}

// TestOptionsAreNamed holds that an error names the option, as the caller calls it.
func TestOptionsAreNamed(t *testing.T) {
	_, err := session.Open(t.Context(), "none.rpz", "", session.Options{Tempo: session.Tempo{Loops: -1}})
	option, ok := errors.AsType[*session.OptionError](err)
	if !ok || option.Option != "Loops" || err.Error() != "Loops: must not be negative" {
		t.Errorf("%v", err)
	}
	_, err = session.Open(t.Context(), "none.rpz", "", session.Options{
		Tempo: session.Tempo{Loops: -1}, OptionName: func(string) string { return "--loop" },
	})
	if err.Error() != "--loop: must not be negative" {
		t.Errorf("%v", err)
	}
}
