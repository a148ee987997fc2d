package logs

import (
	"testing"
	"time"
)

// TestClock reads times that tell what they are, and those that a format tells.
func TestClock(t *testing.T) {
	const at = "2026-11-23T07:55:47"
	for _, tc := range []struct {
		text, format, tz, want string // want is empty where it is no time
	}{
		// Numbers, by their magnitude.
		{"1795420547", "", "", at + "Z"},
		{"1795420547.826", "", "", at + ".826Z"},
		{"1795420547826", "", "", at + ".826Z"},
		{"1795420547826.123", "", "", at + ".826123Z"},
		{"1795420547826123", "", "", at + ".826123Z"},
		{"1795420547826123457", "", "", at + ".826123457Z"},
		{"1.795420547826e9", "", "", at + ".826Z"},
		{"1.795420547826e12", "", "", at + ".826Z"},
		{"0001795420547", "", "", at + "Z"},
		{"-1", "", "", "1969-12-31T23:59:59Z"},
		{"0", "", "", "1970-01-01T00:00:00Z"},
		{"99999999999", "", "", ""}, // the year 5138
		{"100000000000", "", "", "1973-03-03T09:46:40Z"},
		{"20261123075547", "", "", ""}, // milliseconds, as 14 digits are: the year 2612
		{"1795420547", "unix_ms", "", "1970-01-21T18:43:40.547Z"},
		{"1795420547826", "unix", "", ""},
		{"1795420547.826", "%s", "", at + ".826Z"},
		// RFC 3339 and its kin.
		{at + "Z", "", "", at + "Z"},
		{at + "z", "rfc3339", "", at + "Z"},
		{at + ".1234567891Z", "", "", at + ".123456789Z"},
		{at + ",5Z", "", "", at + ".5Z"},
		{"2026-11-23t07:55:47+01:00", "", "", "2026-11-23T06:55:47Z"},
		{at + "+0530", "", "", "2026-11-23T02:25:47Z"},
		{at + "-08", "", "", "2026-11-23T15:55:47Z"},
		{"2026-11-23 07:55:47.5 +0100", "", "", "2026-11-23T06:55:47.5Z"},
		{"2026-11-23 07:55:47.826123 +0000 UTC", "", "", at + ".826123Z"},
		{"2026-11-23 07:55:47 UTC", "", "", at + "Z"},
		{"2026-11-23 07:55:47,826", "", "", at + ".826Z"},
		{"2026-11-23 07:55:47", "", "Europe/Berlin", "2026-11-23T06:55:47Z"},
		{"2026-11-23 07:55", "", "", "2026-11-23T07:55:00Z"},
		{at + "Z", "", "Europe/Berlin", at + "Z"},
		{"2026-12-31T23:59:60Z", "", "", "2027-01-01T00:00:00Z"},
		{"2026-02-30T00:00:00Z", "", "", ""},
		{"2026-13-01T00:00:00Z", "", "", ""},
		{"2026-11-23T24:00:00Z", "", "", ""},
		{"2026-11-23", "", "", ""},
		{at + "X", "", "", ""},
		{at + ".", "", "", ""},
		{at + "+1", "", "", ""},
		{at + "+99:00", "", "", ""},
		{at + "+ab:cd", "", "", ""},
		{at + " ", "", "", at + "Z"},
		// Clocks that were put forward and back.
		{"2026-03-08 02:30:00", "", "America/New_York", ""},
		{"2026-11-01 01:30:00", "", "America/New_York", "2026-11-01T05:30:00Z twice"},
		// Others that tell themselves.
		{"23/Nov/2026:08:55:47 +0100", "", "", at + "Z"},
		{"[23/Nov/2026:08:55:47.25 +0100]", "", "", at + ".25Z"},
		{"Mon, 23 Nov 2026 07:55:47 +0000", "", "", at + "Z"},
		{"Mon, 23 Nov 2026 07:55:47 GMT", "", "", at + "Z"},
		{"Mon, 23 Nov 2026 07:55:47 EST", "", "", ""},
		{"2026/11/23 07:55:47.826", "", "Europe/Berlin", "2026-11-23T06:55:47.826Z"},
		{"Mon Nov 23 07:55:47 2026", "", "", at + "Z"},
		{"yesterday", "", "", ""},
		{"", "", "", ""},
		// By a format.
		{"23/Nov/2026:08:55:47 +0100", "%d/%b/%Y:%H:%M:%S %z", "", at + "Z"},
		{"23/Nov/2026:08:55:47 +0100", "02/Jan/2006:15:04:05 -0700", "", at + "Z"},
		{"23.11.2026 07:55:47,826", "%d.%m.%Y %H:%M:%S,%f", "Europe/Berlin", "2026-11-23T06:55:47.826Z"},
		{"3.1.26 7:05:09 AM", "%-d.%-m.%y %-I:%M:%S %p", "", "2026-01-03T07:05:09Z"},
		{at + "Z", "%Y-%m-%dT%H:%M:%SZ", "Europe/Berlin", at + "Z"},
		{at + ".5+01:00", "%FT%T.%3N%:z", "", "2026-11-23T06:55:47.5Z"},
		{"327 2026 07:55:47", "%j %Y %T", "", at + "Z"},
		{"2026-11-23 07:55:47", "%F %T", "America/New_York", "2026-11-23T12:55:47Z"},
		{"2026-11-01 01:30:00", "%F %T", "America/New_York", "2026-11-01T05:30:00Z twice"},
		{"2026-11-23 07:55:47", "%d/%b/%Y:%H:%M:%S %z", "", ""},
	} {
		c, err := newClock(Map{TimeFormat: tc.format, TZ: tc.tz})
		if err != nil {
			t.Errorf("%s: %v", tc.format, err)
			continue
		}
		got := ""
		at, twice, ok := c.read([]byte(tc.text))
		if ok {
			got = at.Format(time.RFC3339Nano)
		}
		if twice {
			got += " twice"
		}
		if got != tc.want {
			t.Errorf("%q by %q in %q: %q, want %q", tc.text, tc.format, tc.tz, got, tc.want)
		}
	}
}

