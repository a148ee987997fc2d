package proxy

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"reprise/capture"
)

// TestBytes holds that a plain request reaches the upstream byte for byte, and the answer the client, also where they come in pieces.
func TestBytes(t *testing.T) {
	request := "POST /a?b HTTP/1.1\r\nzeta: 1\r\nHOST: h\r\nAlpha:  2 \r\ncontent-length: 3\r\nconnection: keep-alive\r\n\r\nabc"
	chunked := "PUT / HTTP/1.1\r\nHost: h\r\ntransfer-encoding: CHUNKED\r\n\r\n1;x=y\r\na\r\n00002\r\nbc\r\n0\r\nTrailer-1: x\r\n\r\n"
	for _, tc := range []struct {
		name, request, answer string
		closes                bool
	}{
		{"length", request, "HTTP/1.1 299 Odd  words\r\nzeta: 1\r\nALPHA: 2\r\ncontent-length: 5\r\n\r\nhello", false},
		{"chunks", chunked, "HTTP/1.1 200 \r\nTransfer-Encoding: chunked\r\n\r\n3;q=1\r\nabc\r\n000\r\nX-T: 1\r\n\r\n", false},
		{"1xx", request, "HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Hints\r\nLink: a\r\n\r\nHTTP/1.1 204 None\r\n\r\n", false},
		{"a large head", request, "HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", 100<<10) + "\r\nContent-Length: 0\r\n\r\n", false},
		{"a large body", request, "HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\n" + strings.Repeat("y", 300_000), false},
		{"until close", request, "HTTP/1.1 200 OK\r\n\r\nuntil the end", true},
		{"close", request, "HTTP/1.1 200 OK\r\nConnection: Close\r\nContent-Length: 2\r\n\r\nok", true},
		{"old", request, "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", true},
		{"HEAD", "HEAD / HTTP/1.1\r\nHost: h\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n", false},
		{"not modified", "GET / HTTP/1.1\r\nHost: h\r\n\r\n", "HTTP/1.1 304 Not Modified\r\nContent-Length: 2000\r\n\r\n", false},
		{"malformed chunks", request, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzzz\r\n", true},
	} {
		for _, step := range []int{1 << 20, 997, 7} {
			if step < 100 && len(tc.answer) > 1000 {
				continue
			}
			came := make(chan string, 4)
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			go func() {
				for {
					c, err := l.Accept()
					if err != nil {
						return
					}
					go func() {
						defer c.Close()
						b := make([]byte, len(tc.request))
						for {
							if _, err := io.ReadFull(c, b); err != nil {
								return
							}
							came <- string(b)
							for rest := tc.answer; rest != ""; {
								n := min(step, len(rest))
								_, _ = io.WriteString(c, rest[:n])
								rest = rest[n:]
							}
							if tc.closes {
								return
							}
						}
					}()
				}
			}()
			r := start(t, "http://"+l.Addr().String(), nil)
			c := r.dial()
			for round := range 2 {
				for rest := tc.request; rest != ""; {
					n := min(max(step, 20), len(rest))
					_, _ = io.WriteString(c, rest[:n])
					rest = rest[n:]
				}
				if got := <-came; got != tc.request {
					t.Errorf("%s, %d bytes a time: the upstream got %q, want %q", tc.name, step, got, tc.request)
				}
				b := make([]byte, len(tc.answer))
				if _, err := io.ReadFull(c, b); err != nil || string(b) != tc.answer {
					t.Errorf("%s, %d bytes a time: the client got %.200q, %v", tc.name, step, b, err)
				}
				if tc.closes {
					if n, err := c.Read(b[:1]); n > 0 || err == nil {
						t.Errorf("%s: the connection goes on", tc.name)
					}
					break
				}
				_ = round
			}
			c.Close()
			want := 2
			if tc.closes {
				want = 1
			}
			if got := r.end(); len(got) != want || len(r.account.Skipped) > 0 || got[0].Response.Status == 0 {
				t.Errorf("%s: %d records, account %+v", tc.name, len(got), r.account)
			}
			_ = l.Close()
		}
	}
}

