package results

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"reprise/replay"
)

// case of a verdict: what the evidence is, and what is said of it.
type verdictCase struct {
	name string
	// change makes the evidence out of that of a faithful run.
	change func(*Evidence)
	want   []string // "what whose", in order
	// unfaithful says that the plan was not followed.
	unfaithful bool
	words      string // in one of the texts
}

// faithful is the evidence of a run without a fault: 10,000 requests in a minute, answered within 20 ms.
func faithful() Evidence {
	tally := replay.Tally{Recorded: 10_000, OK: 10_000}
	return Evidence{
		State: replay.Complete, Ledger: replay.Ledger{Tally: tally, Kinds: map[string]replay.Tally{"help": tally}},
		Planned: time.Minute, Achieved: time.Minute, Peak: 500,
		Lag: Quantiles{P50: ms / 10, P99: ms, Max: 2 * ms}, Service: Quantiles{P50: 20 * ms, P99: 40 * ms, Max: 50 * ms},
		Latency: Quantiles{P50: 20 * ms, P99: 40 * ms, Max: 50 * ms}, Moved: 0.001, MovedBin: 100 * ms,
		MovedKinds: map[string]float64{}, Status: map[string]int64{"200": 10_000}, Errors: map[string]int64{},
		Stats: replay.Stats{
			MaxInFlight: 512, PeakInFlight: 40, ServiceFree: 20 * ms, Elapsed: time.Minute, CPUs: 2, CPU: 20 * time.Second, CPUWait: time.Second,
			LongestStall: 2 * ms, GCPauseMax: ms, GCPause: 20 * ms,
		},
	}
}

// late makes requests late by a second, 5,000 of them for the given reason.
func late(by func(*replay.LateBy) *int64, more func(*Evidence)) func(*Evidence) {
	return func(e *Evidence) {
		e.Lag.P99, e.Lag.Max = time.Second, 2*time.Second
		*by(&e.Stats.Late) = 5000
		if more != nil {
			more(e)
		}
	}
}

// starved is a run whose threads waited for a CPU half the time, 2,000 requests late with slots free: what those waited is yet to be said.
func starved(more func(*Evidence)) func(*Evidence) {
	return func(e *Evidence) {
		e.Stats.Late.Stall, e.Stats.CPUWait, e.Stats.ServiceAtCap = 2000, 30*time.Second, 3*time.Second
		e.Stats.AtCap, e.Stats.PeakInFlight = 5000, 512
		e.Service = Quantiles{P50: 900 * ms, P99: 3 * time.Second}
		more(e)
	}
}

func byCap(l *replay.LateBy) *int64    { return &l.Cap }
func bySender(l *replay.LateBy) *int64 { return &l.Sender }
func byRender(l *replay.LateBy) *int64 { return &l.Render }
func byStall(l *replay.LateBy) *int64  { return &l.Stall }

// failed turns n answers into failures for a reason.
func failures(reason replay.Reason, n int64) func(*Evidence) {
	return func(e *Evidence) {
		e.Ledger.OK, e.Ledger.Failed = e.Ledger.OK-n, e.Ledger.Failed+n
		e.Status["200"] -= n
		e.Errors[string(reason)] += n
	}
}

func answered(code string, n int64) func(*Evidence) {
	return func(e *Evidence) {
		e.Ledger.OK, e.Ledger.Failed = e.Ledger.OK-n, e.Ledger.Failed+n
		e.Status["200"] -= n
		e.Status[code] += n
	}
}

func both(changes ...func(*Evidence)) func(*Evidence) {
	return func(e *Evidence) {
		for _, c := range changes {
			c(e)
		}
	}
}

