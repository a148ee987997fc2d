package send

import (
	"bufio"
	"bytes"
	"context"
	"crypto/x509"
	"fmt"
	"hash/crc32"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"reprise/capture"
	"reprise/capture/wire"
	"reprise/replay"
)

// kinds are the engines that must behave alike.
func kinds(t *testing.T, test func(t *testing.T, o Options)) {
	t.Helper()
	for name, o := range map[string]Options{
		"epoll": {}, "epoll with a processor": {Processors: new(Processors)}, "portable": {Portable: true},
	} {
		t.Run(name, func(t *testing.T) { test(t, o) })
	}
}

// patience is how long a test waits for what comes at once where the machine is not busy.
const patience = 10 * time.Minute

// engine makes one that waits for as long as it takes, but for what the test bounds itself.
func engine(t testing.TB, target string, o Options) Engine {
	t.Helper()
	u, err := ParseTarget(target)
	if err != nil {
		t.Fatal(err)
	}
	if o.Timeout == 0 {
		o.Timeout = patience
	}
	e, err := New(u, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Close)
	return e
}

// bounded sends a request with limits of time, and longer ones until the answer is what is wanted: on a busy machine a short one is over before
// there is what it is to bound.
func bounded(t testing.TB, target string, o Options, q *replay.Request, wanted func(replay.Result) bool) (res replay.Result) {
	t.Helper()
	for longer := time.Duration(1); longer <= 128; longer *= 2 {
		slow, again := o, *q
		slow.Timeout *= longer
		slow.Timeouts = Timeouts{Connect: longer * o.Timeouts.Connect, Write: longer * o.Timeouts.Write, FirstByte: longer * o.Timeouts.FirstByte, Body: longer * o.Timeouts.Body}
		again.Wire = bytes.Clone(q.Wire)
		e := engine(t, target, slow)
		res = send(t, e, &again)
		if e.Close(); wanted(res) || o.Timeout == 0 && o.Timeouts == (Timeouts{}) {
			break
		}
	}
	return res
}

// nobody is where nobody listens, and no other process will: the port is one of those that no system gives to who asks for any.
const nobody = "127.0.0.1:1"

// request is a message to send; headers are lines.
func request(line, body string, headers ...string) *replay.Request {
	var w wire.Request
	w.Method, w.URL, _ = strings.Cut(line, " ")
	w.Body, w.Chunked = []byte(body), slices.Contains(headers, "Transfer-Encoding: chunked")
	w.Headers = []capture.Header{{Name: "Host", Value: "h"}}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		w.Headers = append(w.Headers, capture.Header{Name: name, Value: value})
	}
	if !w.Chunked && w.Method != "GET" {
		w.Headers = append(w.Headers, capture.Header{Name: "Content-Length", Value: strconv.Itoa(len(body))})
	}
	q := new(replay.Request)
	q.Wire = w.Append(nil, &q.Parts)
	return q
}

func post(body string) *replay.Request { return request("POST /sms", body) }

// play sends requests over one engine, one after the other.
func play(ctx context.Context, t testing.TB, e Engine, qs ...*replay.Request) []replay.Result {
	t.Helper()
	for i, q := range qs {
		q.Seq, q.Person = int64(i), 1
	}
	return playLane(ctx, t, e, replay.NewLine(qs, replay.LaneOptions{Serialize: true}), len(qs))
}

func playLane(ctx context.Context, t testing.TB, e Engine, lane *replay.Lane, want int) []replay.Result {
	t.Helper()
	if err := e.Play(ctx, time.Now(), []*replay.Lane{lane}); err != nil {
		t.Fatal(err)
	}
	all := lane.Results()
	if len(all) != want {
		t.Fatalf("%d results of %d requests", len(all), want)
	}
	return all
}

func send(t testing.TB, e Engine, q *replay.Request) replay.Result {
	t.Helper()
	return play(t.Context(), t, e, q)[0]
}

