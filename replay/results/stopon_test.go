package results

import (
	"slices"
	"strings"
	"testing"
	"time"

	"reprise/capture"
	"reprise/replay"
)

func TestParseStopOn(t *testing.T) {
	for _, text := range []string{
		"errors>50%/10s", "errors>0.5%/5m", "errors>100/10s", "failed>=3/1s", "p99>500ms/30s", "latency.p999>1s/1m", "max>2s/10s", "lag.p99>5ms/10s",
		"service_time.p99>200ms/10s", "p99{reaction}>500ms/30s", "backlog>1000/1m", "backlog{status}>10/1s", "rate_limited>1%/10s", "status.5xx>1%/10s", "status.503>10/10s",
		"unavailable>1%/10s", "ok<1/1m", "shed>1%/10s", "p99 > 500ms / 30s",
		// Everything failed, nothing was good; and a refusal that is waited for.
		"errors>=100%/10s", "errors=100%/10s", "ok=0/10s", "ok<=0/10s", "ok<100%/10s", "errors>0/10s", "p99>0s/10s", "rate_limited<50%/10s", "status.401<90%/10s", "status.2xx<90%/10s",
	} {
		got, err := ParseStopOn(text)
		if err != nil || len(got) != 1 || got[0].String() != text {
			t.Errorf("%q is %v, %v", text, got, err)
		}
	}
	got, err := ParseStopOn("errors>50%/10s, backlog>1000/1m")
	if err != nil || len(got) != 2 || got[0].Window != 10*time.Second || got[1].Window != time.Minute || got[0].value != 0.5 || got[1].value != 1000 {
		t.Errorf("a list is %v, %v", got, err)
	}
	if got, err := ParseStopOn("none"); err != nil || got == nil || len(got) > 0 {
		t.Errorf("none is %v, %v", got, err)
	}
	if got, err := ParseStopOn(DefaultStopOn); err != nil || len(got) != 1 {
		t.Errorf("the default is %v, %v", got, err)
	}
	for text, want := range map[string]string{
		"": "empty condition", "errors>1%/1s,": "empty condition", "errors": "neither faithful nor a metric", "errors>50%": "how long to look back", "errors>200%/1s": "at most 100%",
		"errors>1%/-1s": "no time to look back", "errors>1%/1us": "no time to look back", "p99>500ms/": "no time to look back", ">5%/10s": "no metric has this name",
		"sometimes>5/10s": "no metric has this name", "faithful/10s": "known at the end", "moved>1%/10s": "known at the end", "unsent>5/10s": "known at the end",
		"rate.achieved_mean<5/s/10s": "known at the end", "completion.p99>5s/10s": "known at the end", "completion.never>5/10s": "known at the end",
		"errors>100%/10s": "never be met, as nothing is more than 100%", "rate_limited>100%/10s": "never be met", "ok<0/10s": "never be met, as nothing is less than 0", "p99<0s/10s": "never be met",
		"p99<200ms/10s": "while all is well, and would end the run then: say what is wrong, as in p99>200ms/10s", "p99<200ms": "as in p99>200ms", "p99{reaction} <= 1s / 10s": "as in p99{reaction}>1s / 10s",
		"lag.p99<5ms/10s": "while all is well", "service_time.p99>=0s/10s": "as in service_time.p99>0s/10s", "backlog<1000/1m": "as in backlog>1000/1m", "errors<5%/10s": "as in errors>5%/10s",
		"errors=0/10s": "as in errors>0/10s", "errors<=100%/10s": "as in errors>=100%/10s", "shed<1/10s": "as in shed>1/10s", "ok>95%/10s": "as in ok<95%/10s", "ok>0/10s": "as in ok<=0/10s", "ok=100%/10s": "as in ok<100%/10s",
		"backlog>5%/1m": "a number of requests", "p99>5/10s": "compared with a time", "p99{nobody}>5ms/10s": "nobody", "lag>5ms/10s": "lag needs one of",
	} {
		if got, err := ParseStopOn(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is %v, %v, want %q", text, got, err, want)
		}
	}
	if _, err := ParseExpect("backlog>5"); err == nil || !strings.Contains(err.Error(), "--stop-on") {
		t.Errorf("backlog as an expectation: %v", err)
	}
}

func FuzzParseStopOn(f *testing.F) {
	for _, text := range []string{DefaultStopOn, "p99{reaction}>500ms/30s,backlog>1000/1m", "status.5xx>=1%/10s", "none", "lag.p99>1ms/1h"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		list, err := ParseStopOn(text)
		if err != nil {
			return
		}
		b := NewBreaker(list)
		for i := range 50 {
			res := replay.Result{Kind: capture.Help, Intended: time.Duration(i) * time.Second, Done: time.Duration(i)*time.Second + time.Millisecond, Status: 200 + 10*i}
			if stop := b.Record(&res); stop != nil && !slices.ContainsFunc(list, func(c StopCondition) bool { return c.String() == stop.Condition }) {
				t.Fatalf("%q stopped on %q", text, stop.Condition)
			}
			b.Look(res.Done, &replay.Waiting{Count: 1, Overdue: []replay.Overdue{{Kind: capture.Help, Age: time.Minute, N: 1}}})
		}
	})
}

