package live

import (
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"reprise/replay"
	"reprise/replay/results"
)

func TestEveryPageHearsTheEnd(t *testing.T) {
	for range 200 { // the servers stop right after the end is told: neither may win by chance
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		w := NewShow(t.Context(), ShowOptions{Dashboard: l, Control: new(replay.Control)})
		r, err := http.Get(strings.Replace(w.URL, "/?", "/events?", 1))
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			w.Over(new(results.Accumulator))
			w.End(nil)
		}()
		text, err := io.ReadAll(r.Body)
		r.Body.Close()
		if err != nil || !strings.HasSuffix(string(text), "event: end\ndata: {}\n\n") {
			t.Fatalf("the stream ended with %v and %q", err, text)
		}
	}
}