// listener is a server that keeps the bytes of one request a connection and answers with fixed bytes.
type listener struct {
	addr  string
	conns atomic.Int64
	got   chan string
}

func listen(t testing.TB, answer func(c net.Conn, head string)) *listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &listener{addr: "http://" + l.Addr().String(), got: make(chan string, 100)}
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

// What goes onto the wire is what the request holds, to the byte; but for net/http's order of headers.
func TestWire(t *testing.T) {
	for _, tc := range []struct {
		name     string
		q        *replay.Request
		portable string // where net/http writes it otherwise
	}{
		{
			"header names keep their case and order",
			request("POST /sms?a=%2B1&b", "Body=STOP", "x-twilio-SIGNATURE: s", "user-agent: TwilioProxy/1.1"),
			"POST /sms?a=%2B1&b HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\nuser-agent: TwilioProxy/1.1\r\nx-twilio-SIGNATURE: s\r\n\r\nBody=STOP",
		},
		{"no header is added", request("POST /", ""), ""},
		{"a GET has no body and no framing", request("GET /v?text=a%20b+c", ""), ""},
		{"chunked stays chunked", request("POST /", "{}", "Transfer-Encoding: chunked"), ""},
		{"an empty chunked body too", request("POST /", "", "Transfer-Encoding: chunked"), ""},
		{
			"equal names stay apart", request("POST /", "", "X-A: 1", "X-A: 2"),
			"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\nX-A: 1\r\nX-A: 2\r\n\r\n",
		},
		{"odd paths", request("POST /a/%7e/../b//c;d=\"x\"?q=[1]&r={}", ""), ""},
		{"two slashes are a path", request("POST //evil.example/%41?x=1", ""), ""},
		{"an empty query stays", request("POST /a?", ""), ""},
		{"any method", request("PURGE /a", "x"), ""},
		{"a large body", request("POST /", strings.Repeat("0123456789abcdef", 200_000)), ""},
	} {
		kinds(t, func(t *testing.T, o Options) {
			w := listen(t, say(ok200))
			want := string(tc.q.Wire)
			if o.Portable && tc.portable != "" {
				want = tc.portable
			}
			res := send(t, engine(t, w.addr, o), tc.q)
			if !res.OK() || res.Status != 200 || res.Bytes != 2 || res.Error != "" || res.Hash != crc32.Checksum([]byte("ok"), table) {
				t.Fatalf("%s: %+v", tc.name, res)
			}
			if got := <-w.got; got != want {
				t.Errorf("%s:\ngot  %.300q\nwant %.300q", tc.name, got, want)
			}
		})
	}
}

func TestTimes(t *testing.T) { kinds(t, testTimes) }

func testTimes(t *testing.T, o Options) {
	var hold atomic.Int64 // a time
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(200)
		_, _ = io.WriteString(w, "first")
		w.(http.Flusher).Flush()
		select {
		case <-time.After(time.Duration(hold.Load())):
		case <-r.Context().Done():
		}
		_, _ = io.WriteString(w, "second")
	}))
	defer s.Close()
	e := engine(t, s.URL, o)
	for wait := 30 * time.Millisecond; ; wait *= 2 { // a busy machine may read the first byte late
		hold.Store(int64(wait))
		res := send(t, e, post("x"))
		if !res.OK() || res.Sent <= 0 || res.FirstByte <= res.Sent || res.Bytes != 11 {
			t.Fatalf("%+v", res)
		}
		if res.Done-res.FirstByte > 5*time.Millisecond {
			return
		}
		if wait > 3*time.Second {
			t.Fatalf("%v pass between the first byte and the last, and %v did", res.Done-res.FirstByte, wait)
		}
	}
}

// Every reason, each from a target that behaves so.
func TestReasons(t *testing.T) { kinds(t, testReasons) }

