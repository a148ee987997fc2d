package payload

import (
	"testing"
	"time"
)

func TestStamp(t *testing.T) {
	near := time.Date(2026, 11, 24, 4, 20, 0, 0, time.UTC)
	const d = 36*time.Hour + 1500*time.Millisecond
	for _, tc := range []struct{ in, want string }{
		{"2026-11-24T04:20:00Z", "2026-11-25T16:20:01Z"},
		{"2026-11-24t04:20:00z", "2026-11-25t16:20:01z"},
		{"2026-11-24T04:20:00.000Z", "2026-11-25T16:20:01.500Z"},
		{"2016-10-06T09:28:39.220+0000", "2016-10-07T21:28:40.720+0000"},
		{"2023-07-27T00:49:29+00:00", "2023-07-28T12:49:30+00:00"},
		{"2023-07-27T00:49:29.123456789-05:30", "2023-07-28T12:49:30.623456789-05:30"},
		{"2023-07-27T00:49:29,5+02", "2023-07-28T12:49:31,0+02"},
		{"2024-02-28T13:00:00", "2024-03-01T01:00:01"},
		{"2020-02-11 06:57:04", "2020-02-12 18:57:05"},
		{"2020-02-11 06:57:04 UTC", "2020-02-12 18:57:05 UTC"},
		{"1582650446", "1582780047"},
		{"1582650446123", "1582780047623"},
		{"2611240420", "2611251620"}, // YYMMDDhhmm, and 2052 in seconds
		{"1795494000", "1795623601"},
		{"20261124042000", "20261125162001"},
		{"Thu, 04 Jan 2024 18:05:25 GMT", "Sat, 06 Jan 2024 06:05:26 GMT"},
		{"Thu, 04 Jan 2024 18:05:25 +0000", "Sat, 06 Jan 2024 06:05:26 +0000"},
		// Not moments, or not in a form that is known.
		{"", ""},
		{"yesterday", ""},
		{"0", ""},
		{"123456789", ""},
		{"0123456789", ""},
		{"15826504461234", ""},
		{"2026-11-24", ""},
		{"2026-02-30T00:00:00Z", ""},
		{"2026-13-01T00:00:00Z", ""},
		{"2026-11-24T24:00:00Z", ""},
		{"2026-11-24T04:20:00.", ""},
		{"2026-11-24T04:20:00.1234567890Z", ""},
		{"2026-11-24T04:20:00EST", ""},
		{"2026-11-24T04:20:00+0", ""},
		{"2026-11-24_04:20:00", ""},
		{"2026/11/24 04:20:00", ""},
		{"Wed, 04 Jan 2024 18:05:25 GMT", ""},
		{"Thu, 04 Foo 2024 18:05:25 GMT", ""},
		{"Thu, 4 Jan 2024 18:05:25 GMT", ""},
		{"9999-12-31T00:00:00Z", ""},
		{"9999999999", ""},
	} {
		got, ok := AppendMoved(nil, []byte(tc.in), near, d)
		if string(got) != tc.want || ok != (tc.want != "") {
			t.Errorf("%q became %q (%v), want %q", tc.in, got, ok, tc.want)
		}
	}
}

// A moment that is not moved is written as it was; one that is moved there and back too.
func FuzzStamp(f *testing.F) {
	for _, s := range []string{
		"2026-11-24T04:20:00.123+00:00", "2020-02-11 06:57:04 UTC", "1582650446", "1582650446123", "2611240420", "20261124042000",
		"Thu, 04 Jan 2024 18:05:25 GMT", "2026-11-24T04:20:00,5-0530", "0000-01-01T00:00:00Z",
	} {
		f.Add([]byte(s), int64(90_061))
	}
	near := time.Unix(1_800_000_000, 0)
	f.Fuzz(func(t *testing.T, b []byte, minutes int64) {
		s, ok := parseStamp(b, near)
		if !ok {
			return
		}
		if got := s.append(nil); string(got) != string(b) {
			t.Fatalf("%q is written %q", b, got)
		}
		d := time.Duration(minutes%5_000_000) * time.Minute
		there, ok := s.moved(d)
		if !ok {
			return
		}
		out := there.append(nil)
		if len(out) != len(b) && s.form != unixSeconds && s.form != unixMillis {
			t.Fatalf("%q became %q", b, out)
		}
		if back, ok := there.moved(-d); !ok || string(back.append(nil)) != string(b) {
			t.Fatalf("%q became %q, and not again what it was", b, out)
		}
	})
}
