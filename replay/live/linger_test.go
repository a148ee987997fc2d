package live

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"reprise/replay"
	"reprise/replay/report"
	"reprise/replay/results"
)

// shown is a show of metrics alone, whose server is none.
func shown(linger time.Duration) *Show {
	m := NewMetrics(MetricsOptions{Control: new(replay.Control), Listener: address(at)})
	return &Show{metrics: m, linger: linger, stopMetrics: func() {}}
}

func ask(h http.Handler, method, path, host string) int {
	r := httptest.NewRequest(method, path, nil)
	r.Host = host
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Code
}

func TestLinger(t *testing.T) {
	for _, tc := range []struct {
		name string
		do   func(w *Show, stop func())
		at   time.Duration
		ends time.Duration
		read bool
	}{
		{"nobody asks", func(*Show, func()) {}, 0, 30 * time.Second, false},
		{"a scrape ends it", func(w *Show, _ func()) { ask(w.metrics, "GET", "/metrics", at) }, 7 * time.Second, 7 * time.Second, true},
		{"two do", func(w *Show, _ func()) { ask(w.metrics, "GET", "/metrics", at); ask(w.metrics, "GET", "/metrics", at) }, time.Second, time.Second, true},
		{"a signal ends it", func(_ *Show, stop func()) { stop() }, 9 * time.Second, 9 * time.Second, false},
		{"a head alone is no scrape", func(w *Show, _ func()) { ask(w.metrics, "HEAD", "/metrics", at) }, time.Second, 30 * time.Second, false},
		{"another path is none", func(w *Show, _ func()) { ask(w.metrics, "GET", "/", at) }, time.Second, 30 * time.Second, false},
		{"another site's is none", func(w *Show, _ func()) { ask(w.metrics, "GET", "/metrics", "evil.example:9999") }, time.Second, 30 * time.Second, false},
	} {
		synctest.Test(t, func(t *testing.T) {
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			w := shown(30 * time.Second)
			if code := ask(w.metrics, "GET", "/metrics", at); code != 200 { // during the run, it counts for nothing
				t.Errorf("%s: a scrape during the run is answered by %d", tc.name, code)
			}
			w.Over(new(results.Accumulator))
			w.End(report.Ended{})
			begun := time.Now()
			time.AfterFunc(tc.at, func() { tc.do(w, stop) })
			if read := w.Linger(ctx); read != tc.read || time.Since(begun) != tc.ends {
				t.Errorf("%s: read %v after %v, want %v after %v", tc.name, read, time.Since(begun), tc.read, tc.ends)
			}
			if w.stopMetrics != nil {
				t.Errorf("%s: the metrics are still served", tc.name)
			}
		})
	}
}

// Over a socket, the last scrape is answered whole before the server goes, and then it is gone.
func TestLastScrapeIsWhole(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := NewShow(t.Context(), ShowOptions{Metrics: l, Linger: time.Minute, Control: new(replay.Control)})
	w.End(report.Ended{})
	read := make(chan bool)
	go func() { read <- w.Linger(t.Context()) }()
	url := "http://" + l.Addr().String() + "/metrics"
	for { // the first may come before the wait has begun
		res, err := http.Get(url)
		if err != nil {
			break
		}
		if res.StatusCode != 200 || res.Header.Get("Content-Type") == "" {
			t.Errorf("%d", res.StatusCode)
		}
		res.Body.Close()
	}
	if !<-read {
		t.Error("the scrape is not known")
	}
	now := NewShow(t.Context(), ShowOptions{Control: new(replay.Control)})
	now.End(report.Ended{})
	if now.Linger(t.Context()) {
		t.Error("metrics that there are not were read")
	}
}