func TestJudgeTheSchedule(t *testing.T) {
	judgeAll(t, []verdictCase{
		{"as planned", func(*Evidence) {}, nil, false, ""},
		{"lag at a tenth of latency", func(e *Evidence) { e.Lag.P99 = 4 * ms }, nil, false, ""},
		{
			"lag beyond it", func(e *Evidence) { e.Lag.P99 = 12345 * time.Microsecond },
			[]string{"lag tool"},
			true,
			"1 request in 100 left 12.3 ms or more after its time (worst 2.00 ms, and latency's 99th percentile is 40.0 ms; allowed 4.00 ms, a tenth of latency's): ",
		},
		{"longer than planned", func(e *Evidence) { e.Achieved += 700 * ms }, []string{"duration tool"}, true, "1m0.7s"},
		{"longer within 1 %", func(e *Evidence) { e.Achieved += 500 * ms }, nil, false, ""},
		{"a short run is allowed 50 ms", func(e *Evidence) { e.Planned, e.Achieved = 100*ms, 149*ms }, nil, false, ""},
		{
			"another curve", func(e *Evidence) { e.Moved, e.MovedKinds["help"] = 0.03, 0.03 },
			[]string{"moved tool"},
			true,
			"lag moved the curve of 10,000 requests of kind help by 3.00 % (the mean lag as a share of 100 ms; allowed 2.00 %), so that the curve that arrived is not the one recorded: ",
		},
		{"another curve of many kinds", func(e *Evidence) {
			e.Ledger.Kinds = map[string]replay.Tally{"help": {Recorded: 5000, OK: 5000}, "info": {Recorded: 5000, OK: 5000}}
			e.Moved, e.MovedKinds = 0.03, map[string]float64{"help": 0.025, "info": 0.035}
		}, []string{"moved tool"}, true, "the curve of 10,000 requests by 3.00 %"},
		{"the curve at its limit", func(e *Evidence) { e.Moved, e.MovedKinds["help"] = 0.02, 0.02 }, nil, false, ""},
		{"two kinds of three fell short", func(e *Evidence) {
			e.Ledger.Kinds = map[string]replay.Tally{"help": {Recorded: 500, OK: 500}, "info": {Recorded: 500, OK: 500}, "status": {Recorded: 9000, OK: 9000}}
			e.Moved, e.MovedKinds = 0.01, map[string]float64{"help": 0.04, "info": 0.06}
		}, []string{"moved tool"}, true, "of 1,000 requests of the kinds help, info by 5.00 %"},
		{"one kind of two fell short", func(e *Evidence) {
			e.Ledger.Kinds = map[string]replay.Tally{"help": {Recorded: 9500, OK: 9500}, "reaction": {Recorded: 500, OK: 500}}
			e.Moved, e.MovedKinds = 0.01, map[string]float64{"help": 0.005, "reaction": 0.12}
		}, []string{"moved tool"}, true, "of 500 requests of kind reaction by 12.00 %"},
		{"ten requests of one kind", func(e *Evidence) {
			e.Ledger.Kinds = map[string]replay.Tally{"help": {Recorded: 9980, OK: 9980}, "reaction": {Recorded: 20, OK: 20}}
			e.Moved, e.MovedKinds = 0.01, map[string]float64{"help": 0.009, "reaction": 0.5}
		}, nil, false, ""},
		{"stopped by hand, so not also too short", func(e *Evidence) {
			e.State, e.Ledger.OK, e.Ledger.Unsent, e.Achieved = replay.Interrupted, 5000, 5000, 30*time.Second
		}, []string{"unsent hand"}, true, "stopped by hand with 5,000"},
		{"a run that died", func(e *Evidence) { e.State, e.Ledger.OK, e.Ledger.Unsent = "", 9000, 1000 }, []string{"unsent tool"}, true, "1,000 requests were without a result: the run has no end, and it is not known which"},
		{"paused by hand, so not also too long", func(e *Evidence) {
			e.Achieved, e.Stats.Paused = 70*time.Second, 10*time.Second
			e.Stats.Changes = []replay.Change{{What: "pause"}, {What: "resume"}}
		}, []string{"changed hand"}, true, "paused for 10.0 s"},
	})
}

