package session_test

import (
	"context"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"reprise/capture/corpus"
	"reprise/replay"
	"reprise/replay/results"
	"reprise/replay/send"
	"reprise/replay/session"
)

// simulatedAnswer is how long a simulated target takes.
const simulatedAnswer = 20 * time.Millisecond

// simulatedTarget answers each request with 200, without a network.
type simulatedTarget struct{ replay.Player }

func newSimulatedTarget() *simulatedTarget {
	return &simulatedTarget{replay.NewPool(simulatedSender{}, replay.PoolOptions{})}
}

func (simulatedTarget) Warm(context.Context) (int, error) { return 1, nil }
func (simulatedTarget) Close()                            {}
func (simulatedTarget) Name() string                      { return "simulated" }
func (simulatedTarget) Stats() send.Stats                 { return send.Stats{} }

type simulatedSender struct{}

func (simulatedSender) Send(_ context.Context, start time.Time, _ *replay.Request, res *replay.Result) {
	res.Sent = time.Since(start)
	time.Sleep(simulatedAnswer)
	res.Status, res.Done = 200, time.Since(start)
}

// playSimulated plays a whole corpus into a run file, planned and rendered as every run is, by a clock that passes as fast as the work allows.
func playSimulated(t *testing.T, file, run string, scale float64) (sum results.Summary) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s, err := session.Open(t.Context(), file, "http://127.0.0.1:9", session.Options{Tempo: session.Tempo{TimeScale: scale}, Output: session.Output{File: run}})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		if _, err := s.Plan(t.Context()); err != nil {
			t.Fatal(err)
		}
		s.SendBy(newSimulatedTarget())
		played, err := s.Play(t.Context(), session.Hooks{})
		if err != nil {
			t.Fatal(err)
		}
		sum = played.Summary
	})
	return sum
}

// checkSimulated holds that every record was sent, each at its very moment, and answered.
func checkSimulated(t *testing.T, sum *results.Summary, records int64) {
	t.Helper()
	if l := sum.Ledger; l.Recorded != records || l.OK != records {
		t.Errorf("%d recorded and %d ok, want %d of both", l.Recorded, l.OK, records)
	}
	if sum.Lag.Max != 0 {
		t.Errorf("a request was late by %v on a clock that waits for everybody", sum.Lag.Max)
	}
}

// TestASimulatedRun is the short form of TestSoakSimulated.
func TestASimulatedRun(t *testing.T) {
	const records = 3000
	file := week(t, corpus.Header{State: corpus.Synthetic}, records, 500)
	sum := playSimulated(t, file, filepath.Join(t.TempDir(), "run.rpr"), 1)
	checkSimulated(t, &sum, records)
}
