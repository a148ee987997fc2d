package cli

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
)

// What stands at --metrics answers nobody who came by another site's name.
func TestMetricsHost(t *testing.T) {
	ctx, stop := context.WithCancel(context.Background())
	r, w := io.Pipe()
	done := make(chan int, 1)
	go func() {
		done <- Run(ctx, []string{"sink", "--listen", "127.0.0.1:0", "--metrics", "127.0.0.1:0", "--quiet"}, Streams{In: strings.NewReader(""), Out: w, Err: io.Discard})
		w.Close()
	}()
	lines := bufio.NewReader(r)
	_, _ = lines.ReadString('\n')
	line, err := lines.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	go func() { _, _ = io.Copy(io.Discard, lines) }()
	url := strings.TrimSpace(strings.TrimPrefix(line, "metrics: "))
	port := url[strings.LastIndex(url, ":")+1 : strings.LastIndex(url, "/")]
	for host, want := range map[string]int{"evil.example:" + port: 403, "127.0.0.1:" + port: 200, "localhost:" + port: 200} {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Host = host
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != want {
			t.Errorf("Host %s: %d, want %d", host, res.StatusCode, want)
		}
	}
	stop()
	if code := <-done; code != 0 {
		t.Errorf("the sink ended with %d", code)
	}
}
