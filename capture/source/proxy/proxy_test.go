package proxy

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"reprise/capture"
	"reprise/capture/internal/http1"
)

// running is a proxy that serves, and what it has recorded.
type running struct {
	t    *testing.T
	p    *Proxy
	addr string
	stop context.CancelFunc
	done chan error

	account capture.Account
	hosts   map[string]bool
	once    sync.Once
	records []*capture.Record
}

// start runs a proxy in front of an upstream.
func start(t *testing.T, upstream string, change func(*Options)) *running {
	t.Helper()
	u, err := url.Parse(upstream)
	if err != nil {
		t.Fatal(err)
	}
	o := Options{Upstream: u, Grace: time.Second}
	if change != nil {
		change(&o)
	}
	p, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	r := &running{t: t, p: p, addr: l.Addr().String(), stop: stop, done: make(chan error, 1), hosts: map[string]bool{}}
	go func() { r.done <- p.Serve(ctx, l) }()
	t.Cleanup(func() { r.end() })
	return r
}

// dial connects to the proxy, until the test ends.
func (r *running) dial() net.Conn {
	r.t.Helper()
	c, err := net.Dial("tcp", r.addr)
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { _ = c.Close() })
	_ = c.SetDeadline(time.Now().Add(patience))
	return c
}

// end stops the proxy and reads all that it has recorded, in the order of time.
func (r *running) end() []*capture.Record {
	r.once.Do(func() {
		r.stop()
		if err := <-r.done; err != nil {
			r.t.Errorf("serve: %v", err)
		}
		src := r.p.Source("proxy", &r.account, func(h string) { r.hosts[h] = true })
		err := r.account.Copy(context.Background(), sink(func(rec *capture.Record) error {
			r.records = append(r.records, rec.Clone())
			return nil
		}), src)
		if err != nil {
			r.t.Errorf("the records: %v", err)
		}
		if room := r.p.queue.room.Load(); room != r.p.o.Memory && len(r.records) > 0 {
			r.p.queue.free(src.held)
			if room = r.p.queue.room.Load(); room != r.p.o.Memory {
				r.t.Errorf("of %d bytes of room %d are free at the end", r.p.o.Memory, room)
			}
		}
		slices.SortStableFunc(r.records, func(a, b *capture.Record) int { return a.Time.Compare(b.Time) })
	})
	return r.records
}

type sink func(*capture.Record) error

func (f sink) Write(r *capture.Record) error { return f(r) }

// upstream runs a server.
func upstream(t *testing.T, h http.HandlerFunc) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &http.Server{Handler: h, DisableGeneralOptionsHandler: true}
	go func() { _ = s.Serve(l) }()
	t.Cleanup(func() { _ = s.Close() })
	return "http://" + l.Addr().String()
}

// raw runs a server that answers each connection by the bytes that it is given, once it has read a head.
func raw(t *testing.T, answer func(c net.Conn, head string)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				var head strings.Builder
				in := bufio.NewReader(c)
				for !strings.HasSuffix(head.String(), "\r\n\r\n") {
					b, err := in.ReadByte()
					if err != nil {
						return
					}
					head.WriteByte(b)
				}
				answer(c, head.String())
			}()
		}
	}()
	return "http://" + l.Addr().String()
}

// send sends bytes over one connection and reads answers to those requests.
func send(t *testing.T, addr, text string, methods ...string) (answers []string) {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(patience))
	if _, err := io.WriteString(c, text); err != nil {
		t.Fatal(err)
	}
	in := bufio.NewReader(c)
	for _, m := range methods {
		resp, err := http.ReadResponse(in, &http.Request{Method: m})
		if err != nil {
			return append(answers, "error")
		}
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			body = append(body, " cut"...)
		}
		answers = append(answers, fmt.Sprintf("%d %s", resp.StatusCode, body))
	}
	return answers
}

