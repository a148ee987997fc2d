package packet

import (
	"strings"
	"testing"
	"time"
)

// What a connection does beside sending its bytes once and in order: each case says what is read.
func TestConnections(t *testing.T) {
	for _, tc := range []struct {
		name string
		tape func(*tape)
		want string
	}{
		{"retransmitted minutes after the end", func(tp *tape) {
			d := tp.open(1).say(postAt(0)).answer(answerAt(200))
			d.close()
			other := tp.open(2)
			tp.wait(4 * time.Minute)
			other.say(postAt(1)[:9]).say(postAt(1)[9:]).answer(answerAt(201))
			d.put(true, d.client-1-uint32(len(postAt(0))), d.server, "PA", postAt(0))
			d.put(false, d.server-1-uint32(len(answerAt(200))), d.client, "PA", answerAt(200))
		}, "POST /in/0 200 32; POST /in/1 201 32"},
		{"the same numbers an hour later", func(tp *tape) {
			d := tp.open(1).say(postAt(0)).answer(answerAt(200))
			d.close()
			tp.wait(time.Hour)
			tp.open(2)
			d.put(true, d.client-1-uint32(len(postAt(0))), d.server, "PA", postAt(0))
		}, "POST /in/0 200 32; POST /in/0 0 32"},
		{"retransmitted minutes after a reset", func(tp *tape) {
			d := tp.open(1).say(postAt(0)).answer(answerAt(200))
			d.put(true, d.client, d.server, "RA", "")
			other := tp.open(2)
			tp.wait(4 * time.Minute)
			other.say(postAt(1)[:9]).say(postAt(1)[9:]).answer(answerAt(201))
			d.put(true, d.client-uint32(len(postAt(0))), d.server, "PA", postAt(0))
		}, "POST /in/0 200 32; POST /in/1 201 32"},
		{"retransmitted after a long silence", func(tp *tape) {
			d := tp.open(1).say(postAt(0)).answer(answerAt(200))
			other := tp.open(2)
			tp.wait(4 * time.Minute)
			other.say(postAt(1)[:9]).say(postAt(1)[9:]).answer(answerAt(201))
			d.put(true, d.client-uint32(len(postAt(0))), d.server, "PA", postAt(0))
			d.say(postAt(2)).answer(answerAt(202))
		}, "POST /in/0 200 32; POST /in/1 201 32; POST /in/2 202 32"},
		{"the port is used again minutes later, near the old numbers", func(tp *tape) {
			d := tp.open(1).say(postAt(0)).answer(answerAt(200))
			d.close()
			tp.wait(time.Minute)
			again := tp.dial(1)
			again.client, again.server = 1050, 5010
			again.open().say(postAt(1)).answer(answerAt(201)).close()
		}, "POST /in/0 200 32; POST /in/1 201 32"},
		{"a reset that the server ignored", func(tp *tape) {
			d := tp.open(1).say(postAt(0)).answer(answerAt(200))
			d.put(true, d.client, d.server, "RA", "")
			d.say(postAt(1)).answer(answerAt(201)).say(postAt(2)).answer(answerAt(202)).close()
		}, "POST /in/0 200 32; POST /in/1 201 32; POST /in/2 202 32"},
		{"a reset in the server's name that the client ignored", func(tp *tape) {
			d := tp.open(1).say(postAt(0)).answer(answerAt(200))
			d.put(false, d.server, d.client, "R", "")
			d.say(postAt(1)).answer(answerAt(201)).say(postAt(2)).answer(answerAt(202)).close()
		}, "POST /in/0 200 32; POST /in/1 201 32; POST /in/2 202 32"},
		{"a reset between a request and its response", func(tp *tape) {
			d := tp.open(1).say(postAt(0))
			d.put(false, d.server, d.client, "R", "")
			d.answer(answerAt(200)).say(postAt(1)).answer(answerAt(201)).close()
		}, "POST /in/0 200 32; POST /in/1 201 32"},
		{"a reset inside a request", func(tp *tape) {
			d := tp.open(1).say(postAt(0)[:30])
			d.put(false, d.server, d.client, "R", "")
			d.say(postAt(0)[30:]).answer(answerAt(200)).say(postAt(1)).answer(answerAt(201)).close()
		}, "POST /in/0 200 32; POST /in/1 201 32"},
		{"both sides open", func(tp *tape) {
			d := tp.dial(1)
			d.put(true, d.client, 0, "S", "")
			d.put(false, d.server, 0, "S", "")
			d.put(true, d.client, d.server+1, "SA", "")
			d.put(false, d.server, d.client+1, "SA", "")
			d.client, d.server = d.client+1, d.server+1
			d.say(postAt(0)).answer(answerAt(200)).close()
		}, "POST /in/0 200 32"},
		{"both sides open, the server first", func(tp *tape) {
			d := tp.dial(1)
			d.put(false, d.server, 0, "S", "")
			d.put(true, d.client, 0, "S", "")
			d.put(false, d.server, d.client+1, "SA", "")
			d.put(true, d.client, d.server+1, "SA", "")
			d.client, d.server = d.client+1, d.server+1
			d.say(postAt(0)).answer(answerAt(200)).say(postAt(1)).answer(answerAt(201)).close()
		}, "POST /in/0 200 32; POST /in/1 201 32"},
		{"a window of zero is probed with the next byte", func(tp *tape) {
			d := tp.open(1).say(postAt(0)[:30])
			for range 3 {
				d.put(true, d.client, d.server, "A", postAt(0)[30:31])
				d.put(false, d.server, d.client, "A", "")
			}
			d.say(postAt(0)[30:]).answer(answerAt(200)).close()
		}, "POST /in/0 200 32"},
		{"a window of zero is probed without a byte", func(tp *tape) {
			d := tp.open(1).say(postAt(0)[:30])
			d.put(true, d.client-1, d.server, "A", "")
			d.put(false, d.server, d.client, "A", "")
			d.say(postAt(0)[30:]).answer(answerAt(200)).close()
		}, "POST /in/0 200 32"},
		{"kept alive with and without a byte", func(tp *tape) {
			d := tp.open(1).say(postAt(0)).answer(answerAt(200))
			for _, probe := range []string{"", "\x00"} {
				tp.wait(45 * time.Second)
				d.put(true, d.client-1, d.server, "A", probe)
				d.put(false, d.server, d.client, "A", "")
				d.put(false, d.server-1, d.client, "A", probe)
				d.put(true, d.client, d.server, "A", "")
			}
			d.say(postAt(1)).answer(answerAt(201)).close()
		}, "POST /in/0 200 32; POST /in/1 201 32"},
	} {
		for _, ports := range [][]int{nil, {8080}} {
			tp := newTape(t)
			tc.tape(tp)
			g := read(t, tp.file(), ports...)
			g.balance(t)
			if s := summary(&g); s != tc.want || len(g.problems) > 0 || g.account.Lost > 0 || g.account.Missing > 0 || g.account.UnpairedResponses > 0 {
				t.Errorf("%s, ports %v: read %q, want %q; %+v", tc.name, ports, s, tc.want, g.account)
			}
		}
	}
}

