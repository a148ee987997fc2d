package report

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"reprise/replay/cause"
	tried "reprise/replay/experiment"
	"reprise/replay/rounds"
)

// testedWith is a test of a finding whose one change left so much of the effect.
func testedWith(try cause.Experiment, c tried.Change, verdict tried.Verdict, left, low, high float64) *Tested {
	side := func(n int64, slow float64) tried.Side {
		return tried.Side{Requests: n, Slow: slow, Times: quantiles(300*slow, 310*slow, 330)}
	}
	t := &Tested{Trial: &tried.Trial{Kinds: []string{"reaction"}}, Result: &tried.Result{
		Verdict: verdict, Slower: 50 * time.Millisecond, Unfaithful: 1,
		Control: tried.Outcome{Hit: side(100, 1), Rest: side(400, 0.01), Left: 1, Low: 1, High: 1},
		Changed: []tried.Outcome{{Change: c, Hit: side(100, left), Rest: side(400, 0.01), Left: left, Low: low, High: high}},
	}}
	t.Trial.Finding.Try, t.Trial.Changes = try, []tried.Change{c}
	t.Stays = try == cause.WithoutKind && c == tried.Shuffled
	return t
}

// TestTested holds what is said of each change, as text and as JSON.
func TestTested(t *testing.T) {
	for _, tc := range []struct {
		name string
		test *Tested
		want string
	}{
		{"gone", testedWith(cause.HalfRate, tried.Slower, tried.Confirmed, 0.1, 0, 0.2), "At half the rate the effect goes away."},
		{"stays", testedWith(cause.HalfRate, tried.Slower, tried.Refuted, 1.1, 0.8, 1.3), "At half the rate the effect stays."},
		{"between", testedWith(cause.HalfRate, tried.Slower, tried.CannotTell, 0.5, 0.2, 0.8), "More rounds (--rounds) would tell."},
		{"not seen", testedWith(cause.HalfRate, tried.Slower, tried.NotSeen, 0, 0, 0), "does not show the effect again"},
		{"a lock", testedWith(cause.SerialSenders, tried.Serial, tried.Refuted, 1, 0.9, 1.1), "it is no lock that is held until the answer"},
		{"a kind", testedWith(cause.WithoutKind, tried.Shuffled, tried.Confirmed, 1, 0.9, 1.1), "they are slow wherever they come"},
		{"no kind", testedWith(cause.WithoutKind, tried.Shuffled, tried.Refuted, 0, 0, 0.1), "it is not what these requests are, but what comes with them"},
		{"left out", testedWith(cause.WithoutKind, tried.Without, tried.Confirmed, 0, 0, 0.1), "Without reaction the effect goes away."},
		{"much more", testedWith(cause.FreshIDs, tried.Fresh, tried.Refuted, 10, 2, 10), "1000 % or more of the effect is left"},
		{"people", testedWith(cause.OtherSenders, tried.RecordedSenders, tried.Confirmed, 0, 0, 0.1), "With the recorded senders the effect goes away."},
	} {
		y := &Why{Report: &cause.Report{Requests: 500, Findings: []cause.Finding{shapes()[0]}}, Test: tc.test}
		var text, data bytes.Buffer
		if err := WriteWhy(&text, Text, y); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(text.String(), tc.want) || !strings.Contains(text.String(), "Test of cause 1: "+strings.ToUpper(string(tc.test.Result.Verdict))) {
			t.Errorf("%s: %q is not in\n%s", tc.name, tc.want, text.String())
		}
		if err := WriteWhy(&data, JSON, y); err != nil {
			t.Fatal(err)
		}
		var got struct{ Test testedJSON }
		if err := json.Unmarshal(data.Bytes(), &got); err != nil || got.Test.Cause != 1 || got.Test.Verdict != tc.test.Result.Verdict || len(got.Test.Runs) != 2 {
			t.Errorf("%s: %v, %s", tc.name, err, data.String())
		}
	}
	list := []cause.Finding{{Try: cause.SameAgain}}
	again := testedWith(cause.SameAgain, tried.Slower, tried.Confirmed, 0, 0, 0)
	again.Changed, again.Trial.Changes, again.Again, again.Plays = nil, nil, 2, make([]rounds.Play, 2)
	for verdict, want := range map[tried.Verdict]string{tried.Confirmed: "found in 2 of 2 runs: it is no chance", tried.NotSeen: "was not found", tried.CannotTell: "found in 2 of 2 runs."} {
		again.Result.Verdict = verdict
		if got := again.says(); !strings.Contains(got[0], want) {
			t.Errorf("the same again, %s: %v", verdict, got)
		}
		if got := again.json(list); got.Again == nil || *got.Again != 2 {
			t.Errorf("the same again, %s: %+v", verdict, got)
		}
	}
}
