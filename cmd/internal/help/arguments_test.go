package help_test

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"reprise/cmd/internal/cli"
	"reprise/cmd/internal/exit"
)

// What cobra says of arguments is not what people read.
func TestArgumentsMissingOrTooMany(t *testing.T) {
	for _, tc := range []struct{ line, want string }{
		{"cat", "reprise: cat: FILE is missing: write reprise cat FILE\n"},
		{"cat a.rpz b.rpz", "reprise: cat: too many arguments: write reprise cat FILE\n"},
		{"audit a.rpz", "reprise: audit: OUT.rpz is missing: write reprise audit IN.rpz OUT.rpz\n"},
		{"capture pcap", "reprise: capture pcap: FILE is missing: write reprise capture pcap FILE... -o OUT.rpz\n"},
		{"compare", "reprise: compare: BASE.rpr is missing: write reprise compare BASE.rpr "},
		{"fixtures sample", "reprise: fixtures sample: IN.rpz is missing: write reprise fixtures sample IN.rpz --count N -o OUT.rpz\n"},
		{"fixtures synth bfcm2022", `reprise: fixtures synth: it takes flags alone, and there is the argument "bfcm2022": write reprise fixtures synth --curve`},
		{"ctl", "reprise: ctl: say which: write reprise ctl pause|resume|scale N|stop|status\n"},
		{"fixtures smaple", `reprise: fixtures: unknown command "smaple" for "reprise fixtures"`},
		{"replya", `reprise: unknown command "replya" for "reprise"`},
	} {
		var out, complaint bytes.Buffer
		code := cli.Run(context.Background(), strings.Fields(tc.line), cli.Streams{In: strings.NewReader(""), Out: &out, Err: &complaint})
		if exit.Code(code) != exit.Misused || !strings.HasPrefix(complaint.String(), tc.want) {
			t.Errorf("%s: exit code %d, %q, want %d, %q", tc.line, code, complaint.String(), exit.Misused, tc.want)
		}
	}
}
