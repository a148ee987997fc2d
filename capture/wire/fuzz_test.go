package wire

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"reprise/capture"
)

// FuzzLoad holds that what Append wrote is loaded as it was, and that parts of another message give an error or a request within
// the message, and no panic.
func FuzzLoad(f *testing.F) {
	f.Add("POST", "/a?b=c", "X-A: 1\nx-a: 2\nContent-Type: text/plain", []byte("a body"), []byte("POST /a HTTP/1.1\r\nHost: h\r\n\r\n"))
	f.Add("GET", "", "Transfer-Encoding: chunked", []byte("0123456789abcdef!"), []byte(nil))
	f.Add("GET x", "/h", "X-A: 1\r\nEvil: 1\nHost: another", []byte(nil), bytes.Repeat([]byte("\r\n"), 200))
	f.Fuzz(func(t *testing.T, method, target, headers string, body, other []byte) {
		var w, back Request
		w.Method, w.URL, w.Body = method, target, body
		for h := range strings.SplitSeq(headers, "\n") {
			name, value, _ := strings.Cut(h, ": ")
			w.Headers = append(w.Headers, capture.Header{Name: name, Value: value})
		}
		w.Frame(new(Roles), "h.example")
		w.CheckMethod()
		w.Measure(new(Arena))
		var p Parts
		message := w.Append(nil, &p)
		if err := back.Load(message, &p); err != nil {
			t.Fatalf("%q: %v", message, err)
		}
		if back.Method != w.Method || back.URL != w.URL || back.Host != "h.example" || back.Chunked != w.Chunked || !bytes.Equal(back.Body, body) {
			t.Errorf("%q became %+v", message, back)
		}
		hosted := Find(w.Headers, "Host", 0) < 0 // Append added one, before the others
		if got := back.Headers; !hosted && !slices.Equal(got, w.Headers) || hosted && !slices.Equal(got[1:], w.Headers) {
			t.Errorf("%q became %q", w.Headers, got)
		}
		_ = back.Load(other, &p)
		for n := range min(int(p.end), 256) {
			if back.Load(message[:n], &p) == nil {
				t.Errorf("%d of %d bytes were taken", n, p.end)
			}
		}
	})
}
