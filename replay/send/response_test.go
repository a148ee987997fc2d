package send

import (
	"bufio"
	"bytes"
	"hash/crc32"
	"io"
	"net/http"
	"strings"
	"testing"

	"reprise/replay"
)

// readAnswer reads bytes in parts of a size, and then the end of the connection.
func readAnswer(b []byte, part int) (r response, reason replay.Reason) {
	r.begin(false, 1<<20)
	for len(b) > 0 && !r.done {
		n := min(part, len(b))
		if _, reason = r.feed(b[:n]); reason != "" {
			return r, reason
		}
		b = b[n:]
	}
	if !r.done {
		reason = r.eof()
	}
	return r, reason
}

// However an answer is cut into parts, it reads the same; and where net/http reads it too, it reads the same as that.
func FuzzResponse(f *testing.F) {
	for _, seed := range []string{
		ok200,
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX: y\r\n\r\n",
		"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n",
		"HTTP/1.0 200 OK\r\n\r\nto the end",
		"HTTP/1.1 200 OK\nContent-Length: 2, 2\n\nok",
		"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
		"HTTP/1.0 100 \n\nHTTP/1.0 200 000000000000\n\n", "HTTP/1.1 103 Early Hints\r\nContent-Length: 9\r\n\r\nHTTP/1.1 200 OK\r\n\r\nHTTP/1.1 1",
		"HTTP/1.1 2000 OK\r\n\r\n", "\x00\x01\r\n\r\n", "HTTP/1.1 200 OK\r\n folded\r\n\r\n",
	} {
		f.Add([]byte(seed), 3)
	}
	f.Fuzz(func(t *testing.T, b []byte, part int) {
		whole, reason := readAnswer(b, max(len(b), 1))
		pieces, again := readAnswer(b, max(part%64, 1))
		if reason != again || whole.status != pieces.status && whole.headed || whole.bytes != pieces.bytes && reason == "" || whole.hash != pieces.hash && reason == "" {
			t.Fatalf("whole: %q, %d, %d bytes; in parts: %q, %d, %d bytes", reason, whole.status, whole.bytes, again, pieces.status, pieces.bytes)
		}
		if reason != "" {
			return
		}
		in := bufio.NewReader(bytes.NewReader(b))
		std, err := http.ReadResponse(in, nil)
		for err == nil && std.StatusCode/100 == 1 && std.StatusCode != http.StatusSwitchingProtocols { // it announces another
			std, err = http.ReadResponse(in, nil)
		}
		if err != nil {
			return // it is stricter about names and values that are of no concern here
		}
		defer std.Body.Close()
		body, err := io.ReadAll(std.Body)
		if err != nil || std.StatusCode == http.StatusSwitchingProtocols {
			return
		}
		if std.StatusCode != whole.status || int64(len(body)) != whole.bytes || crc32.Checksum(body, table) != whole.hash {
			t.Errorf("net/http reads %d with %d bytes; here %d with %d", std.StatusCode, len(body), whole.status, whole.bytes)
		}
	})
}

// What a keep-alive connection may be used for again.
func TestKeepAlive(t *testing.T) {
	for answer, want := range map[string]bool{
		ok200: true,
		"HTTP/1.1 200 OK\r\nConnection: Keep-Alive, close\r\nContent-Length: 0\r\n\r\n": false,
		"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n":                                  false,
		"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n":        true,
		"HTTP/1.1 200 OK\r\n\r\nto the end":                                             false,
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n":     true,
		"HTTP/1.1 304 Not Modified\r\nContent-Length: 100\r\n\r\n":                      true,
		strings.Repeat("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n", 3) + ok200:        true,
	} {
		if r, reason := readAnswer([]byte(answer), 7); reason != "" || r.keepAlive != want {
			t.Errorf("%q: %q, kept %v, want %v", answer, reason, r.keepAlive, want)
		}
	}
}

func BenchmarkResponse(b *testing.B) {
	answer := []byte("HTTP/1.1 200 OK\r\nServer: fasthttp\r\nDate: Tue, 24 Nov 2026 04:00:00 GMT\r\nContent-Type: application/json\r\nContent-Length: 38\r\n\r\n" +
		`{"status":"ok","id":"0123456789abcdef"}`[:38])
	var r response
	b.ReportAllocs()
	for b.Loop() {
		r.begin(false, 1<<20)
		if _, reason := r.feed(answer); reason != "" || !r.done {
			b.Fatal(reason)
		}
	}
}
