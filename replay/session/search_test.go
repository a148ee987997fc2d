package session_test

import (
	"context"
	"errors"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"reprise/capture/corpus"
	"reprise/replay"
	"reprise/replay/pace"
	"reprise/replay/results"
	"reprise/replay/session"
)

// queue is a receiver of so many servers that take so long for a request, one behind the other.
func queue(t *testing.T, servers int, takes time.Duration) (url string, served *atomic.Int64) {
	t.Helper()
	free, n := make(chan struct{}, servers), new(atomic.Int64)
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		free <- struct{}{}
		n.Add(1)
		time.Sleep(takes)
		<-free
	}))
	t.Cleanup(s.Close)
	return s.URL, n
}

func stopOn(t *testing.T, list string) []results.StopCondition {
	t.Helper()
	c, err := results.ParseStopOn(list)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// searchFor are the options of a search.
func searchFor(t *testing.T, every time.Duration, scale float64, on string) session.Options {
	t.Helper()
	return session.Options{
		Tempo:  session.Tempo{TimeScale: scale, Shape: pace.Shape{Search: &pace.Search{Every: every}}},
		StopOn: stopOn(t, on), Output: session.Output{File: filepath.Join(t.TempDir(), "search.rpr")},
	}
}

// readRun reads a run file again.
func readRun(t *testing.T, file string, more ...replay.Recorder) results.Run {
	t.Helper()
	r, err := results.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	run, err := results.Summarize(t.Context(), r, more...)
	if err != nil {
		t.Fatal(err)
	}
	return run
}

// checkRows holds that every play of a run is there once, in its step, and in its time.
type checkRows struct {
	t     *testing.T
	seen  map[[2]int]bool
	steps map[uint16]int64
	last  map[uint16]time.Duration
}

func (c *checkRows) Record(res *replay.Result) error {
	key := [2]int{int(res.Seq), res.Copy}
	if c.seen[key] {
		c.t.Fatalf("record %d copy %d is there twice", res.Seq, res.Copy)
	}
	c.seen[key] = true
	c.steps[res.Step]++
	c.last[res.Step] = max(c.last[res.Step], res.Done)
	return nil
}

// checkUnsent holds that the steps, what was found and the ledger tell alike what was not sent as steps were ended.
func checkUnsent(t *testing.T, run *results.Run) {
	t.Helper()
	all, first := int64(0), run.Summary.Steps[0].Rate.PlannedMean/run.Summary.Capacity.Steps[0].TimeScale
	for i, s := range run.Summary.Capacity.Steps {
		if got := run.Summary.Steps[i].Ledger; got.Unsent != s.Unsent || !got.Balanced() || got.Scheduled() != s.Planned {
			t.Errorf("step %d: %+v of %d planned, and capacity has %d unsent", s.Number, got.Tally, s.Planned, s.Unsent)
		}
		if s.Unsent > 0 && math.Abs(run.Summary.Steps[i].Rate.PlannedMean/s.TimeScale-first) > first/10 {
			t.Errorf("step %d at %v was to have %v/s, the first %v/s", s.Number, s.TimeScale, run.Summary.Steps[i].Rate.PlannedMean, first)
		}
		all += s.Unsent
	}
	if got := run.Summary.Ledger; got.Unsent != all || !got.Balanced() {
		t.Errorf("the ledger has %d unsent, the steps have %d", got.Unsent, all)
	}
}

func TestSearch(t *testing.T) {
	url, _ := queue(t, 4, 10*time.Millisecond) // 400 a second, less what sleeping takes longer
	file := week(t, corpus.Header{State: corpus.Synthetic}, 100, 30)
	o := searchFor(t, time.Second, 1, "p99>100ms/300ms,errors>50%/500ms")
	run, err := session.Run(t.Context(), file, url, o)
	if run == nil {
		t.Fatal(err)
	}
	c := run.Summary.Capacity
	t.Logf("%s %s", c.Ended, c.Says)
	for _, s := range c.Steps {
		t.Logf("%+v", s)
	}
	if c.Ended == results.SearchTool { // this machine is too busy
		return
	}
	if err != nil || c.Ended != results.SearchFound || c.Tempo < 1.5 || c.Tempo > 4.3 || c.HeldMean < 150 || c.HeldMean > 430 {
		t.Fatalf("%v: %+v", err, c)
	}
	if low, high := c.Interval[0], c.Interval[1]; low != c.Tempo || high-low >= pace.FoundWithin*low || c.Broke == "" {
		t.Errorf("the interval is %v, it broke by %q", c.Interval, c.Broke)
	}
	if c.Served != 0 && (c.Served < 0.7*c.HeldMean || c.Served > 1.3*c.HeldMean) {
		t.Errorf("%v held, and %v were served", c.HeldMean, c.Served)
	}
	rows := &checkRows{t, make(map[[2]int]bool), make(map[uint16]int64), make(map[uint16]time.Duration)}
	again := readRun(t, o.File, rows)
	if again.Summary.Capacity == nil || again.Summary.Capacity.Tempo != c.Tempo || len(again.Summary.Capacity.Steps) != len(c.Steps) {
		t.Errorf("the file has %+v", again.Summary.Capacity)
	}
	if err := again.Footer.Ledger.Check(); err != nil || again.Footer.Ledger.Recorded != 100 || again.Footer.Ledger.Filtered != 0 {
		t.Errorf("the ledger: %+v, %v", again.Footer.Ledger.Tally, err)
	}
	checkUnsent(t, &again)
	for i, s := range c.Steps {
		if got := rows.steps[uint16(s.Number)]; got != s.OK+s.Failed+s.Shed || s.Number != i+1 {
			t.Errorf("step %d has %d rows: %+v", s.Number, got, s)
		}
		if i > 0 && s.Start < rows.last[uint16(s.Number-1)] {
			t.Errorf("step %d begins at %v, before the last answer of the one before, at %v", s.Number, s.Start, rows.last[uint16(s.Number-1)])
		}
		if s.Held && s.Planned != s.OK+s.Failed {
			t.Errorf("step %d holds, and sent %d of %d", s.Number, s.OK+s.Failed, s.Planned)
		}
	}
}

func TestSearchFirstStepBreaks(t *testing.T) {
	const messages = 12_000
	url, _ := queue(t, 1, 20*time.Millisecond)
	o := searchFor(t, 0, 4, "p99>100ms/300ms") // 400 a second to 50, for so long that it is noticed before all are sent
	run, err := session.Run(t.Context(), week(t, corpus.Header{State: corpus.Synthetic}, messages, 30), url, o)
	search, is := errors.AsType[*session.SearchError](err)
	if is && search.Ended == results.SearchTool { // this machine is too busy
		return
	}
	if run == nil || !is || search.Ended != results.SearchFirstBroke {
		t.Fatalf("%v, %v", run, err)
	}
	c := run.Summary.Capacity
	if c.Tempo != 0 || c.Interval != [2]float64{0, 4} || c.Broke != "p99>100ms/300ms" || !strings.Contains(c.Says, "Begin lower") {
		t.Errorf("%+v", c)
	}
	unsent := int64(messages) // by every step: a busy machine spoils some, and each of those is played again
	for i, s := range c.Steps {
		if unsent = min(unsent, s.Unsent); s.Unsent == 0 || s.TimeScale != 4 || (s.NotJudged == "") != (i == len(c.Steps)-1) {
			t.Errorf("step %d of %d: %+v", i+1, len(c.Steps), s)
		}
	}
	if l := run.Footer.Ledger; l.Check() != nil || l.Filtered != 0 || unsent == 0 || l.Unsent < unsent || run.Footer.State != replay.Complete {
		t.Errorf("%+v, %s", l.Tally, run.Footer.State)
	}
	again := readRun(t, o.File)
	checkUnsent(t, &again)
	for _, l := range again.Summary.Verdict.Limits {
		if l.What == "unsent" {
			t.Errorf("what a step did not send is a limit: %+v", l)
		}
	}
}

func TestSearchIsStopped(t *testing.T) {
	for name, stop := range map[string]func(context.CancelCauseFunc, *replay.Control){
		"by the context": func(cancel context.CancelCauseFunc, _ *replay.Control) { cancel(context.Canceled) },
		"by hand":        func(_ context.CancelCauseFunc, c *replay.Control) { _ = c.Stop() },
	} {
		url, n := queue(t, 50, time.Millisecond)
		ctx, cancel := context.WithCancelCause(t.Context())
		defer cancel(nil)
		o := searchFor(t, time.Second, 1, "p99>5s/900ms")
		s, err := session.Open(ctx, week(t, corpus.Header{State: corpus.Synthetic}, 100, 30), url, o)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		if _, err := s.Plan(ctx); err != nil {
			t.Fatal(err)
		}
		control := new(replay.Control)
		var told []replay.Status
		run, err := s.Play(ctx, session.Hooks{Control: control, Progress: func(g replay.Progress, _ *results.Accumulator) {
			now := control.Status()
			told = append(told, now)
			if err := control.Scale(3); !errors.Is(err, replay.ErrSearching) && !errors.Is(err, replay.ErrNotRunning) {
				t.Errorf("a tempo set by hand: %v", err)
			}
			if n.Load() > 150 && now.Step > 1 && now.TimeScale >= 2 { // on a busy machine some steps are played again
				stop(cancel, control)
			}
		}})
		if run == nil {
			t.Fatalf("%s: %v", name, err)
		}
		c := run.Summary.Capacity
		if c.Ended == results.SearchTool { // this machine is too busy
			return
		}
		if by := name == "by the context"; by != errors.Is(err, context.Canceled) {
			t.Fatalf("%s: %v", name, err)
		}
		if run.Footer.State != replay.Interrupted || c.Ended != results.SearchInterrupted || c.Tempo < 1 || run.Footer.Ledger.Check() != nil {
			t.Errorf("%s: %s, %+v", name, run.Footer.State, c)
		}
		if again := readRun(t, o.File); again.Summary.Capacity == nil || len(again.Damage) > 0 {
			t.Errorf("%s: the file is not whole: %v", name, again.Damage)
		}
		if last := told[len(told)-1]; last.Step < 2 || last.TimeScale < 2 || last.OK < 100 || last.Elapsed < time.Second {
			t.Errorf("%s: the status was %+v", name, last)
		}
	}
}

// A target that refuses everything at once has no capacity, though no answer is late.
func TestSearchAllRefused(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) }))
	t.Cleanup(s.Close)
	o := searchFor(t, time.Second, 1, "p99>10s/500ms")
	run, err := session.Run(t.Context(), week(t, corpus.Header{State: corpus.Synthetic}, 100, 3), s.URL, o)
	search, is := errors.AsType[*session.SearchError](err)
	if is && search.Ended == results.SearchTool { // this machine is too busy
		return
	}
	if !is || search.Ended != results.SearchFirstBroke {
		t.Fatal(err)
	}
	if c := run.Summary.Capacity; c.Tempo != 0 || !strings.Contains(c.Says, "nearly all answers were failures") || !strings.Contains(c.Says, "mostly 401") ||
		!strings.Contains(c.Says, "No lower tempo helps against answers of 401") || strings.Contains(c.Says, "Begin lower") {
		t.Errorf("%+v", c)
	}
}

