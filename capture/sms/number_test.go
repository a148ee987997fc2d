package sms

import (
	"strings"
	"testing"
	"unicode"
)

func TestCanonical(t *testing.T) {
	for _, tc := range []struct {
		raw, number string
		class       Class
	}{
		// One person, however it is written.
		{"+14155551234", "+14155551234", E164},
		{"14155551234", "+14155551234", E164},
		{"4155551234", "+14155551234", E164},
		{" 14155551234", "+14155551234", E164}, // a plus that was decoded as a space
		{"0014155551234", "+14155551234", E164},
		{"01114155551234", "+14155551234", E164},
		{"(415) 555-1234", "+14155551234", E164},
		{"415-555-1234", "+14155551234", E164},
		{"1 (415) 555-1234", "+14155551234", E164},
		{"+1 415.555.1234", "+14155551234", E164},
		{"whatsapp:+14155551234", "+14155551234", E164},
		{"WhatsApp: +1 415 555 1234", "+14155551234", E164},
		{"rcs:14155551234", "+14155551234", E164},
		{"tel:+1-415-555-1234", "+14155551234", E164},
		{"＋１４１５５５５１２３４", "+14155551234", E164},
		{"４１５５５５１２３４", "+14155551234", E164},
		{"+\u0661\u0664\u0661\u0665\u0665\u0665\u0665\u0661\u0662\u0663\u0664", "+14155551234", E164},

		// Other countries.
		{"447700900123", "+447700900123", E164},
		{"+44 (0)7700 900123", "+447700900123", E164},
		{"0044 7700 900123", "+447700900123", E164},
		{"011 44 7700 900123", "+447700900123", E164},
		{"+33 6 39 98 12 34", "+33639981234", E164},
		{"6591234567", "+6591234567", E164},  // ten digits, but 659-123 is no exchange
		{"4520123456", "+4520123456", E164},  // nor is 452 an area code
		{"298211234", "+298211234", E164},    // nine digits of the Faroes
		{"8005550100", "+18005550100", E164}, // toll-free
		{"+298211234", "+298211234", E164},   // with a plus nobody asks
		{"882162012345678", "+882162012345678", E164},

		{"28572", "28572", ShortCode},
		{"+28572", "28572", ShortCode},
		{"911", "911", ShortCode},
		{" 283 572 ", "283572", ShortCode},
		{"２８５７２", "28572", ShortCode},

		{"ACME", "ACME", Alphanumeric},
		{"Acme 24", "Acme 24", Alphanumeric},
		{" AMAZON ", "AMAZON", Alphanumeric},
		{"sms:Zürich", "Zürich", Alphanumeric},

		{"", "", None},
		{"  ", "", None},
		{"12", "12", None},
		{"+12", "+12", None},
		{"07700900123", "07700900123", None}, // national, and no telling where
		{"2345678", "2345678", None},         // local, and no telling where
		{"+04155551234", "+04155551234", None},
		{"1234567890123456", "1234567890123456", None},
		{"messenger:123456789012345", "messenger:123456789012345", None}, // an id, though it has the length of a number
		{"Messenger: 28572", "messenger:28572", None},
		{"whatsapp:US.13491208655302741918", "US.13491208655302741918", None},
		{"+1415555****", "+1415555****", None},
		{"whatsapp:+1XXX\u2026", "+1XXX\u2026", None},
		{"****0142", "****0142", None},
		{"jane@example.com", "jane@example.com", None},
		{"a.b@c.de", "a.b@c.de", None},
		{"no such sender at all", "no such sender at all", None},
		{strings.Repeat("-1", 40), strings.Repeat("-1", 40), None},
	} {
		number, class := Canonical(tc.raw)
		if number != tc.number || class != tc.class {
			t.Errorf("Canonical(%q) = %q, %v, want %q, %v", tc.raw, number, class, tc.number, tc.class)
		}
	}
}