// Ten faults of the tool: none is charged to the target, and each is named.
func TestJudgeFaultsOfTheTool(t *testing.T) {
	drop := func(e *Evidence) { e.Ledger.OK, e.Ledger.Shed = 9000, 1000 }
	judgeAll(t, []verdictCase{
		{"no CPU", late(byStall, func(e *Evidence) { e.Stats.CPUWait = 30 * time.Second }), []string{"lag tool"}, true, "no CPU for the tool: its threads waited 30.0 s"},
		{"no CPU, so that answers are read late and slots taken", late(byCap, func(e *Evidence) {
			e.Stats.Late.Stall, e.Stats.CPUWait, e.Stats.ServiceAtCap = 2000, 30*time.Second, 3*time.Second
			e.Service = Quantiles{P50: 900 * ms, P99: 3 * time.Second}
		}), []string{"lag tool"}, true, "no CPU for the tool"},
		{"no CPU, so that requests wait long with slots free", late(byCap, starved(func(e *Evidence) {
			e.Stats.Held = replay.HeldBy{Cap: 1000 * time.Second, Stall: 300 * time.Second}
		})), []string{"lag tool"}, true, "no CPU for the tool"},
		{"no CPU, so that answers are read as late as requests are sent", late(byCap, starved(func(e *Evidence) {
			e.Stats.Held, e.Stats.ServiceAtCap = replay.HeldBy{Cap: 20_000 * time.Second, Stall: 1000 * time.Second}, 900*ms
		})), []string{"lag tool"}, true, "no CPU for the tool"},
		{"all of its CPU used, so that answers are read late", late(byCap, starved(func(e *Evidence) {
			e.Stats.Held, e.Stats.CPUWait, e.Stats.CPUs, e.Stats.CPU = replay.HeldBy{Cap: 20_000 * time.Second, Stall: 100 * time.Second}, 0, 1, 58*time.Second
		})), []string{"lag tool"}, true, "all of the CPU that it may"},
		{"one small processor", late(byStall, func(e *Evidence) { e.Stats.CPUs, e.Stats.CPU = 1, 58*time.Second }), []string{"lag tool"}, true, "all of the CPU that it may"},
		{"a rate too high", late(byStall, nil), []string{"lag tool"}, true, "did not keep up"},
		{"the loop did not run", late(byStall, func(e *Evidence) { e.Stats.LongestStall, e.Stats.CPUWait = 100*ms, 90*ms }), []string{"lag tool"}, true, "was up to 100 ms behind"},
		{"rendering", late(byRender, nil), []string{"lag tool"}, true, "5,000 requests were not prepared in time"},
		{"a slow corpus", late(byRender, func(e *Evidence) { e.Stats.SourceWait = 4 * time.Second }), []string{"lag tool"}, true, "the corpus could not be read fast enough"},
		{"garbage collection", late(byStall, func(e *Evidence) { e.Stats.GCPause, e.Stats.GCPauseMax = 6*time.Second, 800*ms }), []string{"lag tool"}, true, "garbage collection"},
		{"a slow disk", late(byCap, func(e *Evidence) { e.Stats.RecorderWait, e.Stats.ServiceAtCap = 9*time.Second, 200*ms }), []string{"lag tool"}, true, "the run file could not be written fast enough"},
		{"stopped", late(byCap, func(e *Evidence) {
			e.Stats.LongestStall, e.Stats.CPUWait, e.Stats.ServiceAtCap = 3*time.Second, ms, 2*time.Second
			e.Service.P99 = 3 * time.Second
		}), []string{"lag tool"}, true, "stopped for 3.00 s"},
		{"far behind, and at work all the time", late(byStall, func(e *Evidence) { e.Stats.LongestStall, e.Stats.CPU = 3*time.Second, time.Minute }), []string{"lag tool"}, true, "was up to 3.00 s behind"},
		{"stopped, so that a million found no slot", late(byCap, func(e *Evidence) {
			e.Stats.Late.Cap, e.Stats.Late.Stall, e.Stats.LongestStall, e.Stats.ServiceAtCap = 1_000_000, 500, 1900*ms, time.Second
		}), []string{"lag tool"}, true, "stopped for 1.90 s"},
		{"stopped for longer than answers are waited for", both(late(byStall, func(e *Evidence) {
			e.Stats.LongestStall, e.GaveUpAfter = 20*time.Second, 10*time.Second
		}), failures(replay.ReasonTimeout, 400)), []string{"lag tool", "timeout tool"}, true, "may have missed the answers"},
		{"a small cap", late(byCap, func(e *Evidence) {
			e.Stats.MaxInFlight, e.Stats.AtCap, e.Stats.ServiceAtCap = 4, 5000, 21*ms
		}), []string{"lag tool"}, true, "--max-in-flight 4 is too small for a target that answers in 21.0 ms as ever: 500 requests a second need 11 at once"},
		{"a small cap for a slow target", late(byCap, func(e *Evidence) {
			e.Stats.MaxInFlight, e.Stats.ServiceFree, e.Stats.ServiceAtCap, e.Service = 64, time.Second, 1100*ms, Quantiles{P50: 400 * ms, P99: 900 * ms}
		}), []string{"lag tool"}, true, "need 550 at once"},
		{"a small cap that sheds", both(drop, func(e *Evidence) { e.Stats.MaxInFlight, e.Stats.ServiceAtCap = 4, 20*ms }), []string{"shed tool"}, true, "--max-in-flight 4"},
		{"senders one by one", late(bySender, nil), []string{"lag tool"}, true, "--per-sender serial"},
		{"out of ports", failures(replay.ReasonLocal, 500), []string{"arrival tool"}, true, "ports, file descriptors"},
		{"the fuse, for want of ports", both(failures(replay.ReasonLocal, 9000), func(e *Evidence) { e.State, e.Ledger.OK, e.Ledger.Unsent = replay.Aborted, 0, 1000 }), []string{"unsent tool", "arrival tool"}, true, "--stop-on"},
	})
}

