package corpus

import (
	"strings"
	"testing"
)

func TestParseRanges(t *testing.T) {
	for _, tc := range []struct{ text, want string }{
		{"5", "5"},
		{"0", "0"},
		{"5,9", "5,9"},
		{"9,5", "5,9"},
		{"5-9", "5-9"},
		{" 5 - 9 ", "5-9"},
		{"7,5-6,8", "5-8"},
		{"1-4,3-9,20", "1-9,20"},
		{"5-5", "5"},
		{"9-5", "error: the range 9-5 ends before it begins"},
		{"-5", `error: "-5" is neither`},
		{"5-", `error: "5-" is neither`},
		{"1-2-3", `error: "1-2-3" is neither`},
		{"+5", `error: "+5" is neither`},
		{"five", `error: "five" is neither`},
		{"", `error: "" is neither`},
		{"99999999999999999999", `error: "99999999999999999999" is neither`},
	} {
		s, err := ParseRanges(strings.Split(tc.text, ","))
		got := s.String()
		if err != nil {
			got = "error: " + err.Error()
		}
		if got != tc.want && !(strings.HasPrefix(tc.want, "error") && strings.HasPrefix(got, tc.want)) {
			t.Errorf("%q: %s, want %s", tc.text, got, tc.want)
		}
	}
}

func TestPathBegins(t *testing.T) {
	for _, tc := range []struct {
		url, prefix string
		want        bool
	}{
		{"/hooks/twilio?x=1", "/hooks", true},
		{"/hooks", "/hooks/twilio", false},
		{"https://a.com/hooks/twilio", "/hooks", true},
		{"https://a.com", "/", false},
		{"/x?u=https://a.com/hooks", "/hooks", false},
		{"/HOOKS", "/hooks", false},
	} {
		if got := PathBegins(tc.url, []string{"/never", tc.prefix}); got != tc.want {
			t.Errorf("%s, %s: %v", tc.url, tc.prefix, got)
		}
	}
}

// FuzzParseRanges holds that what is read is in order, touches nowhere, says the same when written, and has what it was given.
func FuzzParseRanges(f *testing.F) {
	for _, s := range []string{"5", "5,9", "7-12,1,2-3", "9-5", "-", "0-9223372036854775806"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := ParseRanges(strings.Split(text, ","))
		if err != nil {
			return
		}
		for i, one := range s {
			if one.From < 0 || one.To < one.From || i > 0 && one.From <= s[i-1].To+1 {
				t.Errorf("%q: %v", text, s)
			}
			if !s.Has(one.From) || !s.Has(one.To) || s.Has(one.To+1) || one.From > 0 && s.Has(one.From-1) {
				t.Errorf("%q: %v has not what it has", text, s)
			}
		}
		if again, err := ParseRanges(strings.Split(s.String(), ",")); err != nil || again.String() != s.String() {
			t.Errorf("%q: %v, then %v, %v", text, s, again, err)
		}
	})
}
