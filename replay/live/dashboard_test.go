package live

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"reprise/capture"
	"reprise/capture/pages"
	"reprise/replay"
	"reprise/replay/report"
	"reprise/replay/results"
)

type address string

func (address) Network() string  { return "tcp" }
func (a address) String() string { return string(a) }

const at = "127.0.0.1:9999"

func dashboard() *Dashboard {
	return NewDashboard(DashboardOptions{
		Title: "reprise <run>", Control: new(replay.Control), Listener: address(at), InFlightLimit: 512,
		Plan: &replay.Plan{Duration: time.Minute, First: time.Unix(1669395600, 0), Last: time.Unix(1669399200, 0)},
	})
}

// some is a run of 300 requests, 10 ms apart.
func some() *results.Accumulator {
	a := results.NewAccumulator(nil)
	for i := range 300 {
		t := time.Duration(i) * 10 * time.Millisecond
		res := replay.Result{Seq: int64(i), Kind: capture.Reaction, Intended: t, Sent: t + 1000, Done: t + 20*time.Millisecond, Status: 200}
		if i%100 == 7 {
			res.Status, res.Error = 0, replay.ReasonTimeout
		}
		_ = a.Record(&res)
	}
	return a
}

// TestDashboardRefuses is the table of what a hostile page or program may try.
func TestDashboardRefuses(t *testing.T) {
	d := dashboard()
	d.Publish(some().Windows(false), some().Errors(), nil)
	d.End(report.Ended{}) // so that the stream of events ends
	token := d.token
	for _, tc := range []struct {
		name, method, path, host string
		header                   map[string]string
		want                     int
	}{
		{"page", "GET", "/?token=" + token, at, nil, 200},
		{"page as localhost", "GET", "/?token=" + token, "localhost:9999", nil, 200},
		{"page with the cookie", "GET", "/", at, map[string]string{"Cookie": "reprise-9999=" + token}, 200},
		{"page without a token", "GET", "/", at, nil, 403},
		{"page with a wrong token", "GET", "/?token=AAAA", at, nil, 403},
		{"rebound name", "GET", "/?token=" + token, "evil.example:9999", nil, 403},
		{"another port", "GET", "/?token=" + token, "127.0.0.1:80", nil, 403},
		{"no host", "GET", "/?token=" + token, "", nil, 403},
		{"events", "GET", "/events", at, map[string]string{"Cookie": "reprise-9999=" + token}, 200},
		{"events with the header", "GET", "/events", at, map[string]string{"Reprise-Token": token}, 200},
		{"events with a wrong header", "GET", "/events", at, map[string]string{"Reprise-Token": "AAAA"}, 403},
		{"events without a token", "GET", "/events", at, nil, 403},
		{"events by a rebound name", "GET", "/events?token=" + token, "evil.example:9999", nil, 403},
		{"order", "POST", "/pause", at, map[string]string{"Reprise-Token": token}, 409}, // nothing is going
		{"order from the page", "POST", "/pause", at, map[string]string{"Reprise-Token": token, "Origin": "http://" + at, "Sec-Fetch-Site": "same-origin"}, 409},
		{"order without a token", "POST", "/pause", at, nil, 403},
		{"order with the cookie alone", "POST", "/pause", at, map[string]string{"Cookie": "reprise-9999=" + token, "Origin": "http://" + at}, 403},
		{"order with the token in the address alone", "POST", "/stop?token=" + token, at, nil, 403},
		{"order from another site", "POST", "/stop", at, map[string]string{"Reprise-Token": token, "Origin": "http://evil.example"}, 403},
		{"order from another port", "POST", "/stop", at, map[string]string{"Reprise-Token": token, "Origin": "http://127.0.0.1:80"}, 403},
		{"order from nowhere", "POST", "/stop", at, map[string]string{"Reprise-Token": token, "Origin": "null"}, 403},
		{"order of a cross-site fetch", "POST", "/stop", at, map[string]string{"Reprise-Token": token, "Sec-Fetch-Site": "cross-site"}, 403},
		{"order by GET", "GET", "/pause", at, map[string]string{"Reprise-Token": token}, 405},
		{"order to a rebound name", "POST", "/pause", "evil.example:9999", map[string]string{"Reprise-Token": token}, 403},
		{"unknown order", "POST", "/launch", at, map[string]string{"Reprise-Token": token}, 404},
	} {
		r := httptest.NewRequestWithContext(t.Context(), tc.method, tc.path, nil)
		r.Host = tc.host
		for k, v := range tc.header {
			r.Header.Set(k, v)
		}
		w := httptest.NewRecorder()
		d.ServeHTTP(w, r)
		if w.Code != tc.want {
			t.Errorf("%s: %d, want %d", tc.name, w.Code, tc.want)
		}
		if w.Header().Get("Access-Control-Allow-Origin") != "" || !strings.Contains(w.Header().Get("Content-Security-Policy"), "frame-ancestors 'none'") {
			t.Errorf("%s: its headers let others in", tc.name)
		}
		if w.Code != 200 && strings.Contains(w.Body.String(), token) {
			t.Errorf("%s: the refusal tells the token", tc.name)
		}
	}
}

