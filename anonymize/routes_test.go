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

// TestNoneBecomesARoute holds that no short segment becomes a listed word or one that a pattern names, and that no two become one.
func TestNoneBecomesARoute(t *testing.T) {
	p := DefaultPolicy(all.Table())
	for _, pattern := range []string{"/hooks/xq/{id}", "/hooks/pz9/{id}"} {
		if err := p.AddPath(pattern); err != nil {
			t.Fatal(err)
		}
	}
	a, err := New(Options{Table: all.Table(), Key: make([]byte, KeySize), Policy: p})
	if err != nil {
		t.Fatal(err)
	}
	const letters = "abcdefghijklmnopqrstuvwxyz"
	segments := []string{"1999-12-31", "a-b", "x;sms=in"}
	for i := range 26 * 26 {
		two := string(letters[i/26]) + string(letters[i%26])
		segments = append(segments, two, two+"9")
		for _, c := range "aeis" {
			segments = append(segments, two+string(c))
		}
	}
	from := make(map[string]string)
	for _, s := range segments {
		if a.router.stays(s) {
			continue
		}
		made := a.newSegment(s, false)
		if was, twice := from[made]; twice || made == s || a.router.stays(made) {
			t.Errorf("%q became %q, as %q did", s, made, was)
		}
		from[made] = s
	}
}

// TestOddRoutes holds what is no route though its words are.
func TestOddRoutes(t *testing.T) {
	r := newRouter(DefaultPolicy(all.Table()).Routes())
	for segment, want := range map[string]bool{
		"sms": true, "sms-inbound": true, "2010-04-01": true, "sms_status.php": true,
		"": false, "-": false, "sms--inbound": false, "sms.-status": false, "sms-": false, ".sms": false, "sms;inbound": false, "sms%2Dinbound": false, "Web\u212Aook": false, "HOO\u212AS": false,
	} {
		if got := r.route(segment); got != want {
			t.Errorf("%q: %v", segment, got)
		}
	}
}
