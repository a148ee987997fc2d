package replay

import (
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"reprise/replay/pace"
)

// skipRun plays 20 requests a second apart with a plan, and does things to it.
func skipRun(t *testing.T, o Options, do map[time.Duration]func(c *Control) error) (Outcome, []Result) {
	t.Helper()
	var c Control
	at := steady(20, time.Second)
	plan, err := Scan(t.Context(), &tape{at: at}, pace.Options{}, ScanOptions{})
	if err != nil {
		t.Fatal(err)
	}
	plan.Steps = []PlannedStep{{Start: 0}, {Start: 10 * time.Second}}
	for when, f := range do {
		time.AfterFunc(when+lead, func() {
			if err := f(&c); err != nil {
				t.Errorf("at %v: %v", when, err)
			}
		})
	}
	var rec list
	o.Plan, o.Control = plan, &c
	out, err := Run(t.Context(), &tape{at: at}, schedule(pace.Options{}), plain{}, by(&target{takes: 10 * ms}), &rec, o)
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(rec.all, func(a, b Result) int { return int(a.Seq - b.Seq) })
	return out, rec.all
}

// sentAt are the requests that were sent, and when.
func sentAt(all []Result) map[int64]time.Duration {
	m := make(map[int64]time.Duration)
	for _, r := range all {
		if r.Error == ReasonNone {
			m[r.Seq] = r.Sent
		}
	}
	return m
}

func TestSkip(t *testing.T) {
	for _, tc := range []struct {
		name   string
		do     map[time.Duration]func(c *Control) error
		sent   map[int64]time.Duration // of some
		gone   []int64
		unsent int64
		what   string
	}{
		{
			"ahead",
			map[time.Duration]func(c *Control) error{2500 * ms: func(c *Control) error { _, err := c.Skip(5 * time.Second); return err }},
			map[int64]time.Duration{2: 2 * time.Second, 8: 3 * time.Second, 19: 14 * time.Second},
			[]int64{3, 4, 5, 6, 7},
			5, "skip 5s",
		},
		{
			"to the next step",
			map[time.Duration]func(c *Control) error{
				2500 * ms: (*Control).SkipStep,
				4 * time.Second: func(c *Control) error {
					if err := c.SkipStep(); !errors.Is(err, ErrLastStep) {
						t.Errorf("in the last step: %v", err)
					}
					if s := c.Status(); s.Position != 11500*ms {
						t.Errorf("position %v", s.Position)
					}
					return nil
				},
			},
			map[int64]time.Duration{2: 2 * time.Second, 10: 2500 * ms, 11: 3500 * ms},
			[]int64{3, 9},
			7, "skip step (7.5s)",
		},
		{
			"beyond the end",
			map[time.Duration]func(c *Control) error{2500 * ms: func(c *Control) error {
				ends, err := c.Skip(time.Hour)
				if !ends {
					t.Error("it does not say that the run ends")
				}
				return err
			}},
			map[int64]time.Duration{2: 2 * time.Second},
			[]int64{3, 19},
			17, "skip 1h0m0s",
		},
		{
			"in a pause",
			map[time.Duration]func(c *Control) error{
				2500 * ms: (*Control).Pause,
				3 * time.Second: func(c *Control) error {
					_, err := c.Skip(5 * time.Second)
					return err
				},
				10 * time.Second: (*Control).Resume,
			},
			map[int64]time.Duration{2: 2 * time.Second, 8: 10500 * ms},
			[]int64{3, 7},
			5, "pause",
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			out, all := skipRun(t, Options{}, tc.do)
			sent := sentAt(all)
			for seq, at := range tc.sent {
				if sent[seq] != at {
					t.Errorf("%s: request %d sent at %v, want %v", tc.name, seq, sent[seq], at)
				}
			}
			for _, seq := range tc.gone {
				if at, was := sent[seq]; was {
					t.Errorf("%s: request %d was sent at %v", tc.name, seq, at)
				}
			}
			if l := out.Ledger; l.Unsent != tc.unsent || l.OK != 20-tc.unsent || !l.Balanced() || out.State != Complete {
				t.Errorf("%s: %s, %+v", tc.name, out.State, l.Tally)
			}
			if s := out.Stats; len(s.Skips) != 1 || s.Changes[0].What != tc.what {
				t.Errorf("%s: %+v, %+v", tc.name, s.Changes, s.Skips)
			}
		})
	}
}

// Those who wait for their sender are jumped over too, and what goes on later jumps over the same.
func TestSkipLetsSendersGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c Control
		time.AfterFunc(lead+2500*ms, func() { _, _ = c.Skip(5 * time.Second) })
		at := steady(20, time.Second)
		from := func(int) string { return "+12025550101" }
		var rec list
		out, err := Run(t.Context(), &tape{at: at, from: from}, schedule(pace.Options{}), plain{}, by(&target{takes: 4 * time.Second}), &rec, Options{Control: &c, Think: true})
		if l := out.Ledger; err != nil || !l.Balanced() || l.OK+l.Unsent != 20 || l.Unsent == 0 {
			t.Errorf("%v, %+v", err, l.Tally)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		book := new(Book)
		for i := range 3 {
			book.Of(kindOf(i)).OK++
		}
		out, all := skipRun(t, Options{Resume: &Resume{
			Done: func(seq int64, _ int) bool { return seq < 3 }, Position: 5 * time.Second, Skips: []Skip{{3 * time.Second, 8 * time.Second}}, Book: book,
		}}, nil)
		if l := out.Ledger; len(sentAt(all)) != 12 || l.Unsent != 5 || l.OK != 15 {
			t.Errorf("%d sent, %+v", len(sentAt(all)), l.Tally)
		}
	})
}

func TestBadSkips(t *testing.T) {
	var c Control
	for _, by := range []time.Duration{0, -time.Second, MaxSkip + 1} {
		if _, err := c.Skip(by); err == nil || errors.Is(err, ErrNotRunning) {
			t.Errorf("%v: %v", by, err)
		}
	}
	if _, err := c.Skip(1); !errors.Is(err, ErrNotRunning) {
		t.Error(err)
	}
}
