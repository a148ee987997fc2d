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

// TestTheEndSaysWhy holds that a page is told why requests were slow before its stream ends.
func TestTheEndSaysWhy(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := NewShow(t.Context(), ShowOptions{Dashboard: l, Control: new(replay.Control)})
	r, err := http.Get(strings.Replace(w.URL, "/?", "/events?", 1))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	go w.End([]string{"Requests <b> took\nlong."})
	text, err := io.ReadAll(r.Body)
	if want := `event: end` + "\n" + `data: {"why":["Requests \u003cb\u003e took\nlong."]}` + "\n\n"; err != nil || !strings.HasSuffix(string(text), want) {
		t.Fatalf("the stream ended with %v and %q", err, text)
	}
}

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
