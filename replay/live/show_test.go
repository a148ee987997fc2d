package live

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"reprise/replay"
	"reprise/replay/report"
	"reprise/replay/results"
)

// TestTheEndSaysWhy holds that a page is told the verdict and why requests were slow before its stream ends.
func TestTheEndSaysWhy(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := NewShow(t.Context(), ShowOptions{Dashboard: l, Control: new(replay.Control)})
	r, err := http.Get(strings.Replace(w.URL, "/?", "/events?", 1))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	go w.End(report.Ended{Verdict: "not faithful", Mood: "bad", Says: "The run was stopped by hand.", Why: []string{"Requests <b> took\nlong."}})
	text, err := io.ReadAll(r.Body)
	if want := `event: end` + "\n" + `data: {"verdict":"not faithful","mood":"bad","says":"The run was stopped by hand.","why":["Requests \u003cb\u003e took\nlong."]}` + "\n\n"; err != nil || !strings.HasSuffix(string(text), want) {
		t.Fatalf("the stream ended with %v and %q", err, text)
	}
}

func TestEveryPageHearsTheEnd(t *testing.T) {
	for range 200 { // the servers stop right after the end is told: neither may win by chance
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		w := NewShow(t.Context(), ShowOptions{Dashboard: l, Control: new(replay.Control)})
		r, err := http.Get(strings.Replace(w.URL, "/?", "/events?", 1))
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			w.Over(new(results.Accumulator))
			w.End(report.Ended{})
		}()
		text, err := io.ReadAll(r.Body)
		r.Body.Close()
		if err != nil || !strings.HasSuffix(string(text), "event: end\ndata: {}\n\n") {
			t.Fatalf("the stream ended with %v and %q", err, text)
		}
	}
}

// TestStepWhilePlayed holds which step of a shaped run a page is told of: by the schedule where the plan knows them, and by the clock in a
// search.
func TestStepWhilePlayed(t *testing.T) {
	shaped := &replay.Plan{Steps: []replay.PlannedStep{{Text: "1k at 1x"}, {Name: "up", Text: "ramp 5m to 4x", Start: time.Minute}}}
	search := []results.PlayedStep{{Number: 1, Text: "at 1x"}, {Number: 2, Text: "at 2x", Start: 20 * time.Second}}
	for _, tc := range []struct {
		name     string
		plan     *replay.Plan
		played   []results.PlayedStep
		position time.Duration
		want     string
	}{
		{"the first", shaped, nil, time.Second, "1/2  1k at 1x"},
		{"before the start", shaped, nil, -time.Second, "1/2  1k at 1x"},
		{"the second", shaped, nil, 2 * time.Minute, "2/2 up ramp 5m to 4x"},
		{"a search", nil, search, 30 * time.Second, "2/0  at 2x"},
		{"no shape", &replay.Plan{}, nil, time.Second, ""},
	} {
		got := ""
		if s := (&Dashboard{plan: tc.plan}).step(tc.position, tc.position, tc.played); s != nil {
			got = fmt.Sprintf("%d/%d %s %s", s.Number, s.Of, s.Name, s.Text)
		}
		if got != tc.want {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
	}
}
