package pages

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// Clients that are slow with their heads keep nobody out.
func TestSlowClientsMakeRoom(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() {
		served <- ServeWithin(ctx, l, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "here") }), time.Hour)
	}()
	for range 2 * MaxConnections {
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if _, err := io.WriteString(c, "GET / HTTP/1.1\r\nX-Slow: "); err != nil {
			t.Fatal(err)
		}
	}
	client := http.Client{Timeout: 10 * time.Minute}
	for range 3 {
		res, err := client.Get("http://" + l.Addr().String() + "/")
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
	}
	client.CloseIdleConnections()
	stop()
	if err := <-served; err != nil {
		t.Error(err)
	}
}

// pipes is a listener in memory, whose connections are those that a test gives it.
type pipes struct {
	conns  chan net.Conn // closed by nobody
	closed chan struct{}
	once   sync.Once
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error { p.once.Do(func() { close(p.closed) }); return nil }

func (p *pipes) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1} }

// What is under way at the end has a second, and no more.
func TestAnswersAtTheEnd(t *testing.T) {
	for _, tc := range []struct {
		name        string
		takes, ends time.Duration // since it was stopped
		answered    bool
	}{
		{"soon", 300 * time.Millisecond, 300 * time.Millisecond, true},
		{"too late", time.Hour, time.Second, false},
	} {
		synctest.Test(t, func(t *testing.T) {
			l := &pipes{conns: make(chan net.Conn), closed: make(chan struct{})}
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			served := make(chan error, 1) // room for the only word
			go func() {
				served <- Serve(ctx, l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					select {
					case <-time.After(tc.takes):
						_, _ = io.WriteString(w, "here")
					case <-r.Context().Done():
					}
				}))
			}()
			client, server := net.Pipe()
			defer client.Close()
			l.conns <- server
			if _, err := io.WriteString(client, "GET / HTTP/1.0\r\n\r\n"); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			begun := time.Now()
			stop()
			said, _ := io.ReadAll(client)
			if answered := strings.HasSuffix(string(said), "here"); answered != tc.answered {
				t.Errorf("%s: it says %q", tc.name, said)
			}
			if err := <-served; err != nil {
				t.Errorf("%s: %v", tc.name, err)
			}
			if took := time.Since(begun); took < tc.ends || took > tc.ends+time.Second {
				t.Errorf("%s: it ends after %v, want %v", tc.name, took, tc.ends)
			}
		})
	}
}

func TestOwn(t *testing.T) {
	at := &net.TCPAddr{IP: net.IPv4zero, Port: 9464}
	h := Own(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}), at, "metrics.internal")
	for host, want := range map[string]int{
		"127.0.0.1:9464": 200, "10.1.2.3:9464": 200, "[::1]:9464": 200, "localhost:9464": 200, "LocalHost:9464": 200, "metrics.internal:9464": 200,
		"evil.example:9464": 403, "evil.example": 403, "127.0.0.1": 403, "127.0.0.1:80": 403, "metrics.internal": 403, "": 403, ":9464": 403, "a:b:9464": 403,
	} {
		r := httptest.NewRequest(http.MethodGet, "/metrics", nil)
		r.Host = host
		w := httptest.NewRecorder()
		if h.ServeHTTP(w, r); w.Code != want {
			t.Errorf("Host %q: %d, want %d", host, w.Code, want)
		}
	}
	eighty := Own(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}), &net.TCPAddr{Port: 80})
	r := httptest.NewRequest(http.MethodGet, "/metrics", nil)
	r.Host = "[::1]"
	w := httptest.NewRecorder()
	if eighty.ServeHTTP(w, r); w.Code != 200 {
		t.Errorf("the port that clients leave out: %d", w.Code)
	}
}
