package cli

import (
	"bytes"
	"strings"
	"testing"

	"reprise/replay"
)

func TestRejections(t *testing.T) {
	for _, tc := range []struct {
		name      string
		good, bad int
		status    int
		says      string // "" for nothing
	}{
		{"too few", 0, 19, 401, ""},
		{"unauthorized", 0, 500, 401, "the last 401: see --sign"},
		{"forbidden", 0, 20, 403, "the last 403: see --sign"},
		{"not found", 0, 20, 404, "the last 404: see --path-rewrite"},
		{"a proxy's", 0, 20, 407, "the last 407: see --proxy-auth"},
		{"one in a hundred is good", 1, 99, 401, "the last 401"},
		{"some are good", 2, 98, 401, ""},
		{"overload is none", 0, 50, 503, ""},
		{"no answer is none", 0, 50, 0, ""},
	} {
		var said bytes.Buffer
		r := sayRejections(&said)
		for i := range tc.good + tc.bad {
			res := replay.Result{Status: 200}
			if i >= tc.good {
				res.Status = tc.status
			}
			if err := r.Record(&res); err != nil {
				t.Fatal(err)
			}
		}
		if got := said.String(); (got == "") != (tc.says == "") || !strings.Contains(got, tc.says) || strings.Count(got, "\n") > 1 {
			t.Errorf("%s: said %q", tc.name, got)
		}
	}
}