// Ten faults of the target: each is told, and the run stays faithful where the load was offered all the same.
func TestJudgeFaultsOfTheTarget(t *testing.T) {
	slowed := func(e *Evidence) { e.Stats.AtCap, e.Stats.ServiceAtCap = 5000, 900*ms }
	judgeAll(t, []verdictCase{
		{"slow under load", late(byCap, slowed), []string{"lag target"}, true, "it takes 900 ms where it took 20.0 ms"},
		{"slow under load, beside programs that take CPU from the tool", late(byCap, starved(func(e *Evidence) {
			e.Stats.Held = replay.HeldBy{Cap: 20_000 * time.Second, Stall: 100 * time.Second}
		})), []string{"lag target", "latency target"}, true, "all 512 in-flight slots (--max-in-flight) waited for answers, so that from there on the loop was closed"},
		{"slow under load, after a hiccup of the tool's", late(byCap, func(e *Evidence) {
			slowed(e)
			e.Stats.Late.Stall, e.Stats.LongestStall = 30, 600*ms
		}), []string{"lag target"}, true, "slowed down under the load"},
		{"slow from the start", late(byCap, func(e *Evidence) { e.Stats.ServiceFree, e.Stats.ServiceAtCap = 0, 1500*ms }), []string{"lag target"}, true, "takes 1.50 s for an answer"},
		{"slow, so that requests are shed", func(e *Evidence) { slowed(e); e.Ledger.OK, e.Ledger.Shed = 9000, 1000 }, []string{"shed target"}, true, "slowed down"},
		{"slow, so that senders wait", late(bySender, slowed), []string{"lag target"}, true, "earlier one of their sender, and the target slowed"},
		{"slow, and within the cap", func(e *Evidence) { e.Service = Quantiles{P50: 2 * time.Second, P99: 3 * time.Second} }, []string{"latency target"}, false, "every second answer took 2.00 s"},
		{"stalling", func(e *Evidence) { e.Service.P99 = 1900 * ms }, []string{"latency target"}, false, "1 answer in 100 took 1.90 s or more, 95 times its median"},
		{"slower with the load", func(e *Evidence) {
			e.Quiet, e.Busy = Stretch{P99: 30 * ms, Rate: 100}, Stretch{From: 40 * time.Second, P99: 300 * ms, Rate: 480}
			e.Service.P99 = 250 * ms
		}, []string{"slowdown target"}, false, "10 times as long as in the first quarter"},
		{"slow, and the tool late", both(late(byStall, nil), func(e *Evidence) {
			e.Lag.P99, e.Service, e.Latency = 300*ms, Quantiles{P50: 700 * ms, P99: 2 * time.Second}, Quantiles{P50: 700 * ms, P99: 2 * time.Second}
		}), []string{"lag tool", "latency target"}, true, "every second answer took 700 ms or more, and 1 in 100 2.00 s or more; the tool's own lag beside it (p99 300 ms) is too little to be the reason."},
		{"slower with the load, and the tool late elsewhere", both(late(byStall, nil), func(e *Evidence) {
			e.Quiet, e.Busy = Stretch{P99: 30 * ms, Rate: 100}, Stretch{From: 40 * time.Second, P99: 300 * ms, Rate: 480, Lag: 20 * ms}
			e.Service.P99 = 250 * ms
		}), []string{"lag tool", "slowdown target"}, true, "(p99 20.0 ms) is too little"},
		{"slower where the tool was late", both(late(byStall, nil), func(e *Evidence) {
			e.Quiet, e.Busy = Stretch{P99: 30 * ms, Rate: 100}, Stretch{From: 40 * time.Second, P99: 300 * ms, Rate: 480, Lag: 100 * ms}
			e.Service.P99 = 250 * ms
		}), []string{"lag tool"}, true, ""},
		{"closing in mid-answer", failures(replay.ReasonReset, 300), []string{"reset target"}, false, "300 requests of 10,000 (3.00 %)"},
		{"garbage", failures(replay.ReasonInvalid, 300), []string{"invalid_response target"}, false, "no HTTP"},
		{"bodies without end", failures(replay.ReasonTooLarge, 10_000), []string{"response_too_large target"}, false, "(100.00 %)"},
		{"silence", failures(replay.ReasonTimeout, 300), []string{"timeout target"}, false, "no whole answer in time"},
		{"answers that do not end", failures(replay.ReasonBodyTimeout, 300), []string{"timeout target"}, false, "did not end in time"},
		{"errors", both(answered("503", 312), answered("500", 12)), []string{"unavailable target"}, false, "312 × 503"},
		{"other errors", both(answered("503", 5), answered("500", 312), answered("502", 12)), []string{"errors target"}, false, "312 × 500, 12 × 502"},
		{"too many", answered("429", 312), []string{"rate_limited target"}, false, "312 requests of 10,000 (3.12 %) were rate-limited: 312 × 429; none asked to wait"},
		{"too many, and a wait", both(answered("429", 312), func(e *Evidence) { e.RetryAfter = &RetryAfter{300, time.Second, 30 * time.Second} }), []string{"rate_limited target"}, false, "300 of them asked to wait by a Retry-After (median 1.00 s, at most 30.0 s), which is not obeyed"},
		{"a proxy that is shut", failures(replay.ReasonProxy, 300), []string{"arrival network"}, true, "no further than the proxy"},
		{"a proxy that wants credentials", answered("407", 300), []string{"arrival network"}, true, "see --proxy-auth"},
		{"refusing some", failures(replay.ReasonConnect, 5000), []string{"arrival target"}, true, "which answered others"},
		{"refusing all", both(failures(replay.ReasonConnect, 10_000), func(e *Evidence) { e.Status = nil }), []string{"arrival network"}, true, "not running"},
		{"no certificate", failures(replay.ReasonTLS, 500), []string{"arrival target"}, true, "--cacert"},
		{"the fuse", both(failures(replay.ReasonTimeout, 900), func(e *Evidence) { e.State, e.Ledger.OK, e.Ledger.Unsent = replay.Aborted, 100, 9000 }), []string{"unsent target", "timeout target"}, true, "--stop-on"},
		{"one refused in a thousand", failures(replay.ReasonConnect, 10), nil, false, ""},
	})
}