// TestAsSent holds that records are as they were sent: the target, the headers in their order and case, and the body without its
// framing; and that the upstream gets Host, target, body and every header.
func TestAsSent(t *testing.T) {
	var got []string
	up := upstream(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got = append(got, fmt.Sprintf("%s %s %s %s|%s|%s", r.Method, r.RequestURI, r.Host, r.Header.Get("X-odd-CASE"), r.Header.Get("X-Forwarded-For"), body))
		w.WriteHeader(http.StatusAccepted)
		_, _ = io.WriteString(w, "ok")
	})
	r, begun := start(t, up, nil), time.Now()
	answers := send(t, r.addr, "POST /a%2Fb|c;d?x=1;2&&%zz HTTP/1.1\r\nx-odd-CASE: 1\r\nhost: Hooks.Example.com:8443\r\nX-Forwarded-For: 10.0.0.1\r\ncontent-length:5\r\nB: 2\r\nA: \r\nB: 1\r\n\r\nhello"+
		"POST //two?? HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3;ext=1\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n"+
		"OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n"+
		"frob-X /m HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi"+
		"GET /last HTTP/1.0\r\nConnection: close\r\n\r\n", "POST", "POST", "OPTIONS", "frob-X", "GET")
	for i, a := range answers {
		if a != "202 ok" {
			t.Errorf("answer %d: %q", i, a)
		}
	}
	records := r.end()
	host := strings.TrimPrefix(up, "http://")
	wantUp := []string{
		"POST /a%2Fb|c;d?x=1;2&&%zz Hooks.Example.com:8443 1|10.0.0.1|hello", "POST //two?? h ||abc0123456789", "OPTIONS * h ||", "frob-X /m h ||hi", "GET /last " + host + " ||",
	}
	if !slices.Equal(got, wantUp) {
		t.Errorf("the upstream got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(wantUp, "\n"))
	}
	want := []string{
		`POST /a%2Fb|c;d?x=1;2&&%zz Hooks.Example.com:8443 [{x-odd-CASE 1} {host Hooks.Example.com:8443} {X-Forwarded-For 10.0.0.1} {content-length 5} {B 2} {A } {B 1}] hello 202`,
		`POST //two?? h [{Host h} {Transfer-Encoding chunked}] abc0123456789 202`,
		`OPTIONS * h [{Host h}]  202`,
		`frob-X /m h [{Host h} {Content-Length 2}] hi 202`,
		`GET /last  [{Connection close}]  202`,
	}
	if len(records) != len(want) {
		t.Fatalf("%d records, account %+v", len(records), r.account)
	}
	for i, rec := range records {
		if text := fmt.Sprintf("%s %s %s %v %s %d", rec.Method, rec.URL, rec.Host, rec.Headers, rec.Body, rec.Response.Status); text != want[i] {
			t.Errorf("record %d\n%s\nwant\n%s", i, text, want[i])
		}
		if rec.Response.Latency <= 0 || rec.Response.Latency > time.Since(begun) || rec.Time.Location() != time.UTC {
			t.Errorf("record %d: time %v, latency %v", i, rec.Time, rec.Response.Latency)
		}
	}
	if len(r.account.Noted) > 0 {
		t.Errorf("noted: %v", r.account.Noted)
	}
}

