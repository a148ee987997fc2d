package proxy

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"reprise/capture/internal/http1"
)

// TestTarget holds how a target is asked for at an upstream with and without a path.
func TestTarget(t *testing.T) {
	for _, tc := range []struct{ upstream, target, want string }{
		{"http://u", "/a?b", "/a?b"},
		{"http://u/", "/a%2fb/../c|d?", "/a%2fb/../c|d?"},
		{"http://u/base/", "/a;b?c=;d", "/base/a;b?c=;d"},
		{"http://u", "//h/a", "//h/a"},
		{"http://u/base", "//h/a", "/base//h/a"},
		{"http://u/base", "*", "*"},
		{"http://u", "http://other/a?b", "http://other/a?b"},
	} {
		up, err := url.Parse(tc.upstream)
		if err != nil {
			t.Fatal(err)
		}
		in := &http.Request{RequestURI: tc.target}
		if in.URL, err = url.ParseRequestURI(tc.target); err != nil && tc.target != "*" {
			t.Fatal(err)
		}
		got := target(up, strings.TrimSuffix(up.EscapedPath(), "/"), in)
		if got.RequestURI() != tc.want || got.Host != "u" {
			t.Errorf("%s at %s: %q at %q, want %q", tc.target, tc.upstream, got.RequestURI(), got.Host, tc.want)
		}
	}
}

// certificate makes one for a name.
func certificate(t *testing.T, name string) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	of := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), DNSNames: []string{name}, IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, of, of, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(parsed)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}

// TestTLS holds that HTTP/1 and HTTP/2 are served over TLS and in clear, that the name the client knew is told, and that request trailers come
// through and are noted. Forwarded headers say how the client came.
func TestTLS(t *testing.T) {
	cert, pool := certificate(t, "hooks.example.com")
	for _, tc := range []struct {
		name              string
		secure, h2, relay bool
	}{{"HTTP/1 over TLS", true, false, true}, {"HTTP/1 over TLS, forwarded", true, false, false}, {"HTTP/2 over TLS", true, true, false}, {"HTTP/2 in clear", false, true, false}} {
		up := upstream(t, func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			fmt.Fprintf(w, "%s %s %s %s", r.Host, body, r.Header.Get("X-Forwarded-Proto"), r.Trailer.Get("X-Sum"))
		})
		r := start(t, up, func(o *Options) {
			o.Forwarded = !tc.relay
			if tc.secure {
				o.TLS = &tls.Config{Certificates: []tls.Certificate{cert}}
			}
		})
		protocols, scheme, proto := new(http.Protocols), "http", ""
		if tc.secure {
			scheme = "https"
		}
		if !tc.relay {
			proto = scheme
		}
		protocols.SetHTTP1(!tc.h2)
		protocols.SetHTTP2(tc.h2)
		protocols.SetUnencryptedHTTP2(tc.h2 && !tc.secure)
		tr := &http.Transport{Protocols: protocols, TLSClientConfig: &tls.Config{RootCAs: pool, ServerName: "hooks.example.com"}}
		req, err := http.NewRequestWithContext(t.Context(), "POST", scheme+"://"+r.addr+"/sms", io.MultiReader(strings.NewReader("abc")))
		if err != nil {
			t.Fatal(err)
		}
		req.Host, req.Trailer = "hooks.example.com", http.Header{"X-Sum": {"9"}}
		resp, err := tr.RoundTrip(req)
		if err != nil {
			t.Errorf("%s: %v", tc.name, err)
			continue
		}
		body, _ := io.ReadAll(resp.Body)
		if want := "hooks.example.com abc " + proto + " 9"; string(body) != want || resp.ProtoMajor == 2 != tc.h2 {
			t.Errorf("%s: %q over %s, want %q", tc.name, body, resp.Proto, want)
		}
		tr.CloseIdleConnections()
		got := r.end()
		if len(got) != 1 || string(got[0].Body) != "abc" || got[0].Host != "hooks.example.com" || got[0].URL != "/sms" || got[0].Headers[0].Name != "Host" {
			t.Errorf("%s: %d records, account %+v", tc.name, len(got), r.account)
		}
		if r.account.Noted[http1.ReasonTrailers] != 1 || (r.account.Noted[noteHeaders] == 1) != tc.h2 {
			t.Errorf("%s: noted %v", tc.name, r.account.Noted)
		}
		if r.hosts["hooks.example.com"] != tc.secure {
			t.Errorf("%s: hosts %v", tc.name, r.hosts)
		}
	}
}

// TestPlainToTLS holds that a client that does not speak TLS costs nobody anything.
func TestPlainToTLS(t *testing.T) {
	cert, _ := certificate(t, "h")
	r := start(t, "http://127.0.0.1:1", func(o *Options) { o.TLS = &tls.Config{Certificates: []tls.Certificate{cert}} })
	c := r.dial()
	_, _ = io.WriteString(c, "GET / HTTP/1.1\r\nHost: h\r\n\r\n")
	if _, err := io.Copy(io.Discard, c); timedOut(err) {
		t.Error("the connection stays open")
	}
	if got := r.end(); len(got) != 0 {
		t.Errorf("%d records", len(got))
	}
}
