package results

import (
	"slices"
	"strings"
	"testing"
	"time"

	"reprise/capture"
	"reprise/replay"
)

// burstRun plays an hour's minute: a message every 20 ms, and for two seconds in the middle one every millisecond. All are
// answered at once. Four servers then take 8 ms each, 40 ms for a custom keyword: the queue fills in the burst.
func burstRun(skew time.Duration) (rows []replay.Result, of func(int64, int) (time.Time, string, bool), started time.Time) {
	started = time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	var at []time.Duration
	for t := time.Duration(0); t < time.Minute; t += 20 * time.Millisecond {
		at = append(at, t)
	}
	for t := 30 * time.Second; t < 32*time.Second; t += time.Millisecond {
		at = append(at, t)
	}
	slices.Sort(at)
	free := make([]time.Duration, 4)
	done := make(map[int64]time.Duration)
	for i, t := range at {
		kind, took := capture.Unrecognized, 8*time.Millisecond
		if i%5 == 0 {
			kind, took = capture.CustomKeyword, 40*time.Millisecond
		}
		first := 0
		for j := range free {
			if free[j] < free[first] {
				first = j
			}
		}
		free[first] = max(free[first], t+time.Millisecond) + took
		if i%500 != 499 { // some never are
			done[int64(i)] = free[first]
		}
		rows = append(rows, replay.Result{Seq: int64(i), Kind: kind, Intended: t, Sent: t, Done: t + time.Millisecond, Status: 200})
	}
	rows = append(rows, replay.Result{Seq: 1e6, Kind: capture.Help, Intended: time.Second, Sent: time.Second, Done: 2 * time.Second, Status: 503})
	return rows, func(seq int64, _ int) (time.Time, string, bool) {
		d, ok := done[seq]
		return started.Add(d - skew), "ok", ok
	}, started
}

func TestCompletionShowsWhatA200Hides(t *testing.T) {
	rows, of, started := burstRun(0)
	c := NewCompleter(Completions{Of: of})
	a := NewAccumulator(nil)
	for i := range rows {
		_ = a.Record(&rows[i])
		_ = c.Record(&rows[i])
	}
	s := a.Summary(nil)
	s.Completion = c.Completion(started, 5000, nil)
	if s.Latency.P99 > 2*time.Millisecond {
		t.Fatalf("the 200s are not healthy: p99 %v", s.Latency.P99)
	}
	d := s.Completion
	if d.Joined+d.Never != int64(len(rows)-1) || d.Never != int64(len(rows)-1)/500 || d.Offset != 0 || d.Outcomes["ok"] != d.Joined || d.Unmatched != 5000-d.Joined {
		t.Errorf("%d joined, %d never, offset %v, %d unmatched of %d rows", d.Joined, d.Never, d.Offset, d.Unmatched, len(rows))
	}
	if d.Spike == nil {
		t.Fatal("no spike")
	}
	// 2,100 messages of 14.4 ms on four servers take 7.5 s: those of the burst's end wait for more than 5 s.
	if sp := d.Spike; sp.From < 29*time.Second || sp.From > 31*time.Second || sp.To-sp.From < 4*time.Second || sp.To-sp.From > 10*time.Second || sp.P95 < 4*time.Second {
		t.Errorf("spike from %v to %v, p95 %v", sp.From, sp.To, sp.P95)
	}
	if d.Peak < 1000 || d.PeakAt < 31*time.Second || d.PeakAt > 33*time.Second {
		t.Errorf("backlog of %d at %v", d.Peak, d.PeakAt)
	}
	if k, u := d.Kinds["custom_keyword"], d.Kinds["unrecognized"]; k.Latency.P50 <= u.Latency.P50 || k.Joined+k.Never == 0 {
		t.Errorf("p50 of custom_keyword %v, of unrecognized %v", k.Latency.P50, u.Latency.P50)
	}
	for text, want := range map[string]bool{
		"completion.p99<1s": false, "completion.p50<1s": true, "completion.p99{help}<1s": false, "completion.never<1%": true, "completion.never=0": false,
		"completion.max{custom_keyword}<1h": true,
	} {
		x, err := ParseExpect(text)
		if err != nil {
			t.Fatal(err)
		}
		if ok, got := x[0].Check(&s); ok != want {
			t.Errorf("%s: %v, got %s", text, ok, got)
		}
	}
	none := Summary{}
	x, err := ParseExpect("completion.p99<1s")
	if err != nil {
		t.Fatal(err)
	}
	if ok, got := x[0].Check(&none); ok || !strings.Contains(got, "--completions") {
		t.Errorf("without completions: %v, %q", ok, got)
	}
}

// TestCompletionClock holds that a clock that is behind is set right by what it takes at least, and one that is told by that.
func TestCompletionClock(t *testing.T) {
	const behind = 3 * time.Second
	rows, of, started := burstRun(behind)
	for _, tc := range []struct {
		offset  *time.Duration
		want    time.Duration
		guessed bool
	}{{nil, behind - 9*time.Millisecond, true}, {ptr(behind), behind, false}} {
		c := NewCompleter(Completions{Of: of})
		for i := range rows {
			_ = c.Record(&rows[i])
		}
		d := c.Completion(started, 0, tc.offset)
		if d.Offset != tc.want || d.Guessed != tc.guessed {
			t.Errorf("offset %v, guessed %v, want %v", d.Offset, d.Guessed, tc.want)
		}
		if d.Latency.P50 <= 0 || d.Latency.P50 > 100*time.Millisecond {
			t.Errorf("p50 %v", d.Latency.P50)
		}
	}
}

