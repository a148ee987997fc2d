package session_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"reprise/capture/corpus"
	"reprise/replay/results"
	"reprise/replay/session"
)

// A target that refuses fast holds by its latency. A search that does not count errors says so first, and never that the target can do it; and
// one that runs out of passes says what helps.
func TestSearchHeldByRefusing(t *testing.T) {
	n := new(atomic.Int64)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if n.Add(1)%4 > 0 {
			w.WriteHeader(http.StatusTooManyRequests)
		}
	}))
	t.Cleanup(s.Close)
	for on, want := range map[string]string{
		"p99>10s/300ms":                      "StopOn does not mention errors, and a target that refuses is fast. Search again: give StopOn errors>5%/300ms.",
		"p99>10s/300ms,errors>5%/30s":        "errors>5%/30s looks back longer than this step took",
		"p99>10s/300ms,rate_limited>90%/1ms": "StopOn does not count all errors",
		"p99>10s/300ms,errors>80%/400ms":     "failed at time-scale 1. StopOn allows that.",
	} {
		o := searchFor(t, 0, 1, on)
		run, err := session.Run(t.Context(), week(t, corpus.Header{State: corpus.Synthetic}, 100, 3), s.URL, o)
		if run == nil {
			t.Fatal(err)
		}
		c := run.Summary.Capacity
		if c.HeldFailing() == nil { // this machine is too busy: the tool was late in all steps
			continue
		}
		if part := c.HeldFailing().FailedPart(); part < 0.7 || part > 0.8 {
			t.Errorf("%s: %v failed", on, part)
		}
		if !strings.HasPrefix(c.Says, "A step that held had many failures: 7") || strings.Contains(c.Says, "can do that at least") {
			t.Errorf("%s: %s", on, c.Says)
		}
		if !strings.Contains(strings.Replace(c.Says, "failed at time-scale 2", "failed at time-scale 1", 1), want) {
			t.Errorf("%s: %s, want %q", on, c.Says, want)
		}
		if c.Ended == results.SearchShort && (!strings.Contains(c.Advice, "or play a longer selection") || !strings.Contains(c.Says, c.Advice[strings.LastIndex(c.Advice, "; ")+1:])) {
			t.Errorf("%s: %q, advice %q", on, c.Says, c.Advice)
		}
	}
}

// The outline of a search says from which tempo on a pass is too short for each condition, and that none counts errors.
func TestSearchOutline(t *testing.T) {
	file := week(t, corpus.Header{State: corpus.Synthetic}, 100, 3) // 990 ms at 1x
	for _, tc := range []struct {
		every  time.Duration
		on     string
		below  []float64
		short  float64
		advice string
	}{
		{0, "p99>1s/300ms", []float64{3.3}, 3.3, "StopOn does not mention errors, and a target that refuses is fast: give StopOn errors>5%/300ms"},
		{0, "p99>1s/600ms,errors>5%/200ms", []float64{1.65, 4.95}, 4.95, ""},
		{0, "p99>1s/600ms,errors>5%/500ms", []float64{1.65, 1.98}, 1.98, "give StopOn a window under 495 ms, or play a longer selection"},
		{time.Minute, "p99>1s/5s,errors>5%/5s", nil, 0, ""},
		{5 * time.Minute, "p99>1s/1m", nil, 0, "StopOn does not mention errors, and a target that refuses is fast: give StopOn errors>5%/1m"},
	} {
		s, err := session.Open(t.Context(), file, "http://127.0.0.1:1", searchFor(t, tc.every, 1, tc.on))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Plan(t.Context()); err != nil {
			t.Fatal(err)
		}
		o := s.Outline(false).Search
		s.Close()
		if len(o.JudgedBelow) != len(tc.below) || o.Advice != tc.advice || !near(o.ShortFrom, tc.short) {
			t.Errorf("%v, %s: %+v", tc.every, tc.on, o)
			continue
		}
		for i, want := range tc.below {
			if !near(o.JudgedBelow[i], want) {
				t.Errorf("%v, %s: %v", tc.every, tc.on, o.JudgedBelow)
			}
		}
	}
}

func near(a, b float64) bool { return a-b < 1e-6 && b-a < 1e-6 }