func TestNotesByForm(t *testing.T) {
	d := dashboard()
	for body, want := range map[string]string{
		"text=cache+warmed": "409 the run has not begun", "text=": "400 not an order: a note needs a text", "note=x": "400 not an order: a note needs a text",
		"text=a%0Ab": "400 not an order: the note has characters", "text=a&text=b": "400 not an order", "text=" + strings.Repeat("x", 300): "400 not an order: a note of 300 bytes",
		"text=" + strings.Repeat("x", maxOrder): "400 not an order: it is too long",
	} {
		r := httptest.NewRequestWithContext(t.Context(), "POST", "/note", strings.NewReader(body))
		r.Host = at
		r.Header.Set(tokenHeader, d.token)
		w := httptest.NewRecorder()
		d.ServeHTTP(w, r)
		if got := strconv.Itoa(w.Code) + " " + w.Body.String(); !strings.HasPrefix(got, want) {
			t.Errorf("%.20s: %s, want %s", body, got, want)
		}
	}
}

func TestOrdersAreBounded(t *testing.T) {
	d := dashboard()
	for body, want := range map[string]string{
		"time_scale=" + strings.Repeat("1", maxOrder): "too long", "time_scale=x": "say time_scale", "2": "say time_scale",
		"time_scale=NaN": "not between", "time_scale=-1": "not between", "time_scale=2": "not begun",
	} {
		r := httptest.NewRequestWithContext(t.Context(), "POST", "/scale", strings.NewReader(body))
		r.Host = at
		r.Header.Set(tokenHeader, d.token)
		w := httptest.NewRecorder()
		d.ServeHTTP(w, r)
		code := 409
		if strings.HasPrefix(want, "say") || want == "too long" {
			code = 400
		}
		if w.Code != code || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%.20s: %d %s, want %s", body, w.Code, w.Body, want)
		}
	}
}