// A target that fails from some request on has not held the step in which it began to, though no condition looks back so little.
func TestSearchTargetDies(t *testing.T) {
	n := new(atomic.Int64)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if n.Add(1) > 260 { // late in the second step, which has 200
			w.WriteHeader(http.StatusBadGateway)
		}
	}))
	t.Cleanup(s.Close)
	o := searchFor(t, time.Second, 1, "errors>90%/900ms")
	run, err := session.Run(t.Context(), week(t, corpus.Header{State: corpus.Synthetic}, 100, 3), s.URL, o)
	if run == nil {
		t.Fatal(err)
	}
	c := run.Summary.Capacity
	if c.Ended == results.SearchTool { // this machine is too busy
		return
	}
	broke := ""
	for _, step := range c.Steps {
		if step.NotJudged == "" && step.OK > 0 && step.Failed > 0 {
			broke = step.Broke
		}
	}
	if broke != "nearly all of its last answers were failures" || c.Tempo != 1 && c.Tempo != 0 || c.Ended == results.SearchFound {
		t.Errorf("it broke by %q: %+v", broke, c)
	}
}

// A search that is cut off tells what its steps until then did.
func TestSearchIsCutOff(t *testing.T) {
	n := new(atomic.Int64)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if n.Add(1) > 110 { // which leaves the first step alone, however slow this machine is
			w.WriteHeader(http.StatusBadGateway)
		}
	}))
	t.Cleanup(s.Close)
	o := searchFor(t, time.Second, 1, "errors>50%/300ms")
	run, err := session.Run(t.Context(), week(t, corpus.Header{State: corpus.Synthetic}, 100, 30), s.URL, o)
	if run == nil || len(run.Summary.Capacity.Steps) < 2 {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(o.File)
	if err != nil {
		t.Fatal(err)
	}
	for _, share := range []int{20, 30, 60, 90} {
		cut := filepath.Join(t.TempDir(), "cut.rpr")
		if err := os.WriteFile(cut, whole[:len(whole)*share/100], 0o600); err != nil {
			t.Fatal(err)
		}
		part := readRun(t, cut)
		c := part.Summary.Capacity
		for i, s := range c.Steps {
			if s != run.Summary.Capacity.Steps[i] {
				t.Errorf("%d %%: step %+v, and it was %+v", share, s, run.Summary.Capacity.Steps[i])
			}
		}
		if c.Ended != results.SearchUnfinished || len(c.Steps) == 0 && len(part.Summary.Steps) > 1 || !strings.HasPrefix(c.Says, "The search has no end") {
			t.Errorf("%d %%: %+v", share, c)
		}
	}
}

