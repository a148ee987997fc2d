package session_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"reprise/capture"
	"reprise/capture/corpus"
	"reprise/replay"
	"reprise/replay/results"
	"reprise/replay/send"
	"reprise/replay/session"
)

// week writes a corpus of so many messages of some people, 10 ms apart.
func week(t *testing.T, h corpus.Header, messages, people int) string {
	t.Helper()
	return weekFrom(t, h, messages, people, "+1415555%04d")
}

// weekFrom is week, with numbers of a form.
func weekFrom(t *testing.T, h corpus.Header, messages, people int, form string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "week.rpz")
	f, err := corpus.Create(name, h, false)
	if err != nil {
		t.Fatal(err)
	}
	for i := range messages {
		from := fmt.Sprintf(form, i%people)
		r := capture.Record{
			Time: time.Unix(1_700_000_000, int64(i)*int64(10*time.Millisecond)), Method: "POST", URL: "/sms", Host: "hooks.example.com",
			Headers: []capture.Header{{Name: "Content-Type", Value: "application/x-www-form-urlencoded"}}, Vendor: "twilio",
			Kind: capture.Unrecognized, Message: capture.Message{From: from, To: "+18885550100", Text: "hi"},
			Body: []byte("From=%2B" + from[1:] + "&To=%2B18885550100&Body=hi"),
		}
		if err := f.Write(&r); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Commit(); err != nil {
		t.Fatal(err)
	}
	return name
}

// receiver counts requests by their Reprise-Record.
type receiver struct {
	*httptest.Server
	mu   sync.Mutex
	got  map[string]int
	all  int
	hold func(n int) // called with each request's number before it is answered; may be nil
}

func receive(t *testing.T) *receiver {
	t.Helper()
	r := &receiver{got: make(map[string]int)}
	r.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, q *http.Request) {
		r.mu.Lock()
		r.got[q.Header.Get("Reprise-Record")]++
		r.all++
		n := r.all
		r.mu.Unlock()
		if r.hold != nil {
			r.hold(n)
		}
	}))
	t.Cleanup(r.Close)
	return r
}

// holdUntil answers no request after the first n before a run is stopped: with few in flight it has something left to send then, however
// late the test learns of its results.
func (r *receiver) holdUntil(n int, stopped <-chan struct{}) {
	r.hold = func(i int) {
		if i > n {
			<-stopped
		}
	}
}

// requests are those that came by now, how often each.
func (r *receiver) requests() map[string]int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return maps.Clone(r.got)
}

