package all

import (
	"strings"
	"testing"

	"reprise/capture"
	"reprise/capture/sms"
)

func keywords(t *testing.T, o sms.Options) *sms.Classifier {
	t.Helper()
	c, err := sms.NewClassifier(o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestClassifyByVendor(t *testing.T) {
	table := Table()
	twilio := keywords(t, sms.Options{Profile: sms.ProfileTwilio, Vendors: table.Keywords()})
	vendor := keywords(t, sms.Options{Profile: sms.ProfileVendor, Vendors: table.Keywords()})
	for _, tc := range []struct {
		vendor, text string
		byTwilio     capture.Kind
		byVendor     capture.Kind
	}{
		{"twilio", "REVOKE", capture.Unsubscribe, capture.Unsubscribe},
		{"telnyx", "stop all", capture.Unrecognized, capture.Unsubscribe},
		{"telnyx", "YES", capture.Subscribe, capture.Unrecognized},
		{"telnyx", "REVOKE", capture.Unsubscribe, capture.Unrecognized},
		{"telnyx", "UNSTOP", capture.Subscribe, capture.Subscribe},
		{"vonage", "join", capture.Unrecognized, capture.Subscribe},
		{"vonage", "UNSTOP", capture.Subscribe, capture.Unrecognized},
		{"vonage", "INFO", capture.Info, capture.Unrecognized},
		{"plivo", "unsub", capture.Unrecognized, capture.Unsubscribe},
		{"plivo", "Go", capture.Unrecognized, capture.Subscribe},
		{"aws", "opt-out", capture.Unrecognized, capture.Unsubscribe},
		{"aws", "TD", capture.Unrecognized, capture.Unsubscribe},
		{"bandwidth", "REVOKE", capture.Unsubscribe, capture.Unsubscribe},
		{"", "YES", capture.Subscribe, capture.Subscribe},
	} {
		if got := twilio.Classify(tc.vendor, tc.text); got != tc.byTwilio {
			t.Errorf("twilio profile: Classify(%q, %q) = %v, want %v", tc.vendor, tc.text, got, tc.byTwilio)
		}
		if got := vendor.Classify(tc.vendor, tc.text); got != tc.byVendor {
			t.Errorf("vendor profile: Classify(%q, %q) = %v, want %v", tc.vendor, tc.text, got, tc.byVendor)
		}
	}
}

// TestProfileWords asks that every word of every table can be matched, and makes one kind.
func TestProfileWords(t *testing.T) {
	lists := Table().Keywords()
	c := keywords(t, sms.Options{Profile: sms.ProfileVendor, Vendors: lists})
	for vendor, list := range lists {
		for kind, words := range map[capture.Kind][]string{
			capture.Unsubscribe: list.Stop, capture.Subscribe: list.Start, capture.Help: list.Help, capture.Info: list.Info,
		} {
			for _, w := range words {
				if got := c.Classify(vendor, " "+strings.ToLower(w)); got != kind {
					t.Errorf("%s: Classify(%q) = %v, want %v", vendor, w, got, kind)
				}
			}
		}
	}
}
