package dialect

import (
	"testing"
	"time"
)

func TestParseTime(t *testing.T) {
	at := time.Date(2022, 11, 25, 18, 0, 7, 0, time.UTC)
	for text, want := range map[string]struct {
		t        time.Time
		fraction bool
	}{
		"2022-11-25T18:00:07Z":             {at, false},
		"2022-11-25T18:00:07+00:00":        {at, false},
		"2022-11-25T13:00:07-0500":         {at, false},
		"2022-11-25 18:00:07":              {at, false},
		"2022-11-25 18:00:07 UTC":          {at, false},
		"2022-11-25 23:30:07+05:30":        {at, false},
		"2022-11-25 18:00:07.123456+00":    {at.Add(123456 * time.Microsecond), true},
		"2022-11-25T18:00:07.000Z":         {at, true},
		" 2022-11-25T18:00:07.5Z ":         {at.Add(time.Second / 2), true},
		"Fri, 25 Nov 2022 18:00:07 +0000":  {at, false},
		"Fri, 25 Nov 2022 13:00:07 -0500":  {at, false},
		"1669399207":                       {at, false},
		"1669399207.25":                    {at.Add(time.Second / 4), true},
		"1669399207123":                    {at.Add(123 * time.Millisecond), true},
		"1669399207123456":                 {at.Add(123456 * time.Microsecond), true},
		"1669399207123456789":              {at.Add(123456789), true},
		"2022-11-25T18:00:07.123456789012": {at.Add(123456789), true},
	} {
		got, fraction, ok := ParseTime(text)
		if !ok || !got.Equal(want.t) || got.Location() != time.UTC || fraction != want.fraction {
			t.Errorf("%q: %v, fraction %v, %v; want %v, %v", text, got, fraction, ok, want.t, want.fraction)
		}
	}
	for _, text := range []string{
		"", "now", "12:00", "2022-11-31 18:00:07", "2022-13-01 00:00:00", "2022-11-25", "2022-11-25T18:00", "2022-11-25T18:00:07.Z", "2022-11-25T18:00:07+1",
		"2022-11-25T18:00:07 EST", "2022-11-25T18:00:07+25:00", "1669399207.1.2", "166939920712345678901234", "0001-01-01T00:00:00Z", "99999999-1", "2022-11-25x18:00:07",
		"11/25/2022 18:00:07", "2022-11-25T18:00:07+é0",
	} {
		if got, _, ok := ParseTime(text); ok {
			t.Errorf("%q is taken for %v", text, got)
		}
	}
}

func FuzzParseTime(f *testing.F) {
	for _, text := range []string{"2022-11-25T18:00:07.5+05:30", "1669399207.25", "Fri, 25 Nov 2022 18:00:07 +0000"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, _, ok := ParseTime(text)
		if again, _, ok2 := ParseTime(got.Format(time.RFC3339Nano)); ok && (!ok2 || !again.Equal(got)) {
			t.Errorf("%q: %v, read again %v", text, got, again)
		}
	})
}
