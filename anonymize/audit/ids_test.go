package audit

import (
	"slices"
	"testing"
)

func TestShown(t *testing.T) {
	for _, tc := range []struct {
		text   string
		digits int
		ok     bool
	}{
		{"+1415867****", 7, true},
		{"****0142", 4, true},
		{"(415) 867-xxxx", 6, true},
		{"+1xxx...", 1, true},
		{"\u2022\u2022\u2022\u20220142", 4, true},
		{"**********", 0, true},
		{"+14155551234", 11, false},
		{"24x7", 3, false},
		{"s***@example.com", 0, false},
		{"", 0, false},
	} {
		if n, ok := shown([]byte(tc.text)); ok != tc.ok || ok && n != tc.digits {
			t.Errorf("shown(%q) = %d, %v, want %d, %v", tc.text, n, ok, tc.digits, tc.ok)
		}
	}
}

func TestIsAddressID(t *testing.T) {
	for text, want := range map[string]bool{
		"us.13491208655302741918": true, "us.ent.11815799212886844830": true, "br.a1": true, "86cc4dc0-3dc0-41b7-ac43-8ec829ead56f": true,
		"u4af4980629abcdef0123456789abcdef": true, "acme": false, "acme_agent": false, "sarah connor 1984 of boston": false, "us.abc": false,
		"us.1 2": false, "john.smith1985.of.boston": false, "": false,
	} {
		if got := isAddressID([]byte(text)); got != want {
			t.Errorf("isAddressID(%q) = %v", text, got)
		}
	}
}

// TestAddressesThatAreNoNumbers plants addresses in a pair of records: made ones pass, and those of the input do not.
func TestAddressesThatAreNoNumbers(t *testing.T) {
	for _, tc := range []struct {
		name, before, after string
		want                Counts
	}{
		{"an id", "whatsapp:US.13491208655302741918", "whatsapp:US.88812208655302743007", Counts{}},
		{"an id that stayed", "whatsapp:US.13491208655302741918", "US.13491208655302741918", Counts{Numbers: 1}},
		{"a parent's id", "US.ENT.11815799212886844830", "US.ENT.90015799212886841122", Counts{}},
		{"Messenger's", "messenger:123456789012345", "messenger:823106789012777", Counts{}},
		{"Messenger's that stayed", "messenger:123456789012345", "messenger:123456789012345", Counts{Numbers: 1}},
		{"digits that are an id", "1234567890123456", "8231067890127771", Counts{}},
		{"digits that stayed", "1234567890123456", "1234567890123456", Counts{Numbers: 1}},
		{"fifteen digits that are none", "messenger:123456789012345", "823106789012777", Counts{Gate: 1}},
		{"a masked number", "+1415867****", "+1213555****", Counts{}},
		{"a masked number that stayed", "+1415867****", "+1415867****", Counts{Gate: 1}},
		{"a mask that tells nothing", "+1**********", "+1**********", Counts{}},
		{"an e-mail address", "sarah@acme.com", "qwkzjvbxyu@example.com", Counts{}},
		{"an agent", "rcs:brontosaurus_agent", "rcs:pizza_agent", Counts{}},
		{"an agent of words that nobody makes", "rcs:brontosaurus_agent", "rcs:stegosaurus_agent", Counts{Vocabulary: 1}},
	} {
		in, out := pair()
		in[0].Message.From, out[0].Message.From = tc.before, tc.after
		o := options(in, out)
		o.Allow = []string{"ü"}
		report := run2(t, o)
		if report.Counts != tc.want {
			t.Errorf("%s: %+v, want %+v", tc.name, report.Counts, tc.want)
		}
		if field := "message.from"; tc.want != (Counts{}) && !slices.ContainsFunc(report.Findings, func(f Finding) bool { return f.Field == field }) {
			t.Errorf("%s: it is found in %+v", tc.name, report.Findings)
		}
	}
}
