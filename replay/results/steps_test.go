package results

import (
	"bytes"
	"context"
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"testing"
	"time"

	"reprise/capture"
	"reprise/replay"
)

// shaped is a run of three steps, of 4 s at 50/s, of 2 s at 100/s and of 3 s at 200/s, in the order in which answers come; answers take
// 10 ms, 20 ms and 40 ms. The third step has a failure in ten.
func shaped() (plan *replay.Plan, rows []replay.Result) {
	plan = &replay.Plan{Duration: 9 * time.Second, Peak: 200, Window: 100 * ms}
	rng := rand.New(rand.NewPCG(5, 5))
	var book replay.Book
	start := time.Duration(0)
	for i, s := range []struct {
		length  time.Duration
		rate    int
		service time.Duration
	}{{4 * time.Second, 50, 10 * ms}, {2 * time.Second, 100, 20 * ms}, {3 * time.Second, 200, 40 * ms}} {
		n := s.rate * int(s.length/time.Second)
		p := replay.PlannedStep{
			Name: []string{"", "peak", ""}[i], Text: []string{"4s at 1x", "2s at 2x", "3s at 4x"}[i], Start: start, Duration: s.length, Requests: int64(n),
			Kinds: map[string]int64{}, Peak: int64(s.rate), TimeScale: [2]float64{float64(int(1) << i), float64(int(1) << i)}, Volume: [2]float64{1, 1},
		}
		for k := range n {
			kind := []capture.Kind{capture.Help, capture.Info}[k%2]
			at := start + time.Duration(k)*s.length/time.Duration(n)
			res := replay.Result{
				Seq: int64(len(rows)), Kind: kind, Step: uint16(i + 1), Intended: at, Sent: at + time.Duration(rng.IntN(100_000)), Status: 200, Known: true, InFlight: 1,
			}
			if res.Done = res.Sent + s.service; i == 2 && k%10 == 0 {
				res.Status = 503
			}
			rows = append(rows, res)
			p.Kinds[kind.String()]++
			t := book.Of(kind)
			t.Recorded, t.Unsent = t.Recorded+1, t.Unsent+1
		}
		plan.Steps = append(plan.Steps, p)
		start += s.length
	}
	plan.Ledger = book.Ledger()
	return plan, rows
}

// ended is how a run ends of which all rows are there.
func ended(rows []replay.Result) *replay.Outcome {
	return &replay.Outcome{State: replay.Complete, Ledger: ledgerOf(rows), Planned: 9 * time.Second}
}

func summed(plan *replay.Plan, rows []replay.Result, end *replay.Outcome) Summary {
	a := NewAccumulator(plan)
	for i := range rows {
		_ = a.Record(&rows[i])
	}
	return a.Summary(end)
}

func TestSteps(t *testing.T) {
	plan, rows := shaped()
	s := summed(plan, rows, ended(rows))
	if len(s.Steps) != 3 {
		t.Fatalf("%d steps, want 3", len(s.Steps))
	}
	var sum replay.Tally
	for i, want := range []struct {
		name, text  string
		start       time.Duration
		length      time.Duration
		ok, failed  int64
		rate        float64
		latency     time.Duration
		unavailable int64
	}{
		{"", "4s at 1x", 0, 4 * time.Second, 200, 0, 50, 10 * ms, 0},
		{"peak", "2s at 2x", 4 * time.Second, 2 * time.Second, 200, 0, 100, 20 * ms, 0},
		{"", "3s at 4x", 6 * time.Second, 3 * time.Second, 540, 60, 200, 40 * ms, 60},
	} {
		g := s.Steps[i]
		if err := g.Ledger.Check(); err != nil {
			t.Error(err)
		}
		sum = sum.Plus(g.Ledger.Tally)
		if g.Number != i+1 || g.Name != want.name || g.Text != want.text || g.Start != want.start || g.PlannedDuration != want.length || g.Duration != want.length {
			t.Errorf("step %d: %d %q %q from %v for %v, planned %v", i+1, g.Number, g.Name, g.Text, g.Start, g.Duration, g.PlannedDuration)
		}
		if g.Ledger.OK != want.ok || g.Ledger.Failed != want.failed || g.Answers[AnswerUnavailable] != want.unavailable {
			t.Errorf("step %d: %+v, %v", i+1, g.Ledger.Tally, g.Answers)
		}
		if g.Rate.PlannedMean != want.rate || g.Rate.AchievedMean != want.rate || g.Rate.PlannedPeak != want.rate || g.Rate.AchievedPeak < want.rate || g.Rate.AchievedPeak > want.rate+1 {
			t.Errorf("step %d: %+v", i+1, g.Rate)
		}
		if g.Latency.P50 < want.latency || g.Latency.P50 > want.latency+ms || g.Kinds["help"].Latency.P50 < want.latency {
			t.Errorf("step %d: p50 %v", i+1, g.Latency.P50)
		}
		if !g.Verdict.Faithful || (i == 2) != (len(g.Verdict.Bottlenecks) > 0) {
			t.Errorf("step %d: %+v", i+1, g.Verdict)
		}
	}
	if all := s.Ledger.Tally; sum != all {
		t.Errorf("the steps sum to %+v, the whole is %+v", sum, all)
	}
	if _, ok := fieldsOf(t, s.Steps[1])["steps"]; ok {
		t.Error("a step has steps")
	}
	for _, name := range []string{"step", "name", "text", "start_ns", "time_scale", "volume", "ledger", "duration_ns", "rate", "lag", "latency", "service_time", "kinds", "status", "errors", "verdict", "moved"} {
		if _, ok := fieldsOf(t, s.Steps[1])[name]; !ok {
			t.Errorf("a step has no %s", name)
		}
	}
}

