package session_test

import (
	"context"
	"maps"
	"testing"
	"time"

	"reprise/capture/corpus"
	"reprise/replay"
	"reprise/replay/session"
)

// What is read while a plan is made changes nothing of a run: the same requests of the same people under the same hashes. The context of Plan
// may end before Play.
func TestAhead(t *testing.T) {
	path := week(t, corpus.Header{State: corpus.Synthetic}, 300, 7)
	seed := uint64(3)
	type who struct{ person, recipient uint32 }
	type which struct {
		seq  int64
		copy uint32
	}
	played := func(o session.Options) map[which]who {
		o.Seed = &seed
		target := receive(t)
		s, err := session.Open(t.Context(), path, target.URL, o)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		planning, stop := context.WithCancel(t.Context())
		_, err = s.Plan(planning)
		if stop(); err != nil {
			t.Fatal(err)
		}
		all := make(map[which]who)
		if _, err := s.Play(t.Context(), session.Hooks{Results: []replay.Recorder{record(func(r *replay.Result) {
			all[which{r.Seq, uint32(r.Copy)}] = who{r.Person, r.Recipient}
		})}}); err != nil {
			t.Fatal(err)
		}
		return all
	}
	for name, o := range map[string]session.Options{
		"all":      {},
		"a window": {Selection: session.Selection{Peak: time.Second}},
		"copies":   {Tempo: session.Tempo{Volume: 2}},
		"no end":   {Selection: session.Selection{From: time.Unix(1_700_000_002, 0)}},
	} {
		o.TimeScale = 20
		want := played(o)
		o.Ahead = true
		if got := played(o); len(got) == 0 || !maps.Equal(got, want) {
			t.Errorf("%s: %d requests, and %d without it", name, len(got), len(want))
		}
	}
}

// Who plans and does not play leaves nothing open, wherever the plan ended.
func TestAheadIsClosed(t *testing.T) {
	path := week(t, corpus.Header{State: corpus.Synthetic}, 300, 7)
	for _, o := range []session.Options{
		{Ahead: true},
		{Ahead: true, Selection: session.Selection{From: time.Unix(1_800_000_000, 0)}}, // nothing is in it
		{Ahead: true, Selection: session.Selection{Vendors: []string{"nobody"}}},
	} {
		s, err := session.Open(t.Context(), path, "", o)
		if err != nil {
			t.Fatal(err)
		}
		_, err = s.Plan(t.Context())
		if whole := o.From.IsZero() && o.Vendors == nil; whole != (err == nil) {
			t.Errorf("%+v: %v", o.Selection, err)
		}
		s.Close()
		s.Close()
	}
}