func TestSearchRefuses(t *testing.T) {
	file := week(t, corpus.Header{State: corpus.Synthetic}, 100, 3)
	for want, change := range map[string]func(*session.Options){
		"StopOn: a search needs a condition":                                              func(o *session.Options) { o.StopOn = nil },
		"StopOn: condition \"p99>1s/2s\" looks back 2s":                                   func(o *session.Options) { o.StopOn = stopOn(t, "p99>1s/2s") },
		"StopOn: condition \"lag.p99>5ms/500ms\" is about how late the tool itself sends": func(o *session.Options) { o.StopOn = stopOn(t, "lag.p99>5ms/500ms") },
		"TimeScale: the first step of the search would have more than 200,000":            func(o *session.Options) { o.TimeScale = 1_000_000 },
		"Resume":  func(o *session.Options) { o.Resume = "x.rpr" },
		"Loops":   func(o *session.Options) { o.Loops = 2 },
		"Limit":   func(o *session.Options) { o.Limit = 5 },
		"MaxRate": func(o *session.Options) { o.MaxRate = 5 },
		"Ramp":    func(o *session.Options) { o.Ramp = 5 },
		"Retries": func(o *session.Options) { o.Retries = session.RetriesVendor },
		"StopOn: condition \"rate_limited<1%/500ms\" is met while all is well": func(o *session.Options) { o.StopOn = stopOn(t, "rate_limited<1%/500ms") },
		"StopOn: a pass at time-scale 1 takes 990ms, and ":                     func(o *session.Options) { o.Shape.Search.Every, o.StopOn = 0, stopOn(t, "p99>1s/5s") },
	} {
		o := searchFor(t, time.Second, 1, "p99>1s/500ms")
		o.Loops = 1
		change(&o)
		s, err := session.Open(t.Context(), file, "http://127.0.0.1:1", o)
		if err == nil {
			_, err = s.Plan(t.Context())
			s.Close()
		}
		if bad, is := errors.AsType[*session.OptionError](err); !is || !strings.HasPrefix(bad.Option+": "+bad.Err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}
