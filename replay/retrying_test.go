package replay

import (
	"context"
	"errors"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"reprise/replay/pace"
)

// TestRetriesLeft drives a line whose requests fail now and then, and compares what it says of its retries with what it holds.
func TestRetriesLeft(t *testing.T) {
	delays := map[string][]time.Duration{"bell": {time.Second, 2 * time.Second, 10 * time.Second}, "horn": {500 * ms, 500 * ms}}
	draw := rand.New(rand.NewPCG(1, 2))
	var qs []*Request
	for i := range 200 {
		qs = append(qs, &Request{Seq: int64(i), Deadline: time.Duration(i) * 50 * ms, Vendor: []string{"bell", "horn", "none"}[i%3]})
	}
	l := NewLine(qs, LaneOptions{Stride: 1, Retry: func(vendor string) []time.Duration { return delays[vendor] }})
	most := int64(0)
	for now := time.Duration(0); !l.Over(); now += 10 * ms {
		for q, _ := l.Next(now); q != nil; q, _ = l.Next(now) {
			res := Result{Status: 200, Sent: now, Done: now}
			if draw.IntN(2) == 0 {
				res.Status = 503
			}
			l.Done(q, &res)
		}
		p := Progress{Position: now}
		p.retriesOf([]*Lane{l})
		end := now
		for _, q := range l.retries {
			end = max(end, q.Deadline+sumOf(delays[q.Vendor][q.attempt:]))
		}
		if p.Retrying != int64(len(l.retries)) || p.Retries != l.stats.Retries {
			t.Fatalf("at %v: %d of %d wait, want %d of %d", now, p.Retrying, p.Retries, len(l.retries), l.stats.Retries)
		}
		if p.RetriesLeft != end-now {
			t.Fatalf("at %v: %v left, want %v", now, p.RetriesLeft, end-now)
		}
		most = max(most, p.Retrying)
	}
	if most < 10 || len(l.again.levels) != 0 {
		t.Errorf("at most %d waited, and %d levels are left", most, len(l.again.levels))
	}
}

// TestStatusTellsRetries holds that a run which waits for retries alone says so, and until when, and that it says no more of them when it is stopped.
func TestStatusTellsRetries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		control := new(Control)
		o := Options{Control: control, Retry: func(string) []time.Duration { return []time.Duration{time.Minute, time.Hour} }}
		refuses := &target{answer: func(_ *Request, res *Result) { res.Status = 503 }}
		var out Outcome
		var err error
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			out, err = Run(t.Context(), &tape{at: steady(10, 100*ms)}, schedule(pace.Options{}), plain{}, by(refuses), new(list), o)
		}()
		time.Sleep(30 * time.Second)
		st := control.Status()
		if st.Retrying != 10 || st.RetriesLeft < time.Hour+30*time.Second || st.RetriesLeft > time.Hour+32*time.Second {
			t.Errorf("%d wait, for %v at most; want 10 for about an hour and half a minute", st.Retrying, st.RetriesLeft)
		}
		if err := control.Stop(); err != nil {
			t.Error(err)
		}
		<-ended
		if st := control.Status(); st.Retrying != 0 || st.RetriesLeft != 0 {
			t.Errorf("%d wait after the end, for %v", st.Retrying, st.RetriesLeft)
		}
		if err != nil && !errors.Is(err, context.Canceled) || out.Ledger.Unsent != 10 {
			t.Errorf("%v, %d unsent", err, out.Ledger.Unsent)
		}
	})
}