// TestBreaker plays 100 requests a second, and says when a condition is met.
func TestBreaker(t *testing.T) {
	ms := time.Millisecond
	always := func(int, *replay.Result) {}
	from := func(at time.Duration, then func(*replay.Result)) func(int, *replay.Result) {
		return func(_ int, res *replay.Result) {
			if res.Intended >= at {
				then(res)
			}
		}
	}
	takes := func(d time.Duration) func(*replay.Result) {
		return func(res *replay.Result) { res.Done = res.Sent + d }
	}
	status := func(s int) func(*replay.Result) { return func(res *replay.Result) { res.Status = s } }
	for _, tc := range []struct {
		name, on string
		change   func(i int, res *replay.Result)
		at       time.Duration // 0 for never
		value    string
	}{
		{"nothing is wrong", "errors>50%/10s,p99>500ms/5s,shed>0/1s,rate_limited>1%/10s", always, 0, ""},
		{"all fail from the start: only a full window counts", "errors>50%/10s", from(0, status(500)), 10 * time.Second, "100%"},
		{"all fail from 20 s on: half of the window", "errors>50%/10s", from(20*time.Second, status(500)), 25 * time.Second, "52.7%"},
		{"a number of failures", "failed>=100/10s", from(20*time.Second, status(503)), 21 * time.Second, "100"},
		{"a third fails", "errors>50%/10s", func(i int, res *replay.Result) {
			if i%3 == 0 {
				res.Status = 500
			}
		}, 0, ""},
		{"slower from 20 s on: one in a hundred of the window", "p99>500ms/10s", from(20*time.Second, takes(600*ms)), 20*time.Second + 600*ms, "600ms"},
		{"the middle", "p50>500ms/10s", from(20*time.Second, takes(600*ms)), 25*time.Second + 600*ms, "600ms"},
		{"just as slow as allowed", "p99>500ms/10s", from(20*time.Second, takes(500*ms)), 0, ""},
		{"as slow as that", "p99>=500ms/10s", from(20*time.Second, takes(500*ms)), 20*time.Second + 500*ms, "500ms"},
		{"one slow answer", "max>500ms/10s", func(i int, res *replay.Result) {
			if i == 2000 {
				res.Done = res.Sent + time.Second
			}
		}, 21 * time.Second, "1s"},
		{"sent late is latency and lag, and no service time", "service_time.p99>500ms/10s", from(20*time.Second, func(res *replay.Result) { res.Sent += time.Second; res.Done += time.Second }), 0, ""},
		{"sent late", "lag.p99>500ms/10s", from(20*time.Second, func(res *replay.Result) { res.Sent += time.Second; res.Done += time.Second }), 21 * time.Second, "1s"},
		{"given up on counts as latency", "p99>500ms/10s", from(20*time.Second, func(res *replay.Result) {
			res.Status, res.Error, res.Done = 0, replay.ReasonTimeout, res.Sent+time.Second
		}), 21 * time.Second, "1s"},
		{"refused does not", "p99>500ms/10s", from(20*time.Second, func(res *replay.Result) {
			res.Status, res.Error, res.Done = 0, replay.ReasonConnect, res.Sent+time.Second
		}), 0, ""},
		{"answers of one name", "rate_limited>1%/10s", from(20*time.Second, status(429)), 20 * time.Second, "1.1%"},
		{"answers of a hundred", "status.5xx>1%/10s", from(20*time.Second, status(502)), 20 * time.Second, "1.1%"},
		{"answers of another hundred", "status.5xx>1%/10s", from(20*time.Second, status(429)), 0, ""},
		{"another kind", "errors{status}>0/1s,p99{status}>1ms/1s", from(0, status(500)), 0, ""},
		{"its kind", "errors{help}>0/1s", from(0, status(500)), time.Second, "96"},
		{"too few are good", "ok<50/1s", from(20*time.Second, status(500)), 20500 * ms, "45"},
		{"shed", "shed>5%/1s", from(20*time.Second, func(res *replay.Result) { res.Status, res.Error = 0, replay.ReasonShed }), 20 * time.Second, "6"},
		{"the second condition", "p99>1s/10s,errors>50%/5s", from(0, status(500)), 5 * time.Second, "100%"},
		{"jumped over by hand is no failure", "errors>50%/10s,failed>9/10s,shed>0/1s", from(20*time.Second, func(res *replay.Result) {
			res.Status, res.Sent, res.Error = 0, 0, replay.ReasonUnsent
		}), 0, ""},
	} {
		list, err := ParseStopOn(tc.on)
		if err != nil {
			t.Fatal(err)
		}
		b, at, value := NewBreaker(list), time.Duration(0), ""
		for i := range 6000 {
			intended := time.Duration(i) * 10 * ms
			res := replay.Result{Kind: capture.Help, Intended: intended, Sent: intended, Done: intended + 2*ms, Status: 200}
			tc.change(i, &res)
			if stop := b.Record(&res); stop != nil {
				at, value = stop.At, stop.Value
				break
			}
		}
		if tc.at == 0 && at != 0 || tc.at > 0 && (at < tc.at-600*ms || at > tc.at+600*ms) || !strings.HasPrefix(value, tc.value[:min(len(tc.value), 2)]) {
			t.Errorf("%s: %s stops at %v with %q, want %v and about %q", tc.name, tc.on, at, value, tc.at, tc.value)
		}
	}
}

