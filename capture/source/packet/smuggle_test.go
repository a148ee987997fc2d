package packet

import (
	"fmt"
	"strings"
	"testing"

	"reprise/capture/internal/http1"
)

// Nothing inside the body of a request that is refused is a request, however the body is cut and however early the server
// answers. The requests after it are read.
func TestNothingInsideARefusedBody(t *testing.T) {
	inner := postAt(66)
	p := "POST /r HTTP/1.1\r\n" + hostLine
	long := len(inner)
	for _, tc := range []struct{ name, head, reason string }{
		{"two lengths, the first 0", p + fmt.Sprintf("Content-Length: 0\r\nContent-Length: %d\r\n\r\n", long), http1.ReasonLengths},
		{"two lengths, the last 0", p + fmt.Sprintf("Content-Length: %d\r\nContent-Length: 0\r\n\r\n", long), http1.ReasonLengths},
		{"list of lengths", p + fmt.Sprintf("Content-Length: 0, %d\r\n\r\n", long), http1.ReasonLength},
		{"signed length", p + fmt.Sprintf("Content-Length: +%d\r\n\r\n", long), http1.ReasonLength},
		{"other coding", p + "Transfer-Encoding: xchunked\r\n\r\n", http1.ReasonCoding},
		{"bare LF", p + fmt.Sprintf("A: b\nContent-Length: %d\r\n\r\n", long), http1.ReasonBareLF},
		{"bare LF alone", fmt.Sprintf("POST /r HTTP/1.1\nContent-Length: %d\n\n", long), http1.ReasonBareLF},
		{"folded", p + fmt.Sprintf("A: b\r\n c\r\nContent-Length: %d\r\n\r\n", long), http1.ReasonFolded},
		{"blank before the colon", p + fmt.Sprintf("Content-Length : %d\r\n\r\n", long), http1.ReasonHeaderName},
		{"blank in the target", fmt.Sprintf("POST /r x HTTP/1.1\r\n%sContent-Length: %d\r\n\r\n", hostLine, long), http1.ReasonRequestLine},
		{"HTTP/1.2", fmt.Sprintf("POST /r HTTP/1.2\r\n%sContent-Length: %d\r\n\r\n", hostLine, long), http1.ReasonRequestLine},
		{"CL and TE", p + fmt.Sprintf("Content-Length: %d\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n", long, long), http1.ReasonLengthAndCoded},
		{"a bad chunk", p + "Transfer-Encoding: chunked\r\n\r\n+1\r\n", http1.ReasonChunk},
	} {
		tail := ""
		if strings.Contains(tc.name, "TE") {
			tail = "\r\n0\r\n\r\n"
		}
		for _, ports := range [][]int{nil, {8080}} {
			for how := range 4 {
				tp := newTape(t)
				d := tp.open(1).say(postAt(0)).answer(answerAt(201))
				switch body := inner + tail; how {
				case 0:
					d.say(tc.head + body)
				case 1:
					d.say(tc.head).say(body)
				case 2:
					d.say(tc.head).say(body[:30]).say(body[30:])
				case 3:
					if !strings.Contains(tc.head, fmt.Sprintf(": %d\r", long)) {
						continue // nothing says how long it is
					}
					d.say(tc.head).answer(answerAt(400)).say(body)
				}
				if how < 3 {
					d.answer(answerAt(400))
				}
				d.say(postAt(2)).answer(answerAt(203)).close()
				g := read(t, tp.file(), ports...)
				g.balance(t)
				if s := summary(&g); s != "POST /in/0 201 32; POST /in/2 203 32" {
					t.Errorf("%s, cut %d: read %s; %+v", tc.name, how, s, g.account)
				}
				if len(g.account.Skipped) != 1 || g.account.Skipped[tc.reason] != 1 || len(g.account.Noted) > 0 {
					t.Errorf("%s, cut %d: skipped %v, noted %v, want %q once", tc.name, how, g.account.Skipped, g.account.Noted, tc.reason)
				}
			}
		}
	}
}

// Where the head of a request is lost, nothing inside its body is one either; nor where the recording begins in a body.
func TestNothingInsideABodyWithoutItsHead(t *testing.T) {
	text := "POST /outer HTTP/1.1\r\n" + hostLine + "Content-Length: 200\r\n\r\nforwarded: " + postAt(66)
	text += strings.Repeat("x", 200)
	for _, open := range []bool{true, false} {
		tp := newTape(t)
		d := tp.dial(1)
		if open {
			d.open().say(postAt(0)).answer(answerAt(201))
		}
		d.say(text[:90])
		tp.drop()
		d.say(text[90:]).answer(answerAt(202)).say(postAt(2)).answer(answerAt(203)).close()
		g := read(t, tp.file(), 8080)
		if s := summary(&g); s != strings.Repeat("POST /in/0 201 32; ", map[bool]int{true: 1}[open])+"POST /in/2 203 32" {
			t.Errorf("opened %v: read %s; %+v", open, s, g.account)
		}
	}
}

// What a connection speaks after an upgrade, or as HTTP/2, is one thing, and no request.
func TestOtherProtocolsAreOneThing(t *testing.T) {
	const preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
	for name, tc := range map[string]struct {
		talk func(d *dialog)
		want string
		kept string
	}{
		"HTTP/2": {func(d *dialog) { d.say(preface + postAt(1)).answer("\x00\x00\x00\x04").say(postAt(2)) }, reasonHTTP2, ""},
		"HTTP/2 behind a request": {func(d *dialog) {
			d.say(postAt(0)).answer(answerAt(200)).say(preface).answer("\x00\x00\x00\x04").say(postAt(2))
		}, reasonHTTP2, "POST /in/0 200 32"},
		"an upgrade": {func(d *dialog) {
			d.say("GET /ws HTTP/1.1\r\n" + hostLine + "Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
			d.answer("HTTP/1.1 101 Switching Protocols\r\n\r\n").say(postAt(1)).answer(answerAt(200)).say(postAt(2))
		}, "", "GET /ws 101 0"},
	} {
		tp := newTape(t)
		d := tp.open(1)
		tc.talk(d)
		d.close()
		g := read(t, tp.file(), 8080)
		g.balance(t)
		want := map[string]int64{}
		if tc.want != "" {
			want[tc.want] = 1
		}
		if s := summary(&g); s != tc.kept || fmt.Sprint(g.account.Noted) != fmt.Sprint(want) || len(g.account.Skipped) > 0 {
			t.Errorf("%s: read %q; %+v", name, s, g.account)
		}
	}
}