func testReasons(t *testing.T, kind Options) {
	refuses := listen(t, say(ok200))
	speaks := speaker(t)
	stall := make(chan struct{})
	defer close(stall)
	secure := httptest.NewTLSServer(http.NotFoundHandler())
	secure.Config.ErrorLog = discard()
	defer secure.Close()
	reset := func(c net.Conn, _ string) { _ = c.(*net.TCPConn).SetLinger(0) }
	quick := Options{Timeout: 250 * time.Millisecond}
	patient := Options{Timeout: 500 * time.Millisecond} // where half of an answer must have come
	for _, tc := range []struct {
		name   string
		target string
		o      Options
		answer func(net.Conn, string)
		q      *replay.Request
		want   replay.Reason
		status int
	}{
		{"nobody listens", "http://" + nobody, Options{}, nil, post(""), replay.ReasonConnect, 0},
		{"a name that does not exist", "http://no-such-host.invalid:1", Options{}, nil, post(""), replay.ReasonConnect, 0},
		{"refused by a rule", refuses.addr, Options{Guard: Guard{Forbidden: func(string) bool { return true }}}, nil, post(""), replay.ReasonConnect, 0},
		{"an unknown authority", secure.URL, Options{}, nil, post(""), replay.ReasonTLS, 0},
		{"no TLS there", strings.Replace(refuses.addr, "http:", "https:", 1), Options{Timeout: 200 * time.Millisecond}, nil, post(""), replay.ReasonTLS, 0},
		{"no TLS there, and it says so", strings.Replace(speaks.addr, "http:", "https:", 1), Options{}, nil, post(""), replay.ReasonTLS, 0},
		{"no answer", "", quick, func(net.Conn, string) { <-stall }, post(""), replay.ReasonTimeout, 0},
		{"half a body, then nothing", "", patient, func(c net.Conn, _ string) {
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nhalf")
			<-stall
		}, post(""), replay.ReasonTimeout, 200},
		{"half a body, then nothing, bounded by itself", "", Options{Timeouts: Timeouts{Body: 200 * time.Millisecond}}, func(c net.Conn, _ string) {
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nhalf")
			<-stall
		}, post(""), replay.ReasonBodyTimeout, 200},
		{"no first byte", "", Options{Timeouts: Timeouts{FirstByte: 250 * time.Millisecond}}, func(net.Conn, string) { <-stall }, post(""), replay.ReasonTimeout, 0},
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
		{"a body beyond all measure", "", Options{MaxBody: 1000}, say("HTTP/1.1 200 OK\r\n\r\n" + strings.Repeat("a", 5000)), post(""), replay.ReasonTooLarge, 200},
		{"a length beyond all measure", "", Options{}, say("HTTP/1.1 200 OK\r\nContent-Length: 104857600\r\n\r\nabc"), post(""), replay.ReasonTooLarge, 200},
		{"another protocol", "", Options{}, say("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n"), post(""), replay.ReasonInvalid, 101},
		{"two lengths", "", Options{}, say("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nabc"), post(""), replay.ReasonInvalid, -1},
		{"an early hint, then the answer", "", Options{}, say("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + ok200), post(""), replay.ReasonNone, 200},
		{"chunks and a trailer", "", Options{}, say("HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n0\r\nX-Sum: 1\r\n\r\n"), post(""), replay.ReasonNone, 201},
		{"no content", "", Options{}, say("HTTP/1.1 204 No Content\r\n\r\n"), post(""), replay.ReasonNone, 204},
		{"the end of the connection ends it", "", Options{}, say("HTTP/1.0 200 OK\r\n\r\nhello"), post(""), replay.ReasonNone, 200},
		{"redirects are not followed", "", Options{}, say("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"), post(""), replay.ReasonNone, 302},
		{"an error is an answer", "", Options{}, say("HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n"), post(""), replay.ReasonNone, 503},
	} {
		target := tc.target
		if tc.answer != nil {
			target = listen(t, tc.answer).addr
		}
		tc.o.Portable = kind.Portable
		wanted := func(res replay.Result) bool {
			return res.Error == tc.want && (tc.status < 0 || res.Status == tc.status)
		}
		res := bounded(t, target, tc.o, tc.q, wanted)
		if !wanted(res) {
			t.Errorf("%s: error %q status %d, want %q %d", tc.name, res.Error, res.Status, tc.want, tc.status)
		}
		if res.Sent <= 0 || res.Done < res.Sent {
			t.Errorf("%s: sent %v, done %v", tc.name, res.Sent, res.Done)
		}
	}
}

func TestCancelled(t *testing.T) { kinds(t, testCancelled) }

func testCancelled(t *testing.T, o Options) {
	stall := make(chan struct{})
	w := listen(t, func(net.Conn, string) { <-stall })
	defer close(stall)
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-w.got; cancel() }()
	if res := play(ctx, t, engine(t, w.addr, o), post("x"))[0]; res.Error != replay.ReasonTimeout {
		t.Errorf("a request that was cut off is %q", res.Error)
	}
}

// A request that may have arrived is not sent again, not even one that net/http takes to be safe to repeat.
func TestNothingIsSentTwice(t *testing.T) { kinds(t, testNothingIsSentTwice) }

func testNothingIsSentTwice(t *testing.T, o Options) {
	for _, q := range []*replay.Request{
		post("x"), post(""), request("GET /", ""), request("POST /", "x", "Idempotency-Key: 1"), request("POST /", "", "X-Idempotency-Key: 1"),
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
		e := engine(t, "http://"+l.Addr().String(), o)
		again := *q
		both := play(t.Context(), t, e, q, &again)
		first, second := both[0], both[1]
		if !first.OK() || second.Error != replay.ReasonReset || got.Load() != 2 {
			t.Errorf("%q: %q, %q, and the target saw %d requests, want 2", q.Wire, first.Error, second.Error, got.Load())
		}
		l.Close()
		e.Close()
		wg.Wait()
	}
}

func TestConnectionsAreWarmedAndKept(t *testing.T) { kinds(t, testConnectionsAreKept) }

func testConnectionsAreKept(t *testing.T, o Options) {
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
		o.Connections, o.MaxInFlight = 8, 32
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
		var qs []*replay.Request
		for range 240 {
			qs = append(qs, post("hello"))
		}
		for _, res := range playLane(t.Context(), t, e, replay.NewLine(qs, replay.LaneOptions{MaxInFlight: 8}), 240) {
			if !res.OK() || res.Bytes != 5 {
				t.Fatalf("tls %v: %+v", secure, res)
			}
		}
		// net/http dials while it waits for one to come free, so that now and then one more is opened: on a busy machine some for each of the eight.
		if n := opened.Load(); n < 8 || n > 64 || !o.Portable && n != 8 {
			t.Errorf("tls %v: %d connections for 240 requests, 8 at a time, want the 8 warmed", secure, n)
		}
		e.Close()
		s.Close()
	}
}

