package wording

import "testing"

func TestWords(t *testing.T) {
	for _, tc := range []struct{ got, want string }{
		{Count(0, "record"), "0 records"},
		{Count(int64(1), "record"), "1 record"},
		{Count(2, "record"), "2 records"},
		{CountOf(1, "copy", "copies"), "1 copy"},
		{CountOf(2, "copy", "copies"), "2 copies"},
		{Choose(1, "is", "are"), "is"},
		{Choose(0, "is", "are"), "are"},
		{InLine("a\nb\tc\r\\n"), `a\nb\tc\r\n`},
	} {
		if tc.got != tc.want {
			t.Errorf("got %q, want %q", tc.got, tc.want)
		}
	}
}

// TestNumbers holds that thousands have commas, alone and in counts.
func TestNumbers(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", 12_345: "12,345", 1_234_567: "1,234,567", -4321: "-4,321"} {
		if got := Number(n); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if got := Count(12_000, "record"); got != "12,000 records" {
		t.Errorf("%q", got)
	}
}
