package ingest_test

import (
	"testing"

	"reprise/capture"
	"reprise/capture/ingest"
	"reprise/capture/source/logs"
	"reprise/capture/source/packet"
)

func TestWhyNothing(t *testing.T) {
	n := func(reason string) map[string]int64 { return map[string]int64{reason: 7} }
	for _, tc := range []struct {
		name    string
		as      string
		ports   bool
		account capture.Account
		want    ingest.Cause
	}{
		{"encrypted", "", false, capture.Account{Noted: n(packet.ReasonTLS)}, ingest.CauseTLS},
		{"encrypted, on a port", "", true, capture.Account{Noted: n(packet.ReasonTLS)}, ingest.CauseTLS},
		{"HTTP/2", "", false, capture.Account{Noted: n(packet.ReasonHTTP2)}, ingest.CauseHTTP2},
		{"one direction", "", false, capture.Account{Missing: 7}, ingest.CauseOneWay},
		{"no packet", "", true, capture.Account{Traffic: &capture.Traffic{}}, ingest.CauseNoPacket},
		{"UDP alone", "", true, capture.Account{Traffic: &capture.Traffic{Packets: 7, UDP: 7}}, ingest.CauseNoTCP},
		{"traffic of other ports", "", true, capture.Account{Traffic: &capture.Traffic{Packets: 7, TCP: 7}}, ingest.CausePort},
		{"wrong ports", "", true, capture.Account{}, ingest.CausePort},
		{"nothing at all", "", false, capture.Account{}, ingest.CauseNoRequest},
		{"damaged", "", false, capture.Account{Damaged: true}, ingest.CauseDamage},
		{"cut packets", "", false, capture.Account{Read: 7, Skipped: n(packet.ReasonHole)}, ingest.CauseHole},
		{"the most of several", "", false, capture.Account{Read: 9, Skipped: map[string]int64{packet.ReasonHole: 2, ingest.LeftOutByPath: 7}}, ingest.CausePath},
		{"method", "", false, capture.Account{Read: 7, Skipped: n(ingest.LeftOutByMethod)}, ingest.CauseMethod},
		{"path", "", false, capture.Account{Read: 7, Skipped: n(ingest.LeftOutByPath)}, ingest.CausePath},
		{"no JSON", ingest.AsLogs, false, capture.Account{Read: 7, Skipped: n("not JSON")}, ingest.CauseNotJSON},
		{"no bodies", "combined", false, capture.Account{Read: 7, Skipped: n(logs.ReasonNoBody)}, ingest.CauseNoBody},
		{"no line that the map asks for", ingest.AsLogs, false, capture.Account{Read: 7, Skipped: n(logs.LeftOutByWhere)}, ingest.CauseWhere},
		{"the map's fields", ingest.AsLogs, false, capture.Account{Read: 7, Skipped: n("missing")}, ingest.CauseMap},
		{"an empty log", ingest.AsLogs, false, capture.Account{}, ingest.CauseNoLine},
		{"an empty log of nginx", "nginx", false, capture.Account{}, ingest.CauseNoLine},
		{"an empty archive", ingest.AsHAR, false, capture.Account{}, ingest.CauseNoEntry},
		{"a damaged recording", ingest.AsGoReplay, false, capture.Account{Damaged: true}, ingest.CauseDamage},
		{"malformed", "", false, capture.Account{Read: 7, Skipped: n("folded header")}, ingest.CauseMalformed},
	} {
		if got := ingest.WhyNothing(&tc.account, tc.as, tc.ports); got != tc.want {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
	}
}
