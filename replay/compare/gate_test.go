package compare

import (
	"testing"
	"time"

	"reprise/replay"
)

// late makes the tool late in a run: every request leaves 20 ms after its time, and is answered that much later.
func (f *fake) late() *fake {
	for i := range f.rows {
		f.rows[i].Sent += 20 * time.Millisecond
		f.rows[i].Done += 20 * time.Millisecond
	}
	return f
}

// slow makes the target slow.
func (f *fake) slow(by time.Duration) *fake {
	for i := range f.rows {
		f.rows[i].Done += by
	}
	return f
}

func TestGates(t *testing.T) {
	w := short()
	again := func() *fake { return w.play(1, 1) }
	other := again()
	other.header.PlanHash = "q"
	corpus := again()
	corpus.header.Corpus = "d"
	half := again()
	half.rows = half.rows[:5000]
	failing := again()
	for i := range failing.rows {
		if i%20 == 0 {
			failing.rows[i].Status = 503
		}
	}
	unsent := again()
	for i := range unsent.rows {
		unsent.rows[i].Sent, unsent.rows[i].Done, unsent.rows[i].Status, unsent.rows[i].Error = 0, 0, 0, replay.ReasonUnsent
	}
	for _, tc := range []struct {
		name      string
		base      *fake
		candidate *fake
		want      Verdict
		reason    string
		doubts    int
	}{
		{"the same run twice", again(), again(), Equivalent, "", 0},
		{"another plan", again(), other, Invalid, "plan", 0},
		{"another corpus", again(), corpus, Invalid, "corpus", 0},
		{"half of the requests", again(), half, Invalid, "requests", 0},
		{"nothing was sent", again(), unsent, Invalid, "empty", 0},
		{"one in twenty fails", again(), failing, Regressed, "", 0},
		{"40 ms slower", again(), again().slow(40 * time.Millisecond), Regressed, "", 0},
		{"40 ms faster", again().slow(40 * time.Millisecond), again(), Improved, "", 0},
		{"the tool was late both times, alike", again().late(), again().late(), Equivalent, "", 2},
		{"the tool was late once: the change may be its own", again(), again().late(), Invalid, "unfaithful", 1},
	} {
		c := runs(t, tc.base, tc.candidate)
		if c.Verdict != tc.want {
			t.Errorf("%s: %s, want %s; %+v", tc.name, c.Verdict, tc.want, c.Invalid)
		}
		if tc.reason != "" && (len(c.Invalid) == 0 || c.Invalid[0].What != tc.reason) {
			t.Errorf("%s: invalid for %+v, want %s", tc.name, c.Invalid, tc.reason)
		}
		doubted := map[string]bool{}
		for _, d := range c.Doubts {
			doubted[d.Run] = true
		}
		if tc.want != Invalid || tc.reason == "unfaithful" {
			if len(doubted) != tc.doubts {
				t.Errorf("%s: doubts about %d runs, want %d", tc.name, len(doubted), tc.doubts)
			}
		}
	}
}
