package sms

import "testing"

func TestRegion(t *testing.T) {
	for _, tc := range []struct{ number, want string }{
		{"+14155550123", "US"},
		{"+14165550123", "CA"},
		{"+447700900123", "GB"},
		{"+447781123456", "GB"},
		{"+18765550123", "JM"},
		{"+61491570006", "AU"},
		{"+33639981234", "FR"},
		{"28572", ""},
		{"", ""},
		{"ACME", ""},
	} {
		if got := Region(tc.number); got != tc.want {
			t.Errorf("Region(%q) = %q, want %q", tc.number, got, tc.want)
		}
	}
}