// Every reason for having no answer is told, whichever it is.
func TestJudgeKnowsEveryReason(t *testing.T) {
	for _, reason := range replay.Reasons() {
		e := faithful()
		failures(reason, 10_000)(&e)
		switch reason {
		case replay.ReasonShed:
			e.Ledger.Failed, e.Ledger.Shed = 0, 10_000
		case replay.ReasonUnsent:
			e.Ledger.Failed, e.Ledger.Unsent = 0, 10_000
		}
		if v := Judge(e); len(v.Limits) == 0 {
			t.Errorf("%s: no limit of a run in which every request ended so", reason)
		}
	}
}

// What hurts few is told as a bottleneck and is no limit.
func TestBottlenecks(t *testing.T) {
	for _, tc := range []struct {
		name   string
		change func(*Evidence)
		want   []string
	}{
		{"nothing", func(*Evidence) {}, nil},
		{"5 of 1,000", answered("503", 50), []string{"unavailable"}},
		{"5 of 10,000", answered("503", 5), nil},
		{"rejected, however many", answered("403", 9000), []string{"rejected"}},
		{"slower for a moment", func(e *Evidence) { e.Quiet.P99, e.Busy.P99 = 20*ms, 200*ms }, []string{"slowdown"}},
		{"slower, and still quick", func(e *Evidence) { e.Quiet.P99, e.Busy.P99 = ms, 20*ms }, nil},
	} {
		e := faithful()
		tc.change(&e)
		v := Judge(e)
		var got []string
		for _, l := range v.Bottlenecks {
			got = append(got, l.What)
		}
		if !slices.Equal(got, tc.want) || len(v.Limits) > 0 || !v.Faithful {
			t.Errorf("%s: bottlenecks %v, limits %v", tc.name, got, v.Limits)
		}
	}
}

