package send

import (
	"bufio"
	"context"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"reprise/capture"
	"reprise/replay"
)

func engine(t testing.TB, target string, o Options) *Engine {
	t.Helper()
	u, err := ParseTarget(target)
	if err != nil {
		t.Fatal(err)
	}
	e, err := New(u, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Close)
	return e
}

func post(body string) *replay.Request {
	return &replay.Request{Method: "POST", URL: "/sms", Host: "hooks.example", Body: []byte(body)}
}

func send(t testing.TB, e *Engine, q *replay.Request) replay.Result {
	t.Helper()
	var res replay.Result
	e.Send(t.Context(), time.Now(), q, &res)
	return res
}

// wire is a server that keeps the bytes of one request a connection and answers with fixed bytes.
type wire struct {
	addr  string
	conns atomic.Int64
	got   chan string
}

func listen(t testing.TB, answer func(c net.Conn, head string)) *wire {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{addr: "http://" + l.Addr().String(), got: make(chan string, 100)}
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			w.conns.Add(1)
			wg.Go(func() {
				defer c.Close()
				head, err := readRequest(bufio.NewReader(c))
				if err != nil {
					return
				}
				w.got <- head
				answer(c, head)
			})
		}
	})
	t.Cleanup(func() { l.Close(); wg.Wait() })
	return w
}

// readRequest returns a request's bytes as they came, its body by Content-Length or to the last chunk.
func readRequest(r *bufio.Reader) (string, error) {
	var b strings.Builder
	length, chunked := 0, false
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return "", err
		}
		b.WriteString(line)
		lower := strings.ToLower(line)
		_, _ = fmt.Sscanf(lower, "content-length: %d", &length)
		chunked = chunked || strings.HasPrefix(lower, "transfer-encoding: chunked")
		if line == "\r\n" {
			break
		}
	}
	for chunked && !strings.HasSuffix(b.String(), "\r\n0\r\n\r\n") {
		line, err := r.ReadString('\n')
		if err != nil {
			return "", err
		}
		b.WriteString(line)
	}
	_, err := io.CopyN(&b, r, int64(length))
	return b.String(), err
}

const ok200 = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

func say(answer string) func(net.Conn, string) {
	return func(c net.Conn, _ string) { _, _ = io.WriteString(c, answer) }
}

// What goes onto the wire is what the request holds, to the byte but for the order of headers.
func TestWire(t *testing.T) {
	for _, tc := range []struct {
		name string
		q    replay.Request
		want string
	}{
		{
			"header names keep their case, framing is net/http's",
			replay.Request{Method: "POST", URL: "/sms?a=%2B1&b", Host: "hooks.example:8443", Body: []byte("Body=STOP"), Headers: []capture.Header{
				{Name: "host", Value: "recorded.example"},
				{Name: "x-twilio-SIGNATURE", Value: "s"},
				{Name: "content-length", Value: "999"},
				{Name: "user-agent", Value: "TwilioProxy/1.1"},
			}},
			"POST /sms?a=%2B1&b HTTP/1.1\r\nHost: hooks.example:8443\r\nContent-Length: 9\r\nuser-agent: TwilioProxy/1.1\r\nx-twilio-SIGNATURE: s\r\n\r\nBody=STOP",
		},
		{
			"no header is added",
			replay.Request{Method: "POST", URL: "/", Host: "h"},
			"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n",
		},
		{
			"a GET has no body and no framing",
			replay.Request{Method: "GET", URL: "/v?text=a%20b+c", Host: "h"},
			"GET /v?text=a%20b+c HTTP/1.1\r\nHost: h\r\n\r\n",
		},
		{
			"chunked stays chunked",
			replay.Request{Method: "POST", URL: "/", Host: "h", Chunked: true, Body: []byte("{}")},
			"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
		},
		{
			"an empty chunked body too",
			replay.Request{Method: "POST", URL: "/", Host: "h", Chunked: true},
			"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		},
		{
			"equal names stay apart",
			replay.Request{Method: "POST", URL: "/", Host: "h", Headers: []capture.Header{{Name: "X-A", Value: "1"}, {Name: "X-A", Value: "2"}}},
			"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\nX-A: 1\r\nX-A: 2\r\n\r\n",
		},
		{
			"odd paths",
			replay.Request{Method: "POST", URL: "/a/%7e/../b//c;d=\"x\"?q=[1]&r={}", Host: "h"},
			"POST /a/%7e/../b//c;d=\"x\"?q=[1]&r={} HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n",
		},
		{
			"two slashes are a path",
			replay.Request{Method: "POST", URL: "//evil.example/%41?x=1", Host: "h"},
			"POST //evil.example/%41?x=1 HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n",
		},
		{
			"an empty query stays",
			replay.Request{Method: "POST", URL: "/a?", Host: "h"},
			"POST /a? HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n",
		},
		{
			"any method",
			replay.Request{Method: "PURGE", URL: "/a", Host: "h", Body: []byte("x")},
			"PURGE /a HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx",
		},
	} {
		w := listen(t, say(ok200))
		res := send(t, engine(t, w.addr, Options{}), &tc.q)
		if !res.OK() || res.Status != 200 || res.Bytes != 2 || res.Error != "" {
			t.Errorf("%s: %+v", tc.name, res)
			continue
		}
		if got := <-w.got; got != tc.want {
			t.Errorf("%s:\ngot  %q\nwant %q", tc.name, got, tc.want)
		}
	}
}

func TestTimes(t *testing.T) {
	release := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(200)
		_, _ = io.WriteString(w, "first")
		w.(http.Flusher).Flush()
		<-release
		_, _ = io.WriteString(w, "second")
	}))
	defer s.Close()
	time.AfterFunc(30*time.Millisecond, func() { close(release) })
	res := send(t, engine(t, s.URL, Options{}), post("x"))
	if !(res.Sent > 0 && res.FirstByte > res.Sent && res.Done-res.FirstByte > 5*time.Millisecond) || res.Bytes != 11 {
		t.Errorf("%+v", res)
	}
}

