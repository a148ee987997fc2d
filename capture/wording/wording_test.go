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