// TestBreakerSeesWhatWaits holds that a target which answers nothing is seen before its requests are given up on.
func TestBreakerSeesWhatWaits(t *testing.T) {
	for _, tc := range []struct {
		name, on string
		at       time.Duration
	}{
		{"their age is their latency so far", "p99>500ms/10s", 10 * time.Second},
		{"a backlog that stood for a while", "backlog>1000/5s", 15 * time.Second},
		{"a backlog that is not reached", "backlog>100000/5s", 0},
		{"lag is of those alone that were not sent", "lag.p99>1s/10s", 10 * time.Second},
		{"service time is not known of them", "service_time.p99>1s/10s", 0},
		{"a kind", "p99{help}>500ms/10s", 10 * time.Second},
		{"another kind", "p99{status}>500ms/10s,backlog{status}>0/1s", 0},
		{"nothing fails yet", "errors>0/10s", 0},
	} {
		list, err := ParseStopOn(tc.on)
		if err != nil {
			t.Fatal(err)
		}
		b := NewBreaker(list)
		at := time.Duration(0)
		for now := 200 * time.Millisecond; now < 40*time.Second && at == 0; now += 200 * time.Millisecond {
			w := replay.Waiting{InFlight: 512}
			for due := time.Duration(0); due <= now; due += 10 * time.Millisecond { // 100 a second, none of them answered
				w.Count++
				w.Overdue = append(w.Overdue, replay.Overdue{Kind: capture.Help, Age: now - due, N: 1})
			}
			if stop := b.Look(now, &w); stop != nil {
				at = stop.At
			}
		}
		if at < tc.at || at > tc.at+2*time.Second || tc.at == 0 && at > 0 {
			t.Errorf("%s: %s stops at %v, want %v", tc.name, tc.on, at, tc.at)
		}
	}
}

// TestBreakerKnowsTheTool holds that what the tool was late by is not the target's: waiting requests that the target does not have count for
// nothing, and a condition that is met by the tool's lateness says so.
func TestBreakerKnowsTheTool(t *testing.T) {
	const ms = time.Millisecond
	for _, tc := range []struct {
		name, on  string
		own, took time.Duration // of each answer
		waits     time.Duration // of 100 requests that wait, as long as they
		waitOwn   time.Duration
		met, tool bool
	}{
		{"all is well", "p99>300ms/1s", 0, 2 * ms, 0, 0, false, false},
		{"the target is slow", "p99>300ms/1s", 0, 400 * ms, 0, 0, true, false},
		{"the target is slow, and the tool a little late", "p99>300ms/1s", 5 * ms, 400 * ms, 0, 0, true, false},
		{"the tool is late", "p99>300ms/1s", 900 * ms, 902 * ms, 0, 0, true, true},
		{"the tool is late, and what it sends at once takes long", "p99>300ms/1s", 900 * ms, 1400 * ms, 0, 0, true, true},
		{"at least", "p50>=300ms/1s", 900 * ms, 902 * ms, 0, 0, true, true},
		{"the target answers nothing", "p99>300ms/1s", 0, 2 * ms, 900 * ms, 0, true, false},
		{"the tool sends nothing", "p99>300ms/1s", 0, 2 * ms, 900 * ms, 900 * ms, false, false},
		{"both", "p99>300ms/1s", 0, 2 * ms, 900 * ms, 500 * ms, true, true},
		{"a backlog of the target", "backlog>50/1s", 0, 2 * ms, 900 * ms, 0, true, false},
		{"a backlog of the tool", "backlog>50/1s", 0, 2 * ms, 900 * ms, 900 * ms, true, true},
		{"service time", "service_time.p99>300ms/1s", 0, 400 * ms, 0, 0, true, false},
		{"lag is the tool's, and was asked for", "lag.p99>1ms/1s", 5 * ms, 7 * ms, 0, 0, true, false},
	} {
		list, err := ParseStopOn(tc.on)
		if err != nil {
			t.Fatal(err)
		}
		b := NewBreaker(list)
		var broken *replay.Broken
		for at := time.Duration(0); at < 4*time.Second && broken == nil; at += 10 * ms {
			broken = b.Record(&replay.Result{Kind: capture.Help, Intended: at, Sent: at + tc.own, Done: at + tc.took, Own: tc.own, Status: 200})
			if broken == nil && at%(200*ms) == 0 {
				w := replay.Waiting{}
				if tc.waits > 0 {
					w.Count, w.Overdue = 100, []replay.Overdue{{Kind: capture.Help, Age: tc.waits, Own: tc.waitOwn, N: 100}}
				}
				broken = b.Look(at, &w)
			}
		}
		if met := broken != nil; met != tc.met || met && (broken.Tool != "") != tc.tool {
			t.Errorf("%s: %s is %+v", tc.name, tc.on, broken)
		}
	}
}

