package session

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"reprise/capture"
	"reprise/capture/dialect/all"
	"reprise/capture/sms/numberfile"
	"reprise/replay"
)

// A run's plan is named by who became whom, however that was written; where nobody became another, as it was before.
func TestPlanHashHoldsTheMap(t *testing.T) {
	hash := func(file string) string {
		t.Helper()
		o := Options{Requests: Requests{Table: all.Table()}}.filled()
		if file != "" {
			f, err := numberfile.Parse([]byte(file), "")
			if err != nil {
				t.Fatal(err)
			}
			o.Recipients = f
		}
		s := &Session{o: o, plan: &plan{Plan: new(replay.Plan), corpusHash: "c"}, numbers: newNumbers(&o)}
		if s.numbers != nil {
			for _, to := range []string{"28572", "28573"} {
				s.numbers.Met.Observe(&capture.Record{
					Time: time.Unix(1_700_000_000, 0), Method: "POST", URL: "/t", Vendor: "twilio", Kind: capture.Unrecognized,
					Body: []byte("From=%2B14155550101&To=" + to), Message: capture.Message{From: "+14155550101", To: to},
				})
			}
		}
		if err := s.numbers.assign(&s.o, false); err != nil {
			t.Fatal(err)
		}
		return s.hash()
	}
	list, pairs, other := hash("72345\n24680\n"), hash("28573 24680\n28572 72345\n"), hash("24680\n72345\n")
	if list != pairs || list == other || list == hash("") {
		t.Error("the hash does not tell maps apart")
	}
}

// Of two errors of a run's end, both stay known, and what one says is not said twice.
func TestErrorsAreJoined(t *testing.T) {
	full := errors.New("full")
	write := fmt.Errorf("write: %w", full)
	other := errors.New("write: full, and more")
	for _, tc := range []struct {
		name                string
		first, second, want error
	}{
		{"none", nil, nil, nil},
		{"the first", full, nil, full},
		{"the second", nil, full, full},
		{"the second says more", full, write, write},
		{"the first says more", write, full, write},
	} {
		if got := joined(tc.first, tc.second); got != tc.want {
			t.Errorf("%s: %v", tc.name, got)
		}
	}
	if got := joined(write, other); !errors.Is(got, full) || !errors.Is(got, other) {
		t.Errorf("two that sound alike: %v", got)
	}
}
