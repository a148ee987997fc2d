package help_test

import (
	"bytes"
	"strings"
	"testing"

	"reprise/cmd/internal/cli"
	"reprise/cmd/internal/exit"
	"reprise/cmd/internal/help"
)

// TestRetired holds that each old spelling exits 2 and names the new one, and that no flag is listed that there still is.
func TestRetired(t *testing.T) {
	for _, r := range help.Retirements() {
		for _, verb := range r.Verbs() {
			args := strings.Fields(verb)
			if r.Flag() != "" {
				args = append(args, "--"+r.Flag())
			}
			var out, errs bytes.Buffer
			code := cli.Run(t.Context(), args, cli.Streams{In: strings.NewReader(""), Out: &out, Err: &errs})
			if exit.Code(code) != exit.Misused || !strings.Contains(errs.String(), r.Now()) || out.Len() > 0 {
				t.Errorf("%q: exit code %d, and it prints %q", args, code, errs.String())
			}
		}
	}
}
