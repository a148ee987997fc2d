package audit

import "testing"

// A time may stay in a header, however it is written; what only looks like one may not.
func TestTimesInHeaders(t *testing.T) {
	rule := newHeaderRule(&PlainHeaders{})
	for value, want := range map[string]fate{
		"Thu, 24 Nov 2022 17:51:51 GMT": plain, "2022-11-24T17:51:51.821155806Z": plain, "1669312311": plain,
		"Thu, 24 Nov 2022 17:51:51 of Anna": leak, "Anna, 24 Nov 2022 17:51:51 GMT": leak, "2022-11-24T17:51:51Z from 4155552000": leak,
	} {
		if got := rule.fate("x-acme-timestamp", value); got != want {
			t.Errorf("%q: %v, want %v", value, got, want)
		}
	}
}