// Every reason, each from a target that behaves so.
func TestReasons(t *testing.T) {
	refuses := listen(t, say(ok200))
	speaks := speaker(t)
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := "http://" + closed.Addr().String()
	closed.Close()
	stall := make(chan struct{})
	defer close(stall)
	secure := httptest.NewTLSServer(http.NotFoundHandler())
	secure.Config.ErrorLog = discard()
	defer secure.Close()
	reset := func(c net.Conn, _ string) { _ = c.(*net.TCPConn).SetLinger(0) }
	quick := Options{Timeout: 50 * time.Millisecond}
	for _, tc := range []struct {
		name   string
		target string
		o      Options
		answer func(net.Conn, string)
		q      *replay.Request
		want   replay.Reason
		status int
	}{
		{"nobody listens", nobody, Options{}, nil, post(""), replay.ReasonConnect, 0},
		{"a name that does not exist", "http://no-such-host.invalid:1", Options{}, nil, post(""), replay.ReasonConnect, 0},
		{"refused by a rule", refuses.addr, Options{Guard: Guard{Forbidden: func(string) bool { return true }}}, nil, post(""), replay.ReasonConnect, 0},
		{"an unknown authority", secure.URL, Options{}, nil, post(""), replay.ReasonTLS, 0},
		{"no TLS there", strings.Replace(refuses.addr, "http:", "https:", 1), Options{Timeout: 200 * time.Millisecond}, nil, post(""), replay.ReasonTLS, 0},
		{"no TLS there, and it says so", strings.Replace(speaks.addr, "http:", "https:", 1), Options{}, nil, post(""), replay.ReasonTLS, 0},
		{"no answer", "", quick, func(net.Conn, string) { <-stall }, post(""), replay.ReasonTimeout, 0},
		{"half a body, then nothing", "", quick, func(c net.Conn, _ string) {
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nhalf")
			<-stall
		}, post(""), replay.ReasonTimeout, 200},
		{"a header without end, slowly", "", quick, func(c net.Conn, _ string) {
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nX-A: ")
			<-stall
		}, post(""), replay.ReasonTimeout, 0},
		{"closed without an answer", "", Options{}, say(""), post(""), replay.ReasonReset, 0},
		{"reset", "", Options{}, reset, post("x"), replay.ReasonReset, 0},
		{"closed in the body", "", Options{}, say("HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nhalf"), post(""), replay.ReasonReset, 200},
		{"closed in a chunk", "", Options{}, say("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nhalf"), post(""), replay.ReasonReset, 200},
		{"garbage", "", Options{}, say("SSH-2.0-OpenSSH_9.2\r\n\r\n"), post(""), replay.ReasonInvalid, 0},
		{"a garbage chunk", "", Options{}, say("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhalf"), post(""), replay.ReasonInvalid, 200},
		{"an endless header", "", Options{}, func(c net.Conn, _ string) {
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\n"+strings.Repeat("X-A: "+strings.Repeat("a", 1000)+"\r\n", 300))
		}, post(""), replay.ReasonInvalid, 0},
		{"a body beyond all measure", "", Options{MaxBody: 1000}, say("HTTP/1.1 200 OK\r\n\r\n" + strings.Repeat("a", 5000)), post(""), replay.ReasonInvalid, 200},
		{"another protocol", "", Options{}, say("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n"), post(""), replay.ReasonInvalid, 101},
		{"a header that cannot be sent", refuses.addr, Options{}, nil, &replay.Request{
			Method: "POST", URL: "/", Host: "h", Headers: []capture.Header{{Name: "a b", Value: "c"}},
		}, replay.ReasonLocal, 0},
		{"redirects are not followed", "", Options{}, say("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"), post(""), replay.ReasonNone, 302},
		{"an error is an answer", "", Options{}, say("HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n"), post(""), replay.ReasonNone, 503},
	} {
		target := tc.target
		if tc.answer != nil {
			target = listen(t, tc.answer).addr
		}
		e := engine(t, target, tc.o)
		res := send(t, e, tc.q)
		if res.Error != tc.want || res.Status != tc.status {
			t.Errorf("%s: error %q status %d, want %q %d", tc.name, res.Error, res.Status, tc.want, tc.status)
		}
		if res.Sent <= 0 || res.Done < res.Sent {
			t.Errorf("%s: sent %v, done %v", tc.name, res.Sent, res.Done)
		}
		e.Close()
	}
}