// TestAnswerUntouched holds that the answer is the upstream's: nothing is added, and 1xx, trailers and bodies of all framings come through.
func TestAnswerUntouched(t *testing.T) {
	for _, tc := range []struct{ name, method, answer, head, body string }{
		{"no date, no type", "POST", "HTTP/1.1 200 OK\r\nContent-Length: 6\r\nX-A: 1\r\nX-A: 2\r\nx-b: 3\r\n\r\n<html>", "200 map[Content-Length:[6] X-A:[1 2] X-B:[3]]", "<html>"},
		{"a status that nobody knows", "GET", "HTTP/1.1 799 Odd\r\nContent-Length: 0\r\n\r\n", "799 map[Content-Length:[0]]", ""},
		{"no content", "POST", "HTTP/1.1 204 No Content\r\nDate: x\r\n\r\n", "204 map[Date:[x]]", ""},
		{"until close", "GET", "HTTP/1.0 200 OK\r\nServer: s\r\n\r\nall of it", "200 map[Server:[s]]", "all of it"},
		{"HEAD", "HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n\r\n", "200 map[Content-Length:[1234]]", ""},
		{"gzip that nobody asked for", "GET", "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nxyz", "200 map[Content-Encoding:[gzip] Content-Length:[3]]", "xyz"},
		{"redirect", "GET", "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n", "302 map[Content-Length:[0] Location:[http://127.0.0.1:1/]]", ""},
		{"trailers", "GET", "HTTP/1.1 200 OK\r\nTrailer: X-Sum\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\nX-Sum: 9\r\n\r\n", "200 map[] trailer map[X-Sum:[9]]", "ab"},
		{"early hints", "GET", "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", "103 map[Link:[</a>]] 200 map[Content-Length:[2]]", "ok"},
	} {
		r := start(t, raw(t, func(c net.Conn, _ string) { _, _ = io.WriteString(c, tc.answer) }), nil)
		var early strings.Builder
		ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{Got1xxResponse: func(code int, h textproto.MIMEHeader) error {
			fmt.Fprintf(&early, "%d %v ", code, h)
			return nil
		}})
		req, err := http.NewRequestWithContext(ctx, tc.method, "http://"+r.addr+"/", nil)
		if err != nil {
			t.Fatal(err)
		}
		tr := &http.Transport{DisableCompression: true}
		resp, err := tr.RoundTrip(req)
		if err != nil {
			t.Errorf("%s: %v", tc.name, err)
			continue
		}
		body, err := io.ReadAll(resp.Body)
		head := fmt.Sprintf("%s%d %v", &early, resp.StatusCode, resp.Header)
		if len(resp.Trailer) > 0 {
			head += fmt.Sprintf(" trailer %v", resp.Trailer)
		}
		if head != tc.head || string(body) != tc.body || err != nil {
			t.Errorf("%s: %s %q %v, want %s %q", tc.name, head, body, err, tc.head, tc.body)
		}
		tr.CloseIdleConnections()
		if got := r.end(); len(got) != 1 || got[0].Response.Status != resp.StatusCode {
			t.Errorf("%s: %d records", tc.name, len(got))
		}
	}
}

// TestStreaming holds that both directions are passed on as they come.
func TestStreaming(t *testing.T) {
	up := upstream(t, func(w http.ResponseWriter, r *http.Request) {
		_ = http.NewResponseController(w).EnableFullDuplex()
		_ = http.NewResponseController(w).Flush()
		b := make([]byte, 1)
		for {
			n, err := r.Body.Read(b)
			_, _ = w.Write(bytes.ToUpper(b[:n]))
			_ = http.NewResponseController(w).Flush()
			if err != nil {
				return
			}
		}
	})
	r := start(t, up, nil)
	in, out := io.Pipe()
	req, err := http.NewRequestWithContext(t.Context(), "POST", "http://"+r.addr+"/", in)
	if err != nil {
		t.Fatal(err)
	}
	var tr http.Transport
	resp, err := tr.RoundTrip(req) // the head comes before anything of a body, in either direction
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	for _, c := range "abc" {
		if _, err := out.Write([]byte(string(c))); err != nil {
			t.Fatal(err)
		}
		b := make([]byte, 1)
		if _, err := io.ReadFull(resp.Body, b); err != nil || string(b) != strings.ToUpper(string(c)) {
			t.Fatalf("got %q, %v", b, err)
		}
	}
	_ = out.Close()
	if rest, err := io.ReadAll(resp.Body); len(rest) > 0 || err != nil {
		t.Errorf("at the end %q, %v", rest, err)
	}
	tr.CloseIdleConnections()
	if got := r.end(); len(got) != 1 || string(got[0].Body) != "abc" {
		t.Errorf("%d records, account %+v", len(got), r.account)
	}
}

