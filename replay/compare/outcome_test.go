package compare

import (
	"testing"
	"unsafe"

	"reprise/capture"
	"reprise/replay"
)

// TestReasons: each reason has an outcome of its own, which is named as the reason is and survives the JSON.
func TestReasons(t *testing.T) {
	seen := make(map[Outcome]bool)
	for _, reason := range replay.Reasons() {
		o := outcomeOf(&replay.Result{Error: reason})
		if o == Lost || o.answered() || o.OK() || seen[o] {
			t.Errorf("%s: outcome %s", reason, o)
		}
		seen[o] = true
		if o.Reason() != reason || o.String() != string(reason) || parseOutcome(o.String()) != o {
			t.Errorf("%s: outcome %d is called %s", reason, o, o)
		}
		r, err := pack(&replay.Result{Kind: capture.Help, Error: reason})
		if err != nil || r.outcome != o {
			t.Errorf("%s: packed as %s, %v", reason, r.outcome, err)
		}
	}
	for o := range firstReason {
		if !o.answered() || o.Reason() != replay.ReasonNone || parseOutcome(o.String()) != o {
			t.Errorf("%s is an answer", o)
		}
	}
	if Lost.answered() || Lost.Reason() != replay.ReasonNone || Lost.String() != "unknown" {
		t.Errorf("lost is %s", Lost)
	}
}

// TestRowSize: a comparison holds two rows for every request in memory.
func TestRowSize(t *testing.T) {
	if n := unsafe.Sizeof(row{}); n != 32 {
		t.Errorf("a row has %d bytes", n)
	}
}
