package results

import (
	"testing"
	"time"

	"reprise/capture"
	"reprise/replay"
)

// TestUnknownKindIsOther: a kind of a later version's run counts as other in the summary, the windows and the completions.
func TestUnknownKindIsOther(t *testing.T) {
	res := replay.Result{Kind: 99, Intended: 0, Sent: 1, Done: 1000, Status: 200}
	a := NewAccumulator(nil)
	if err := a.Record(&res); err != nil {
		t.Fatal(err)
	}
	s := a.Summary(nil)
	if s.Ledger.Kinds["other"].OK != 1 || s.Kinds["other"].Status["200"] != 1 || len(s.Kinds) != 1 {
		t.Errorf("summary: %v", s.Kinds)
	}
	if w := a.Windows(false); len(w) == 0 || w[0].Kinds["other"].Planned != 1 {
		t.Errorf("windows: %+v", w)
	}
	c := NewCompleter(Completions{Of: func(int64, int) (time.Time, string, bool) { return time.Unix(0, 2000), "ok", true }})
	if err := c.Record(&res); err != nil {
		t.Fatal(err)
	}
	if out := c.Completion(time.Unix(0, 0), 1, nil); out.Kinds[capture.Other.String()].Joined != 1 || len(out.Kinds) != 1 {
		t.Errorf("completions: %v", out.Kinds)
	}
}
