package send

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"reprise/replay"
	"reprise/replay/send/proxytest"
)

// engines are all ways to send; those must reach a target alike.
func engines() map[string]Options {
	return map[string]Options{"epoll": {}, "portable": {Portable: true}, "h2": {HTTP2: true}, "portable h2": {HTTP2: true, Portable: true}}
}

// staging is a target that keeps the headers of what it got.
type staging struct {
	*httptest.Server
	mu   sync.Mutex
	seen []http.Header
	host string
	path string
}

func newStaging(t *testing.T, secure bool) *staging {
	t.Helper()
	s := new(staging)
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		s.mu.Lock()
		defer s.mu.Unlock()
		s.seen, s.host, s.path = append(s.seen, r.Header.Clone()), r.Host, r.RequestURI
	}))
	s.EnableHTTP2 = true
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.Config.Protocols = new(http.Protocols)
	s.Config.Protocols.SetHTTP1(true)
	s.Config.Protocols.SetHTTP2(true)
	s.Config.Protocols.SetUnencryptedHTTP2(true)
	if secure {
		s.StartTLS()
	} else {
		s.Start()
	}
	t.Cleanup(s.Close)
	return s
}

// got returns the headers of what came, and the path of the last.
func (s *staging) got() (seen []http.Header, path string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.seen), s.path
}

func (s *staging) address() string { return s.Listener.Addr().String() }

func (s *staging) cas() *x509.CertPool {
	pool := x509.NewCertPool()
	if c := s.Certificate(); c != nil {
		pool.AddCert(c)
	}
	return pool
}