// TestPatientBreaker holds that a step of a search goes on where a condition is met by the tool's lateness alone, until it is met without that.
func TestPatientBreaker(t *testing.T) {
	const ms = time.Millisecond
	for _, tc := range []struct {
		name, on string
		took     func(at time.Duration) time.Duration
		own      func(at time.Duration) time.Duration
		at       time.Duration // when it ends; 0 for never
		doubt    string        // the value that was met by the tool alone; "" for none
	}{
		{
			"a target that is overloaded, and a tool that is some milliseconds late", "p99>500ms/1s",
			func(at time.Duration) time.Duration { return 2*ms + at/10 }, func(time.Duration) time.Duration { return 20 * ms }, 5200 * ms, "501ms",
		},
		{"a tool that is late once", "p99>500ms/1s", func(at time.Duration) time.Duration {
			if at >= 2*time.Second && at < 2100*ms {
				return 602 * ms
			}
			return 2 * ms
		}, func(at time.Duration) time.Duration {
			if at >= 2*time.Second && at < 2100*ms {
				return 600 * ms
			}
			return 0
		}, 0, "600ms"},
		{
			"a target that is overloaded, and a tool that holds up every request", "p99>500ms/1s",
			func(at time.Duration) time.Duration { return 2*ms + at/10 }, func(time.Duration) time.Duration { return 70 * ms }, 8100 * ms, "501ms",
		},
		{"a target that is overloaded, and a tool in time", "p99>500ms/1s", func(at time.Duration) time.Duration { return 2*ms + at/10 }, func(time.Duration) time.Duration { return 0 }, 5 * time.Second, ""},
		{"all is well", "p99>500ms/1s", func(time.Duration) time.Duration { return 2 * ms }, func(time.Duration) time.Duration { return 20 * ms }, 0, ""},
	} {
		list, err := ParseStopOn(tc.on)
		if err != nil {
			t.Fatal(err)
		}
		b := NewPatientBreaker(list)
		ended := time.Duration(0)
		for at := time.Duration(0); at < 10*time.Second && ended == 0; at += 10 * ms {
			if stop := b.Record(&replay.Result{Kind: capture.Help, Intended: at, Sent: at, Done: at + tc.took(at), Own: tc.own(at), Status: 200}); stop != nil {
				if ended = at; stop.Tool != "" {
					t.Errorf("%s: it ends by the tool: %+v", tc.name, stop)
				}
			}
		}
		if tc.at == 0 && ended != 0 || tc.at > 0 && (ended < tc.at-200*ms || ended > tc.at+200*ms) {
			t.Errorf("%s: it ends at %v, want %v", tc.name, ended, tc.at)
		}
		doubt := b.Doubt()
		if (doubt == nil) != (tc.doubt == "") || doubt != nil && (doubt.Tool == "" || doubt.Value == "" || doubt.Value[len(doubt.Value)-1] != tc.doubt[len(tc.doubt)-1]) {
			t.Errorf("%s: the doubt is %+v, want %q", tc.name, doubt, tc.doubt)
		}
	}
}

func BenchmarkBreaker(b *testing.B) {
	list, err := ParseStopOn("p99>500ms/30s,errors>50%/10s,backlog>1000/1m")
	if err != nil {
		b.Fatal(err)
	}
	breaker, res := NewBreaker(list), replay.Result{Kind: capture.Help, Status: 200}
	for b.Loop() {
		res.Intended += 100 * time.Microsecond
		res.Sent, res.Done = res.Intended, res.Intended+5*time.Millisecond
		if breaker.Record(&res) != nil {
			b.Fatal("stopped")
		}
	}
}
