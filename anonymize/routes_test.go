package anonymize

import (
	"slices"
	"strings"
	"testing"

	"reprise/capture/dialect/all"
)

func TestRoutes(t *testing.T) {
	p := DefaultPolicy(all.Table())
	standard := p.Name()
	r := p.Routes()
	for _, word := range []string{"webhook", "hooks", "sms", "inbound", "v1", "2010-04-01", "twilio", "telnyx", "plivo", "vonage", "nexmo", "bandwidth", "php"} {
		if _, ok := slices.BinarySearch(r.Words, word); !ok {
			t.Errorf("%q is no route", word)
		}
	}
	for _, word := range r.Words {
		if word != strings.ToLower(word) {
			t.Errorf("%q is not in lower case", word)
		}
	}
	for _, tc := range []struct{ pattern, want string }{
		{"/hooks/twilio/{id}/inbound", ""},
		{"/hooks/{tenant}/", ""},
		{"/", ""},
		{"hooks/{id}", "begins with /"},
		{"", "begins with /"},
		{"/hooks?x=1", "no query"},
		{"/my hooks", "%20"},
		{"/hooks/a{id}", "braces"},
		{"/hooks/{}", "braces"},
		{"/hooks/{a/b}", "braces"},
		{"/hooks/{a.b}", "braces"},
	} {
		err := p.AddPath(tc.pattern)
		if tc.want == "" && err != nil || tc.want != "" && (err == nil || !strings.Contains(err.Error(), tc.want)) {
			t.Errorf("AddPath(%q): %v, want %q", tc.pattern, err, tc.want)
		}
	}
	if got := p.Routes().Paths; len(got) != 3 {
		t.Errorf("patterns %q", got)
	}
	if p.Name() == standard || !strings.HasPrefix(p.Name(), "custom@") {
		t.Errorf("the policy with patterns is called %s, without %s", p.Name(), standard)
	}
}
