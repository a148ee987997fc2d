package logs

import "testing"

// TestFormatOf tells by their first bytes how logs hold their lines, and what is none of them.
func TestFormatOf(t *testing.T) {
	for _, tc := range []struct{ start, want string }{
		{"{\"a\":1}\n", InputJSON},
		{" \n[{\"a\":1},", InputJSON},
		{"[\n", ""},
		{"[1,2]", InputJSON},
		{"[[\"a\"", InputJSON},
		{"[27/Nov/2026:20:56:49 +0000] POST /\n", ""},
		{"[info] started\n", ""},
		{"\x1e{\"a\":1}", InputJSON},
		{"From,To,Body\n+1,+2,Hi\n", InputCSV},
		{"\ufeff\"From\",\"To\",\"Body\"\r\n\"+1\",\"+2\",\"a, b\nc\"\r\n", InputCSV},
		{"Sent Date;From;To\n2026-11-27;+1;+2\n", InputCSV},
		{"@timestamp\t@message\tid\n1\t2\t3\n", InputTSV},
		{"From,To,Body\n", ""},
		{"From,To,Body\n1,2\n", ""},
		{"From,To\n1,2\n", ""},
		{"1,2,3\n4,5,6\n", ""},
		{"First, we went home, and then\nslept, ate, and slept\n", ""},
		{"level=info at=2026 path=/x\nlevel=info at=2027 path=/y\n", InputLogfmt},
		{"level=info at=\"2026 11\" path=/x", InputLogfmt},
		{"level=info msg=hello\n", ""},
		{"level=info at=1 path=/x then text\n", ""},
		{"level=info at=1 path=\"/x\n", ""},
		{"plain text\n", ""},
		{"", ""},
		{" \r\n", ""},
	} {
		if got := FormatOf([]byte(tc.start)); got != tc.want {
			t.Errorf("%q: %q, want %q", tc.start, got, tc.want)
		}
	}
}
