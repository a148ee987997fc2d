package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"reprise/replay/send/proxytest"
)

// proxies are those running, by script folder and name.
var proxies sync.Map

// startProxy runs a proxy: proxy NAME [USER:PASSWORD] [HOST=URL]... NAME becomes a variable with its address, and the hosts are
// names that it alone knows.
func startProxy(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: proxy NAME [USER:PASSWORD] [HOST=URL]...")
	}
	o := proxytest.Options{Names: make(map[string]string)}
	for _, arg := range args[1:] {
		if host, at, ok := strings.Cut(arg, "="); ok {
			u, err := url.Parse(at)
			ts.Check(err)
			o.Names[host] = u.Host
			continue
		}
		o.User, o.Password, _ = strings.Cut(arg, ":")
	}
	p, err := proxytest.Start(o)
	ts.Check(err)
	ts.Defer(p.Close)
	ts.Setenv(args[0], p.Addr())
	proxies.Store(ts.Getenv("WORK")+args[0], p)
}

// askedProxy checks how many requests of a proxy match: asked NAME PATTERN WANT; + is for one or more.
func askedProxy(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: asked NAME PATTERN WANT")
	}
	p, _ := proxies.Load(ts.Getenv("WORK") + args[0])
	n, re := 0, regexp.MustCompile(args[1])
	seen := p.(*proxytest.Proxy).Seen()
	for _, what := range seen {
		if re.MatchString(what) {
			n++
		}
	}
	if args[2] != strconv.Itoa(n) && (args[2] != "+" || n == 0) {
		ts.Fatalf("%d requests of the proxy match %q; want %s. The first of %d: %q", n, args[1], args[2], len(seen), seen[:min(3, len(seen))])
	}
}

// startMutual runs an HTTPS receiver that demands a client certificate: mutualsink NAME. NAME becomes a variable with its URL; NAME.pem
// holds its certificate, known.pem and known.key a client's that it takes, other.pem and other.key one's that it does not.
func startMutual(ts *testscript.TestScript, _ bool, args []string) {
	seen := new(tlsTarget)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if n, err := io.Copy(io.Discard, r.Body); err == nil && n > 0 {
			seen.requests.Add(1)
		}
	}))
	server.EnableHTTP2 = true
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.TLS = &tls.Config{ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: x509.NewCertPool(), MinVersion: tls.VersionTLS12}
	server.TLS.ClientCAs.AppendCertsFromPEM(writeIdentity(ts, "known"))
	writeIdentity(ts, "other")
	server.StartTLS()
	ts.Defer(server.Close)
	ts.Setenv(args[0], server.URL)
	sinks.Store(ts.Getenv("WORK")+args[0], seen)
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	ts.Check(os.WriteFile(ts.MkAbs(args[0]+".pem"), block, 0o600))
}

func writeIdentity(ts *testscript.TestScript, name string) (cert []byte) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	ts.Check(err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	ts.Check(err)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	ts.Check(err)
	cert = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	ts.Check(os.WriteFile(ts.MkAbs(name+".pem"), cert, 0o600))
	ts.Check(os.WriteFile(ts.MkAbs(name+".key"), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}), 0o600))
	return cert
}
