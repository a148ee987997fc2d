package live

import (
	"encoding/json"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"reprise/capture"
	"reprise/replay"
)

func metrics() *Metrics {
	return NewMetrics(MetricsOptions{
		Version: "v1", Plan: &replay.Plan{Duration: time.Minute}, InFlightLimit: 512, Control: new(replay.Control), Listener: address(at),
	})
}

// TestMetricsCountEveryReason: each reason has a series of its own, or a counter.
func TestMetricsCountEveryReason(t *testing.T) {
	m := metrics()
	for _, reason := range replay.Reasons() {
		if err := m.Record(&replay.Result{Kind: capture.Help, Error: reason}); err != nil {
			t.Fatal(err)
		}
	}
	text := scrape(t, m)
	for _, reason := range replay.Reasons() {
		want := `reprise_errors_total{reason="` + string(reason) + `"} 1`
		if reason.Class() == replay.ClassWithheld {
			want = "reprise_" + string(reason) + "_total 1"
		}
		if !strings.Contains(text, want+"\n") {
			t.Errorf("the scrape lacks %s", want)
		}
	}
	if !strings.Contains(text, `reprise_errors_total{reason="other"} 0`+"\n") {
		t.Error("a reason counts as other")
	}
}

func scrape(t *testing.T, m *Metrics) string {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), "GET", "/metrics", nil)
	r.Host = at
	w := httptest.NewRecorder()
	m.ServeHTTP(w, r)
	if w.Code != 200 {
		t.Fatalf("scrape: %d", w.Code)
	}
	return w.Body.String()
}

func TestMetricsCount(t *testing.T) {
	m := metrics()
	for _, res := range []replay.Result{
		{Kind: capture.Reaction, Intended: time.Second, Sent: time.Second + time.Millisecond, Done: time.Second + 30*time.Millisecond, Status: 204},
		{Kind: capture.Reaction, Intended: time.Second, Sent: time.Second, Done: 2 * time.Second, Status: 503},
		{Kind: capture.Kind(99), Sent: 1, Done: 2, Status: 777},
		{Kind: capture.Help, Error: replay.ReasonTimeout, Sent: 1},
		{Kind: capture.Help, Error: "of another version", Sent: 1},
		{Kind: capture.Help, Error: replay.ReasonShed},
		{Kind: capture.Help, Error: replay.ReasonUnsent},
	} {
		if err := m.Record(&res); err != nil {
			t.Fatal(err)
		}
	}
	text := scrape(t, m)
	for _, want := range []string{
		`reprise_requests_total{code_class="2xx",kind="reaction"} 1`, `reprise_requests_total{code_class="5xx",kind="reaction"} 1`,
		`reprise_requests_total{code_class="other",kind="other"} 1`, `reprise_errors_total{reason="timeout"} 1`, `reprise_errors_total{reason="other"} 1`,
		`reprise_shed_total 1`, `reprise_unsent_total 1`, `reprise_inflight_requests_limit 512`, `reprise_planned_duration_seconds 60`, `reprise_build_info{version="v1"} 1`,
		`reprise_request_duration_seconds_bucket{kind="reaction",le="0.05"} 1`, `reprise_request_duration_seconds_count{kind="reaction"} 2`,
		`reprise_service_time_seconds_bucket{kind="reaction",le="1"} 2`, `reprise_start_lag_seconds_count 5`,
	} {
		if !strings.Contains(text, want+"\n") {
			t.Errorf("the scrape lacks %s", want)
		}
	}
	problems, err := promlint.New(strings.NewReader(text)).Lint()
	if err != nil || len(problems) > 0 {
		t.Errorf("promlint: %v %v", problems, err)
	}
}

// TestGrafanaAsksForWhatThereIs holds that every metric of the dashboard is in a scrape.
func TestGrafanaAsksForWhatThereIs(t *testing.T) {
	text := scrape(t, metrics())
	var board any
	if err := json.Unmarshal([]byte(Grafana), &board); err != nil {
		t.Fatal(err)
	}
	asked := 0
	var look func(v any)
	look = func(v any) {
		switch x := v.(type) {
		case []any:
			for _, y := range x {
				look(y)
			}
		case map[string]any:
			for name, y := range x {
				expr, ok := y.(string)
				if !ok || name != "expr" && name != "query" {
					look(y)
					continue
				}
				for _, metric := range regexp.MustCompile(`reprise_\w+`).FindAllString(expr, -1) {
					asked++
					if !regexp.MustCompile(`(?m)^` + metric + `[{ ]`).MatchString(text) {
						t.Errorf("no scrape has %s", metric)
					}
				}
			}
		}
	}
	look(board)
	if asked < 20 {
		t.Errorf("the dashboard asks for %d metrics only", asked)
	}
}

func TestMetricsRefuseAnotherPort(t *testing.T) {
	r := httptest.NewRequestWithContext(t.Context(), "GET", "/metrics", nil)
	r.Host = "evil.example:80"
	w := httptest.NewRecorder()
	if metrics().ServeHTTP(w, r); w.Code != 403 {
		t.Errorf("%d, want 403", w.Code)
	}
}

// BenchmarkRecord is what --metrics costs for each result.
func BenchmarkRecord(b *testing.B) {
	m := metrics()
	i := 0
	for b.Loop() {
		t := time.Duration(i) * time.Millisecond
		_ = m.Record(&replay.Result{Kind: capture.Kind(i % 8), Intended: t, Sent: t + 5000, Done: t + time.Duration(i%97)*time.Millisecond, Status: 200})
		i++
	}
}
