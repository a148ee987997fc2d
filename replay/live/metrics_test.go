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
		`reprise_shed_total 1`, `reprise_unsent_total 1`, `reprise_step 0`, `reprise_retries_waiting 0`, `reprise_retries_left_seconds 0`, `reprise_inflight_requests_limit 512`, `reprise_planned_duration_seconds 60`, `reprise_build_info{version="v1"} 1`,
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

func record(m *Metrics, seq int64, at, takes time.Duration) {
	_ = m.Record(&replay.Result{Seq: seq, Kind: capture.Reaction, Intended: at, Sent: at, Done: at + takes, Status: 200})
}

func open(t *testing.T, m *Metrics) string {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), "GET", "/metrics", nil)
	r.Host = at
	r.Header.Set("Accept", "application/openmetrics-text;version=1.0.0")
	w := httptest.NewRecorder()
	if m.ServeHTTP(w, r); w.Code != 200 || !strings.HasPrefix(w.Header().Get("Content-Type"), "application/openmetrics-text") {
		t.Fatalf("%d, %s", w.Code, w.Header().Get("Content-Type"))
	}
	return w.Body.String()
}

// TestExemplars: in a traced run a bucket names its last request, at most one a second; in another none does.
func TestExemplars(t *testing.T) {
	o := MetricsOptions{Version: "v1", Run: "run1", Trace: replay.TraceOn, Control: new(replay.Control), Listener: address(at)}
	traced := NewMetrics(o)
	o.Trace = replay.TraceOff
	plain := NewMetrics(o)
	for _, m := range []*Metrics{traced, plain} {
		record(m, 1, 0, 30*time.Millisecond)
		record(m, 2, 20*time.Millisecond, 30*time.Millisecond) // too soon after the first
		record(m, 3, 20*time.Millisecond, 80*time.Millisecond) // another bucket
		record(m, 4, 0, 2*time.Minute)                         // above all
	}
	text := open(t, traced)
	for seq, want := range map[int64]bool{1: true, 2: false, 3: true, 4: true} {
		mark := (&replay.Result{Seq: seq}).Mark()
		for _, name := range []string{"reprise_request_duration_seconds_bucket", "reprise_service_time_seconds_bucket"} {
			line := regexp.MustCompile(`(?m)^` + name + `\{kind="reaction",le="[^"]+"\} \d+ # \{[^}]*trace_id="` + replay.TraceID("run1", seq, 0) + `"[^}]*\} `)
			if got := line.MatchString(text); got != want || strings.Contains(text, `record="`+mark+`"`) != want {
				t.Errorf("%s of %s: %v, want %v", name, mark, got, want)
			}
		}
	}
	if strings.Count(text, "trace_id=") != 6 {
		t.Errorf("%d exemplars", strings.Count(text, "trace_id="))
	}
	if strings.Contains(open(t, plain), "trace_id") || strings.Contains(scrape(t, traced), "trace_id") {
		t.Error("an exemplar where there is no trace, or in a format that has none")
	}
	record(traced, 5, time.Second, 30*time.Millisecond)
	if text := open(t, traced); !strings.Contains(text, replay.TraceID("run1", 5, 0)) || strings.Contains(text, replay.TraceID("run1", 1, 0)) {
		t.Error("a later request does not take the exemplar's place")
	}
}

// BenchmarkRecordTraced is the same in a traced run, at 1,000 answers a second.
func BenchmarkRecordTraced(b *testing.B) {
	m := NewMetrics(MetricsOptions{Run: "run1", Trace: replay.TraceOn, Control: new(replay.Control), Listener: address(at)})
	i := 0
	for b.Loop() {
		t := time.Duration(i) * time.Millisecond
		_ = m.Record(&replay.Result{Kind: capture.Kind(i % 8), Intended: t, Sent: t + 5000, Done: t + time.Duration(i%97)*time.Millisecond, Status: 200})
		i++
	}
}
