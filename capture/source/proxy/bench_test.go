package proxy

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"slices"
	"testing"
	"time"

	"reprise/capture"
)

// BenchmarkAdded measures what a request over a kept connection on loopback takes: to the upstream itself, through the standard library's
// ReverseProxy alone, and through the recording proxy, whose records are taken by somebody. p50-µs is what to compare.
func BenchmarkAdded(b *testing.B) {
	quiet := log.New(io.Discard, "", 0)
	serve := func(h http.Handler) string {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			b.Fatal(err)
		}
		s := &http.Server{Handler: h, ErrorLog: quiet}
		go func() { _ = s.Serve(l) }()
		b.Cleanup(func() { _ = s.Close() })
		return l.Addr().String()
	}
	direct := serve(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "text/xml")
		_, _ = io.WriteString(w, "<Response/>")
	}))
	up := &url.URL{Scheme: "http", Host: direct}
	transport := &http.Transport{MaxIdleConnsPerHost: 64, DisableCompression: true}
	b.Cleanup(transport.CloseIdleConnections)
	bare := serve(&httputil.ReverseProxy{Transport: transport, FlushInterval: -1, ErrorLog: quiet, Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(up)
		r.Out.Host = r.In.Host
	}})
	for _, way := range []string{"direct", "ReverseProxy", "recording"} {
		b.Run(way, func(b *testing.B) {
			addr := map[string]string{"direct": direct, "ReverseProxy": bare}[way]
			if addr == "" {
				var end func()
				addr, end = record(b, up)
				defer end()
			}
			roundTrips(b, addr)
		})
	}
}

// record runs a proxy whose records are read.
func record(b *testing.B, up *url.URL) (addr string, end func()) {
	p, err := New(Options{Upstream: up})
	if err != nil {
		b.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	served, taken := make(chan error, 1), make(chan int, 1)
	go func() { served <- p.Serve(ctx, l) }()
	go func() {
		src, n := p.Source("proxy", new(capture.Account), func(string) {}), 0
		for rec := new(capture.Record); src.Next(context.Background(), rec) == nil; n++ {
		}
		taken <- n
	}()
	return l.Addr().String(), func() {
		stop()
		if err := <-served; err != nil {
			b.Error(err)
		}
		if n := <-taken; n < b.N {
			b.Errorf("%d of %d requests were recorded", n, b.N)
		}
	}
}

// roundTrips sends requests of 600 bytes one after another.
func roundTrips(b *testing.B, addr string) {
	c, err := net.Dial("tcp", addr)
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	body := bytes.Repeat([]byte("Body=yes&"), 66)
	request := fmt.Appendf(nil, "POST /sms HTTP/1.1\r\nHost: hooks.example.com\r\nContent-Type: application/x-www-form-urlencoded\r\nUser-Agent: Vendor/1.0\r\n"+
		"Accept: */*\r\nX-Signature: 0123456789abcdef0123456789abcdef\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
	answer := make([]byte, 4096)
	took := make([]time.Duration, 0, b.N)
	b.ResetTimer()
	for range b.N {
		begun := time.Now()
		if _, err := c.Write(request); err != nil {
			b.Fatal(err)
		}
		for n := 0; !bytes.HasSuffix(answer[:n], []byte("<Response/>")); {
			k, err := c.Read(answer[n:])
			if err != nil {
				b.Fatal(err)
			}
			n += k
		}
		took = append(took, time.Since(begun))
	}
	b.StopTimer()
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Nanoseconds())/1e3, "p50-µs")
	b.ReportMetric(float64(took[len(took)*99/100].Nanoseconds())/1e3, "p99-µs")
}
