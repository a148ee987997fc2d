package session

import "testing"

func TestParseMessages(t *testing.T) {
	for _, tc := range []struct {
		text   string
		n      int64
		people bool
		ok     bool
	}{
		{"12000", 12000, false, true},
		{"12k", 12000, false, true},
		{"1", 1, false, true},
		{"12000 by people", 12000, true, true},
		{" 12k  by   people ", 12000, true, true},
		{"0", 0, false, false},
		{"-5", 0, false, false},
		{"+5", 0, false, false},
		{"1.5", 0, false, false},
		{"k", 0, false, false},
		{"", 0, false, false},
		{"many", 0, false, false},
		{"12 by", 0, false, false},
		{"12 by volume", 0, false, false},
		{"9999999999999999999", 0, false, false},
		{"9000000000000000000k", 0, false, false},
	} {
		n, people, err := ParseMessages(tc.text)
		if (err == nil) != tc.ok || n != tc.n || people != tc.people {
			if tc.ok || err == nil {
				t.Errorf("%q is %d, by people %v, error %v", tc.text, n, people, err)
			}
		}
	}
}

func FuzzParseMessages(f *testing.F) {
	for _, seed := range []string{"12000", "12k by people", "", "k", "99999999999999999999"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if n, _, err := ParseMessages(text); err == nil && n < 1 {
			t.Errorf("%q is %d", text, n)
		}
	})
}
