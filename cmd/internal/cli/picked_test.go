package cli

import (
	"strings"
	"testing"
)

func TestParseSpans(t *testing.T) {
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
		s, err := parseSpans(strings.Split(tc.text, ","))
		got := s.String()
		if err != nil {
			got = "error: " + err.Error()
		}
		if got != tc.want && !(strings.HasPrefix(tc.want, "error") && strings.HasPrefix(got, tc.want)) {
			t.Errorf("%q: %s, want %s", tc.text, got, tc.want)
		}
	}
}

func TestBeginsWithAny(t *testing.T) {
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
		if got := beginsWithAny(tc.url, []string{"/never", tc.prefix}); got != tc.want {
			t.Errorf("%s, %s: %v", tc.url, tc.prefix, got)
		}
	}
}

// FuzzParseSpans holds that what is read is in order, touches nowhere, says the same when written, and has what it was given.
func FuzzParseSpans(f *testing.F) {
	for _, s := range []string{"5", "5,9", "7-12,1,2-3", "9-5", "-", "0-9223372036854775806"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := parseSpans(strings.Split(text, ","))
		if err != nil {
			return
		}
		for i, one := range s {
			if one.from < 0 || one.to < one.from || i > 0 && one.from <= s[i-1].to+1 {
				t.Errorf("%q: %v", text, s)
			}
			if !s.has(one.from) || !s.has(one.to) || s.has(one.to+1) || one.from > 0 && s.has(one.from-1) {
				t.Errorf("%q: %v has not what it has", text, s)
			}
		}
		if again, err := parseSpans(strings.Split(s.String(), ",")); err != nil || again.String() != s.String() {
			t.Errorf("%q: %v, then %v, %v", text, s, again, err)
		}
	})
}