// TestExpectContinue holds that a client that asks before it sends its body gets the upstream's word.
func TestExpectContinue(t *testing.T) {
	const head = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n"
	for _, tc := range []struct {
		name  string
		takes bool
		want  string
	}{{"taken", true, "100 200 body"}, {"refused", false, "417 no"}} {
		up := upstream(t, func(w http.ResponseWriter, r *http.Request) {
			if !tc.takes {
				w.WriteHeader(http.StatusExpectationFailed)
				_, _ = io.WriteString(w, "no")
				return
			}
			_, _ = io.Copy(w, r.Body)
		})
		r := start(t, up, nil)
		c := r.dial()
		if _, err := io.WriteString(c, head); err != nil {
			t.Fatal(err)
		}
		in, got := bufio.NewReader(c), ""
		resp, err := http.ReadResponse(in, nil)
		if err == nil && resp.StatusCode == 100 {
			got = "100 "
			_, _ = io.WriteString(c, "body")
			resp, err = http.ReadResponse(in, nil)
		}
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(resp.Body)
		if got += fmt.Sprintf("%d %s", resp.StatusCode, body); got != tc.want {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
		c.Close()
		records := r.end()
		if tc.takes && (len(records) != 1 || string(records[0].Body) != "body") || !tc.takes && r.account.Skipped[reasonEarly] != 1 {
			t.Errorf("%s: %d records, account %+v", tc.name, len(records), r.account)
		}
	}
}

// TestContinueOnce holds that the client is told once to go on, however often the upstream says so: a client takes the second word for the answer
// to its next request.
func TestContinueOnce(t *testing.T) {
	up := raw(t, func(c net.Conn, _ string) {
		_, _ = io.WriteString(c, "HTTP/1.1 100 Continue\r\n\r\n")
		if _, err := io.ReadFull(c, make([]byte, len("body"))); err != nil {
			t.Error(err)
		}
		_, _ = io.WriteString(c, "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n")
	})
	r := start(t, up, nil)
	c := r.dial()
	if _, err := io.WriteString(c, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	in := bufio.NewReader(c)
	for _, want := range []int{http.StatusContinue, http.StatusNoContent} {
		resp, err := http.ReadResponse(in, nil)
		if err != nil {
			t.Fatal(err)
		}
		if resp.StatusCode != want {
			t.Fatalf("got %d, want %d", resp.StatusCode, want)
		}
		if want == http.StatusContinue {
			if _, err := io.WriteString(c, "body"); err != nil {
				t.Fatal(err)
			}
		}
	}
	c.Close()
	r.end()
}

// TestUpgrade holds that a connection that becomes another protocol's is passed through, and counted.
func TestUpgrade(t *testing.T) {
	up := raw(t, func(c net.Conn, head string) {
		if !strings.Contains(head, "Upgrade: echo") {
			t.Errorf("no upgrade came:\n%s", head)
		}
		_, _ = io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
		_, _ = io.Copy(c, c)
	})
	r := start(t, up, nil)
	c := r.dial()
	_, _ = io.WriteString(c, "GET /ws HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
	in := bufio.NewReader(c)
	resp, err := http.ReadResponse(in, nil)
	if err != nil || resp.StatusCode != 101 {
		t.Fatalf("%v %v", resp, err)
	}
	text := "POST / HTTP/1.1\r\nHost: h\r\n\r\nno request"
	_, _ = io.WriteString(c, text)
	b := make([]byte, len(text))
	if _, err := io.ReadFull(in, b); err != nil || string(b) != text {
		t.Errorf("%q %v", b, err)
	}
	if got := r.end(); len(got) != 0 || r.account.Skipped[reasonUpgrade] != 1 || r.account.Read != 1 {
		t.Errorf("%d records, account %+v", len(got), r.account)
	}
}

// TestFailures holds what becomes of requests that do not go well.
func TestFailures(t *testing.T) {
	t.Run("upstream down", func(t *testing.T) {
		r := start(t, "http://127.0.0.1:1", nil)
		if got := send(t, r.addr, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nbody", "POST"); got[0] != "502 Bad Gateway\n" {
			t.Error(got)
		}
		got := r.end()
		if len(got) != 1 || string(got[0].Body) != "body" || got[0].Response != (capture.Response{}) || r.account.Noted[noteNoAnswer] != 1 {
			t.Errorf("%d records, account %+v", len(got), r.account)
		}
	})
	t.Run("upstream hangs up", func(t *testing.T) {
		r := start(t, raw(t, func(net.Conn, string) {}), nil)
		if got := send(t, r.addr, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nbody", "POST"); got[0] != "502 Bad Gateway\n" {
			t.Error(got)
		}
		if got := r.end(); len(got) != 1 || string(got[0].Body) != "body" {
			t.Errorf("%d records, account %+v", len(got), r.account)
		}
	})
	t.Run("upstream breaks its answer off", func(t *testing.T) {
		r := start(t, raw(t, func(c net.Conn, _ string) {
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")
		}), nil)
		if got := send(t, r.addr, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nbody", "POST"); got[0] != "200 abc cut" {
			t.Error(got)
		}
		if got := r.end(); len(got) != 1 || got[0].Response.Status != 200 {
			t.Errorf("%d records, account %+v", len(got), r.account)
		}
	})
	t.Run("client leaves within its body", func(t *testing.T) {
		r := start(t, upstream(t, func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) }), nil)
		send(t, r.addr, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 400\r\n\r\nbody")
		settle(t, func() bool { return r.counted() == 1 })
		if got := r.end(); len(got) != 0 || r.account.Skipped[http1.ReasonCut] != 1 {
			t.Errorf("%d records, account %+v", len(got), r.account)
		}
	})
	t.Run("client leaves before the answer", func(t *testing.T) {
		came := make(chan bool, 1)
		r := start(t, upstream(t, func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			came <- true
			<-r.Context().Done()
		}), nil)
		c := r.dial()
		_, _ = io.WriteString(c, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nbody")
		<-came
		c.Close()
		settle(t, func() bool { return r.counted() == 1 })
		if got := r.end(); len(got) != 1 || string(got[0].Body) != "body" || r.account.Noted[noteGone] != 1 && got[0].Response.Status != 200 { // which the upstream may have said to nobody
			t.Errorf("%d records, account %+v", len(got), r.account)
		}
	})
	t.Run("CONNECT", func(t *testing.T) {
		r := start(t, "http://127.0.0.1:1", nil)
		if got := send(t, r.addr, "CONNECT h:443 HTTP/1.1\r\nHost: h:443\r\n\r\n", "CONNECT"); got[0] != "405 Method Not Allowed\n" {
			t.Error(got)
		}
		if got := r.end(); len(got) != 0 || r.account.Skipped[reasonConnect] != 1 {
			t.Errorf("%d records, account %+v", len(got), r.account)
		}
	})
}

// counted is how many requests are over.
func (r *running) counted() (n int64) {
	q := r.p.queue
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, k := range q.dropped {
		n += k
	}
	return n + int64(len(q.items))
}

// patience is how long a test waits for what comes at once where the machine is not busy.
const patience = 10 * time.Minute

// settle waits for what other goroutines are about to do.
func settle(t *testing.T, done func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !done(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("it does not come")
		}
	}
}

// TestLimits holds that what is not recorded is passed on whole, and counted.
func TestLimits(t *testing.T) {
	var sum int64
	up := upstream(t, func(_ http.ResponseWriter, r *http.Request) { sum, _ = io.Copy(io.Discard, r.Body) })
	post := func(r *running, body io.Reader) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), "POST", "http://"+r.addr+"/", body)
		if err != nil {
			t.Fatal(err)
		}
		var tr http.Transport
		defer tr.CloseIdleConnections()
		resp, err := tr.RoundTrip(req)
		if err != nil || resp.StatusCode != 200 {
			t.Fatalf("%v %v", resp, err)
		}
		resp.Body.Close()
	}
	for name, body := range map[string]io.Reader{
		"length known": bytes.NewReader(make([]byte, 1<<20+1)), "in chunks": io.MultiReader(bytes.NewReader(make([]byte, 1<<20+1))),
	} {
		r := start(t, up, func(o *Options) { o.MaxBody = 1 << 20 })
		post(r, body)
		if got := r.end(); len(got) != 0 || r.account.Skipped[http1.ReasonBodySize] != 1 || sum != 1<<20+1 {
			t.Errorf("%s: %d records, %d bytes, account %+v", name, len(got), sum, r.account)
		}
	}
	r := start(t, up, func(o *Options) { o.Memory = 100 << 10 })
	for range 5 {
		post(r, bytes.NewReader(make([]byte, 30<<10)))
	}
	if got := r.end(); len(got) != 3 || r.account.Skipped[reasonFull] != 2 || r.account.Read != 5 || sum != 30<<10 {
		t.Errorf("full: %d records, account %+v", len(got), r.account)
	}
}

