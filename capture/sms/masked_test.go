package sms

import "testing"

func TestMask(t *testing.T) {
	const fake = "+12135550178"
	for _, tc := range []struct{ masked, want, hidden string }{
		{"+1415867****", "+1213555****", "+1**********"},
		{"+1XXX\u2026", "+1XXX\u2026", "+1XXX\u2026"},
		{"****0142", "****0178", "********"},
		{"+1415***0142", "+1213***0178", "+1**********"},
		{"14158671***", "12135550***", "***********"},
		{"(415) 867-****", "(213) 555-****", "(***) ***-****"},
		{"415-XXX-0142", "213-XXX-0178", "XXX-XXX-XXXX"},
		{"whatsapp:+1415867\u2022\u2022\u2022\u2022", "whatsapp:+1213555\u2022\u2022\u2022\u2022", "whatsapp:+1\u2022\u2022\u2022\u2022\u2022\u2022\u2022\u2022\u2022\u2022"},
		{"+4479****0142", "+1213****0178", "+1***********"},
		{"**********", "**********", "**********"},
	} {
		if !IsMasked(tc.masked) {
			t.Errorf("%s is not taken for masked", tc.masked)
		}
		if got := Mask(tc.masked, fake, false); got != tc.want {
			t.Errorf("Mask(%q) = %q, want %q", tc.masked, got, tc.want)
		}
		if got := Mask(tc.masked, fake, true); got != tc.hidden {
			t.Errorf("Mask(%q) hidden = %q, want %q", tc.masked, got, tc.hidden)
		}
	}
	for _, plain := range []string{"", "+14155551234", "ACME", "XXX", "24x7", "4155551234x12", "US.ABC", "*", "#1", "a***@b.co", "12"} {
		if IsMasked(plain) {
			t.Errorf("%q is taken for masked", plain)
		}
	}
}

func TestFitsMask(t *testing.T) {
	for _, tc := range []struct {
		masked, number string
		want           bool
	}{
		{"+1415555****", "+14155550142", true},
		{"****0142", "+14155550142", true},
		{"(415) 555-****", "+14155550142", true},
		{"+1415***0142", "+14155550142", true},
		{"+1415555\u2026", "+14155550142", true},
		{"+1415556****", "+14155550142", false},
		{"+1415555***", "+14155550142", false}, // a digit short
		{"+1***", "+14155550142", false},       // anybody's
		{"+4479****0142", "+447900000142", true},
	} {
		if got := FitsMask(tc.masked, tc.number); got != tc.want {
			t.Errorf("FitsMask(%q, %q) = %v", tc.masked, tc.number, got)
		}
	}
}
