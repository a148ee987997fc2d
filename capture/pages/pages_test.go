package pages

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
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
	client := http.Client{Timeout: 5 * time.Second}
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
