package results

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"reprise/capture"
	"reprise/replay"
)

// limitedRun is a run of 10 requests: 5 × 200, 3 × 429 of which two asked to wait, 1 × 503 and 1 × 404.
func limitedRun() []replay.Result {
	var rows []replay.Result
	for i, status := range []int{200, 429, 200, 429, 200, 503, 200, 404, 200, 429} {
		rows = append(rows, replay.Result{Seq: int64(i), Kind: capture.Help, Intended: time.Duration(i), Sent: time.Duration(i) + 1, Done: time.Duration(i) + 2, Status: status})
	}
	rows[1].RetryAfter, rows[3].RetryAfter, rows[5].RetryAfter = 1500*time.Millisecond, 30*time.Second, time.Hour
	rows[9].RetryAfter = 0
	return rows
}

func TestNamedAnswers(t *testing.T) {
	a := NewAccumulator(nil)
	for _, r := range limitedRun() {
		_ = a.Record(&r)
	}
	s := a.Summary(nil)
	if s.Answers[AnswerLimited] != 3 || s.Answers[AnswerUnavailable] != 1 || s.Answers[AnswerRejected] != 1 || len(s.Answers) != 3 {
		t.Errorf("answers %v", s.Answers)
	}
	if r := s.RetryAfter; r == nil || r.Answers != 2 || r.Max != 30*time.Second || r.P50 < 1499*time.Millisecond || r.P50 > 1502*time.Millisecond {
		t.Errorf("Retry-After %+v", s.RetryAfter)
	}
	for text, want := range map[string]bool{
		"rate_limited<31%": true, "rate_limited<30%": false, "rate_limited=3": true, "rejected=1": true, "unavailable<=10%": true, "errors=5": true,
		"rate_limited{help}=3": true, "status.5xx=1": true, "status.429<3": false, "status.4xx=4": true, "status.502=0": true,
	} {
		list, err := ParseExpect(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if ok, got := list[0].Check(&s); ok != want {
			t.Errorf("%s: %v (%s)", text, ok, got)
		}
	}
	for _, text := range []string{"status<1", "status.x=1", "status.50=1", "status.-50=1", "status.xxx=1", "rate_limits=1", "rate_limited<1s"} {
		if _, err := ParseExpect(text); err == nil {
			t.Errorf("%s was taken", text)
		}
	}
}

// TestRejectionsNameTheirFlags holds that each status points to what mends it, and to nothing else.
func TestRejectionsNameTheirFlags(t *testing.T) {
	for code, want := range map[string]string{"401": "--sign-url", "403": "'Authorization: @FILE'", "404": "--recipients, --path-rewrite and the path of --target", "422": "--restamp"} {
		e := faithful()
		answered(code, 9000)(&e)
		v := Judge(e)
		if len(v.Bottlenecks) != 1 || !strings.Contains(v.Bottlenecks[0].Text, want) {
			t.Errorf("%s: %v, want %s", code, v.Bottlenecks, want)
			continue
		}
		for _, other := range []string{"--sign-url", "--recipients", "--restamp"} {
			if text := v.Bottlenecks[0].Text; other != want && strings.Contains(text, other) && code != "401" && code != "403" && !strings.HasPrefix(want, other) {
				t.Errorf("%s names %s: %s", code, other, text)
			}
		}
	}
}

// TestRetryAfterIsKept holds that a run file keeps it to the millisecond, and that 0 seconds are told from none.
func TestRetryAfterIsKept(t *testing.T) {
	rows := limitedRun()
	rows[9].RetryAfter = 1
	var file bytes.Buffer
	w, err := NewWriter(&file, Header{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range rows {
		if err := w.Record(&rows[i]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(replay.Outcome{}); err != nil {
		t.Fatal(err)
	}
	r, err := NewReader(bytes.NewReader(file.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	var res replay.Result
	for i := 0; ; i++ {
		if err := r.Next(&res); errors.Is(err, io.EOF) {
			if i != len(rows) {
				t.Errorf("%d rows", i)
			}
			break
		} else if err != nil {
			t.Fatal(err)
		}
		if res != rows[i] {
			t.Errorf("row %d: %+v, want %+v", i, res, rows[i])
		}
	}
}

func TestNameOf(t *testing.T) {
	for status, want := range map[int]string{
		200: "", 400: "", 401: AnswerRejected, 403: AnswerRejected, 404: AnswerRejected, 407: "", 422: "", 429: AnswerLimited, 500: "", 503: AnswerUnavailable,
	} {
		if got := nameOf(status); got != want {
			t.Errorf("%d is called %q, want %q", status, got, want)
		}
	}
}

// TestLongWaits holds that waits of more than a day are told as that, whatever histograms make of them.
func TestLongWaits(t *testing.T) {
	for asked, want := range map[time.Duration]string{
		time.Hour: "1h0m0s", 24 * time.Hour: "1 day or more", 9999 * time.Hour: "1 day or more", 365 * 24 * time.Hour: "1 day or more",
	} {
		var w waits
		for range 3 {
			w.add(&replay.Result{Status: 429, RetryAfter: asked})
		}
		r := w.sum()
		if got := AWait(r.Max, time.Duration.String); got != want || r.Max > longest || r.P50 > longest {
			t.Errorf("%v: %s, %+v", asked, got, r)
		}
		if got := AWait(r.P50, time.Duration.String); asked >= longest && got != want {
			t.Errorf("%v: in the middle %s", asked, got)
		}
	}
}