func startProxy(t *testing.T, o proxytest.Options) *proxytest.Proxy {
	t.Helper()
	p, err := proxytest.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

func parseProxy(t *testing.T, s string) *Proxy {
	t.Helper()
	p, err := ParseProxy(s)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestThroughAProxy sends over every engine through every kind of proxy to a name that only the proxy knows, twice.
func TestThroughAProxy(t *testing.T) {
	certificates := newStaging(t, true) // its certificate is for example.com and 127.0.0.1
	for _, secure := range []bool{false, true} {
		target := newStaging(t, secure)
		for _, scheme := range []string{"http", "https", "socks5", "socks5h"} {
			for name, o := range engines() {
				t.Run(target.URL[:5]+" "+scheme+" "+name, func(t *testing.T) {
					at := proxytest.Options{Names: map[string]string{"example.com": target.address()}, User: "user", Password: "secret"}
					if scheme == "https" {
						at.TLS = &tls.Config{Certificates: certificates.TLS.Certificates}
					}
					p := startProxy(t, at)
					o.RootCAs = certificates.cas()
					o.Proxy = parseProxy(t, scheme+"://user:secret@"+p.Addr())
					o.Connections = 2
					o.Guard.Allow = []string{"example.com"}
					to, want := "http://example.com:8080", "POST http://example.com:8080/sms?a=1"
					if secure {
						to = "https://example.com:8443"
					}
					u, err := ParseTarget(to)
					if err != nil {
						t.Fatal(err)
					}
					switch {
					case strings.HasPrefix(scheme, "socks"):
						want = "SOCKS5 " + u.Host
					case secure || o.HTTP2:
						want = "CONNECT " + u.Host
					}
					if err := errors.Join(CheckTarget(t.Context(), u, o), Probe(t.Context(), u, o)); err != nil {
						t.Fatal(err)
					}
					e := engine(t, to, o)
					if _, err := e.Warm(t.Context()); err != nil {
						t.Fatal(err)
					}
					before, _ := target.got()
					for _, res := range play(t.Context(), t, e, request("POST /sms?a=1", "hello"), request("POST /sms?a=1", "hello")) {
						if !res.OK() {
							t.Fatalf("status %d, %q", res.Status, res.Error)
						}
					}
					if seen := p.Seen(); len(seen) == 0 || seen[len(seen)-1] != want || want[:4] == "POST" && len(seen) != 2 {
						t.Errorf("the proxy was asked for %q, want %s", seen, want)
					}
					if opened := e.Stats().Opened; opened > 2 {
						t.Errorf("%d connections", opened)
					}
					after, path := target.got()
					if len(after) != len(before)+2 || path != "/sms?a=1" {
						t.Errorf("the target got %d requests, the last for %s", len(after)-len(before), path)
					}
					for _, h := range after {
						if h.Get("Proxy-Authorization") != "" {
							t.Error("the target got the proxy's credentials")
						}
					}
					if !strings.HasSuffix(e.Name(), strings.TrimSuffix(scheme, "h")+" proxy") {
						t.Errorf("the engine is called %s", e.Name())
					}
				})
			}
		}
	}
}

// TestAbsoluteForm holds what a proxy is sent for an http target, byte for byte where the engine decides on the order.
func TestAbsoluteForm(t *testing.T) {
	kinds(t, func(t *testing.T, o Options) {
		w := listen(t, say(ok200))
		o.Proxy = parseProxy(t, strings.Replace(w.addr, "http://", "http://u:p@", 1))
		o.Guard.Allow = []string{"staging.internal"}
		e := engine(t, "http://staging.internal/base", o)
		if res := send(t, e, request("POST //a/%2f?b=c", "hello", "X-b: 1", "X-A: 2")); !res.OK() {
			t.Fatalf("%d %q", res.Status, res.Error)
		}
		got := <-w.got
		want := "POST http://staging.internal//a/%2f?b=c HTTP/1.1\r\nHost: h\r\nX-b: 1\r\nX-A: 2\r\nContent-Length: 5\r\nProxy-Authorization: Basic dTpw\r\n\r\n"
		if !o.Portable && !strings.HasPrefix(e.Name(), "net/http") && !strings.HasPrefix(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
		if line, _, _ := strings.Cut(got, "\r\n"); line != "POST http://staging.internal//a/%2f?b=c HTTP/1.1" || strings.Count(got, "Proxy-Authorization: Basic dTpw\r\n") != 1 {
			t.Errorf("%q", got)
		}
	})
}

// TestProxyErrors holds that what the proxy did is told from what the target did, and that no error tells its credentials.
func TestProxyErrors(t *testing.T) {
	target := newStaging(t, true)
	open := startProxy(t, proxytest.Options{Names: map[string]string{"gone.internal": nobody}})
	auth := startProxy(t, proxytest.Options{User: "user", Password: "right"})
	shut := startProxy(t, proxytest.Options{Refuse: 403})
	plain := newStaging(t, false)
	babble := listen(t, say("SSH-2.0-x\r\n\r\n"))
	for _, tc := range []struct{ name, proxy, target, want string }{
		{"credentials are missing", "http://" + auth.Addr(), target.URL, "refused CONNECT: 407 Proxy Authentication Required"},
		{"credentials are wrong", "http://user:wrong7@" + auth.Addr(), target.URL, "refused CONNECT: 407 Proxy Authentication Required"},
		{"not for this target", "http://" + shut.Addr(), target.URL, "refused CONNECT: 403 Forbidden"},
		{"the target is not there", "http://" + open.Addr(), "https://gone.internal", "refused CONNECT: 502 Bad Gateway"},
		{"the proxy is not there", "http://" + nobody, target.URL, "cannot be reached: connection refused"},
		{"the proxy's name", "http://no-such-proxy.invalid:3128", target.URL, "cannot be reached: no address is known for it"},
		{"no proxy at all", babble.addr, target.URL, "did not answer CONNECT: its answer is no HTTP"},
		{"no TLS", "https://" + plain.address(), target.URL, "made no TLS session: "},
		{"SOCKS5 credentials are missing", "socks5://" + auth.Addr(), target.URL, "did not reach the target: no acceptable authentication methods"},
		{"SOCKS5 credentials are wrong", "socks5://user:wrong7@" + auth.Addr(), target.URL, "did not reach the target: username/password authentication failed"},
		{"SOCKS5, not for this target", "socks5://" + shut.Addr(), target.URL, "did not reach the target: host unreachable"},
		{"SOCKS5, the target is not there", "socks5://" + open.Addr(), "http://gone.internal", "did not reach the target: connection refused"},
	} {
		for name, o := range engines() {
			if name == "h2" && strings.HasPrefix(tc.target, "http:") {
				continue
			}
			o.Proxy, o.RootCAs, o.Connections, o.Timeout = parseProxy(t, tc.proxy), target.cas(), 2, patience
			o.Guard.Allow = []string{"127.0.0.1", "gone.internal"}
			e := engine(t, tc.target, o)
			_, err := e.Warm(t.Context())
			if !errors.Is(err, ErrUnreachable) || !strings.Contains(err.Error(), tc.want) || !strings.Contains(err.Error(), "the proxy "+o.Proxy.String()) {
				t.Errorf("%s, %s: %v, want %s", tc.name, name, err, tc.want)
			}
			if err != nil && strings.Contains(err.Error(), "wrong7") {
				t.Errorf("%s: the error tells the password: %v", tc.name, err)
			}
			if res := send(t, e, post("")); res.Error != replay.ReasonProxy {
				t.Errorf("%s, %s: reason %q", tc.name, name, res.Error)
			}
		}
	}
}

func TestBehindAProxy(t *testing.T) {
	forbidden := func(host string) bool { return host == "prod.example" || host == "10.0.0.7" }
	for _, tc := range []struct {
		name, target, proxy string
		allow               []string
		want                string // empty where it is allowed
	}{
		{"a name nobody vouched for", "http://staging.internal", "http://127.0.0.1:3128", nil, "only the proxy knows the address of staging.internal"},
		{"a name somebody vouched for", "http://staging.internal", "http://127.0.0.1:3128", []string{"staging.internal"}, ""},
		{"a private address", "http://10.0.0.8", "http://127.0.0.1:3128", nil, ""},
		{"the proxy's own machine", "http://127.0.0.1", "http://10.0.0.8:3128", nil, "the proxy's own machine"},
		{"the proxy's own machine, by name", "http://localhost", "http://127.0.0.1:3128", nil, "only the proxy knows the address of localhost"},
		{"the proxy's own machine, vouched for", "http://127.0.0.1", "http://10.0.0.8:3128", []string{"127.0.0.1"}, ""},
		{"a public address", "http://192.0.2.1", "http://127.0.0.1:3128", nil, "not a private address"},
		{"metadata", "http://169.254.169.254", "http://127.0.0.1:3128", []string{"169.254.169.254"}, "metadata"},
		{"captured from its name", "http://prod.example", "http://127.0.0.1:3128", []string{"prod.example"}, "captured from"},
		{"captured from its address", "http://10.0.0.7", "http://127.0.0.1:3128", nil, "captured from"},
		{"a number in disguise", "http://2852039166", "http://127.0.0.1:3128", []string{"2852039166"}, "neither a name"},
		{"a proxy on a public address", "http://10.0.0.8", "http://192.0.2.1:3128", nil, "192.0.2.1 (192.0.2.1) is not a private address"},
		{"a proxy that the corpus was captured from", "http://10.0.0.8", "http://10.0.0.7:3128", []string{"10.0.0.7"}, "captured from"},
	} {
		u, err := ParseTarget(tc.target)
		if err != nil {
			t.Fatal(err)
		}
		err = CheckTarget(t.Context(), u, Options{Proxy: parseProxy(t, tc.proxy), Guard: Guard{Allow: tc.allow, Forbidden: forbidden}})
		if tc.want == "" && err != nil || tc.want != "" && (!errors.Is(err, ErrRefused) || !strings.Contains(err.Error(), tc.want)) {
			t.Errorf("%s: %v, want %q", tc.name, err, tc.want)
		}
	}
	// An engine that nobody checked holds to it too, at every connection.
	p := startProxy(t, proxytest.Options{})
	for _, guard := range []Guard{{}, {Local: "it is raw", Allow: []string{"127.0.0.1"}}} {
		e := engine(t, "http://127.0.0.1:9", Options{Proxy: parseProxy(t, p.Addr()), Guard: guard})
		if _, err := e.Warm(t.Context()); !errors.Is(err, ErrRefused) || len(p.Seen()) > 0 {
			t.Errorf("an engine with %+v: %v", guard, err)
		}
	}
}

func TestParseProxy(t *testing.T) {
	for text, want := range map[string]string{
		"http://10.0.0.1:3128": "http://10.0.0.1:3128", "10.0.0.1:3128": "http://10.0.0.1:3128", "https://p.internal": "https://p.internal:443",
		"socks5://p": "socks5://p:1080", "SOCKS5H://p:1": "socks5h://p:1", "http://u:p@p/": "http://p:80", "http://[::1]:3128": "http://[::1]:3128",
		"socks4://p": "", "http://": "", "http://p/path": "", "http://u:sec%zz@p": "", "ftp://p": "", "http://p?a": "",
	} {
		p, err := ParseProxy(text)
		switch {
		case err == nil && p.String() != want, err != nil && want != "":
			t.Errorf("%s: %v, %v, want %q", text, p, err, want)
		case err != nil && strings.Contains(err.Error(), "sec"):
			t.Errorf("the error tells the password: %v", err)
		}
	}
}

func TestProxyFromEnvironment(t *testing.T) {
	for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "all_proxy", "no_proxy"} {
		t.Setenv(name, "")
		os.Unsetenv(name)
	}
	for _, tc := range []struct {
		name, target string
		env          map[string]string
		want, by     string
	}{
		{"none", "http://staging.internal", nil, "", ""},
		{"http", "http://staging.internal", map[string]string{"HTTP_PROXY": "http://a:1", "HTTPS_PROXY": "http://b:1"}, "http://a:1", "HTTP_PROXY"},
		{"https", "https://staging.internal", map[string]string{"HTTP_PROXY": "http://a:1", "https_proxy": "http://b:1"}, "http://b:1", "https_proxy"},
		{"all", "https://staging.internal", map[string]string{"ALL_PROXY": "socks5h://c"}, "socks5h://c:1080", "ALL_PROXY"},
		{"none for this one", "http://staging.internal", map[string]string{"HTTP_PROXY": "http://a:1", "NO_PROXY": ".internal"}, "", ""},
		{"none for this network", "http://10.1.2.3", map[string]string{"HTTP_PROXY": "http://a:1", "no_proxy": "10.0.0.0/8"}, "", ""},
		{"never for loopback", "http://127.0.0.1:1", map[string]string{"HTTP_PROXY": "http://a:1"}, "", ""},
		{"never for localhost", "http://localhost:1", map[string]string{"ALL_PROXY": "http://a:1"}, "", ""},
		{"nonsense", "http://staging.internal", map[string]string{"HTTP_PROXY": "ftp://a:1"}, "error", "HTTP_PROXY"},
	} {
		for name, value := range tc.env {
			os.Setenv(name, value)
		}
		u, err := url.Parse(tc.target)
		if err != nil {
			t.Fatal(err)
		}
		p, by, err := ProxyFromEnvironment(u)
		got := ""
		if err != nil {
			got = "error"
		} else if p != nil {
			got = p.String()
		}
		if got != tc.want || by != tc.by {
			t.Errorf("%s: %s by %s, want %s by %s", tc.name, got, by, tc.want, tc.by)
		}
		for name := range tc.env {
			os.Unsetenv(name)
		}
	}
}

// FuzzTunnel holds that whatever a proxy answers ends in a status or an error.
func FuzzTunnel(f *testing.F) {
	for _, s := range []string{"HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.0 407 X\r\nContent-Length: 5\r\n\r\nhello", "HTTP/1.1 100 C\r\n\r\nHTTP/1.1 200\r\n\r\nrest", "SSH-2.0\r\n", ""} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		near, far := net.Pipe()
		go func() {
			_, _ = far.Write(b)
			far.Close()
		}()
		status, err := readTunnel(near)
		near.Close()
		if err == nil && (status < 100 || status > 999) {
			t.Errorf("status %d", status)
		}
	})
}