// A sender's requests stay on one connection, and all connections are used.
func TestAffinity(t *testing.T) {
	var mu sync.Mutex
	from := make(map[string]map[string]bool)
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		who := r.Header.Get("X-From")
		if from[who] == nil {
			from[who] = make(map[string]bool)
		}
		from[who][r.RemoteAddr] = true
	}))
	defer s.Close()
	e := engine(t, s.URL, Options{Connections: 4, Affinity: AffinitySender})
	if _, err := e.Warm(t.Context()); err != nil {
		t.Fatal(err)
	}
	var qs []*replay.Request
	for i := range 400 {
		q := request("POST /", "x", "X-From: "+strconv.Itoa(i%10))
		q.Person = uint64(i%10) + 1
		qs = append(qs, q)
	}
	playLane(t.Context(), t, e, replay.NewLine(qs, replay.LaneOptions{}), 400)
	mu.Lock()
	defer mu.Unlock()
	used := make(map[string]bool)
	for who, conns := range from {
		if len(conns) != 1 {
			t.Errorf("sender %s came over %d connections", who, len(conns))
		}
		for c := range conns {
			used[c] = true
		}
	}
	if len(from) != 10 || len(used) != 4 {
		t.Errorf("%d senders over %d connections, want 10 over 4", len(from), len(used))
	}
}