// Bytes that are sent again and are others count once, as they came first, and are told of.
func TestSentAgainOtherwise(t *testing.T) {
	a, b := postAt(0)[:50], postAt(0)[50:]
	for name, tape := range map[string]func(*dialog){
		"a whole request": func(d *dialog) {
			d.say(postAt(0))
			d.put(true, d.client-uint32(len(postAt(0))), d.server, "PA", postAt(1))
		},
		"the head": func(d *dialog) {
			d.say(a)
			d.put(true, d.client-uint32(len(a)), d.server, "PA", strings.Repeat("#", 40))
			d.say(b)
		},
		"with more": func(d *dialog) {
			d.say(a)
			d.put(true, d.client-10, d.server, "PA", strings.Repeat("#", 10)+b)
			d.client += uint32(len(b))
		},
		"what waits": func(d *dialog) {
			at := d.client
			d.put(true, at+50, d.server, "PA", b)
			d.put(true, at+50, d.server, "PA", strings.Repeat("#", len(b)))
			d.put(true, at, d.server, "PA", a)
			d.client += uint32(len(postAt(0)))
		},
	} {
		tp := newTape(t)
		d := tp.open(1)
		tape(d)
		d.answer(answerAt(200)).close()
		g := read(t, tp.file())
		g.balance(t)
		if s := summary(&g); s != "POST /in/0 200 32" || g.account.Noted[reasonOther] != 1 || g.account.Lost > 0 {
			t.Errorf("%s: read %q; %+v", name, s, g.account)
		}
	}
}

// An urgent byte is no part of what a server reads.
func TestUrgent(t *testing.T) {
	text := postAt(0)
	for at := 1; at < len(text); at += 13 {
		for _, cut := range []int{0, 1, at, at + 1, len(text)} {
			tp := newTape(t)
			d := tp.open(1)
			with := text[:at] + "!" + text[at:]
			d.urgent = at + 1
			for part := range strings.SplitSeq(with[:cut]+"|"+with[cut:], "|") {
				if part != "" {
					d.say(part)
				}
				d.urgent = max(0, d.urgent-len(part))
			}
			d.answer(answerAt(200)).say(postAt(1)).answer(answerAt(201)).close()
			g := read(t, tp.file())
			g.balance(t)
			if s := summary(&g); s != "POST /in/0 200 32; POST /in/1 201 32" || string(g.records[0].Body) != text[len(text)-32:] || g.account.Noted[reasonUrgent] != 1 {
				t.Fatalf("byte %d, cut at %d: read %q; %+v", at, cut, s, g.account)
			}
		}
	}
}