// TestZeroOptions holds that nothing has to be set, and that the run is whole.
func TestZeroOptions(t *testing.T) {
	target := receive(t)
	run, err := session.Run(t.Context(), week(t, corpus.Header{State: corpus.Synthetic}, 20, 5), target.URL, session.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if run.Summary.Ledger.OK != 20 || len(target.requests()) != 20 || run.Header.PlanHash == "" {
		t.Errorf("%+v, %d requests, plan %q", run.Summary.Ledger.Tally, len(target.requests()), run.Header.PlanHash)
	}
}

// TestSharesAreOnePlan holds that what several machines play of one plan is the whole of it, each request once, at the deadlines of
// the plan, that each person is played by one, and that the ledgers of all balance.
func TestSharesAreOnePlan(t *testing.T) {
	path := week(t, corpus.Header{State: corpus.Synthetic}, 60, 10)
	target := receive(t)
	intended := make(map[[2]int64]time.Duration)
	people := make(map[int64]int)
	hashes := make(map[string]bool)
	sent := int64(0)
	start := time.Now().Add(300 * time.Millisecond)
	for i := range 3 {
		seed := uint64(7)
		s, err := session.Open(t.Context(), path, target.URL, session.Options{
			Tempo: session.Tempo{Volume: 2, TimeScale: 10}, Identity: session.Identity{Seed: &seed},
			Share: replay.Share{Index: i, Of: 3}, Start: start, Engine: send.Options{Timeout: patience},
		})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		plan, err := s.Plan(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		hashes[s.Hash()] = true
		run, err := s.Play(t.Context(), session.Hooks{Results: []replay.Recorder{record(func(r *replay.Result) {
			key := [2]int64{r.Seq, int64(r.Copy)}
			if _, twice := intended[key]; twice {
				t.Errorf("record %v was played twice", key)
			}
			intended[key] = r.Intended
			if before, met := people[r.Seq%10]; met && before != i {
				t.Errorf("person %d is played by %d and %d", r.Seq%10, before, i)
			}
			people[r.Seq%10] = i
		})}})
		if err != nil {
			t.Fatal(err)
		}
		if l := run.Summary.Ledger; !l.Balanced() || l.OK != plan.Requests() || l.Recorded != 60 {
			t.Errorf("share %d: %+v of %d planned", i, l.Tally, plan.Requests())
		}
		sent += run.Summary.Ledger.OK
		if i == 0 && run.Footer.Started.Sub(start).Abs() > time.Millisecond {
			t.Errorf("it started at %v, want %v", run.Footer.Started, start)
		}
	}
	if sent != 120 || len(intended) != 120 || len(hashes) != 1 {
		t.Errorf("%d requests, %d of them different, %d plans", sent, len(intended), len(hashes))
	}
	for seq := range int64(60) {
		if want := time.Duration(seq) * time.Millisecond; intended[[2]int64{seq, 0}] != want {
			t.Errorf("record %d is due at %v, want %v", seq, intended[[2]int64{seq, 0}], want)
		}
	}
}

// TestAShareIsGoneOnWithAsItself holds that the file of one share is not taken for another's, nor for the whole plan's.
func TestAShareIsGoneOnWithAsItself(t *testing.T) {
	path := week(t, corpus.Header{State: corpus.Synthetic}, 30, 10)
	target := receive(t)
	dir := t.TempDir()
	seed := uint64(7)
	of := func(share replay.Share, out, resume string) error {
		_, err := session.Run(t.Context(), path, target.URL, session.Options{
			Identity: session.Identity{Seed: &seed, RunID: "night-1"}, Share: share, Output: session.Output{File: out, Resume: resume}, Engine: send.Options{Timeout: patience},
		})
		return err
	}
	one := filepath.Join(dir, "one.rpr")
	if err := of(replay.Share{Index: 0, Of: 3}, one, ""); err != nil {
		t.Fatal(err)
	}
	for i, share := range []replay.Share{{Index: 1, Of: 3}, {Index: 0, Of: 2}, {}} {
		if err := of(share, filepath.Join(dir, fmt.Sprint(i)), one); !errors.Is(err, session.ErrOtherShare) {
			t.Errorf("%v: %v", share, err)
		}
	}
	if err := of(replay.Share{Index: 0, Of: 3}, filepath.Join(dir, "again.rpr"), one); err != nil {
		t.Error(err)
	}
	r, err := results.Open(filepath.Join(dir, "again.rpr"))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if h := r.Header(); h.Run != "night-1" {
		t.Errorf("the run is called %q", h.Run)
	}
}

// patience is how long a test waits for what comes at once where the machine is not busy.
const patience = 10 * time.Minute

type record func(*replay.Result)

func (r record) Record(res *replay.Result) error {
	r(res)
	return nil
}

// TestResume holds that a run which was stopped is gone on with, and that nothing is sent twice.
func TestResume(t *testing.T) {
	path := week(t, corpus.Header{State: corpus.Synthetic}, 200, 5)
	target := receive(t)
	dir := t.TempDir()
	part, whole := filepath.Join(dir, "part.rpr"), filepath.Join(dir, "whole.rpr")
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	target.holdUntil(50, ctx.Done())
	few := send.Options{MaxInFlight: 8, Timeout: patience}
	s, err := session.Open(ctx, path, target.URL, session.Options{Engine: few, Output: session.Output{File: part}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Plan(ctx); err != nil {
		t.Fatal(err)
	}
	n := 0
	pool := results.Watched{Name: "pool", Query: "q", Points: []results.WatchedPoint{{At: time.Second, Value: 7}}, Asked: results.WatchedCounts{All: 1}}
	first, err := s.Play(ctx, session.Hooks{Watched: func(time.Time) []results.Watched { return []results.Watched{pool} }, Results: []replay.Recorder{record(func(*replay.Result) {
		if n++; n == 20 {
			stop()
		}
	})}})
	if !errors.Is(err, context.Canceled) || first == nil || first.Footer.State != replay.Interrupted {
		t.Fatalf("%v, %+v", err, first)
	}
	s.Close()
	for _, o := range []session.Options{
		{Tempo: session.Tempo{TimeScale: 2}, Output: session.Output{File: whole, Resume: part}},
		{Selection: session.Selection{Kinds: []capture.Kind{capture.Help}}, Output: session.Output{File: whole, Resume: part}},
	} {
		if _, err := session.Run(t.Context(), path, target.URL, o); err == nil {
			t.Error("a run of another plan is gone on with")
		}
	}
	run, err := session.Run(t.Context(), path, target.URL, session.Options{Engine: few, Output: session.Output{File: whole, Resume: part}})
	if err != nil {
		t.Fatal(err)
	}
	if len(run.Watched) != 1 || len(run.Watched[0].Points) != 1 || run.Watched[0].Points[0] != pool.Points[0] {
		t.Errorf("of what the first part watched there is %+v", run.Watched)
	}
	if run.Summary.Ledger.OK != 200 || len(target.requests()) != 200 || run.Header.Run != first.Header.Run {
		t.Errorf("%+v; %d different requests came", run.Summary.Ledger.Tally, len(target.requests()))
	}
	for id, times := range target.requests() {
		if times != 1 {
			t.Errorf("%s was sent %d times", id, times)
		}
	}
	r, err := results.Open(whole)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	people := make(map[int64]map[uint32]bool)
	again, err := results.Summarize(t.Context(), r, record(func(res *replay.Result) {
		if people[res.Seq%5] == nil {
			people[res.Seq%5] = make(map[uint32]bool)
		}
		if people[res.Seq%5][res.Person] = true; !res.Known || res.Recipient == 0 {
			t.Errorf("of record %d it is not known whose it was", res.Seq)
		}
	}))
	if err != nil || again.Summary.Ledger.OK != 200 {
		t.Errorf("the file says %+v, %v", again.Summary.Ledger.Tally, err)
	}
	// Whose requests were is told alike by the first run and the one that went on with it.
	for i, hashes := range people {
		if len(hashes) != 1 || hashes[0] {
			t.Errorf("person %d is %d people", i, len(hashes))
		}
	}
	if _, known := r.Disturbances(); !known {
		t.Error("what disturbed the run is not known")
	}
}

// TestPlansOfOtherPeople holds that a plan which draws by person has another hash than before one person's numbers had one
// spelling, where that changes who is drawn, and the hash of before everywhere else.
func TestPlansOfOtherPeople(t *testing.T) {
	plus, bare := "+1415555%04d", "1415555%04d"
	factors := []session.Factor{{Hours: 1<<24 - 1, Volume: 1.5}}
	for _, tc := range []struct {
		name, form, before string
		o                  session.Options
		same               bool
	}{
		{"all", bare, "86176d13ef89cd2d7c416939e2026567", session.Options{}, true},
		{"thinned by record", bare, "5c62650a8bb4b605d7dbda1c36661288", session.Options{Tempo: session.Tempo{Volume: 0.5}}, true},
		{"a sample, written with a plus", plus, "a1dfb1345986c53363d2213c50c36d80", session.Options{Selection: session.Selection{Sample: 0.5}}, true},
		{"copies, written with a plus", plus, "3e7e95847564df3690da04087ba4fa6d", session.Options{Tempo: session.Tempo{Volume: 1.5}}, true},
		{"a sample", bare, "a4470c6ed33dcafeacc35ae5ef014a24", session.Options{Selection: session.Selection{Sample: 0.5}}, false},
		{"copies", bare, "eef5b265cc9727e0a3689aaeb04eaeb1", session.Options{Tempo: session.Tempo{Volume: 1.5}}, false},
		{"copies for some hours", bare, "c6a59df43361c051da43155b940ab222", session.Options{Tempo: session.Tempo{Factors: factors}}, false},
	} {
		s, err := session.Open(t.Context(), weekFrom(t, corpus.Header{State: corpus.Synthetic}, 200, 20, tc.form), "", tc.o)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		if _, err := s.Plan(t.Context()); err != nil {
			t.Fatal(err)
		}
		if (s.Hash() == tc.before) != tc.same {
			t.Errorf("%s: the hash is %s; before, %s", tc.name, s.Hash(), tc.before)
		}
	}
}

// TestInterlocks holds that what must not be played is not.
func TestInterlocks(t *testing.T) {
	target := receive(t)
	raw := week(t, corpus.Header{State: corpus.Raw}, 3, 1)
	safe := week(t, corpus.Header{State: corpus.Anonymized}, 3, 1)
	for _, tc := range []struct {
		name, path, target string
		o                  session.Options
		want               error
	}{
		{"a raw corpus", raw, target.URL, session.Options{}, session.ErrRaw},
		{"a raw corpus, elsewhere", raw, "http://10.9.9.9:9", session.Options{AllowRaw: true}, send.ErrRefused},
		{"an unaudited corpus", week(t, corpus.Header{State: corpus.Raw, Unaudited: true}, 3, 1), target.URL, session.Options{}, session.ErrUnaudited},
		{"a public address", safe, "http://192.0.2.1:9", session.Options{}, send.ErrRefused},
		{"nothing wanted", safe, target.URL, session.Options{Selection: session.Selection{Methods: []string{"PUT"}}}, session.ErrNothing},
		{"nobody there", safe, "http://127.0.0.1:1", session.Options{}, send.ErrUnreachable},
	} {
		_, err := session.Run(t.Context(), tc.path, tc.target, tc.o)
		if !errors.Is(err, tc.want) {
			t.Errorf("%s: %v, want %v", tc.name, err, tc.want)
		}
		if refused := slices.Contains([]error{session.ErrRaw, session.ErrUnaudited}, tc.want); refused && !errors.Is(err, send.ErrRefused) {
			t.Errorf("%s: %v is no refusal", tc.name, err)
		}
	}
	if len(target.requests()) > 0 {
		t.Errorf("%d requests were sent", len(target.requests()))
	}
	if _, err := session.Run(t.Context(), raw, target.URL, session.Options{AllowRaw: true, Engine: send.Options{Timeout: patience}}); err != nil || len(target.requests()) != 3 {
		t.Errorf("a raw corpus on this machine: %v, %d requests", err, len(target.requests()))
	}
}

// TestCompressedCorpus holds that a corpus may be compressed, and that nothing is left of it.
func TestCompressedCorpus(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	text, err := os.ReadFile(week(t, corpus.Header{State: corpus.Synthetic}, 5, 2))
	if err != nil {
		t.Fatal(err)
	}
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := z.Write(text); err != nil || z.Close() != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "week.rpz.gz")
	if err := os.WriteFile(name, packed.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	target := receive(t)
	run, err := session.Run(t.Context(), name, target.URL, session.Options{Engine: send.Options{Timeout: patience}})
	if err != nil || run.Summary.Ledger.OK != 5 {
		t.Errorf("%v, %+v", err, run)
	}
	if left, _ := os.ReadDir(os.Getenv("TMPDIR")); len(left) > 0 {
		t.Errorf("%v is left", left)
	}
}
