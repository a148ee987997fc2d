package results

import (
	"slices"
	"strings"
	"testing"
	"time"

	"reprise/replay"
)

func TestJudge(t *testing.T) {
	whole := replay.Tally{Recorded: 10_000, OK: 10_000}
	ran := func(change func(*Evidence)) Evidence {
		e := Evidence{
			State: replay.Complete, Ledger: whole, Planned: time.Minute, Achieved: time.Minute,
			LagP99: time.Millisecond, LagMax: 2 * time.Millisecond, Stats: replay.Stats{MaxInFlight: 512},
		}
		change(&e)
		return e
	}
	for _, tc := range []struct {
		name  string
		e     Evidence
		want  []string // "what whose"
		words string
	}{
		{"as planned", ran(func(*Evidence) {}), nil, ""},
		{"lag at the limit", ran(func(e *Evidence) { e.LagP99 = LimitLag }), nil, ""},
		{"this machine is slow", ran(func(e *Evidence) { e.LagP99 = 12345 * time.Microsecond }), []string{"lag tool"}, "12.3ms"},
		{"rendering is slow", ran(func(e *Evidence) { e.LagP99, e.Stats.LateRender = time.Second, 5000 }), []string{"lag tool"}, "5000 requests were not prepared in time"},
		{"the target is slow", ran(func(e *Evidence) { e.LagP99, e.Stats.AtCap = time.Second, 900 }), []string{"lag target"}, "all 512 in-flight slots"},
		{"a handful at the cap is not the cause", ran(func(e *Evidence) { e.LagP99, e.Stats.AtCap = time.Second, 9 }), []string{"lag tool"}, ""},
		{"longer than planned", ran(func(e *Evidence) { e.Achieved += 700 * time.Millisecond }), []string{"duration tool"}, "1m0.6s"},
		{"longer within 1 %", ran(func(e *Evidence) { e.Achieved += 500 * time.Millisecond }), nil, ""},
		{"a short run is allowed 50 ms", ran(func(e *Evidence) { e.Planned, e.Achieved = 100*time.Millisecond, 149*time.Millisecond }), nil, ""},
		{"another curve", ran(func(e *Evidence) { e.Moved = 300 }), []string{"curve tool"}, "300 of 10000"},
		{"the edges of seconds", ran(func(e *Evidence) { e.Moved = 150 }), nil, ""},
		{"ten of twenty moved", ran(func(e *Evidence) { e.Ledger, e.Moved = replay.Tally{Recorded: 20, OK: 20}, 10 }), nil, ""},
		{"shed", ran(func(e *Evidence) { e.Ledger.OK, e.Ledger.Shed = 9990, 10 }), []string{"shed target"}, "10 requests were dropped"},
		{
			"stopped by hand, so not also too short",
			ran(func(e *Evidence) {
				e.State, e.Ledger.OK, e.Ledger.Unsent, e.Achieved = replay.Interrupted, 5000, 5000, 30*time.Second
			}),
			[]string{"unsent tool"},
			"stopped by hand with 5000",
		},
		{
			"the fuse",
			ran(func(e *Evidence) {
				e.State, e.Ledger = replay.Aborted, replay.Tally{Recorded: 10_000, Failed: 900, OK: 100, Unsent: 9000}
			}),
			[]string{"unsent target"},
			"--abort-on",
		},
		{"a run that died", ran(func(e *Evidence) { e.State, e.Ledger.OK, e.Ledger.Unsent = "", 9000, 1000 }), []string{"unsent tool"}, "without a word"},
		{"errors of the target leave it faithful", ran(func(e *Evidence) {
			e.Errors = map[replay.Reason]int64{replay.ReasonTimeout: 4000, replay.ReasonReset: 4000, replay.ReasonInvalid: 2000}
		}), nil, ""},
		{"refused", ran(func(e *Evidence) {
			e.Errors = map[replay.Reason]int64{replay.ReasonConnect: 5000, replay.ReasonLocal: 1}
		}), []string{"arrival network"}, "no connection"},
		{"out of ports", ran(func(e *Evidence) { e.Errors = map[replay.Reason]int64{replay.ReasonLocal: 500} }), []string{"arrival tool"}, "ports or file descriptors"},
		{"no certificate", ran(func(e *Evidence) { e.Errors = map[replay.Reason]int64{replay.ReasonTLS: 500} }), []string{"arrival target"}, "--cacert"},
		{"one refused in a thousand", ran(func(e *Evidence) { e.Errors = map[replay.Reason]int64{replay.ReasonConnect: 10} }), nil, ""},
	} {
		v := Judge(tc.e)
		var got []string
		var text strings.Builder
		for _, l := range v.Limits {
			got = append(got, l.What+" "+string(l.Whose))
			text.WriteString(l.Text)
			if l.Amount == "" {
				t.Errorf("%s: limit %s has no amount", tc.name, l.What)
			}
		}
		if !slices.Equal(got, tc.want) || v.Faithful != (len(tc.want) == 0) || v.Limits == nil {
			t.Errorf("%s: faithful %v, limits %v, want %v", tc.name, v.Faithful, got, tc.want)
		}
		if !strings.Contains(text.String(), tc.words) {
			t.Errorf("%s: %q does not say %q", tc.name, text.String(), tc.words)
		}
	}
}
