package session

import (
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // so that the test works on machines without a zone database

	"reprise/replay/pace"
)

// TestParseOutage holds the ways to write an outage, and where it lies in what is played.
func TestParseOutage(t *testing.T) {
	newYork, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	first, last := time.Date(2022, 11, 25, 20, 0, 0, 0, time.UTC), time.Date(2022, 11, 28, 4, 0, 0, 0, time.UTC)
	for _, tc := range []struct{ text, from, to, err string }{
		{"60s..90s", "2022-11-25T20:01:00Z", "2022-11-25T20:01:30Z", ""},
		{"0..1.5s", "2022-11-25T20:00:00Z", "2022-11-25T20:00:01.5Z", ""},
		{"1h .. 56h", "2022-11-25T21:00:00Z", "2022-11-28T04:00:00Z", ""},
		{"14:00..15:30", "2022-11-26T19:00:00Z", "2022-11-26T20:30:00Z", ""},
		{"15:00..15:30:30", "2022-11-25T20:00:00Z", "2022-11-25T20:30:30Z", ""},
		{"2022-11-27 14:00..2022-11-27 15:30", "2022-11-27T19:00:00Z", "2022-11-27T20:30:00Z", ""},
		{"2022-11-27T14:00:00Z..2022-11-27T15:30:00.5Z", "2022-11-27T14:00:00Z", "2022-11-27T15:30:00.5Z", ""},
		{"2022-11-26..2022-11-27", "2022-11-26T05:00:00Z", "2022-11-27T05:00:00Z", ""},
		{"60s", "", "", "is no stretch of time"},
		{"60s..", "", "", "has a beginning and an end"},
		{"..60s", "", "", "has a beginning and an end"},
		{"90s..60s", "", "", "does not begin before it ends"},
		{"60s..60s", "", "", "does not begin before it ends"},
		{"15:30..14:00", "", "", "does not begin before it ends"},
		{"23:50..00:10", "", "", "over midnight, give both ends with the day"},
		{"2022-11-27 15:30..2022-11-27 14:00", "", "", "does not begin before it ends"},
		{"-1s..60s", "", "", "before the first message"},
		{"60..90", "", "", "is no time"},
		{"60s..15:00", "", "", "in one way"},
		{"25:00..26:00", "", "", "is no time"},
		{"1h..57h", "", "", "is not within what is played"},
		{"2022-11-25 14:00..2022-11-25 15:30", "", "", "is not within what is played"},
		{"2022-11-27 22:00..2022-11-27 23:30", "", "", "is not within what is played"},
		{"2021-11-27 14:00..2021-11-27 15:30", "", "", "is not within what is played"},
	} {
		o, err := ParseOutage(tc.text, newYork)
		var from, to time.Time
		if err == nil {
			from, to, err = o.within(first, last)
		}
		switch {
		case tc.err != "":
			if err == nil || !strings.Contains(err.Error(), tc.err) {
				t.Errorf("%s: error %v, want %s", tc.text, err, tc.err)
			}
		case err != nil || from.UTC().Format(time.RFC3339Nano) != tc.from || to.UTC().Format(time.RFC3339Nano) != tc.to:
			t.Errorf("%s is %v to %v, error %v, want %s to %s", tc.text, from, to, err, tc.from, tc.to)
		}
	}
}

// TestOutagesThatMakeNoSense holds what is refused whatever the corpus is.
func TestOutagesThatMakeNoSense(t *testing.T) {
	outage := []Outage{{From: Moment{Since: time.Second}, To: Moment{Since: time.Minute}}}
	for _, tc := range []struct {
		tempo        Tempo
		option, says string
	}{
		{Tempo{Outages: outage}, "Drain", "above 0"},
		{Tempo{Outages: outage, Drain: -1}, "Drain", "negative"},
		{Tempo{Outages: outage, Drain: 1}, "Drain", "1ns is not from 1ms to a year"},
		{Tempo{Outages: outage, Drain: 9000 * time.Hour}, "Drain", "not from 1ms to a year"},
		{Tempo{Drain: 1}, "Drain", "set Outages too"},
		{Tempo{DrainOrder: Shuffled}, "DrainOrder", "set Outages too"},
		{Tempo{Outages: outage, Drain: time.Second, Shape: pace.Shape{Steps: []pace.Step{{Messages: 1, To: pace.Tempo{Scale: 2}}}}}, "Outages", "cannot be with the steps of Shape"},
	} {
		o := Options{Tempo: tc.tempo}.filled()
		err, ok := o.check().(*OptionError) //nolint:errorlint // it is what check returns
		if !ok || err.Option != tc.option || !strings.Contains(err.Error(), tc.says) {
			t.Errorf("%+v: %v, want %s: %s", tc.tempo, err, tc.option, tc.says)
		}
	}
}

func FuzzParseOutage(f *testing.F) {
	for _, seed := range []string{"60s..90s", "14:00..15:30", "2022-11-28T14:00:00Z..2022-11-28T15:30:00Z", "2022-11-28 14:00..2022-11-28", "..", "1s..-1s"} {
		f.Add(seed)
	}
	first := time.Date(2022, 11, 25, 20, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, text string) {
		o, err := ParseOutage(text, time.UTC)
		if err != nil {
			return
		}
		from, to, err := o.within(first, first.Add(100*time.Hour))
		if err == nil && (!from.Before(to) || from.Before(first) || to.After(first.Add(100*time.Hour))) {
			t.Errorf("%q is %v to %v", text, from, to)
		}
	})
}