func fieldsOf(t *testing.T, v any) map[string]any {
	t.Helper()
	var out map[string]any
	if err := json.Unmarshal([]byte(asJSON(t, v)), &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// The order in which results come changes nothing, nor do several files of parts of a run, one after the other.
func TestStepsInAnyOrder(t *testing.T) {
	plan, rows := shaped()
	for _, p := range []*replay.Plan{plan, nil} {
		want := asJSON(t, summed(p, rows, ended(rows)))
		mixed := append([]replay.Result(nil), rows...)
		rand.New(rand.NewPCG(1, 2)).Shuffle(len(mixed), func(i, j int) { mixed[i], mixed[j] = mixed[j], mixed[i] })
		if got := asJSON(t, summed(p, mixed, ended(rows))); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

// What is read back from a file is what the live run said, to the last digit.
func TestStepsFromAFile(t *testing.T) {
	plan, rows := shaped()
	path := filepath.Join(t.TempDir(), "run.rpr")
	f, err := Create(path, Header{Run: "r1", Plan: plan, Settings: map[string]string{}}, false)
	if err != nil {
		t.Fatal(err)
	}
	for i := range rows {
		if err := f.Record(&rows[i]); err != nil {
			t.Fatal(err)
		}
	}
	end := ended(rows)
	if err := f.Finish(*end); err != nil {
		t.Fatal(err)
	}
	if got, want := asJSON(t, runOf(t, path).Summary.Steps), asJSON(t, f.Summary(end).Steps); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func runOf(t *testing.T, path string) Run {
	t.Helper()
	r, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	run, err := Summarize(context.Background(), r)
	if err != nil {
		t.Fatal(err)
	}
	return run
}

// A run that died in its third step: what the step holds beyond the rows was not sent, and a step that was not reached has nothing else.
func TestStepsOfARunThatDied(t *testing.T) {
	plan, rows := shaped()
	s := summed(plan, rows[:500], nil)
	for i, want := range []replay.Tally{{Recorded: 200, OK: 200}, {Recorded: 200, OK: 200}, {Recorded: 600, OK: 90, Failed: 10, Unsent: 500}} {
		if got := s.Steps[i].Ledger.Tally; got != want {
			t.Errorf("step %d: %+v, want %+v", i+1, got, want)
		}
	}
	third := s.Steps[2]
	if third.Duration > 600*ms || third.PlannedDuration != 3*time.Second || third.Rate.AchievedMean < 100 || third.Verdict.Faithful {
		t.Errorf("third step: %v of %v, %v/s, %+v", third.Duration, third.PlannedDuration, third.Rate.AchievedMean, third.Verdict)
	}
	s = summed(plan, rows[:100], nil)
	if third = s.Steps[2]; third.Ledger.Tally != (replay.Tally{Recorded: 600, Unsent: 600}) || third.Start != 6*time.Second || third.Text != "3s at 4x" {
		t.Errorf("third step: %+v", third)
	}
	end := ended(rows[:500])
	end.State, end.Ledger = replay.Interrupted, plan.Ledger
	s = summed(plan, rows[:500], end)
	for i, want := range []bool{true, true, false} {
		if got := s.Steps[i].Verdict.Faithful; got != want {
			t.Errorf("interrupted: step %d is faithful: %v", i+1, got)
		}
	}
}

// A pause of 30 s in the second step: the third begins when it really did, and the pause is told of the second alone.
func TestStepsOfAChangedRun(t *testing.T) {
	plan, rows := shaped()
	const pause = 30*time.Second + 250*ms
	for i := range rows {
		if r := &rows[i]; r.Intended >= 5*time.Second {
			r.Intended, r.Sent, r.Done = r.Intended+pause, r.Sent+pause, r.Done+pause
		}
	}
	end := ended(rows)
	end.Stats.Paused = pause
	end.Stats.Changes = []replay.Change{{At: 5*time.Second - ms, What: "pause"}, {At: 5*time.Second - ms + pause, What: "resume"}}
	s := summed(plan, rows, end)
	third := s.Steps[2]
	if third.Start != 6*time.Second+pause || third.Rate.AchievedMean < 199 || third.Rate.AchievedMean > 202 || !third.Verdict.Faithful {
		t.Errorf("third step from %v, %v/s, %+v", third.Start, third.Rate.AchievedMean, third.Verdict)
	}
	for i, want := range []bool{false, true, false} {
		changed := false
		for _, l := range s.Steps[i].Verdict.Limits {
			changed = changed || l.What == "changed"
		}
		if changed != want {
			t.Errorf("step %d was changed: %v", i+1, changed)
		}
	}
}

// What the vendor sends again is of the step in which it was first sent, and makes it no longer.
func TestStepsOfRetries(t *testing.T) {
	plan, rows := shaped()
	again := rows[20]
	again.Copy, again.Attempt, again.Status = 1, 1, 500
	again.Intended, again.Sent, again.Done = 7*time.Second, 7*time.Second, 7*time.Second+10*ms
	rows = append(rows, again)
	end := ended(rows)
	end.Stats.Retries = 1
	first := summed(plan, rows, end).Steps[0]
	if want := (replay.Tally{Recorded: 200, Added: 1, OK: 200, Failed: 1}); first.Ledger.Tally != want || first.Duration != 4*time.Second {
		t.Errorf("%+v in %v, want %+v in 4s", first.Ledger.Tally, first.Duration, want)
	}
}

// The steps of a search are known as they are played, and are in the file also where the run dies.
func TestPlayedSteps(t *testing.T) {
	_, rows := shaped()
	path := filepath.Join(t.TempDir(), "run.rpr")
	f, err := Create(path, Header{Run: "r1", Settings: map[string]string{}}, false)
	if err != nil {
		t.Fatal(err)
	}
	last := uint16(0)
	for i := range rows {
		if r := &rows[i]; r.Step != last {
			last = r.Step
			scale := [2]float64{float64(last), float64(last)}
			if err := f.PlayStep(PlayedStep{Number: int(last), Text: "3s at 1x", Start: r.Intended, TimeScale: scale, Volume: [2]float64{1, 1}}); err != nil {
				t.Fatal(err)
			}
		}
		if err := f.Record(&rows[i]); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.PlayStep(PlayedStep{Number: 3, Text: "3s at 3x", Start: 6 * time.Second, TimeScale: [2]float64{3, 3}, Volume: [2]float64{1, 1}, Broke: "errors>5%/1s"}); err != nil {
		t.Fatal(err)
	}
	want := f.Summary(nil).Steps
	if len(want) != 3 || want[2].Broke != "errors>5%/1s" || want[2].Text != "3s at 3x" || want[1].Broke != "" || want[1].Start != 4*time.Second || want[1].Ledger.OK != 200 {
		t.Errorf("%+v", want)
	}
	if err := f.Flush(); err != nil {
		t.Fatal(err)
	}
	left, repaired := f.Path(), filepath.Join(t.TempDir(), "repaired.rpr")
	if err := f.Leave(); err != nil {
		t.Fatal(err)
	}
	if got := asJSON(t, runOf(t, left).Summary.Steps); got != asJSON(t, want) {
		t.Errorf("read back: %s", got)
	}
	in, err := os.Open(left)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	if _, err := RepairFile(context.Background(), in, repaired, RepairOptions{}); err != nil {
		t.Fatal(err)
	}
	if got := asJSON(t, runOf(t, repaired).Summary.Steps); got != asJSON(t, want) {
		t.Errorf("repaired: %s", got)
	}
}

// The rate that a step was to have counts all of its time where it was ended early, and the run's leaves out what the run went on without.
func TestPlannedOfAStepThatIsCut(t *testing.T) {
	const second = time.Second
	send := func(a *Accumulator, step uint16, from, to, every time.Duration) {
		for at := from; at < to; at += every {
			_ = a.Record(&replay.Result{Kind: capture.Help, Step: step, Intended: at, Sent: at, Done: at + ms, Status: 200})
		}
	}
	a := NewAccumulator(nil)
	a.PlayStep(PlayedStep{Number: 1, Planned: 4 * second, Unsent: map[string]int64{"help": 300}})
	send(a, 1, 0, second, 10*ms) // 100 of 400
	a.PlayStep(PlayedStep{Number: 2, Start: second, Planned: 4 * second})
	send(a, 2, second, 5*second, 20*ms)
	book := new(replay.Book)
	book.Of(capture.Help).Recorded, book.Of(capture.Help).OK, book.Of(capture.Help).Unsent = 600, 300, 300
	end := &replay.Outcome{State: replay.Complete, Ledger: book.Ledger(), Planned: 5 * second}
	s := a.Summary(end)
	for i, want := range []float64{100, 50} {
		if got := s.Steps[i].Rate; math.Abs(got.PlannedMean-want) > 2 {
			t.Errorf("step %d: planned %+v, want %v/s", i+1, got, want)
		}
	}
	if got := s.Rate.PlannedMean; got != 60 {
		t.Errorf("the run: planned %v/s", got)
	}
	a.PlayStep(PlayedStep{Number: 2, Start: second, Planned: 8 * second, Unsent: map[string]int64{"help": 200}}) // as by hand: nothing comes after it
	book.Of(capture.Help).Recorded, book.Of(capture.Help).Unsent = 800, 500
	end.Ledger, end.Planned = book.Ledger(), 9*second
	if s = a.Summary(end); math.Abs(s.Steps[1].Rate.PlannedMean-50) > 2 || math.Abs(s.Rate.PlannedMean-500./9) > 1e-9 {
		t.Errorf("planned %v/s of the step, %v/s of the run", s.Steps[1].Rate.PlannedMean, s.Rate.PlannedMean)
	}
	if end.Planned = 6 * second; math.Abs(a.Summary(end).Rate.PlannedMean-60) > 0.5 { // as a search says of a last step that was ended: it had read a second ahead
		t.Errorf("the run was to have %v/s until then", a.Summary(end).Rate.PlannedMean)
	}
}

// A step that nobody could mean is left out, and its requests are in the whole.
func TestUnsoundSteps(t *testing.T) {
	a := NewAccumulator(nil)
	for _, p := range []PlayedStep{{Number: 0}, {Number: MaxSteps + 1}, {Number: -4}, {Number: 1, Start: 2 * longestMoment}, {Number: 1, Planned: -1}} {
		a.PlayStep(p)
	}
	_ = a.Record(&replay.Result{Step: MaxSteps + 1, Status: 200, Sent: 1, Done: 2})
	if s := a.Summary(nil); len(s.Steps) != 0 || s.Ledger.OK != 1 {
		t.Errorf("%+v", s)
	}
}

// What a step holds does not grow with its requests, and is far from what dense histograms would hold.
func TestStepsAreSmall(t *testing.T) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	a := NewAccumulator(nil)
	for i := range 64 * 1000 {
		at := time.Duration(i) * ms
		_ = a.Record(&replay.Result{
			Kind: capture.Kind(i % 9), Step: uint16(1 + i/1000), Intended: at, Sent: at + time.Duration(i*7919%300_000), Done: at + 20*ms + time.Duration(i*104729%10_000_000), Status: 200,
		})
	}
	runtime.ReadMemStats(&after)
	if per := (after.TotalAlloc - before.TotalAlloc) / 64; per > 1<<20 {
		t.Errorf("a step takes %d bytes", per)
	}
}

func FuzzPlayedStep(f *testing.F) {
	for _, s := range []string{
		`{"step":1,"text":"20s at 2x","start_ns":5,"time_scale":[2,2],"volume":[1,1]}`, `{"step":256,"name":"ü","text":"","broke":"p99>1s/1s"}`, `{"step":1e9}`, `[]`, ``,
		`{"step":3,"start_ns":-9223372036854775808,"time_scale":[1e308,-1e308]}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		var r Reader
		if !r.parsePlayed(payload) {
			return
		}
		p := r.Played()[0]
		var b bytes.Buffer
		w, err := NewWriter(&b, Header{})
		if err != nil {
			t.Fatal(err)
		}
		if err := w.PlayStep(p); err != nil {
			t.Fatal(err)
		}
		_, back := readAll(t, b.Bytes())
		if got := back.Played(); len(got) != 1 || !reflect.DeepEqual(got[0], p) {
			t.Errorf("%+v came back as %+v", p, got)
		}
	})
}

// Completions are joined in each step: the third step's work piles up after its answers.
func TestCompletionsOfSteps(t *testing.T) {
	plan, rows := shaped()
	started := time.Unix(1_700_000_000, 0)
	c := NewCompleter(Completions{Of: func(seq int64, _ int) (time.Time, string, bool) {
		r := &rows[seq]
		switch {
		case seq == 3:
			return started.Add(r.Sent - time.Second), "ok", true // some other message's
		case seq == 205:
			return time.Time{}, "", false
		case r.Step == 3:
			return started.Add(r.Done + time.Duration(seq-400)*5*ms), []string{"ok", "failed"}[seq%2], true
		}
		return started.Add(r.Done + 5*ms), "ok", true
	}})
	for i := range rows {
		_ = c.Record(&rows[i])
	}
	end := ended(rows)
	end.Started = started
	run := Run{Footer: &Footer{Outcome: *end}, Summary: summed(plan, rows, end)}
	zero := time.Duration(0)
	c.Join(&run, len(rows), &zero)
	whole, steps := run.Summary.Completion, run.Summary.Steps
	var joined, never, failed int64
	for i, want := range []Completion{{Joined: 199, Never: 1, Early: 1}, {Joined: 199, Never: 1}, {Joined: 540, Failed: 300}} {
		g := steps[i].Completion
		joined, never, failed = joined+g.Joined, never+g.Never, failed+g.Failed
		if g.Joined != want.Joined || g.Never != want.Never || g.Early != want.Early || g.Failed != want.Failed {
			t.Errorf("step %d: %d joined, %d never, %d early, %d failed, want %+v", i+1, g.Joined, g.Never, g.Early, g.Failed, want)
		}
		if (i == 2) != (g.Latency.P50 > time.Second) || (i == 2) != (g.Peak > 20) || g.PeakAt > 4*time.Second {
			t.Errorf("step %d: %v in the middle, a backlog of %d at %v", i+1, g.Latency.P50, g.Peak, g.PeakAt)
		}
	}
	if joined != whole.Joined || never != whole.Never || failed != whole.Failed || steps[2].Completion.Outcomes["failed"] != 300 || steps[0].Completion.Outcomes["failed"] != 0 {
		t.Errorf("the steps sum to %d, %d and %d, the whole is %d, %d and %d", joined, never, failed, whole.Joined, whole.Never, whole.Failed)
	}
	var other Summary
	other.Steps = make([]Step, 2)
	if other.TakeCompletion(&run.Summary); other.Completion != whole || other.Steps[1].Completion != steps[1].Completion {
		t.Error("completions are not taken over")
	}
}

// A volume that is raised by hand adds requests to a step: those of the plan that are left out later count in it all the same.
func TestStepsWithAVolumeByHand(t *testing.T) {
	plan, rows := shaped()
	var kept []replay.Result
	end := &replay.Outcome{State: replay.Complete, Planned: 9 * time.Second}
	left, added := int64(0), int64(0)
	unsent := make(map[capture.Kind]int64)
	for i, r := range rows {
		if r.Step == 2 && i%2 == 0 {
			left++
			unsent[r.Kind]++
			continue
		}
		kept = append(kept, r)
		if r.Step == 2 && i%4 == 1 {
			again := r
			again.Copy = 256
			kept = append(kept, again)
			end.Stats.AddedIn.Count(2, r.Kind.String(), 1)
			added++
		}
	}
	book := ledgerOf(kept).Book()
	for kind, n := range unsent {
		book.Of(kind).Recorded += n
		book.Of(kind).Unsent += n
	}
	end.Ledger = book.Ledger()
	s := summed(plan, kept, end)
	if got := s.Steps[1].Ledger; got.Unsent != left || got.OK != int64(200)-left+added || !got.Balanced() {
		t.Errorf("%+v, want %d unsent", got.Tally, left)
	}
}