func TestLayoutOf(t *testing.T) {
	for format, want := range map[string]string{
		"%d/%b/%Y:%H:%M:%S %z":    "02/Jan/2006:15:04:05 -0700",
		"%Y-%m-%dT%H:%M:%S.%fZ":   "2006-01-02T15:04:05.999999999Z07:00",
		"%F %T,%L %:z":            "2006-01-02 15:04:05,999999999 -07:00",
		"%a %e %B %Y %I:%M:%S %P": "Mon _2 January 2006 03:04:05 pm",
		"%c":                      "Mon Jan _2 15:04:05 2006",
		"%D %R":                   "01/02/06 15:04",
		"at %%%H|%M":              "at %15|04",
		"%_d %0d %#d":             "02 02 2",
		"%Y%m%d%H%M%S":            "20060102150405",
	} {
		if got, err := layoutOf(format); got != want || err != nil {
			t.Errorf("%s: %q, %v, want %q", format, got, err, want)
		}
	}
	for format, want := range map[string]string{
		"%Y-%m-%d %H:%M:%S %":    "its last % has no verb",
		"%U":                     "%U cannot be read",
		"%k:%M":                  "%k cannot be read",
		"%:d":                    "%:d cannot be read",
		"%-Y":                    "%-Y cannot be read",
		"%H%f":                   "%f: a fraction can be read behind seconds and a point or a comma alone",
		"%H Jan %M":              "what stands between its verbs reads as a part of a time",
		"%H:%M:%S 2006 %d %m %Y": "what stands between its verbs reads as a part of a time",
		"\xff%":                  "its last % has no verb",
	} {
		if got, err := layoutOf(format); err == nil || err.Error() != want {
			t.Errorf("%s: %q, %v, want the error %q", format, got, err, want)
		}
	}
}

func TestReadDuration(t *testing.T) {
	for _, tc := range []struct {
		text string
		exp  int
		want time.Duration
		ok   bool
	}{
		{"0.012", seconds, 12 * time.Millisecond, true},
		{"12", milliseconds, 12 * time.Millisecond, true},
		{"1.5ms", seconds, 1500 * time.Microsecond, true},
		{"1.5 ms", nanoseconds, 1500 * time.Microsecond, true},
		{"250µs", seconds, 250 * time.Microsecond, true},
		{"1m2s", seconds, 62 * time.Second, true},
		{"fast", seconds, 0, false},
		{"", seconds, 0, false},
		{"ms", seconds, 0, false},
	} {
		if got, ok := readDuration([]byte(tc.text), tc.exp); got != tc.want || ok != tc.ok {
			t.Errorf("%q: %v, %v", tc.text, got, ok)
		}
	}
}

// FuzzClock reads any text by any format: it must not break, and what is RFC 3339 must be read as package time reads it.
func FuzzClock(f *testing.F) {
	for _, s := range []string{"1795420547.826", "2026-11-23T07:55:47Z", "2026-11-23 07:55:47,5 +0100", "[23/Nov/2026:08:55:47 +0100]", "1e400", "2026-11-23T07:55:47+", "0000-00-00T00:00"} {
		f.Add(s, "%d/%b/%Y:%H:%M:%S %z")
		f.Add(s, "")
	}
	f.Add("2026-11-23T07:55:47.5Z", "%Y-%m-%dT%H:%M:%S.%fZ")
	f.Add("x", "%-d%:z%3N%")
	f.Fuzz(func(t *testing.T, text, format string) {
		if c, err := newClock(Map{TimeFormat: format, TZ: "America/New_York"}); err == nil {
			if at, _, ok := c.read([]byte(text)); ok && (at.Location() != time.UTC || at.Year() < 1678 || at.Year() > 2262) {
				t.Fatalf("%q by %q: %v", text, format, at)
			}
		}
		want, err := time.Parse(time.RFC3339Nano, text)
		if err != nil || want.Year() < 1678 || want.Year() > 2261 {
			return
		}
		c, err := newClock(Map{})
		if err != nil {
			t.Fatal(err)
		}
		if got, _, ok := c.read([]byte(text)); !ok || !got.Equal(want) {
			t.Fatalf("%q: %v, %v; package time: %v", text, got, ok, want)
		}
	})
}
