package sms

import (
	"slices"
	"strings"
	"testing"

	"reprise/capture"
)

func classifier(t testing.TB, o Options) *Classifier {
	t.Helper()
	c, err := NewClassifier(o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestClassify(t *testing.T) {
	c := classifier(t, Options{Keywords: map[capture.Kind][]string{
		capture.CustomKeyword: {"bfcm22", " VIP ", "Été", "Free Gift"},
		capture.Unsubscribe:   {"arrêt"},
	}})
	for _, tc := range []struct {
		text string
		want capture.Kind
	}{
		{"STOP", capture.Unsubscribe},
		{"stop", capture.Unsubscribe},
		{"StOp", capture.Unsubscribe},
		{" stop\r\n", capture.Unsubscribe},
		{"\u00a0STOP\u3000", capture.Unsubscribe},
		{"STOPALL", capture.Unsubscribe},
		{"UNSUBSCRIBE", capture.Unsubscribe},
		{"CANCEL", capture.Unsubscribe},
		{"END", capture.Unsubscribe},
		{"QUIT", capture.Unsubscribe},
		{"REVOKE", capture.Unsubscribe},
		{"OPTOUT", capture.Unsubscribe},
		{"START", capture.Subscribe},
		{"Yes", capture.Subscribe},
		{"unstop", capture.Subscribe},
		{"HELP", capture.Help},
		{"Info", capture.Info},
		{"BFCM22", capture.CustomKeyword},
		{"vip", capture.CustomKeyword},
		{"ÉTÉ", capture.CustomKeyword},
		{"été ", capture.CustomKeyword},
		{"FREE GIFT", capture.CustomKeyword},
		{"Arrêt", capture.Unsubscribe},

		{"", capture.Unrecognized},
		{" \n", capture.Unrecognized},
		{"STOP.", capture.Unrecognized},
		{"stop!", capture.Unrecognized},
		{"STOP PLEASE", capture.Unrecognized},
		{"please stop", capture.Unrecognized},
		{"OPT OUT", capture.Unrecognized},
		{"STOP ALL", capture.Unrecognized},
		{"\u200bSTOP", capture.Unrecognized}, // a zero-width space is no white space
		{"SUBSCRIBE", capture.Unrecognized},
		{"FREE  GIFT", capture.Unrecognized},
		{"st\xffop", capture.Unrecognized},
		{strings.Repeat("stop ", 40), capture.Unrecognized},
		{strings.Repeat("é", 40), capture.Unrecognized},
		{"VI", capture.Unrecognized},

		{"Liked “Sale ends today. Reply STOP to opt out”", capture.Reaction},
		{"Loved “STOP”", capture.Reaction},
		{"Loved an image", capture.Reaction},
	} {
		if got := c.Classify("twilio", tc.text); got != tc.want {
			t.Errorf("Classify(%q) = %v, want %v", tc.text, got, tc.want)
		}
	}
}

// two are the words of two vendors.
func two() map[string]Words {
	return map[string]Words{"one": {Stop: []string{"STOP ALL"}}, "other": {Start: []string{"JOIN"}, Help: []string{"OPT-OUT", "UNSUB"}}}
}

// TestClassifyByVendor holds that a vendor's own words count under the one profile, and the default ones under the other and for
// vendors without words.
func TestClassifyByVendor(t *testing.T) {
	twilio, vendor := classifier(t, Options{Profile: ProfileTwilio, Vendors: two()}), classifier(t, Options{Profile: ProfileVendor, Vendors: two()})
	for _, tc := range []struct {
		vendor, text       string
		byTwilio, byVendor capture.Kind
	}{
		{"one", "stop all", capture.Unrecognized, capture.Unsubscribe},
		{"one", "YES", capture.Subscribe, capture.Unrecognized},
		{"other", " join", capture.Unrecognized, capture.Subscribe},
		{"third", "REVOKE", capture.Unsubscribe, capture.Unsubscribe},
		{"", "YES", capture.Subscribe, capture.Subscribe},
	} {
		if got := twilio.Classify(tc.vendor, tc.text); got != tc.byTwilio {
			t.Errorf("default profile: Classify(%q, %q) = %v, want %v", tc.vendor, tc.text, got, tc.byTwilio)
		}
		if got := vendor.Classify(tc.vendor, tc.text); got != tc.byVendor {
			t.Errorf("vendor profile: Classify(%q, %q) = %v, want %v", tc.vendor, tc.text, got, tc.byVendor)
		}
	}
}

func TestOwnKeywordsGoFirst(t *testing.T) {
	for _, profile := range []string{"", ProfileVendor} {
		c := classifier(t, Options{Profile: profile, Keywords: map[capture.Kind][]string{capture.CustomKeyword: {"yes", "start"}}})
		for _, vendor := range []string{"twilio", "vonage", "acme"} {
			if got := c.Classify(vendor, "Start"); got != capture.CustomKeyword {
				t.Errorf("profile %q: Classify(%q, Start) = %v, want custom_keyword", profile, vendor, got)
			}
		}
	}
}

func TestNewClassifierRefuses(t *testing.T) {
	for _, tc := range []struct {
		name string
		o    Options
		want string
	}{
		{"a profile", Options{Profile: "acme"}, "no keyword profile"},
		{"a kind that is no keyword", Options{Keywords: map[capture.Kind][]string{capture.Reaction: {"LOVED"}}}, "kind reaction"},
		{"an empty word", Options{Keywords: map[capture.Kind][]string{capture.Help: {"AIDE", " "}}}, "keyword 2 of kind help"},
		{"a long word", Options{Keywords: map[capture.Kind][]string{capture.Help: {strings.Repeat("x", 65)}}}, "64 bytes"},
		{"a word that is not UTF-8", Options{Keywords: map[capture.Kind][]string{capture.Help: {"\xff"}}}, "UTF-8"},
		{
			"a word of two kinds",
			Options{Keywords: map[capture.Kind][]string{capture.Help: {"GO"}, capture.CustomKeyword: {"go"}}},
			`"GO"`,
		},
	} {
		if _, err := NewClassifier(tc.o); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: NewClassifier: %v, want an error with %q", tc.name, err, tc.want)
		}
	}
}

func TestWords(t *testing.T) {
	own := map[capture.Kind][]string{capture.CustomKeyword: {"vip"}}
	got := classifier(t, Options{Keywords: own}).Words()
	want := []string{
		"CANCEL", "END", "HELP", "INFO", "OPTOUT", "QUIT", "REVOKE", "START", "STOP", "STOPALL", "UNSTOP", "UNSUBSCRIBE",
		"VIP", "YES",
	}
	if !slices.Equal(got, want) {
		t.Errorf("Words() = %q, want %q", got, want)
	}
	all := classifier(t, Options{Profile: ProfileVendor, Vendors: two(), Keywords: own}).Words()
	for _, w := range append(want, "STOP ALL", "JOIN", "UNSUB", "OPT-OUT") {
		if !slices.Contains(all, w) {
			t.Errorf("Words() of the vendor profile lacks %q", w)
		}
	}
}

func TestClassifyDoesNotAllocate(t *testing.T) {
	c := classifier(t, Options{})
	for _, text := range []string{"stop", " Unsubscribe", freeText, "Loved “" + freeText + "”", "Reacted 🔥 to an image", "🔥 ok"} {
		if n := testing.AllocsPerRun(100, func() { c.Classify("twilio", text) }); n != 0 {
			t.Errorf("Classify(%q) allocates %v times", text, n)
		}
	}
}
