package live

import (
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"reprise/capture"
	"reprise/replay"
)

func TestCompletionsAreShownWhileARunGoesOn(t *testing.T) {
	at := "127.0.0.1:9464"
	counts := func() CompletionCounts { return CompletionCounts{Completed: 2, Failed: 1, Waiting: 5} }
	m := NewMetrics(MetricsOptions{Control: new(replay.Control), Listener: address(at), Completions: counts})
	show := &Show{metrics: m}
	show.Completed(capture.Help, 1500*time.Millisecond, false)
	show.Completed(capture.Help, 3*time.Second, true)
	show.Completed(99, time.Second, false) // a kind of a later version
	r := httptest.NewRequestWithContext(t.Context(), "GET", "/metrics", nil)
	r.Host = at
	w := httptest.NewRecorder()
	m.ServeHTTP(w, r)
	for _, line := range []string{
		`reprise_completions_total{kind="help",result="ok"} 1`, `reprise_completions_total{kind="help",result="failed"} 1`,
		`reprise_completions_total{kind="other",result="ok"} 1`, `reprise_completions_waiting 5`,
		`reprise_completion_duration_seconds_bucket{kind="help",le="2.5"} 1`, `reprise_completion_duration_seconds_count{kind="help"} 2`,
	} {
		if !strings.Contains(w.Body.String(), line+"\n") {
			t.Errorf("a scrape has no %s", line)
		}
	}
	(&Show{}).Completed(capture.Help, 0, false) // nobody asked for metrics

	d := NewDashboard(DashboardOptions{Control: new(replay.Control), Listener: address(at), Completions: counts})
	text, err := json.Marshal(d.status(nil, nil))
	if err != nil || !strings.Contains(string(text), `"completions":{"completed":2,"failed":1,"waiting":5}`) {
		t.Errorf("%s, %v", text, err)
	}
	d = NewDashboard(DashboardOptions{Control: new(replay.Control), Listener: address(at)})
	if text, _ := json.Marshal(d.status(nil, nil)); strings.Contains(string(text), "completions") {
		t.Errorf("nobody tells of completions: %s", text)
	}
}
