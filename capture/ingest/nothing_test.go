package ingest_test

import (
	"testing"

	"reprise/capture"
	"reprise/capture/ingest"
	"reprise/capture/source/packet"
)

func TestWhyNothing(t *testing.T) {
	n := func(reason string) map[string]int64 { return map[string]int64{reason: 7} }
	for _, tc := range []struct {
		name       string
		log, ports bool
		account    capture.Account
		want       ingest.Cause
	}{
		{"encrypted", false, false, capture.Account{Noted: n(packet.ReasonTLS)}, ingest.CauseTLS},
		{"encrypted, on a port", false, true, capture.Account{Noted: n(packet.ReasonTLS)}, ingest.CauseTLS},
		{"HTTP/2", false, false, capture.Account{Noted: n(packet.ReasonHTTP2)}, ingest.CauseHTTP2},
		{"one direction", false, false, capture.Account{Missing: 7}, ingest.CauseOneWay},
		{"wrong ports", false, true, capture.Account{}, ingest.CausePort},
		{"nothing at all", false, false, capture.Account{}, ingest.CauseNoRequest},
		{"damaged", false, false, capture.Account{Damaged: true}, ingest.CauseDamage},
		{"cut packets", false, false, capture.Account{Read: 7, Skipped: n(packet.ReasonHole)}, ingest.CauseHole},
		{"the most of several", false, false, capture.Account{Read: 9, Skipped: map[string]int64{packet.ReasonHole: 2, ingest.LeftOutByPath: 7}}, ingest.CausePath},
		{"method", false, false, capture.Account{Read: 7, Skipped: n(ingest.LeftOutByMethod)}, ingest.CauseMethod},
		{"path", false, false, capture.Account{Read: 7, Skipped: n(ingest.LeftOutByPath)}, ingest.CausePath},
		{"no JSON", true, false, capture.Account{Read: 7, Skipped: n("not JSON")}, ingest.CauseNotJSON},
		{"the map's fields", true, false, capture.Account{Read: 7, Skipped: n("missing")}, ingest.CauseMap},
		{"an empty log", true, false, capture.Account{}, ingest.CauseNoLine},
		{"malformed", false, false, capture.Account{Read: 7, Skipped: n("folded header")}, ingest.CauseMalformed},
	} {
		if got := ingest.WhyNothing(&tc.account, tc.log, tc.ports); got != tc.want {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
	}
}