// A run that says nothing of what held it up, as those of the first version: the cap alone can tell.
func TestJudgeAnOldRun(t *testing.T) {
	old := func(atCap int64, service time.Duration) func(*Evidence) {
		return func(e *Evidence) {
			e.Stats = replay.Stats{MaxInFlight: 512, AtCap: atCap}
			e.Lag.P99, e.Service.P50, e.Service.P99 = time.Second, service, service
		}
	}
	judgeAll(t, []verdictCase{
		{"slow target", old(900, 2*time.Second), []string{"lag target", "latency target"}, true, "takes 2.00 s for an answer"},
		{"small cap", old(900, 20*ms), []string{"lag tool"}, true, "--max-in-flight"},
		{"a handful at the cap is not the cause", old(9, 2*time.Second), []string{"lag tool", "latency target"}, true, "keep up"},
	})
}

func judgeAll(t *testing.T, cases []verdictCase) {
	t.Helper()
	for _, tc := range cases {
		e := faithful()
		e.Ledger.Kinds = maps.Clone(e.Ledger.Kinds)
		tc.change(&e)
		v := Judge(e)
		var got []string
		var text strings.Builder
		for _, l := range v.Limits {
			got = append(got, l.What+" "+string(l.Whose))
			text.WriteString(l.Text + "\n")
			if l.Amount == "" || !strings.HasSuffix(l.Text, ".") {
				t.Errorf("%s: limit %+v", tc.name, l)
			}
			if l.Whose == Target && !slices.Contains(v.Bottlenecks, l) {
				t.Errorf("%s: limit %s is the target's and no bottleneck", tc.name, l.What)
			}
		}
		if !slices.Equal(got, tc.want) || v.Faithful == tc.unfaithful || v.Limits == nil || v.Bottlenecks == nil {
			t.Errorf("%s: faithful %v, limits %v, want %v", tc.name, v.Faithful, got, tc.want)
		}
		if !strings.Contains(text.String(), tc.words) {
			t.Errorf("%s: %q does not say %q", tc.name, text.String(), tc.words)
		}
	}
}

// A machine that slept is told of by no lag.
func TestAsleep(t *testing.T) {
	v := Judge(Evidence{State: replay.Complete, Stats: replay.Stats{Asleep: replay.Asleep{Total: time.Hour, At: 90 * time.Second}}})
	if v.Faithful || len(v.Limits) != 1 || v.Limits[0].What != "asleep" || v.Limits[0].Whose != Tool || !strings.Contains(v.Limits[0].Text, "slept for 1h") {
		t.Errorf("%+v", v)
	}
}
