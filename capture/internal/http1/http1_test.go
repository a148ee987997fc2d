package http1

import (
	"fmt"
	"strings"
	"testing"

	"reprise/capture"
)

func TestReadRequest(t *testing.T) {
	const host = "Host: a.example\r\n"
	for _, tc := range []struct{ name, message, want string }{
		{"a length", "POST /in?x HTTP/1.1\r\n" + host + "Content-Length: 3\r\n\r\nabc", "POST /in?x a.example 2 abc"},
		{"a line end behind it", "POST /in HTTP/1.1\r\n" + host + "Content-Length: 3\r\n\r\nabc\r\n", "POST /in a.example 2 abc"},
		{"more than the length", "POST /in HTTP/1.1\r\n" + host + "Content-Length: 3\r\n\r\nabcd", "POST /in a.example 2 abc noted body: bytes behind the message are dropped"},
		{"a body of no length", "POST /in HTTP/1.1\r\n\r\nabc", "POST /in  0  noted body: bytes behind the message are dropped"},
		{"chunks", "POST /in HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", "POST /in  1 abcde"},
		{"trailers", "POST /in HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nT: v\r\n\r\n", "POST /in  1 a noted body: trailer fields dropped"},
		{"no body", "GET / HTTP/1.0\r\n\r\n", "GET /  0 "},
		{"another method", "NOTIFY / HTTP/1.1\r\n\r\n", "NOTIFY /  0 "},
		{"cut in the head", "POST /in HTTP/1.1\r\n" + host, "refused : request is not whole"},
		{"cut in the body", "POST /in HTTP/1.1\r\nContent-Length: 3\r\n\r\nab", "refused body: request is not whole"},
		{"cut in a chunk", "POST /in HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nab", "refused body: request is not whole"},
		{"no chunk", "POST /in HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nhello\r\n", "refused body: malformed chunk"},
		{"two lengths", "POST /in HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", "refused Content-Length: repeated Content-Length"},
		{"no request line", "hello\r\n\r\n", "refused : malformed request line"},
		{"empty", "", "refused : request is not whole"},
		{"a long head", "GET / HTTP/1.1\r\nA: " + strings.Repeat("x", MaxHead) + "\r\n\r\n", "refused : head is over 128 KiB"},
	} {
		var r capture.Record
		refused, noted := ReadRequest([]byte(tc.message), &r)
		got := fmt.Sprintf("%s %s %s %d %s", r.Method, r.URL, r.Host, len(r.Headers), r.Body)
		if noted.Reason != "" {
			got += " noted " + noted.Field + ": " + noted.Reason
		}
		if refused.Reason != "" {
			got = "refused " + refused.Field + ": " + refused.Reason
		}
		if got != tc.want {
			t.Errorf("%s: %s, want %s", tc.name, got, tc.want)
		}
	}
}

func TestReadResponse(t *testing.T) {
	for message, want := range map[string]int{
		"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n":               200,
		"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 503 Busy\r\n\r\nbody": 503,
		"HTTP/1.1 101 Switching Protocols\r\n\r\n":                   101,
		"HTTP/1.1 404":                  404,
		"HTTP/1.1 100 Continue\r\n\r\n": 0,
		"HTTP/2 200\r\n\r\n":            0,
		"":                              0,
	} {
		status, ok := ReadResponse([]byte(message))
		if ok != (want > 0) || ok && status != want {
			t.Errorf("%q: %d, %v", message, status, ok)
		}
	}
}

func TestBeginsRequest(t *testing.T) {
	for text, want := range map[string]bool{
		"P": true, "POST": true, "POST ": true, "POST x": true, "GETX": true, "NOTIFY /": true, "M-SEARCH *": true, "PRI * HTTP/2.0": false,
		"EHLO host": false, "HTTP/1.1 200": false, "SSH-2.0-x": false, "get /": false, "": false, " /": false, "A2345678901234567890123456 /": false,
	} {
		if got := BeginsRequest([]byte(text)); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}

// FuzzReadRequest asks that a request that was read and is written again is read as the same one.
func FuzzReadRequest(f *testing.F) {
	f.Add([]byte("POST /in HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"))
	f.Add([]byte("POST /in HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"))
	f.Fuzz(func(t *testing.T, message []byte) {
		var r, again capture.Record
		if refused, _ := ReadRequest(message, &r); refused.Reason != "" {
			return
		}
		text := r.Method + " " + r.URL + " HTTP/1.1\r\n"
		for _, h := range r.Headers {
			if !strings.EqualFold(h.Name, "Content-Length") && !strings.EqualFold(h.Name, "Transfer-Encoding") {
				text += h.Name + ": " + h.Value + "\r\n"
			}
		}
		text += fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(r.Body), r.Body)
		if refused, _ := ReadRequest([]byte(text), &again); refused.Reason != "" && len(text) < MaxHead {
			t.Fatalf("%q was read, and %q is refused: %v", message, text, refused)
		}
		if again.Method != r.Method || again.URL != r.URL || again.Host != r.Host || string(again.Body) != string(r.Body) {
			t.Fatalf("%q gives %+v, and %q gives %+v", message, r, text, again)
		}
	})
}
