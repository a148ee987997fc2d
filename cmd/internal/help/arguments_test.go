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
	const merge = "hint: reprise merge A.rpz B.rpz... -o ALL.rpz joins them first\n"
	for _, tc := range []struct{ line, want string }{
		{"cat", "reprise: cat: FILE is missing: write reprise cat FILE\n"},
		{"cat a.rpz b.rpr", "reprise: cat: too many arguments: write reprise cat FILE\n"},
		{"cat a.rpz b.RPZ", "reprise: cat: too many arguments: write reprise cat FILE\n" + merge},
		{"replay a.rpz b.rpz --target http://127.0.0.1:1", "reprise: replay: too many arguments: write reprise replay FILE.rpz --target URL\n" + merge},
		{"report a.rpz b.rpz", "reprise: report: too many arguments: write reprise report RUN.rpr\n"},
		{"audit a.rpz b.rpz c.rpz", "reprise: audit: too many arguments: write reprise audit IN.rpz OUT.rpz\n"},
		{"audit a.rpz", "reprise: audit: OUT.rpz is missing: write reprise audit IN.rpz OUT.rpz\n"},
		{"capture pcap", "reprise: capture pcap: FILE is missing: write reprise capture pcap FILE... -o OUT.rpz\n"},
		{"compare", "reprise: compare: BASE.rpr is missing: write reprise compare BASE.rpr "},
		{"fixtures sample", "reprise: fixtures sample: IN.rpz is missing: write reprise fixtures sample IN.rpz --count N -o OUT.rpz\n"},
		{"fixtures synth bfcm2022", `reprise: fixtures synth: it takes flags alone, and there is the argument "bfcm2022": write reprise fixtures synth --curve`},
		{"ctl", "reprise: ctl: say which: write reprise ctl pause|resume|scale N|volume N|skip D|note TEXT|stop|status|list\n"},
		{"fixtures smaple", "reprise: fixtures: no verb of it is called \"smaple\"\nhint: did you mean reprise fixtures sample?\n"},
		{"fixtures frobnicate -h", "reprise: fixtures: no verb of it is called \"frobnicate\"\nhint: reprise fixtures -h lists its verbs\n"},
		{"replya", "reprise: no verb is called \"replya\"\nhint: did you mean reprise replay?\n"},
		{"frobnicate -h", "reprise: no verb is called \"frobnicate\"\nhint: reprise -h lists the verbs\n"},
		{"senders -h", "reprise: no verb is called \"senders\"\nhint: did you mean reprise fixtures senders?\n"},
		{"senders a.rpz", "reprise: no verb is called \"senders\"\nhint: did you mean reprise fixtures senders?\n"},
		{"map --help", "reprise: no verb is called \"map\"\nhint: did you mean reprise template map?\n"},
	} {
		var out, complaint bytes.Buffer
		code := cli.Run(context.Background(), strings.Fields(tc.line), cli.Streams{In: strings.NewReader(""), Out: &out, Err: &complaint})
		if exit.Code(code) != exit.Misused || !strings.HasPrefix(complaint.String(), tc.want) || strings.Contains(complaint.String(), merge) != strings.Contains(tc.want, merge) {
			t.Errorf("%s: exit code %d, %q, want %d, %q", tc.line, code, complaint.String(), exit.Misused, tc.want)
		}
	}
}
