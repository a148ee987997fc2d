package cli

import (
	"strings"
	"testing"

	"reprise/replay"
	"reprise/replay/results"
)

func TestProtocolHint(t *testing.T) {
	for _, tc := range []struct {
		target          string
		http2           bool
		ok, invalid, no int64 // answers that are well, no HTTP, and 400
		want            string
	}{
		{"http://127.0.0.1:1", true, 0, 200, 0, "leave out --http2"},
		{"http://127.0.0.1:1", false, 0, 200, 0, "got an answer: does the target speak HTTPS?"},
		{"http://127.0.0.1:1", false, 0, 1, 199, "no request got an answer but 400: does"},
		{"https://127.0.0.1:1", true, 0, 200, 0, ""},
		{"http://127.0.0.1:1", true, 5, 195, 0, ""},
	} {
		run := new(results.Run)
		run.Header.Target = tc.target
		s := &run.Summary
		s.Ledger.OK, s.Ledger.Failed = tc.ok, tc.invalid+tc.no
		s.Errors = map[string]int64{string(replay.ReasonInvalid): tc.invalid}
		if tc.no > 0 {
			s.Status = map[string]int64{"400": tc.no}
		}
		if got := protocolHint(run, tc.http2); (got == "") != (tc.want == "") || !strings.Contains(got, tc.want) {
			t.Errorf("%+v: %q", tc, got)
		}
	}
}
