package cli

import (
	"bytes"
	"strings"
	"testing"

	"reprise/cmd/internal/exit"
)

// TestRetired holds that each old spelling exits 2 and names the new one, and that no flag is listed that there still is.
func TestRetired(t *testing.T) {
	for _, r := range retirements() {
		for _, verb := range r.verbs {
			args := strings.Fields(verb)
			if r.flag != "" {
				args = append(args, "--"+r.flag)
			}
			var out, errs bytes.Buffer
			code := Run(t.Context(), args, Streams{In: strings.NewReader(""), Out: &out, Err: &errs})
			if exit.Code(code) != exit.Misused || !strings.Contains(errs.String(), r.now) || out.Len() > 0 {
				t.Errorf("%q: exit code %d, and it prints %q", args, code, errs.String())
			}
		}
	}
}