// TestSlowAnswer holds that a client that waits long is served, with what it sent meanwhile; and that its leaving reaches the upstream.
func TestSlowAnswer(t *testing.T) {
	gone := make(chan bool, 1)
	up := upstream(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/left" {
			<-r.Context().Done()
			gone <- true
			return
		}
		if r.URL.Path == "/slow" {
			time.Sleep(2 * slowly)
		}
		_, _ = io.WriteString(w, r.URL.Path)
	})
	r := start(t, up, nil)
	answers := send(t, r.addr, "GET /slow HTTP/1.1\r\nHost: h\r\n\r\nGET /second HTTP/1.1\r\nHost: h\r\n\r\n", "GET", "GET")
	if !slices.Equal(answers, []string{"200 /slow", "200 /second"}) {
		t.Errorf("answers %q", answers)
	}
	c := r.dial()
	_, _ = io.WriteString(c, "GET /slow HTTP/1.1\r\nHost: h\r\n\r\n")
	time.Sleep(slowly + slowly/2) // by now it is watched
	_, _ = io.WriteString(c, "GET /third HTTP/1.1\r\nHost: h\r\n\r\n")
	in := bufio.NewReader(c)
	for _, want := range []string{"/slow", "/third"} {
		resp, err := http.ReadResponse(in, nil)
		if err != nil {
			t.Fatal(err)
		}
		if body, err := io.ReadAll(resp.Body); err != nil || string(body) != want {
			t.Errorf("%s: %q, %v", want, body, err)
		}
	}
	_, _ = io.WriteString(c, "GET /left HTTP/1.1\r\nHost: h\r\n\r\n")
	c.Close()
	select {
	case <-gone:
	case <-time.After(patience):
		t.Error("the upstream does not learn that the client left")
	}
	if got := r.end(); len(got) != 5 {
		t.Errorf("%d records, account %+v", len(got), r.account)
	}
}

