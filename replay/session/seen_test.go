package session

import (
	"strings"
	"testing"
	"time"

	"reprise/capture"
)

// TestIdleFactors holds that all factors that match nothing are named at once, with what the selection has and no recipient.
func TestIdleFactors(t *testing.T) {
	at := time.Date(2022, 11, 25, 9, 30, 0, 0, time.UTC) // a Friday
	f := newFactors([]Factor{
		{Hours: 1 << 3, Volume: 2, Line: 4},
		{Kinds: []capture.Kind{capture.Help}, Volume: 2, Line: 5},
		{Weekdays: 1 << 1, Volume: 2, Line: 6},
		{Recipients: []string{"+18885550100"}, Volume: 2, Line: 7},
	})
	for _, after := range []time.Duration{0, time.Hour, 5 * time.Hour, 24 * time.Hour} {
		f.of(&capture.Record{Time: at.Add(after), Kind: capture.Help})
	}
	err := f.check()
	const want = "no message of the selection matches it, nor the factor of line 6, the factor of line 7; the selection has the hours 9..10, 14 (UTC), the weekdays fri..sat and the kinds help"
	if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "8885550100") {
		t.Errorf("got %v", err)
	}
}