// TestMalformed holds that what net/http refuses is counted, and that nothing is smuggled past: what is passed on has one framing, and
// what other servers might read otherwise is not recorded.
func TestMalformed(t *testing.T) {
	for _, tc := range []struct {
		name, in, answer, reason string
		records                  int
	}{
		{"two lengths", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nbody!", "400 ", http1.ReasonLengths, 0},
		{"length and coding", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "200 ", http1.ReasonLengthAndCoded, 0},
		{"a coding that nobody has", "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: xchunked\r\n\r\n", "501 ", http1.ReasonCoding, 0},
		{"a length that is none", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: +4\r\n\r\nbody", "400 ", http1.ReasonLength, 0},
		{"no host", "GET / HTTP/1.1\r\n\r\n", "400 ", reasonLeft, 0},
		{"two hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "400 ", http1.ReasonHosts, 0},
		{"no request", "hello there\r\n\r\n", "400 ", reasonRefused, 0},
		{"half a head", "GET / HTTP/1.1\r\nHo", "", http1.ReasonCut, 0},
		{"space before the colon", "GET / HTTP/1.1\r\nHost: a\r\nX : b\r\n\r\n", "400 ", http1.ReasonHeaderName, 0},
		{"bare LF", "GET / HTTP/1.1\nHost: a\n\n", "200 ", http1.ReasonBareLF, 0},
		{"a head of 200 KiB", "GET / HTTP/1.1\r\nHost: a\r\nX: " + strings.Repeat("x", 200<<10) + "\r\n\r\n", "200 ", "", 1},
		{"a head of 2 MiB", "GET / HTTP/1.1\r\nHost: a\r\nX: " + strings.Repeat("x", 2<<20) + "\r\n\r\n", "431 ", http1.ReasonHeadSize, 0},
		{"a chunk that is none", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "", http1.ReasonCut, 0},
	} {
		r := start(t, upstream(t, func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) }), nil)
		c := r.dial()
		go func() {
			_, _ = io.WriteString(c, tc.in)
			if tc.reason == http1.ReasonCut {
				_ = c.(*net.TCPConn).CloseWrite()
			}
		}()
		resp, err := http.ReadResponse(bufio.NewReader(c), nil)
		got := "error"
		if err == nil {
			got = fmt.Sprintf("%d ", resp.StatusCode)
		}
		if tc.answer != "" && got != tc.answer {
			t.Errorf("%s: answer %q, want %q", tc.name, got, tc.answer)
		}
		c.Close()
		settle(t, func() bool { return r.counted() == 1 })
		records := r.end()
		if len(records) != tc.records || r.account.Skipped[tc.reason] != int64(1-tc.records) || r.account.Read != 1 {
			t.Errorf("%s: %d records, account %+v", tc.name, len(records), r.account)
		}
	}
}

// TestEnd holds that the end waits for requests under way, and not for connections on which nothing was asked.
func TestEnd(t *testing.T) {
	release, came := make(chan bool), make(chan bool, 1)
	up := upstream(t, func(w http.ResponseWriter, _ *http.Request) {
		came <- true
		<-release
		_, _ = io.WriteString(w, "late")
	})
	r := start(t, up, func(o *Options) { o.Grace = time.Hour }) // which is longer than any test may take
	idle, err := net.Dial("tcp", r.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer idle.Close()
	answer := make(chan string, 1)
	go func() { answer <- send(t, r.addr, "GET /late HTTP/1.1\r\nHost: h\r\n\r\n", "GET")[0] }()
	<-came
	r.stop()
	settle(t, func() bool { c, err := net.Dial("tcp", r.addr); return err != nil || c.Close() != nil })
	close(release)
	if got := <-answer; got != "200 late" {
		t.Errorf("the answer is %q", got)
	}
	if got := r.end(); len(got) != 1 {
		t.Errorf("%d records, account %+v", len(got), r.account)
	}
}

// TestEndOfGrace holds that the end does not wait for ever.
func TestEndOfGrace(t *testing.T) {
	came := make(chan bool, 1)
	r := start(t, upstream(t, func(_ http.ResponseWriter, r *http.Request) {
		came <- true
		<-r.Context().Done()
	}), func(o *Options) { o.Grace = 100 * time.Millisecond })
	answer := make(chan string, 1)
	go func() { answer <- send(t, r.addr, "GET /stuck HTTP/1.1\r\nHost: h\r\n\r\n", "GET")[0] }()
	<-came
	if got := r.end(); len(got) != 1 {
		t.Errorf("%d records, account %+v", len(got), r.account)
	}
	if got := <-answer; strings.HasPrefix(got, "200") {
		t.Errorf("the answer is %q", got)
	}
}

func TestOptions(t *testing.T) {
	for _, text := range []string{"", "127.0.0.1:3000", "ftp://h/", "http://", "http://u:p@h/", "http://h/?a=b"} {
		u, err := url.Parse(text)
		if err == nil {
			_, err = New(Options{Upstream: u})
		}
		if err == nil {
			t.Errorf("%q is taken", text)
		}
	}
	if _, err := New(Options{}); err == nil {
		t.Error("no upstream is taken")
	}
	if _, err := New(Options{Upstream: &url.URL{Scheme: "http", Host: "h"}, MaxBody: 1 << 40}); err == nil {
		t.Error("a body of 1 TiB is taken")
	}
}

// TestNextEnds holds that a Next that is called off loses nothing.
func TestNextEnds(t *testing.T) {
	r := start(t, upstream(t, func(http.ResponseWriter, *http.Request) {}), nil)
	var a capture.Account
	src := r.p.Source("proxy", &a, func(string) {})
	ctx, cancel := context.WithCancelCause(t.Context())
	off := errors.New("called off")
	cancel(off)
	if err := src.Next(ctx, new(capture.Record)); !errors.Is(err, off) {
		t.Errorf("called off: %v", err)
	}
	send(t, r.addr, "GET /1 HTTP/1.1\r\nHost: h\r\n\r\n", "GET")
	var rec capture.Record
	if err := src.Next(t.Context(), &rec); err != nil || rec.URL != "/1" {
		t.Errorf("%v %v", rec.URL, err)
	}
	if s := src.Settled(); s.Before(rec.Time) || s.After(time.Now()) {
		t.Errorf("settled up to %v", s)
	}
}
