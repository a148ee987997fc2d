package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/binary"
	"encoding/pem"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/valyala/fasthttp"
)

// answer is what a good target says: 38 bytes of JSON.
const answer = `{"ok":true,"id":"0123456789abcdef012"}`

// target counts what it served, and by -log keeps when each request came.
type target struct {
	latency     time.Duration
	served      atomic.Int64
	first, last atomic.Int64 // ns of the clock
	keep        bool
	mu          struct {
		sync.Mutex
		arrivals []arrival
	}
}

// saw counts a request that came at the given moment.
func (t *target) saw(at int64, record func() string) {
	t.served.Add(1)
	t.first.CompareAndSwap(0, at)
	t.last.Store(at)
	if !t.keep {
		return
	}
	a := arrival{at: at, seq: -1}
	if seq, n, ok := strings.Cut(record(), "."); ok {
		a.seq, _ = strconv.ParseInt(seq, 10, 64)
		a.copy, _ = strconv.ParseInt(n, 10, 64)
	}
	t.mu.Lock()
	t.mu.arrivals = append(t.mu.arrivals, a)
	t.mu.Unlock()
}

func (t *target) fast(c *fasthttp.RequestCtx) {
	t.saw(stampOf(c.Conn()), func() string { return string(c.Request.Header.Peek("Reprise-Record")) })
	if t.latency > 0 {
		time.Sleep(t.latency)
	}
	c.SetContentType("application/json")
	c.SetBodyString(answer)
}

type connKey struct{}

// ServeHTTP answers for HTTP/2, which fasthttp does not speak.
func (t *target) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c, _ := r.Context().Value(connKey{}).(net.Conn)
	t.saw(stampOf(c), func() string { return r.Header.Get("Reprise-Record") })
	_, _ = io.Copy(io.Discard, r.Body)
	if t.latency > 0 {
		time.Sleep(t.latency)
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, answer)
}

// targetRole serves until its stdin ends, then prints {"served":N,"first":ns,"last":ns}.
func targetRole(ctx context.Context, args []string, out io.Writer) error {
	var t target
	f := flag.NewFlagSet("target", flag.ContinueOnError)
	listen := f.String("listen", "127.0.0.1:0", "address to listen on")
	cert := f.String("tls", "", "speak TLS; the self-signed certificate is written to this `file`, for --cacert")
	h2 := f.Bool("http2", false, "with -tls, offer HTTP/2 (by net/http)")
	log := f.String("log", "", "keep when each request came (kernel receive stamps), in this `file`")
	f.DurationVar(&t.latency, "latency", 0, "time from a request to its answer")
	if err := f.Parse(args); err != nil {
		return err
	}
	t.keep = *log != ""
	l, err := net.Listen("tcp", *listen)
	if err != nil {
		return err
	}
	addr := l.Addr().String()
	if t.keep {
		l = stampedListener{l.(*net.TCPListener)}
	}
	if *cert != "" {
		c, err := selfSigned(*cert)
		if err != nil {
			return err
		}
		protocols := choose(*h2, []string{"h2", "http/1.1"}, []string{"http/1.1"})
		l = tls.NewListener(l, &tls.Config{Certificates: []tls.Certificate{c}, NextProtos: protocols})
	}
	done := make(chan error, 1) // one: its goroutine's only word
	go func() { done <- t.serve(l, *h2) }()
	fmt.Fprintln(out, addr)
	untilStdinEnds(ctx)
	err = l.Close()
	<-done // it ends because its listener did: not an error
	fmt.Fprintf(out, "{\"served\":%d,\"first\":%d,\"last\":%d}\n", t.served.Load(), t.first.Load(), t.last.Load())
	if !t.keep {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return errors.Join(err, writeArrivals(*log, t.mu.arrivals))
}

func (t *target) serve(l net.Listener, h2 bool) error {
	if !h2 {
		s := &fasthttp.Server{Handler: t.fast, NoDefaultServerHeader: true, NoDefaultDate: true, MaxRequestBodySize: 1 << 20}
		return s.Serve(l)
	}
	s := &http.Server{
		Handler:           t,
		ReadHeaderTimeout: time.Minute,
		TLSConfig:         &tls.Config{NextProtos: []string{"h2", "http/1.1"}},
		ConnContext:       func(ctx context.Context, c net.Conn) context.Context { return context.WithValue(ctx, connKey{}, c) },
	}
	return s.Serve(l)
}

// selfSigned makes a certificate for this machine and writes it, without its key, to a file.
func selfSigned(file string) (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	form := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "bench"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, form, form, &key.PublicKey, key)
	if err != nil {
		return tls.Certificate{}, err
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, os.WriteFile(file, text, 0o600)
}

// arrivalSize is the length of an arrival in a log.
const arrivalSize = 24

func writeArrivals(file string, all []arrival) error {
	b := make([]byte, 0, len(all)*arrivalSize)
	for _, a := range all {
		b = binary.LittleEndian.AppendUint64(b, uint64(a.at))
		b = binary.LittleEndian.AppendUint64(b, uint64(a.seq))
		b = binary.LittleEndian.AppendUint64(b, uint64(a.copy))
	}
	return os.WriteFile(file, b, 0o600)
}

func readArrivals(file string) ([]arrival, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	if len(b)%arrivalSize != 0 {
		return nil, fmt.Errorf("%s: %d bytes are no whole number of arrivals", file, len(b))
	}
	all := make([]arrival, 0, len(b)/arrivalSize)
	for c := range slices.Chunk(b, arrivalSize) {
		word := func(i int) int64 { return int64(binary.LittleEndian.Uint64(c[8*i:])) }
		all = append(all, arrival{word(0), word(1), word(2)})
	}
	return all, nil
}