// TestCompletionTooEarly holds that what was completed before it was sent is of another message, where the clock is known, and
// that an offset which believes it is doubtful.
func TestCompletionTooEarly(t *testing.T) {
	started := time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	rows := []replay.Result{}
	for i := range 10 {
		at := time.Duration(i) * time.Second
		rows = append(rows, replay.Result{Seq: int64(i), Kind: capture.Help, Intended: at, Sent: at, Done: at + time.Millisecond, Status: 200})
	}
	of := func(seq int64, _ int) (time.Time, string, bool) {
		at := time.Duration(seq)*time.Second + 30*time.Millisecond
		switch seq {
		case 7:
			at = 2 * time.Second // of record 2, and taken for this one's
		case 8:
			at -= 100 * time.Millisecond // as far as clocks may be apart
		}
		return started.Add(at), "replied", true
	}
	for _, tc := range []struct {
		name     string
		offset   *time.Duration
		early    int64
		max      time.Duration
		doubtful bool
	}{
		{"known", ptr(time.Duration(0)), 1, 40 * time.Millisecond, false},
		{"guessed", nil, 0, 6 * time.Second, true},
	} {
		c := NewCompleter(Completions{Of: of})
		for i := range rows {
			_ = c.Record(&rows[i])
		}
		d := c.Completion(started, len(rows), tc.offset)
		if d.Early != tc.early || d.Never != tc.early || d.Joined != 10-tc.early || d.Unmatched != 0 || d.Latency.Max > tc.max ||
			d.Kinds["help"].Never != tc.early || d.Doubtful() != tc.doubtful {
			t.Errorf("%s: %d early, %d never, %d joined, %d unmatched, doubtful %v, %+v", tc.name, d.Early, d.Never, d.Joined, d.Unmatched, d.Doubtful(), d.Latency)
		}
	}
}

func ptr[T any](v T) *T { return &v }

func TestCompletionOfNothing(t *testing.T) {
	d := NewCompleter(Completions{Of: func(int64, int) (time.Time, string, bool) { return time.Time{}, "", false }}).Completion(time.Time{}, 0, nil)
	if d.Joined != 0 || d.Spike != nil || len(d.Windows) != 1 {
		t.Errorf("%+v", d)
	}
}

// TestWhatIsNeverCompletedIsSlow holds that a gate on completions sees what never came and what failed.
func TestWhatIsNeverCompletedIsSlow(t *testing.T) {
	started := time.Unix(1795780900, 0)
	c := NewCompleter(Completions{Of: func(seq int64, _ int) (time.Time, string, bool) {
		outcome := "ok"
		if seq%20 == 1 {
			outcome = "FAILED"
		}
		return started.Add(time.Duration(seq) * time.Millisecond), outcome, seq%10 != 0
	}})
	for i := range int64(1000) {
		kind := capture.Reaction
		if i%10 == 0 && i < 500 {
			kind = capture.Help
		}
		if err := c.Record(&replay.Result{Seq: i, Kind: kind, Sent: 1, Done: 2, Status: 200}); err != nil {
			t.Fatal(err)
		}
	}
	s := &Summary{Completion: c.Completion(started, 900, nil)}
	for _, k := range capture.Kinds() {
		if s.Ledger.Kinds == nil {
			s.Ledger.Kinds = make(map[string]replay.Tally)
		}
		s.Ledger.Kinds[k.String()] = replay.Tally{Recorded: 1, OK: 1}
	}
	if d := s.Completion; d.Joined != 900 || d.Never != 100 || d.Failed != 50 || d.Kinds["help"].Never != 50 || d.Kinds["reaction"].Failed != 50 {
		t.Errorf("%+v", d)
	}
	for expect, want := range map[string]string{
		"completion.p50<600ms":           "",
		"completion.p50<500ms":           "555.2ms", // of all 1,000, those that never come last
		"completion.p90<2s":              "",
		"completion.p95<1h":              "never (100 of 1000 were not completed)",
		"completion.max<1h":              "never (100 of 1000 were not completed)",
		"completion.p99{help}<1h":        "nothing was completed",
		"completion.p95{reaction}<1h":    "never (50 of 950 were not completed)",
		"completion.p90{reaction}<1s":    "",
		"completion.never<=100":          "",
		"completion.never<10%":           "10%",
		"completion.failed<1%":           "5%",
		"completion.failed{help}=0":      "",
		"completion.failed{reaction}<50": "50",
	} {
		list, err := ParseExpect(expect)
		if err != nil {
			t.Fatalf("%s: %v", expect, err)
		}
		if ok, got := list[0].Check(s); ok != (want == "") || !ok && got != want {
			t.Errorf("%s: %v, got %s, want %q", expect, ok, got, want)
		}
	}
}