// closing is a target of HTTP/1 and HTTP/2, and what closes its connections when there are so many.
func closing(t *testing.T) (s *httptest.Server, closeAll func(n int)) {
	var mu sync.Mutex
	var conns []net.Conn
	s = httptest.NewUnstartedServer(http.NotFoundHandler())
	s.Config.ConnState = func(c net.Conn, state http.ConnState) {
		if state == http.StateNew {
			mu.Lock()
			defer mu.Unlock()
			conns = append(conns, c)
		}
	}
	s.Config.Protocols = new(http.Protocols)
	s.Config.Protocols.SetHTTP1(true)
	s.Config.Protocols.SetUnencryptedHTTP2(true)
	s.Start()
	t.Cleanup(s.Close)
	return s, func(n int) {
		t.Helper()
		eventually(t, func() bool { mu.Lock(); defer mu.Unlock(); return len(conns) == n })
		mu.Lock()
		defer mu.Unlock()
		for _, c := range conns {
			c.Close()
		}
	}
}

// A connection that the target closed while it waited costs no request.
func TestStaleConnectionsAreLeft(t *testing.T) {
	s, closeAll := closing(t)
	e := engine(t, s.URL, Options{Connections: 3, Portable: true}).(*Portable)
	if _, err := e.Warm(t.Context()); err != nil {
		t.Fatal(err)
	}
	e.dialer.mu.Lock()
	warm := slices.Clone(e.dialer.mu.warm)
	e.dialer.mu.Unlock()
	closeAll(3)
	eventually(t, func() bool { return !slices.ContainsFunc(warm, alive) })
	if res := send(t, e, post("x")); res.Status != 404 {
		t.Errorf("%+v", res)
	}
}

// eventually waits for what another goroutine brings about.
func eventually(t *testing.T, done func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !done(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("it did not come about")
		}
	}
}

func TestProxiesAreIgnored(t *testing.T) {
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:1")
	t.Setenv("http_proxy", "http://127.0.0.1:1")
	kinds(t, func(t *testing.T, o Options) {
		if res := send(t, engine(t, listen(t, say(ok200)).addr, o), post("")); !res.OK() {
			t.Errorf("a proxy was read from the environment: %q", res.Error)
		}
	})
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

// What a request costs this process, the server's part in it included, beside net/http's client in the same run.
func BenchmarkSend(b *testing.B) {
	for _, kind := range []struct {
		name string
		o    Options
	}{
		{"epoll", Options{}},
		{"portable", Options{Portable: true}},
		{"epoll h2", Options{HTTP2: true}},
		{"portable h2", Options{HTTP2: true, Portable: true}},
	} {
		b.Run(kind.name, func(b *testing.B) {
			s := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body)
			}))
			s.Config.Protocols = new(http.Protocols)
			s.Config.Protocols.SetHTTP1(true)
			s.Config.Protocols.SetUnencryptedHTTP2(true)
			s.Start()
			defer s.Close()
			e := engine(b, s.URL, kind.o)
			if _, err := e.Warm(b.Context()); err != nil {
				b.Fatal(err)
			}
			qs := make([]*replay.Request, b.N)
			for i := range qs {
				qs[i] = request("POST /sms", strings.Repeat("a", 400), "Content-Type: application/x-www-form-urlencoded", "I-Twilio-Idempotency-Token: x")
			}
			lane := replay.NewLine(qs, replay.LaneOptions{MaxInFlight: 64})
			b.ReportAllocs()
			b.ResetTimer()
			playLane(b.Context(), b, e, lane, b.N)
		})
	}
}

// speaker is a server that speaks first, and no TLS.
func speaker(t testing.TB) *listener {
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
	return &listener{addr: "http://" + l.Addr().String()}
}