// serving serves a dashboard for real.
func serving(t *testing.T) (*Dashboard, string) {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	d := NewDashboard(DashboardOptions{Title: "x", Control: new(replay.Control), Listener: l.Addr()})
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() {
		if err := pages.ServeWithin(ctx, l, d, 300*time.Millisecond); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(func() {
		stop()
		running.Wait()
	})
	return d, l.Addr().String()
}

// TestEvents holds that a page gets a snapshot at once, the next when there is one, and is told of the end.
func TestEvents(t *testing.T) {
	d, addr := serving(t)
	a := some()
	d.Publish(a.Windows(false), a.Errors(), nil)
	req, err := http.NewRequestWithContext(t.Context(), "GET", "http://"+addr+"/events?token="+d.token, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	in := bufio.NewReader(resp.Body)
	next := func() (event, data string) {
		for {
			line, err := in.ReadString('\n')
			if err != nil {
				t.Fatal(err)
			}
			switch line = strings.TrimSuffix(line, "\n"); {
			case line == "":
				return event, data
			case strings.HasPrefix(line, "event: "):
				event = line[7:]
			case strings.HasPrefix(line, "data: "):
				data = line[6:]
			}
		}
	}
	for i := range 2 {
		event, data := next()
		var s snapshot
		if err := json.Unmarshal([]byte(data), &s); event != "snapshot" || err != nil {
			t.Fatalf("event %q: %v", event, err)
		}
		if len(s.Course.T) < 20 || s.Status.Errors["timeout"] != 3 || s.Course.Schema != report.CourseSchema {
			t.Errorf("snapshot %d: %d windows, errors %v", i, len(s.Course.T), s.Status.Errors)
		}
		if i == 0 {
			d.Publish(a.Windows(false), a.Errors(), nil)
		}
	}
	d.End(report.Ended{})
	if event, _ := next(); event != "end" {
		t.Errorf("event %q, want end", event)
	}
	if _, err := in.ReadByte(); err != io.EOF {
		t.Errorf("after the end: %v", err)
	}
}

// TestManyStreamsAreBounded opens far more streams than there may be: the others are refused or wait outside, publishing
// goes on, and a page is answered when they have gone.
func TestManyStreamsAreBounded(t *testing.T) {
	const clients = 10_000
	d := dashboard()
	a := some()
	d.Publish(a.Windows(false), a.Errors(), nil)
	ctx, leave := context.WithCancel(t.Context())
	var watching, refused atomic.Int64
	var all sync.WaitGroup
	for range clients {
		all.Go(func() {
			r := httptest.NewRequestWithContext(ctx, "GET", "/events?token="+d.token, nil)
			r.Host = at
			w := httptest.NewRecorder()
			watching.Add(1)
			d.ServeHTTP(w, r)
			if w.Code == http.StatusServiceUnavailable {
				refused.Add(1)
			}
		})
	}
	for refused.Load() < clients-maxStreams {
		d.Publish(a.Windows(false), a.Errors(), nil)
		time.Sleep(time.Millisecond) // those that come are to have the processor, and not those that are told
	}
	leave()
	all.Wait()
	if n := clients - refused.Load(); n != maxStreams {
		t.Errorf("%d streams were let in, want %d", n, maxStreams)
	}
	if d.streams != 0 {
		t.Errorf("%d streams are counted after all have gone", d.streams)
	}
}

// TestSlowClients holds more connections open than are let in, with half a request line each: those that are let in are
// cut off for it, and a page is answered afterwards.
func TestSlowClients(t *testing.T) {
	d, addr := serving(t)
	var dialer net.Dialer
	var conns []net.Conn
	for range pages.MaxConnections + 20 {
		c, err := dialer.DialContext(t.Context(), "tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		_, _ = c.Write([]byte("GET / HT"))
		conns = append(conns, c)
	}
	// A read ends when the server gives up on the client: no clock is asked.
	if _, err := conns[0].Read(make([]byte, 1)); err == nil {
		t.Log("the server said something before it closed")
	}
	req, err := http.NewRequestWithContext(t.Context(), "GET", "http://"+addr+d.Path(), nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != 200 {
		t.Errorf("the page after the slow ones: %d", resp.StatusCode)
	}
}

// BenchmarkPublish is what a second of a dashboard costs the goroutine that writes the run file.
func BenchmarkPublish(b *testing.B) {
	a := results.NewAccumulator(nil)
	for i := range 600_000 {
		t := time.Duration(i) * 100 * time.Microsecond
		_ = a.Record(&replay.Result{Kind: capture.Kind(i % 9), Intended: t, Sent: t, Done: t + time.Duration(i%50)*time.Millisecond, Status: 200})
	}
	d := dashboard()
	for b.Loop() {
		d.Publish(a.Windows(false), a.Errors(), nil)
	}
	b.ReportMetric(float64(len(d.text)), "B/event")
}
