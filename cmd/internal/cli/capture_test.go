package cli

import (
	"errors"
	"strings"
	"testing"

	"reprise/capture"
	"reprise/capture/corpus"
	"reprise/capture/ingest"
	"reprise/capture/source/packet"
	"reprise/cmd/internal/exit"
)

func TestNothingCaptured(t *testing.T) {
	n := func(reason string) map[string]int64 { return map[string]int64{reason: 7} }
	for _, tc := range []struct {
		name    string
		o       captureOptions
		account capture.Account
		mend    string
	}{
		{"encrypted", captureOptions{}, capture.Account{Noted: n(packet.ReasonTLS)}, "encrypted (TLS): record it where it is plain"},
		{"encrypted, on a port", captureOptions{ports: []int{443}}, capture.Account{Noted: n(packet.ReasonTLS)}, "encrypted (TLS)"},
		{"HTTP/2", captureOptions{}, capture.Account{Noted: n(packet.ReasonHTTP2)}, "HTTP/2"},
		{"one direction", captureOptions{}, capture.Account{Missing: 7}, "record both directions"},
		{"wrong ports", captureOptions{ports: []int{80, 81}}, capture.Account{}, "on port 80,81: is it the server's?"},
		{"nothing at all", captureOptions{}, capture.Account{}, "is it the right interface"},
		{"damaged", captureOptions{}, capture.Account{Damaged: true}, "nothing whole"},
		{"cut packets", captureOptions{}, capture.Account{Read: 7, Skipped: n(packet.ReasonHole)}, "-s 0"},
		{"method", captureOptions{}, capture.Account{Read: 7, Skipped: n(ingest.LeftOutByMethod)}, "--method leaves out"},
		{"path", captureOptions{}, capture.Account{Read: 7, Skipped: n(ingest.LeftOutByPath)}, "--path leaves out"},
		{"no JSON", captureOptions{as: ingest.AsLogs}, capture.Account{Read: 7, Skipped: n("not JSON")}, "--try without it"},
		{"the map's fields", captureOptions{as: ingest.AsLogs}, capture.Account{Read: 7, Skipped: n("missing")}, "change --map"},
		{"an empty log", captureOptions{as: ingest.AsLogs}, capture.Account{}, "no line"},
		{"an empty archive", captureOptions{found: ingest.AsHAR}, capture.Account{}, "holds no request"},
		{"a damaged archive", captureOptions{found: ingest.AsHAR}, capture.Account{Damaged: true}, "nothing whole"},
		{"malformed", captureOptions{}, capture.Account{Read: 7, Skipped: n("folded header")}, "messages above"},
	} {
		err := tc.o.nothingCaptured(&tc.account)
		hint := exit.HintOf(err)
		if !errors.Is(err, corpus.ErrEmpty) || exit.CodeOf(err) != exit.Failed || !strings.Contains(hint, tc.mend) {
			t.Errorf("%s: %v; hint %q, want %q", tc.name, err, hint, tc.mend)
		}
	}
}
