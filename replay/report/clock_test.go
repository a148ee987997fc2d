package report

import (
	"strings"
	"testing"
	"time"

	"reprise/replay/compare"
)

func TestClock(t *testing.T) {
	for _, tc := range []struct {
		first      string
		span, took time.Duration
		want       string
	}{
		{"2022-11-28T16:07:30Z", 4 * time.Hour, 4 * time.Minute, "16:30 17:00 17:30 18:00 18:30 19:00 19:30 20:00"},
		{"2022-11-28T22:00:00Z", 3 * 24 * time.Hour, time.Hour, "29 Nov 12:00 30 Nov 12:00 1 Dec 12:00"},
		{"2022-11-28T22:00:00.5Z", 20 * time.Second, 20 * time.Second, "22:00:05 22:00:10 22:00:15 22:00:20"},
		{"2022-11-28T22:00:00Z", time.Second, time.Second, "22:00 22:00:01"},
		{"2022-11-24T05:00:03.337Z", 5 * 24 * time.Hour, 26973 * time.Millisecond, "25 Nov 26 Nov 27 Nov 28 Nov 29 Nov"},
		{"2022-01-01T00:00:00Z", 40 * 365 * 24 * time.Hour, time.Second, ""},
	} {
		first, err := time.Parse(time.RFC3339, tc.first)
		if err != nil {
			t.Fatal(err)
		}
		c := clockOf(&compare.Recorded{First: first, Last: first.Add(tc.span), Took: tc.took})
		var list []string
		for _, s := range c.steps(tc.took.Seconds()) {
			list = append(list, c.label(s))
		}
		if got := strings.Join(list, " "); got != tc.want && tc.want != "" || len(list) > 60 {
			t.Errorf("%v from %s on: %s, want %s", tc.span, tc.first, got, tc.want)
		}
	}
	first := time.Date(2022, 11, 28, 22, 0, 0, 0, time.UTC)
	for span, want := range map[time.Duration]string{time.Hour: "22:30", time.Minute: "22:00:30", 4 * time.Hour: "29 Nov", 48 * time.Hour: "29 Nov 22:00"} {
		if got := recordedSays(&compare.Recorded{First: first, Last: first.Add(span), Took: 2 * time.Minute}, time.Minute); got != want {
			t.Errorf("the middle of %v is %s, want %s", span, got, want)
		}
	}
	if clockOf(nil) != nil {
		t.Error("there is a clock without a recording")
	}
}
