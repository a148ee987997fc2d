package replay

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"reprise/capture"
	"reprise/replay/pace"
)

// asked is one request of a person: when it is planned, how long its recorded answer took, and how long the target takes.
type asked struct {
	at, recorded, takes time.Duration
	person              uint64
	fails               bool
	want                time.Duration // when it is meant for
}

// The table of a sender who thinks.
func TestThinking(t *testing.T) {
	s := time.Second
	for _, tc := range []struct {
		name string
		all  []asked
		held Thinking
	}{
		{"as fast as recorded: by the plan", []asked{{0, s, s, 7, false, 0}, {5 * s, s, s, 7, false, 5 * s}}, Thinking{}},
		{"faster than recorded: never before the plan", []asked{{0, 2 * s, s, 7, false, 0}, {5 * s, 0, s, 7, false, 5 * s}}, Thinking{}},
		{"slower: the pause is kept", []asked{{0, s, 3 * s, 7, false, 0}, {5 * s, s, s, 7, false, 7 * s}}, Thinking{1, 2 * s}},
		{"answered after the next was due", []asked{{0, s, 9 * s, 7, false, 0}, {5 * s, s, s, 7, false, 13 * s}}, Thinking{1, 8 * s}},
		{"no latency recorded: the whole gap after the answer", []asked{{0, 0, 3 * s, 7, false, 0}, {5 * s, 0, s, 7, false, 8 * s}}, Thinking{1, 3 * s}},
		{
			"what was late makes the next late, until answers are faster",
			[]asked{{0, s, 3 * s, 7, false, 0}, {5 * s, 2 * s, s, 7, false, 7 * s}, {10 * s, 0, s, 7, false, 11 * s}},
			Thinking{2, 2 * s},
		},
		{"two at once wait for one another", []asked{{0, s, 2 * s, 7, false, 0}, {0, s, s, 7, false, 2 * s}, {0, s, s, 7, false, 3 * s}}, Thinking{2, 3 * s}},
		{"a failed answer is one", []asked{{0, s, 3 * s, 7, true, 0}, {5 * s, s, s, 7, false, 7 * s}}, Thinking{1, 2 * s}},
		{"others do not wait", []asked{{0, s, 9 * s, 7, false, 0}, {s, s, s, 8, false, s}, {2 * s, s, s, 0, false, 2 * s}, {2 * s, s, s, 0, false, 2 * s}}, Thinking{}},
	} {
		var qs []*Request
		for i, a := range tc.all {
			qs = append(qs, &Request{Seq: int64(i), Kind: capture.Help, Deadline: a.at, Person: a.person, Answered: a.recorded})
		}
		l := NewLine(qs, LaneOptions{Think: true})
		answers := make(map[time.Duration][]*Request)
		for now := time.Duration(0); now < time.Minute; now += s / 4 {
			for _, q := range answers[now] {
				a := tc.all[q.Seq]
				res := Result{Sent: now - a.takes, Done: now, Status: 200}
				if a.fails {
					res.Status = 503
				}
				l.Done(q, &res)
			}
			for q, _ := l.Next(now); q != nil; q, _ = l.Next(now) {
				answers[now+tc.all[q.Seq].takes] = append(answers[now+tc.all[q.Seq].takes], q)
			}
		}
		results := l.Results()
		for _, r := range results {
			if want := tc.all[r.Seq].want; r.Intended != want || r.Sent != want {
				t.Errorf("%s: request %d intended %v, sent %v, want %v", tc.name, r.Seq, r.Intended, r.Sent, want)
			}
		}
		if st := l.shares(); len(results) != len(qs) || !l.Over() || st.Thinking != tc.held || st.Late != (LateBy{}) {
			t.Errorf("%s: %d results, over %v, %+v, late %+v", tc.name, len(results), l.Over(), st.Thinking, st.Late)
		}
	}
}

// A lane forgets who was answered longest ago.
func TestThinkersAreBounded(t *testing.T) {
	th := newThinking()
	th.most = 3
	for person := uint64(1); person <= 5; person++ {
		th.answered(person, 0, time.Second, 0)
		th.answered(1, 0, time.Second, 0) // who goes on answering stays
	}
	if len(th.people) > 3 || len(th.ring) != 3 {
		t.Errorf("%d people, a ring of %d", len(th.people), len(th.ring))
	}
	if got := th.ready(1, 5*time.Second); got != 6*time.Second {
		t.Errorf("the newest is ready at %v", got)
	}
	if got := th.ready(2, 5*time.Second); got != 5*time.Second {
		t.Errorf("one forgotten is ready at %v", got)
	}
}

// Under think and serial, the requests of a person meet in one lane; a run at another tempo pauses as much less, retries are the
// vendor's affair, and the ledger balances, also where slots are few and what finds none is dropped.
func TestRunThinks(t *testing.T) {
	for _, late := range []Late{LateSend, LateDrop} {
		for _, think := range []bool{true, false} {
			synctest.Test(t, func(t *testing.T) {
				from := func(i int) string { return fmt.Sprintf("+1202555%04d", i%5) }
				at := steady(60, 250*ms)
				fails := &target{takes: 1500 * ms}
				fails.answer = func(q *Request, res *Result) {
					if q.Seq%7 == 0 {
						res.Status = 503
					}
				}
				var rec list
				o := Options{
					Think: think, Serialize: !think, Late: late, MaxInFlight: 3,
					Retry: func(string) []time.Duration { return []time.Duration{2 * time.Second} },
				}
				out, err := Run(t.Context(), &tape{at: at, from: from}, schedule(pace.Options{TimeScale: 2, Loops: 1}), plain{}, by(fails), &rec, o)
				if err != nil {
					t.Fatal(err)
				}
				busy := make(map[uint64]time.Duration)
				for _, r := range rec.all {
					if r.Error == ReasonShed {
						continue
					}
					who := uint64(r.Seq % 5)
					if r.Sent < busy[who] {
						t.Errorf("think %v: request %d of %d was sent at %v, before the answer at %v", think, r.Seq, who, r.Sent, busy[who])
					}
					busy[who] = r.Done
				}
				if l := out.Ledger; !l.Balanced() || l.OK+l.Failed+l.Shed != 60+out.Stats.Retries || l.Unsent != 0 || late == LateSend && l.Shed > 0 {
					t.Errorf("think %v: %+v, %d retries", think, l.Tally, out.Stats.Retries)
				}
				if th := out.Stats.Thinking; think != (th.Held > 0) {
					t.Errorf("think %v: %+v", think, th)
				}
			})
		}
	}
}