func TestCancelled(t *testing.T) {
	stall := make(chan struct{})
	w := listen(t, func(net.Conn, string) { <-stall })
	defer close(stall)
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-w.got; cancel() }()
	var res replay.Result
	engine(t, w.addr, Options{}).Send(ctx, time.Now(), post("x"), &res)
	if res.Error != replay.ReasonTimeout {
		t.Errorf("a request that was cut off is %q", res.Error)
	}
}

// A request that may have arrived is not sent again, not even one that net/http takes to be safe to repeat.
func TestNothingIsSentTwice(t *testing.T) {
	for _, q := range []*replay.Request{
		post("x"), post(""),
		{Method: "GET", URL: "/", Host: "h"},
		{Method: "POST", URL: "/", Host: "h", Body: []byte("x"), Headers: []capture.Header{{Name: "Idempotency-Key", Value: "1"}}},
		{Method: "POST", URL: "/", Host: "h", Headers: []capture.Header{{Name: "X-Idempotency-Key", Value: "1"}}},
	} {
		var got atomic.Int64
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		wg.Go(func() {
			for {
				c, err := l.Accept()
				if err != nil {
					return
				}
				wg.Go(func() {
					defer c.Close()
					r := bufio.NewReader(c)
					if _, err := readRequest(r); err != nil {
						return
					}
					if got.Add(1); got.Load() == 1 { // answers the first, and breaks off when the next is there
						_, _ = io.WriteString(c, ok200)
						if _, err := readRequest(r); err == nil {
							got.Add(1)
						}
					}
				})
			}
		})
		e := engine(t, "http://"+l.Addr().String(), Options{})
		first, second := send(t, e, q), send(t, e, q)
		if !first.OK() || second.Error != replay.ReasonReset || got.Load() != 2 {
			t.Errorf("%s with %v: %q, %q, and the target saw %d requests, want 2", q.Method, q.Headers, first.Error, second.Error, got.Load())
		}
		l.Close()
		e.Close()
		wg.Wait()
	}
}

