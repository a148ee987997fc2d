package anonymize

import (
	"strings"
	"testing"

	"reprise/capture/sms"
)

func TestEmail(t *testing.T) {
	a := newAnonymizer(t, sms.Wide())
	for _, tc := range []struct {
		name, old string
		length    int
		addresses int
		prefix    string
	}{
		{"plain", "sarah.miller@gmail.com", 22, 1, ""},
		{"long", "sarah.miller.of.boston@customers.acme.com", 41, 1, ""},
		{"short", "s@m.co", 22, 1, ""},
		{"very long", strings.Repeat("s", 300) + "@m.co", 76, 1, ""},
		{"tagged", "sarah+shop@gmail.com", 22, 1, ""},
		{"with a scheme", "mailto:sarah.miller@gmail.com", 29, 1, "mailto:"},
		{"with a name", `"Sarah Miller" <sarah.miller@gmail.com>`, 22, 1, ""},
		{"two", "sarah.miller@gmail.com; tom.baker12@gmail.com", 46, 2, ""},
		{"masked", "s****@gmail.com", 17, 1, ""},
		{"a hash", "5d41402abc4b2a76b9719d911017c592", 32, 0, ""},
		{"none", "nobody said", 11, 0, ""},
	} {
		got := a.keys.email(tc.old)
		if len(got) != tc.length || strings.Count(got, "@example.com") != tc.addresses || !strings.HasPrefix(got, tc.prefix) || got == tc.old {
			t.Errorf("%s: email = %q of %d bytes", tc.name, got, len(got))
		}
		for _, word := range []string{"sarah", "miller", "tom", "baker", "gmail", "acme", "nobody", "shop"} {
			if strings.Contains(strings.ToLower(got), word) {
				t.Errorf("%s: email = %q tells of the original", tc.name, got)
			}
		}
	}
	if a.keys.email("Sarah.Miller@GMail.com") != a.keys.email(" sarah.miller@gmail.com") {
		t.Error("two spellings of one address become two")
	}
	if got := a.keys.email("s****@gmail.com"); !strings.HasSuffix(got, "****@example.com") {
		t.Errorf("a masked address is %q", got)
	}
	if a.keys.email("sarah@gmail.com") == a.keys.email("sarah@mail.com") {
		t.Error("two addresses become one")
	}
	if a.keys.email("@") != "@" {
		t.Error("what has no letter and no digit changes")
	}
}
