package packet

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"reprise/capture/internal/http1"
)

const hostLine = "Host: hooks.example.com\r\n"

// Each case says what the two sides say, in turns, and what is read: "method url status bodyLength" a request.
func TestMessages(t *testing.T) {
	get := "GET /g HTTP/1.1\r\n" + hostLine + "\r\n"
	for _, tc := range []struct {
		name  string
		turns []string // client, server, client …
		want  string
	}{
		{"keep-alive", []string{post, ok, get, ok}, "POST /webhooks/twilio?x=%20a 200 32; GET /g 200 0"},
		{"pipelined", []string{post + get + post, answerAt(201) + answerAt(202) + answerAt(203)}, "POST /webhooks/twilio?x=%20a 201 32; GET /g 202 0; POST /webhooks/twilio?x=%20a 203 32"},
		{"empty lines between", []string{"\r\n\r\n" + get + "\r\n", ok, get, ok}, "GET /g 200 0; GET /g 200 0"},
		{"100-continue", []string{
			"POST /e HTTP/1.1\r\n" + hostLine + "Expect: 100-continue\r\nContent-Length: 3\r\n\r\n",
			"HTTP/1.1 100 Continue\r\n\r\n", "abc", answerAt(202),
		}, "POST /e 202 3"},
		{"100 without a phrase", []string{
			"POST /e HTTP/1.1\r\n" + hostLine + "Expect: 100-continue\r\nContent-Length: 3\r\n\r\n",
			"HTTP/1.1 100 \r\n\r\n", "abc", "HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", get, ok,
		}, "POST /e 200 3; GET /g 200 0"},
		{"refused before the body is whole", []string{
			"POST /e HTTP/1.1\r\n" + hostLine + "Content-Length: 6\r\n\r\nabc", answerAt(413), "def", "", get, ok,
		}, "POST /e 413 6; GET /g 200 0"},
		{"HEAD", []string{"HEAD /h HTTP/1.1\r\n" + hostLine + "\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n", get, ok}, "HEAD /h 200 0; GET /g 200 0"},
		{"another method", []string{"NOTIFY /n HTTP/1.1\r\n" + hostLine + "\r\n", ok, "M-SEARCH * HTTP/1.1\r\n" + hostLine + "\r\n", ok}, "NOTIFY /n 200 0; M-SEARCH * 200 0"},
		{"204 and 304", []string{
			get + get, "HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n", get, ok,
		}, "GET /g 204 0; GET /g 304 0; GET /g 200 0"},
		{"chunked", []string{
			"POST /c HTTP/1.1\r\n" + hostLine + "transfer-encoding: Chunked\r\n\r\n3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\n\r\n",
			"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4 \r\nabcd\r\n0\r\nT: v\r\n\r\n", get, ok,
		}, "POST /c 200 13; GET /g 200 0"},
		{"response until the end", []string{get, "HTTP/1.0 200 OK\r\n\r\nmuch text"}, "GET /g 200 0"},
		{"response with bare line feeds", []string{get, "HTTP/1.1 200 OK\nContent-Length: 2\n\nok", get, ok}, "GET /g 200 0; GET /g 200 0"},
		{"no response", []string{get}, "GET /g 0 0"},
		{"HTTP/1.0", []string{"GET /g HTTP/1.0\r\n\r\n", "HTTP/1.0 200 OK\r\n\r\nx"}, "GET /g 200 0"},
		{"absolute target, no Host", []string{"GET http://a.example/x?y HTTP/1.1\r\n\r\n", ok}, "GET http://a.example/x?y 200 0"},
		{"upgrade", []string{get, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", "\x81\x05hello", "\x81\x05hello"}, "GET /g 101 0"},
		{"CONNECT", []string{"CONNECT a:443 HTTP/1.1\r\n" + hostLine + "\r\n", "HTTP/1.1 200 OK\r\n\r\n", "\x16\x03\x01", "\x16"}, "CONNECT a:443 200 0"},
		{"the response's body looks like a response", []string{get, "HTTP/1.1 200 OK\r\nContent-Length: 17\r\n\r\nHTTP/1.1 500 No\r\n", get, ok}, "GET /g 200 0; GET /g 200 0"},
	} {
		tp := newTape(t)
		d := tp.open(1)
		for i, text := range tc.turns {
			if i%2 == 0 {
				d.say(text)
			} else if text != "" {
				d.answer(text)
			}
		}
		d.close()
		g := read(t, tp.file(), 8080)
		g.balance(t)
		if s := summary(&g); s != tc.want {
			t.Errorf("%s: read %q, want %q; %+v", tc.name, s, tc.want, g.account)
		}
		if len(g.account.Skipped) > 0 || g.account.UnpairedResponses > 0 {
			t.Errorf("%s: %+v", tc.name, g.account)
		}
	}
}

func summary(g *got) string {
	var parts []string
	for _, r := range g.records {
		parts = append(parts, fmt.Sprintf("%s %s %d %d", r.Method, r.URL, r.Response.Status, len(r.Body)))
	}
	return strings.Join(parts, "; ")
}

func TestLatencyIsToTheFinalResponse(t *testing.T) {
	tp := newTape(t)
	d := tp.open(1)
	d.say("POST /e HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n")
	d.answer("HTTP/1.1 100 Continue\r\n\r\n").say("abc")
	tp.wait(70 * time.Millisecond)
	d.answer("HTTP/1.1 2").answer("00 OK\r\nContent-Length: 0\r\n\r\n")
	g := read(t, tp.file(), 8080)
	if len(g.records) != 1 || g.records[0].Response.Latency != 73*time.Millisecond {
		t.Errorf("records are %+v", g.records)
	}
}

func TestTrailersAreNoted(t *testing.T) {
	tp := newTape(t)
	tp.open(1).say("POST /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nA: b\r\nC: d\r\n\r\n").answer(ok)
	g := read(t, tp.file(), 8080)
	if len(g.records) != 1 || string(g.records[0].Body) != "a" || g.account.Noted[http1.ReasonTrailers] != 1 {
		t.Errorf("%d records, %+v", len(g.records), g.account)
	}
}

// What two servers might read differently is refused with its reason; the requests after it are read, with their own
// responses.
func TestRefused(t *testing.T) {
	p := "POST /r HTTP/1.1\r\n" + hostLine
	for _, tc := range []struct{ name, request, reason string }{
		{"TE and CL", p + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n", http1.ReasonLengthAndCoded},
		{"CL and TE", p + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", http1.ReasonLengthAndCoded},
		{"two lengths", p + "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", http1.ReasonLengths},
		{"one length twice", p + "Content-Length: 3\r\ncontent-length: 3\r\n\r\nabc", http1.ReasonLengths},
		{"list of lengths", p + "Content-Length: 3, 3\r\n\r\nabc", http1.ReasonLength},
		{"signed length", p + "Content-Length: +3\r\n\r\nabc", http1.ReasonLength},
		{"negative length", p + "Content-Length: -3\r\n\r\nabc", http1.ReasonLength},
		{"hexadecimal length", p + "Content-Length: 0x3\r\n\r\nabc", http1.ReasonLength},
		{"empty length", p + "Content-Length:\r\n\r\n", http1.ReasonLength},
		{"length beyond all", p + "Content-Length: 99999999999999999999\r\n\r\nabc", http1.ReasonLength},
		{"other coding", p + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", http1.ReasonCoding},
		{"disguised coding", p + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", http1.ReasonCoding},
		{"vertical tab before the coding", p + "Transfer-Encoding: \vchunked\r\n\r\n0\r\n\r\n", http1.ReasonHeaderValue},
		{"coding twice", p + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", http1.ReasonCoding},
		{"coding in HTTP/1.0", "POST /r HTTP/1.0\r\n" + hostLine + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", http1.ReasonCoding},
		{"bare LF in a header", p + "A: b\nContent-Length: 0\r\n\r\n", http1.ReasonBareLF},
		{"bare LF after the request line", "POST /r HTTP/1.1\n" + hostLine + "\r\n", http1.ReasonBareLF},
		{"bare LF at the end", p + "A: b\r\n\n", http1.ReasonBareLF},
		{"bare CR in a value", p + "A: b\rContent-Length: 4\r\n\r\nabcd", http1.ReasonBareLF},
		{"folded", p + "A: b\r\n c\r\n\r\n", http1.ReasonFolded},
		{"blank before the colon", p + "Content-Length : 0\r\n\r\n", http1.ReasonHeaderName},
		{"no name", p + ": 0\r\n\r\n", http1.ReasonHeaderName},
		{"no colon", p + "Content-Length\r\n\r\n", http1.ReasonHeaderName},
		{"NUL in a value", p + "A: b\x00c\r\n\r\n", http1.ReasonHeaderValue},
		{"two hosts", p + hostLine + "\r\n", http1.ReasonHosts},
		{"two blanks in the request line", "POST  /r HTTP/1.1\r\n" + hostLine + "\r\n", http1.ReasonRequestLine},
		{"blank behind the request line", "POST /r HTTP/1.1 \r\n" + hostLine + "\r\n", http1.ReasonRequestLine},
		{"blank in the target", "POST /r x HTTP/1.1\r\n" + hostLine + "\r\n", http1.ReasonRequestLine},
		{"HTTP/0.9", "POST /r\r\n\r\n", http1.ReasonRequestLine},
		{"HTTP/1.2", "POST /r HTTP/1.2\r\n" + hostLine + "\r\n", http1.ReasonRequestLine},
		{"chunk size with a sign", p + "Transfer-Encoding: chunked\r\n\r\n+3\r\nabc\r\n0\r\n\r\n", http1.ReasonChunk},
		{"chunk size with a blank", p + "Transfer-Encoding: chunked\r\n\r\n3 \r\nabc\r\n0\r\n\r\n", http1.ReasonChunk},
		{"chunk size beyond all", p + "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\nabc\r\n0\r\n\r\n", http1.ReasonChunk},
		{"chunk size with a bare LF", p + "Transfer-Encoding: chunked\r\n\r\n3\nabc\r\n0\r\n\r\n", http1.ReasonChunk},
		{"chunk that is too long", p + "Transfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n", http1.ReasonChunk},
		{"endless head", p + strings.Repeat("A: "+strings.Repeat("b", 1000)+"\r\n", 140) + "\r\n", http1.ReasonHeadSize},
		{"endless body", p + fmt.Sprintf("Content-Length: %d\r\n\r\n", http1.MaxBody+1) + strings.Repeat("b", http1.MaxBody+1), http1.ReasonBodySize},
	} {
		tp := newTape(t)
		d := tp.open(1).say(postAt(0)).answer(answerAt(201))
		for rest := tc.request; rest != ""; {
			n := min(len(rest), 30000)
			d.say(rest[:n])
			rest = rest[n:]
		}
		d.answer(answerAt(400)).say(postAt(2)).answer(answerAt(203)).close()
		g := read(t, tp.file(), 8080)
		g.balance(t)
		if len(g.records) != 2 || g.records[1].URL != "/in/2" || g.records[1].Response.Status != 203 {
			t.Errorf("%s: read %s; %+v", tc.name, summary(&g), g.account)
		}
		if len(g.account.Skipped) != 1 || g.account.Skipped[tc.reason] != 1 {
			t.Errorf("%s: skipped %v, want %q once", tc.name, g.account.Skipped, tc.reason)
		}
	}
}

func TestJunkBetweenRequests(t *testing.T) {
	tp := newTape(t)
	d := tp.open(1).say(postAt(0) + "surplus=1").answer(answerAt(201))
	d.say(postAt(1)).answer(answerAt(202)).close()
	g := read(t, tp.file(), 8080)
	if len(g.records) != 2 || g.records[1].Response.Status != 202 || g.account.Noted[reasonJunk] != 1 {
		t.Errorf("read %s; %+v", summary(&g), g.account)
	}
}

// A connection in the middle of a request when the recording ends.
func TestCutShort(t *testing.T) {
	for n := 5; n < len(post); n += 7 {
		tp := newTape(t)
		tp.open(1).say(post[:n])
		g := read(t, tp.file(), 8080)
		g.balance(t)
		if len(g.records) != 0 || g.account.Skipped[http1.ReasonCut] != 1 {
			t.Errorf("cut at %d: %d records, %+v", n, len(g.records), g.account)
		}
	}
}

func TestLargeBodyIsWhole(t *testing.T) {
	body := bytes.Repeat([]byte("0123456789abcdef"), 1<<16)
	tp := newTape(t)
	d := tp.open(1)
	d.say(fmt.Sprintf("POST /big HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n", len(body)))
	for rest := string(body); rest != ""; rest = rest[min(len(rest), 60000):] {
		d.say(rest[:min(len(rest), 60000)])
		if len(tp.packets)%3 == 0 {
			tp.swap(1)
		}
	}
	d.answer(ok)
	g := read(t, tp.file(), 8080)
	if len(g.records) != 1 || !bytes.Equal(g.records[0].Body, body) {
		t.Errorf("read %s; %+v", summary(&g), g.account)
	}
}