func TestConnectionsAreWarmedAndKept(t *testing.T) {
	for _, secure := range []bool{false, true} {
		var opened atomic.Int64
		s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(w, r.Body)
		}))
		s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
			if state == http.StateNew {
				opened.Add(1)
			}
		}
		o := Options{Connections: 8, MaxInFlight: 32}
		if secure {
			s.StartTLS()
			o.RootCAs = x509.NewCertPool()
			o.RootCAs.AddCert(s.Certificate())
		} else {
			s.Start()
		}
		e := engine(t, s.URL, o)
		if n, err := e.Warm(t.Context()); n != 8 || err != nil {
			t.Fatalf("tls %v: %d warmed: %v", secure, n, err)
		}
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				for range 30 {
					if res := send(t, e, post("hello")); !res.OK() || res.Bytes != 5 {
						t.Errorf("tls %v: %+v", secure, res)
						return
					}
				}
			})
		}
		wg.Wait()
		// net/http dials while it waits for one to come free, so that now and then one more is opened.
		if n := opened.Load(); n < 8 || n > 12 {
			t.Errorf("tls %v: %d connections for 240 requests, 8 at a time, want the 8 warmed", secure, n)
		}
		e.Close()
		s.Close()
	}
}

// A connection that the target closed while it waited costs no request.
func TestStaleConnectionsAreLeft(t *testing.T) {
	var mu sync.Mutex
	var conns []net.Conn
	s := httptest.NewUnstartedServer(http.NotFoundHandler())
	s.Config.ConnState = func(c net.Conn, state http.ConnState) {
		if state == http.StateNew {
			mu.Lock()
			defer mu.Unlock()
			conns = append(conns, c)
		}
	}
	s.Start()
	defer s.Close()
	e := engine(t, s.URL, Options{Connections: 3})
	if _, err := e.Warm(t.Context()); err != nil {
		t.Fatal(err)
	}
	e.dialer.mu.Lock()
	warm := slices.Clone(e.dialer.mu.warm)
	e.dialer.mu.Unlock()
	eventually(t, func() bool { mu.Lock(); defer mu.Unlock(); return len(conns) == 3 })
	for _, c := range conns {
		c.Close()
	}
	eventually(t, func() bool { return !slices.ContainsFunc(warm, alive) })
	if res := send(t, e, post("x")); res.Status != 404 {
		t.Errorf("%+v", res)
	}
}

// eventually waits for what another goroutine brings about.
func eventually(t *testing.T, done func() bool) {
	t.Helper()
	for end := time.Now().Add(5 * time.Second); !done(); {
		if time.Now().After(end) {
			t.Fatal("it did not come about in 5 s")
		}
	}
}

func TestProxiesAreIgnored(t *testing.T) {
	w := listen(t, say(ok200))
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:1")
	t.Setenv("http_proxy", "http://127.0.0.1:1")
	if e := engine(t, w.addr, Options{}); e.transport.Proxy != nil || !func() bool { r := send(t, e, post("")); return r.OK() }() {
		t.Error("a proxy was read from the environment")
	}
}

func TestNewRefuses(t *testing.T) {
	for _, target := range []string{"ftp://h/", "http:///x", "h:80"} {
		u, err := url.Parse(target)
		if err != nil {
			continue
		}
		if _, err := New(u, Options{}); err == nil {
			t.Errorf("an engine for %s", target)
		}
	}
	if _, err := LoadCAs([]byte("no PEM")); err == nil {
		t.Error("certificates were found where there are none")
	}
}

func BenchmarkSend(b *testing.B) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
	}))
	defer s.Close()
	e := engine(b, s.URL, Options{})
	q := post(strings.Repeat("a", 400))
	q.Headers = []capture.Header{{Name: "Content-Type", Value: "application/x-www-form-urlencoded"}, {Name: "I-Twilio-Idempotency-Token", Value: "x"}}
	start := time.Now()
	b.ReportAllocs()
	b.RunParallel(func(p *testing.PB) {
		var res replay.Result
		for p.Next() {
			if e.Send(b.Context(), start, q, &res); !res.OK() {
				b.Error(res.Error)
			}
		}
	})
}

// speaker is a server that speaks first, and no TLS.
func speaker(t testing.TB) *wire {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = io.WriteString(c, "220 mail.example ESMTP\r\n")
			wg.Go(func() { _, _ = io.Copy(io.Discard, c); c.Close() })
		}
	})
	t.Cleanup(func() { l.Close(); wg.Wait() })
	return &wire{addr: "http://" + l.Addr().String()}
}