// TestUpstreamClosesIdle holds that a connection that the upstream has closed is not used for the next request.
func TestUpstreamClosesIdle(t *testing.T) {
	closed := make(chan bool, 8)
	up := raw(t, func(c net.Conn, _ string) {
		_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
		_ = c.(*net.TCPConn).SetLinger(60) // Close returns when the proxy's system knows
		_ = c.Close()                      // without saying so
		closed <- true
	})
	r := start(t, up, nil)
	c := r.dial()
	in := bufio.NewReader(c)
	for n := range 3 {
		_, _ = io.WriteString(c, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx")
		resp, err := http.ReadResponse(in, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, resp.Body); err != nil || resp.StatusCode != 200 {
			t.Errorf("request %d: %d, %v", n, resp.StatusCode, err)
		}
		<-closed
	}
}

// FuzzConnection holds that the second reading of a connection and net/http's agree: what net/http reads as a request is recorded with its
// target, its headers and its body, or with a reason.
func FuzzConnection(f *testing.F) {
	f.Add([]byte("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabcGET /b HTTP/1.1\r\nHost: h\r\n\r\n"), 3)
	f.Add([]byte("PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nA: b\r\n\r\nGET / HTTP/1.0\r\n\r\n"), 1)
	f.Add([]byte("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), 9)
	f.Add([]byte("GET / HTTP/1.1\nHost: h\n\nPRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), 2)
	f.Fuzz(func(t *testing.T, in []byte, step int) {
		if step < 1 || len(in) > 8<<10 {
			return
		}
		u := &url.URL{Scheme: "http", Host: "127.0.0.1:1"}
		p, err := New(Options{Upstream: u})
		if err != nil {
			t.Fatal(err)
		}
		k := newConn(p, readOnly{})
		for rest := in; len(rest) > 0; {
			n := min(step, len(rest))
			k.mu.Lock()
			k.see(rest[:n])
			k.mu.Unlock()
			rest = rest[n:]
		}
		from := bufio.NewReader(bytes.NewReader(in))
		for {
			req, err := http.ReadRequest(from)
			if err != nil {
				break
			}
			had := len(k.heads) > 0
			h, ok := k.take(req.Method, req.RequestURI)
			if !ok && had {
				t.Fatalf("the second reading has another request than %q", req.RequestURI)
			}
			if !ok {
				break // what follows is recorded as net/http has it
			}
			if _, err := io.Copy(io.Discard, req.Body); err != nil || h.reason != "" {
				break
			}
			for _, one := range h.rec.Headers {
				if !capture.SameName(one.Name, "Host") && !slices.Contains(req.Header.Values(one.Name), one.Value) && !capture.SameName(one.Name, "Transfer-Encoding") && !capture.SameName(one.Name, "Trailer") {
					t.Fatalf("net/http does not have the header %q", one.Name)
				}
			}
		}
		_ = k.Close()
	})
}

// readOnly is a connection of which nothing is asked.
type readOnly struct{ net.Conn }

func (readOnly) LocalAddr() net.Addr { return &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 80} }
func (readOnly) Close() error        { return nil }

// TestAnyBytes sends requests that are hurt through a proxy to an upstream whose answers are hurt, too: nothing breaks, every request is counted,
// and the end comes. It is no fuzz target, since sockets make each of its runs another one.
func TestAnyBytes(t *testing.T) {
	requests := []string{
		"POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabcGET /b HTTP/1.1\r\nHost: h\r\n\r\n", "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: h\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n", "PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n",
	}
	answers := []string{
		"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", "HTTP/1.1 100 \r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n",
		"HTTP/1.1 101 \r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n", "HTTP/1.0 200 OK\r\n\r\nuntil close",
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 1))
	hurt := func(all []string) string {
		b := []byte(all[rng.IntN(len(all))])
		for range rng.IntN(4) {
			at := rng.IntN(max(len(b), 1))
			switch rng.IntN(4) {
			case 0:
				b = append(b[:at], byte(rng.Uint32()))
			case 1:
				b = append(b[:at:at], b[min(at+1, len(b)):]...)
			case 2:
				b = append(b[:at:at], append([]byte(all[rng.IntN(len(all))]), b[at:]...)...)
			case 3:
				b = b[:at]
			}
		}
		return string(b)
	}
	for range 100 {
		request, answer := hurt(requests), hurt(answers)
		r := start(t, raw(t, func(c net.Conn, _ string) { _, _ = io.WriteString(c, answer) }), func(o *Options) { o.Grace = 20 * time.Millisecond })
		c := r.dial()
		_, _ = io.WriteString(c, request)
		_ = c.(*net.TCPConn).CloseWrite()
		if _, err := io.Copy(io.Discard, c); timedOut(err) {
			t.Errorf("no end comes of %q and %q", request, answer)
		}
		c.Close()
		r.end()
		if err := r.account.Check(); err != nil {
			t.Errorf("%q and %q: %v", request, answer, err)
		}
	}
}

// TestHosts holds that the upstream, and the addresses and names under which a proxy was reached, are told, but for loopback.
func TestHosts(t *testing.T) {
	p, err := New(Options{Upstream: &url.URL{Scheme: "http", Host: "h"}})
	if err != nil {
		t.Fatal(err)
	}
	if k := newConn(p, readOnly{}); k.hosts[0] != "192.0.2.1" {
		t.Errorf("hosts %q", k.hosts)
	}
	if got := hostOf(&net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1}); got != "" {
		t.Errorf("loopback is %q", got)
	}
	f := &inFlight{since: time.Now()}
	p.queue.begin(f)
	p.queue.end(f, "", item{rec: capture.Record{Method: "GET", URL: "/", Time: time.Now().UTC()}, hosts: [2]string{"192.0.2.1", "hooks.example.com"}})
	var a capture.Account
	var hosts []string
	if err := p.Source("x", &a, func(h string) { hosts = append(hosts, h) }).Next(context.Background(), new(capture.Record)); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(hosts, []string{"h", "192.0.2.1", "hooks.example.com"}) {
		t.Errorf("hosts %q", hosts)
	}
}