func TestRestyle(t *testing.T) {
	const fake = "+12125550100"
	for _, tc := range []struct{ raw, fake, want string }{
		{"+14155551234", fake, "+12125550100"},
		{"14155551234", fake, "12125550100"},
		{"4155551234", fake, "2125550100"},
		{"(415) 555-1234", fake, "2125550100"},
		{"+1 415-555-1234", fake, "+12125550100"},
		{"0014155551234", fake, "0012125550100"},
		{"01114155551234", fake, "01112125550100"},
		{"whatsapp:+14155551234", fake, "whatsapp:+12125550100"},
		{"whatsapp:14155551234", fake, "whatsapp:12125550100"},
		{" 14155551234", fake, " 12125550100"},
		{"＋１４１５５５５１２３４", fake, "+12125550100"},
		{"447700900123", fake, "12125550100"},
		{"+44 (0)7700 900123", fake, "+12125550100"},
		{"4155551234", "+447700900123", "447700900123"},
		{"14155551234", "+4162234567", "+4162234567"}, // bare, it would read as a number of Toronto
		{"28572", "01234", "01234"},
		{"+28572", "01234", "+01234"},
		{"+14155551234", "01234", "01234"},
		{"whatsapp:+14155551234", "01234", "whatsapp:01234"},
		{"0014155551234", "01234", "01234"},
		{"(415) 555-1234", "01234", "01234"},
		{"+14155551234", "ACME", "ACME"},
		{"28572", fake, fake},
		{"ACME", fake, fake},
		{"messenger:123456789012345", "987654321012345", "messenger:987654321012345"},
		{"whatsapp:US.13491208655302741918", "US.1", "whatsapp:US.1"},
		{"", fake, fake},
	} {
		if got := Restyle(tc.raw, tc.fake); got != tc.want {
			t.Errorf("Restyle(%q, %q) = %q, want %q", tc.raw, tc.fake, got, tc.want)
		}
	}
}

// TestRestyleKeepsTheNumber asks that a restyled number is still the same number, for every style and area code.
func TestRestyleKeepsTheNumber(t *testing.T) {
	for _, raw := range []string{
		"+14155551234", "14155551234", "4155551234", "(415) 555-1234", "0014155551234", "01114155551234", "rcs:+14155551234",
		"tel:14155551234", "447700900123", "+44 7700 900123", "４１５５５５１２３４", " 14155551234 ",
	} {
		for i := 0; i < Wide().Len(); i += 9995 {
			fake := Wide().At(i)
			if got, class := Canonical(Restyle(raw, fake)); got != fake || class != E164 {
				t.Fatalf("Canonical(Restyle(%q, %q)) = %q, %v", raw, fake, got, class)
			}
		}
	}
}

// TestDigitsComeInTens holds what digitValue relies on.
func TestDigitsComeInTens(t *testing.T) {
	check := func(lo, hi, stride uint32) {
		if stride != 1 || (hi-lo+1)%10 != 0 {
			t.Errorf("digits %U to %U by %d are not whole tens", lo, hi, stride)
		}
	}
	for _, r := range unicode.Nd.R16 {
		check(uint32(r.Lo), uint32(r.Hi), uint32(r.Stride))
	}
	for _, r := range unicode.Nd.R32 {
		check(r.Lo, r.Hi, r.Stride)
	}
}

func TestCanonicalDoesNotAllocate(t *testing.T) {
	for _, raw := range []string{"+14155551234", "28572", "whatsapp:+14155551234"} {
		if n := testing.AllocsPerRun(100, func() { Canonical(raw) }); n != 0 {
			t.Errorf("Canonical(%q) allocates %v times", raw, n)
		}
	}
}

func TestClassString(t *testing.T) {
	for class, want := range map[Class]string{None: "none", E164: "e164", ShortCode: "short code", Alphanumeric: "alphanumeric"} {
		if got := class.String(); got != want {
			t.Errorf("Class(%d).String() = %q, want %q", class, got, want)
		}
	}
}

func FuzzCanonical(f *testing.F) {
	for _, s := range []string{
		"+14155551234", "14155551234", "(415) 555-1234", "whatsapp:+14155551234", "0014155551234", "28572", "ACME", "",
		"+44 (0)7700 900123", "＋１４１５", "tel:+1;ext=5", "011 44 7700 900123", "298211234", "\xff1234567",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		number, class := Canonical(raw)
		if again, c := Canonical(number); class == E164 || class == ShortCode {
			if again != number || c != class {
				t.Fatalf("Canonical(%q) = %q, %v, but of that it is %q, %v", raw, number, class, again, c)
			}
		}
		fake := "12345"
		switch class {
		case E164:
			if n := len(number) - 1; number[0] != '+' || n < minE164 || n > maxE164 || number[1] == '0' {
				t.Fatalf("Canonical(%q) = %q, which is not E.164", raw, number)
			}
			fake = "+12015550123"
		case ShortCode:
			if len(number) < minShort || len(number) > maxShort {
				t.Fatalf("Canonical(%q) = %q, which is not a short code", raw, number)
			}
		default:
			return
		}
		if got, c := Canonical(Restyle(raw, fake)); got != fake || c != class {
			t.Fatalf("Restyle(%q, %q) = %q, which is %q, %v", raw, fake, Restyle(raw, fake), got, c)
		}
		if got, c := Canonical(Restyle(raw, "28572")); got != "28572" || c != ShortCode {
			t.Fatalf("Restyle(%q, %q) = %q, which is %q, %v", raw, "28572", Restyle(raw, "28572"), got, c)
		}
	})
}
