package wire

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"reprise/capture"
)

func TestMarks(t *testing.T) {
	for _, tc := range []struct {
		mark   string
		seq    int64
		copied int
	}{{"0.0", 0, 0}, {"812.3", 812, 3}, {"1099511627775.16777215", 1<<40 - 1, 1<<24 - 1}} {
		if got := Mark(tc.seq, tc.copied); got != tc.mark {
			t.Errorf("Mark: %q, want %q", got, tc.mark)
		}
		if seq, copied, ok := ParseMark(tc.mark); seq != tc.seq || copied != tc.copied || !ok {
			t.Errorf("%q: %d, %d, %v", tc.mark, seq, copied, ok)
		}
		key, ok := Key(tc.seq, tc.copied)
		if seq, copied := SplitKey(key); !ok || seq != tc.seq || copied != tc.copied {
			t.Errorf("%q: key %x, %d, %d", tc.mark, key, seq, copied)
		}
	}
	if seq, copied, ok := ParseMark("7"); seq != 7 || copied != 0 || !ok {
		t.Errorf("7: %d, %d, %v", seq, copied, ok)
	}
	for _, s := range []string{"", ".", "1.", ".1", "-1.0", "1.-1", "a.b", "1.0.0", "1099511627776.0", "0.16777216"} {
		if _, _, ok := ParseMark(s); ok {
			t.Errorf("%q was taken", s)
		}
	}
	if _, ok := Key(1<<40, 0); ok {
		t.Error("a record beyond 2^40 has a key")
	}
	if _, ok := Key(0, 1<<24); ok {
		t.Error("a copy beyond 2^24 has a key")
	}
	if Mark(-1, -1) != "0.0" {
		t.Error("what is below 0 has a mark")
	}
}

// TestParts: what the parts say of a message is what net/http reads in it, also in memory that was used before.
func TestParts(t *testing.T) {
	var (
		p        Parts
		roles    Roles
		text     Arena
		back     Request
		message  []byte
		longBody = bytes.Repeat([]byte("0123456789abcdef"), 4096)
	)
	for _, tc := range []struct {
		name    string
		method  string
		target  string
		headers []capture.Header
		body    []byte
	}{
		{"a form", "POST", "/sms?a=%2B1", []capture.Header{{Name: "X-A", Value: "1"}, {Name: "host", Value: "old"}, {Name: "content-length", Value: "7"}, {Name: "X-Empty"}}, []byte("Body=STOP")},
		{"no headers", "GET", "/", nil, nil},
		{"chunked", "POST", "/c", []capture.Header{{Name: "Host", Value: "h"}, {Name: "Transfer-Encoding", Value: "chunked"}}, []byte("0123456789abcdef!")},
		{"chunked and empty", "POST", "/c", []capture.Header{{Name: "Transfer-Encoding", Value: "gzip, chunked"}}, nil},
		{"large", "PUT", "/l", []capture.Header{{Name: "Keep-Alive", Value: "9"}, {Name: "X-A", Value: "1"}, {Name: "x-a", Value: "2"}}, longBody},
		{"hostile", "GET x", "/h", []capture.Header{{Name: "X-A", Value: "1\r\nEvil: 1"}, {Name: "X-B", Value: "2"}}, []byte("b")},
	} {
		var w Request
		w.Method, w.URL, w.Headers, w.Body = tc.method, tc.target, slices.Clone(tc.headers), tc.body
		w.Frame(&roles, "h.example")
		w.CheckMethod()
		w.Measure(&text)
		p = p.Reuse()
		message = w.Append(message[:0], &p)
		if err := back.Load(message, &p); err != nil {
			t.Fatalf("%s: %v", tc.name, err)
		}
		req, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(message)))
		if err != nil {
			t.Fatalf("%s: %v", tc.name, err)
		}
		body, err := io.ReadAll(req.Body)
		if err != nil {
			t.Fatalf("%s: %v", tc.name, err)
		}
		if back.Method != req.Method || back.URL != req.RequestURI || back.Host != req.Host || !bytes.Equal(back.Body, body) || !bytes.Equal(body, tc.body) ||
			back.Chunked != (req.ContentLength < 0) {
			t.Errorf("%s: loaded %s %s %s, %d bytes, chunked %v", tc.name, back.Method, back.URL, back.Host, len(back.Body), back.Chunked)
		}
		if from, to := p.Target(); string(message[from:to]) != req.RequestURI {
			t.Errorf("%s: target %q", tc.name, message[from:to])
		}
		for _, h := range back.Headers {
			if RoleOf(h.Name) == RoleNone && !slices.Contains(req.Header.Values(h.Name), h.Value) {
				t.Errorf("%s: header %s: %q, want %q", tc.name, h.Name, h.Value, req.Header.Values(h.Name))
			}
		}
		again := back.Append(nil, new(Parts))
		if !bytes.Equal(again, message) {
			t.Errorf("%s: written again it is %q, want %q", tc.name, again, message)
		}
		if w.Bad != (tc.name == "hostile") {
			t.Errorf("%s: bad %v", tc.name, w.Bad)
		}
	}
}

// TestForeignParts: parts of another message are refused.
func TestForeignParts(t *testing.T) {
	var w, back Request
	w.Method, w.URL, w.Host, w.Body = "POST", "/a", "h", []byte("b")
	var p Parts
	message := w.Append(nil, &p)
	for n := range len(message) {
		if err := back.Load(message[:n], &p); err == nil {
			t.Errorf("%d of %d bytes were taken", n, len(message))
		}
	}
	if err := back.Load(message, new(Parts)); err == nil {
		t.Error("a message without parts was taken")
	}
	p.method += int32(strings.IndexByte(string(message), '\n'))
	if err := back.Load(message, &p); err == nil {
		t.Error("parts of another message were taken")
	}
}

// BenchmarkLoad is what a request costs whoever needs its parts as strings.
func BenchmarkLoad(b *testing.B) {
	w := Request{Record: capture.Record{Method: "POST", URL: "/hooks/sms?tenant=7", Host: "h", Body: bytes.Repeat([]byte("a"), 400)}}
	for _, h := range []string{
		"Host: h", "Content-Type: application/x-www-form-urlencoded", "I-Twilio-Idempotency-Token: x", "Accept: */*", "User-Agent: TwilioProxy/1.1",
		"X-Home-Region: us1", "X-Twilio-Signature: 0123456789012345678901234567", "Connection: close", "Reprise-Run: 0123456789abcdef",
		"Reprise-Record: 812.0", "Content-Length: 400",
	} {
		name, value, _ := strings.Cut(h, ": ")
		w.Headers = append(w.Headers, capture.Header{Name: name, Value: value})
	}
	var p Parts
	message := w.Append(nil, &p)
	b.ReportAllocs()
	for b.Loop() {
		var back Request
		if err := back.Load(message, &p); err != nil {
			b.Fatal(err)
		}
	}
}
