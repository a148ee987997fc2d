package cli

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
)

// A run whose metrics linger ends at the scrape after its end, which counts every request.
func TestTheLastScrapeHasAll(t *testing.T) {
	corpus := filepath.Join(t.TempDir(), "a.rpz")
	if code := Run(t.Context(), []string{"fixtures", "synth", "--curve", "bfcm2022", "--messages", "50", "-o", corpus, "--quiet"}, Streams{strings.NewReader(""), io.Discard, io.Discard}); code != 0 {
		t.Fatalf("synth: %d", code)
	}
	target := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer target.Close()
	r, w := io.Pipe()
	done := make(chan int, 1)
	go func() {
		args := []string{"replay", corpus, "--target", target.URL, "--timeout", "10m", "--time-scale", "1000000", "--metrics", "127.0.0.1:0", "--metrics-linger", "10m", "--progress", "none"}
		done <- Run(t.Context(), args, Streams{strings.NewReader(""), io.Discard, w})
		w.Close()
	}()
	lines := bufio.NewScanner(r)
	url, scraped := "", false
	for lines.Scan() {
		switch line := lines.Text(); {
		case strings.HasPrefix(line, "metrics: http"):
			url = strings.TrimPrefix(line, "metrics: ")
		case strings.HasPrefix(line, "metrics: they stay"):
			scraped = true
			for i := 0; ; i++ { // one may come before the wait has begun; the last finds nobody
				res, err := http.Get(url)
				if err != nil {
					if i == 0 {
						t.Errorf("the first scrape: %v", err)
					}
					break
				}
				text, _ := io.ReadAll(res.Body)
				res.Body.Close()
				if sum := answered(string(text)); sum != 50 {
					t.Errorf("the scrape counts %d answers", sum)
				}
			}
		}
	}
	if code := <-done; code != 0 || !scraped {
		t.Errorf("exit code %d, scraped %v", code, scraped)
	}
}

// answered sums up reprise_requests_total.
func answered(text string) (sum int) {
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "reprise_requests_total{") {
			n := 0
			_, _ = fmt.Sscan(line[strings.LastIndex(line, " ")+1:], &n)
			sum += n
		}
	}
	return sum
}
