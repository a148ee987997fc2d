package packet

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// What TCP does to a stream must not be seen in the requests.
func TestReassembly(t *testing.T) {
	a, b, c := post[:50], post[50:120], post[120:]
	for _, tc := range []struct {
		name string
		at   int64 // of the request, ms after the tape's start
		tape func(*tape)
	}{
		{"in order", 3, func(tp *tape) { tp.open(1).say(a).say(b).say(c).answer(ok) }},
		{"retransmitted", 3, func(tp *tape) {
			d := tp.open(1)
			d.say(a).say(b)
			d.put(true, d.client-uint32(len(b)), d.server, "PA", b)
			d.put(true, d.client-uint32(len(a+b)), d.server, "PA", a)
			d.say(c).answer(ok)
		}},
		{"the first segment comes last and counts from when it came", 5, func(tp *tape) {
			tp.open(1).say(a).say(b).say(c).swap(2)
			d := tp.dial(1)
			d.client, d.server = 1001+uint32(len(post)), 5001
			d.answer(ok)
		}},
		{"two swapped", 3, func(tp *tape) {
			d := tp.open(1).say(a).say(b).say(c)
			tp.swap(1)
			d.answer(ok)
		}},
		{"overlapping, the first copy counts", 3, func(tp *tape) {
			d := tp.open(1)
			d.say(a)
			d.put(true, d.client-20, d.server, "PA", strings.Repeat("#", 20)+b)
			d.client += uint32(len(b))
			d.say(c).answer(ok)
		}},
		{"overlapping out of order, the first copy counts", 5, func(tp *tape) {
			d := tp.open(1)
			at := d.client
			d.put(true, at+50, d.server, "PA", b)
			d.put(true, at+30, d.server, "PA", post[30:50]+strings.Repeat("#", 70)+post[120:150])
			d.client = at
			d.put(true, at, d.server, "PA", a)
			d.put(true, at+150, d.server, "PA", post[150:])
			d.client += uint32(len(post))
			d.answer(ok)
		}},
		{"a keep-alive probe with a byte of garbage", 4, func(tp *tape) {
			d := tp.open(1)
			d.put(true, d.client-1, d.server, "A", "\x00")
			d.say(post).answer(ok)
		}},
		{"the handshake is missing", 0, func(tp *tape) { tp.dial(1).say(a).say(b).say(c).answer(ok) }},
		{"the middle of something else comes first", 1, func(tp *tape) {
			tp.dial(1).say("8937&Body=the+end").say(a).say(b).say(c).answer(ok)
		}},
		{"another response comes first", 1, func(tp *tape) {
			tp.dial(1).answer("<Response/>").say(post).answer(ok)
		}},
		{"the sequence numbers wrap", 3, func(tp *tape) {
			d := tp.dial(1)
			d.client, d.server = 1<<32-80, 1<<32-20
			d.open().say(a).say(b).say(c).answer(ok)
		}},
		{"the sequence numbers wrap, out of order", 3, func(tp *tape) {
			d := tp.dial(1)
			d.client = 1<<32 - 80
			d.open().say(a).say(b).say(c)
			tp.swap(1)
			d.answer(ok)
		}},
		{"the port is used again", 1003, func(tp *tape) {
			tp.open(1)
			tp.wait(time.Second - 3*time.Millisecond)
			d := tp.dial(1)
			d.client, d.server = 900_000, 700_000
			d.open().say(post).answer(ok)
		}},
		{"the port is used again without a handshake", 1003, func(tp *tape) {
			tp.open(1)
			tp.wait(time.Second)
			d := tp.dial(1)
			d.client, d.server = 2_000_000_000, 3_000_000_000
			d.say(post).answer(ok)
		}},
		{"retransmitted after the end", 3, func(tp *tape) {
			d := tp.open(1).say(post).answer(ok)
			d.close()
			d.put(true, d.client-1-uint32(len(post)), d.server, "PA", post)
		}},
		{"retransmitted after a reset", 3, func(tp *tape) {
			d := tp.open(1).say(post).answer(ok)
			d.put(true, d.client, d.server, "RA", "")
			d.put(true, d.client-uint32(len(post)), d.server, "PA", post)
		}},
		{"a reset that the server would not believe", 4, func(tp *tape) {
			d := tp.open(1)
			d.put(true, d.client+1<<30, d.server, "R", "")
			d.say(post).answer(ok)
		}},
		{"data with the FIN", 3, func(tp *tape) {
			d := tp.open(1).say(a)
			d.put(true, d.client, d.server, "FPA", b+c)
			d.client += uint32(len(b+c)) + 1
			d.answer(ok)
		}},
	} {
		tp := newTape(t)
		tc.tape(tp)
		g := read(t, tp.file(), 8080)
		g.balance(t)
		if len(g.records) != 1 {
			t.Errorf("%s: %d records, %+v", tc.name, len(g.records), g.account)
			continue
		}
		r := g.records[0]
		if r.URL != "/webhooks/twilio?x=%20a" || string(r.Body) != post[len(post)-32:] || r.Response.Status != 200 {
			t.Errorf("%s: %s %q, status %d", tc.name, r.URL, r.Body, r.Response.Status)
		}
		if got := r.Time.UnixNano() - tapeStart; got != tc.at*1e6 {
			t.Errorf("%s: the request is at %v, want %d ms", tc.name, time.Duration(got), tc.at)
		}
		if len(g.account.Skipped) != 0 || g.account.Lost != 0 {
			t.Errorf("%s: %+v", tc.name, g.account)
		}
	}
}

// A request may be cut anywhere, and so may its response.
func TestSplitAtEveryByte(t *testing.T) {
	chunked := "POST /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6;a=b\r\n world\r\n0\r\n\r\n"
	for _, text := range []string{post, chunked} {
		for n := 1; n < len(text); n++ {
			tp := newTape(t)
			tp.open(1).say(text[:n]).say(text[n:]).answer(ok[:n%len(ok)]).answer(ok[n%len(ok):])
			g := read(t, tp.file())
			if len(g.records) != 1 || len(g.records[0].Body) != 32 && string(g.records[0].Body) != "hello world" ||
				g.records[0].Response.Status != 200 {
				t.Fatalf("split at %d: %d records, %+v", n, len(g.records), g.account)
			}
			if n > 4 && g.records[0].Time.UnixNano() != tapeStart+3e6 {
				t.Fatalf("split at %d: time is %v", n, g.records[0].Time)
			}
		}
		tp := newTape(t)
		d := tp.open(1)
		for i := range len(text) {
			d.say(text[i : i+1])
		}
		for i := range len(ok) {
			d.answer(ok[i : i+1])
		}
		if g := read(t, tp.file(), 8080); len(g.records) != 1 || g.records[0].Time.UnixNano() != tapeStart+3e6 {
			t.Fatalf("byte by byte: %d records, %+v", len(g.records), g.account)
		}
	}
}

func TestManyConnectionsInterleaved(t *testing.T) {
	tp := newTape(t)
	var dialogs []*dialog
	for i := range 20 {
		d := tp.open(uint16(1000 + i))
		dialogs = append(dialogs, d)
	}
	for i := range 200 {
		d := dialogs[i*7%20]
		text := postAt(i)
		d.say(text[:30]).say(text[30:])
		if i%3 == 0 {
			tp.swap(1)
		}
		d.answer(answerAt(200 + i%4))
	}
	g := read(t, tp.file())
	g.balance(t)
	if len(g.records) != 200 {
		t.Fatalf("%d records", len(g.records))
	}
	for _, r := range g.records {
		var i int
		if _, err := fmt.Sscanf(r.URL, "/in/%d", &i); err != nil || r.Response.Status != 200+i%4 {
			t.Errorf("%s has status %d", r.URL, r.Response.Status)
		}
	}
}

// Connections that are not asked for, or that are no HTTP/1, leave no trace but a note where their port was named.
func TestOtherConnections(t *testing.T) {
	for _, tc := range []struct {
		name, client string
		ports        []int
		noted        string
		records      int
	}{
		{"another port", post, []int{9999}, "", 0},
		{"the right one among ports", post, []int{443, 8080}, "", 1},
		{"any port", post, nil, "", 1},
		{"TLS on a port that was named", "\x16\x03\x01\x02\x00\x01\x00", []int{8080}, reasonTLS, 0},
		{"TLS on any port", "\x16\x03\x01\x02\x00\x01\x00", nil, "", 0},
		{"HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", []int{8080}, reasonHTTP2, 0},
		{"SMTP", "EHLO example.com\r\n", nil, "", 0},
		{"SMTP on a port that was named", "EHLO example.com\r\n", []int{8080}, reasonNotHTTP, 0},
		{"RTSP", "OPTIONS rtsp://example.com RTSP/1.0\r\nCSeq: 1\r\n\r\n", nil, "", 0},
	} {
		tp := newTape(t)
		d := tp.open(1).say(tc.client)
		if tc.client == post {
			d.answer(ok)
		} else {
			d.answer("220 at your service\r\n")
		}
		d.say("more").close()
		g := read(t, tp.file(), tc.ports...)
		g.balance(t)
		if len(g.records) != tc.records || g.account.Noted[tc.noted] != int64(len(tc.noted)/max(1, len(tc.noted))) {
			t.Errorf("%s: %d records, %+v", tc.name, len(g.records), g.account)
		}
	}
}

// Where no port was asked for and no request was found, what there was instead is said.
func TestStrangersAreSaid(t *testing.T) {
	hello := "\x16\x03\x01\x02\x00\x01\x00"
	tp := newTape(t)
	tp.open(1).say(hello).answer(hello)
	tp.open(2).say(hello).answer(hello)
	if g := read(t, tp.file()); g.account.Noted[reasonTLS] != 2 || len(g.problems) != 1 {
		t.Errorf("two encrypted connections: %+v, %v", g.account, g.problems)
	}
	tp.open(3).say(post).answer(ok)
	if g := read(t, tp.file()); len(g.account.Noted) != 0 || len(g.records) != 1 {
		t.Errorf("and one that is plain: %+v", g.account)
	}
	tp = newTape(t)
	tp.dial(1).say("\x17\x03\x03\x00\x20" + strings.Repeat("x", 32))
	if g := read(t, tp.file()); g.account.Noted[reasonTLS] != 1 {
		t.Errorf("the middle of an encrypted connection: %+v", g.account)
	}
}

// What there was is told apart also where the beginnings of connections are not in the recording, and without a connection.
func TestTrafficIsTold(t *testing.T) {
	frame := "\x00\x00\x08\x06\x00\x00\x00\x00\x00pingpong\x00\x00\x04\x08\x00\x00\x00\x00\x01\x00\x00\x10\x00"
	for name, tc := range map[string]struct {
		text   string
		ports  []int
		reason string
	}{
		"HTTP/2":                {frame, nil, reasonHTTP2},
		"HTTP/2 on a port":      {frame, []int{8080}, reasonHTTP2},
		"TLS":                   {"\x17\x03\x03\x00\x20" + strings.Repeat("x", 32), nil, reasonTLS},
		"TLS on a port":         {"\x17\x03\x03\x00\x20" + strings.Repeat("x", 32), []int{8080}, reasonTLS},
		"neither":               {"\x00\x00\x08\x06\x00\x00\x00\x00\x07pingpong", nil, ""},
		"neither, on that port": {"\x00\x00\x08\x06\x00\x00\x00\x00\x07pingpong", []int{8080}, ""},
	} {
		tp := newTape(t)
		tp.dial(1).say(tc.text).answer(tc.text).say(tc.text)
		g := read(t, tp.file(), tc.ports...)
		if len(g.records) > 0 || tc.reason != "" && g.account.Noted[tc.reason] != 1 || len(g.account.Noted) > 1 {
			t.Errorf("%s: %+v", name, g.account)
		}
		if f := g.account.Traffic; f == nil || f.Packets != 3 || f.TCP != 3 || len(f.Ports) == 0 || f.Ports[0].Packets != 3 {
			t.Errorf("%s: traffic %+v", name, f)
		}
	}
	tp := newTape(t)
	for i := range 7 {
		d := tp.dial(40000)
		d.serverPort = uint16(9000 + i)
		for range i + 1 {
			d.say("hello")
		}
	}
	tp.open(1).say(post).answer(ok)
	g := read(t, tp.file(), 9999)
	if f := g.account.Traffic; f == nil || len(f.Ports) != mostPorts || f.Ports[0].Port != 9006 || g.account.OtherPorts != 28+5 || len(g.account.Noted) > 0 {
		t.Errorf("ports: %+v, %+v", f, g.account)
	}
	if g := read(t, tp.file()); len(g.records) != 1 || g.account.Traffic != nil || g.account.OtherPorts != 0 {
		t.Errorf("with a request: %+v", g.account)
	}
	if g := read(t, newTape(t).file()); g.account.Traffic == nil || g.account.Traffic.Packets != 0 {
		t.Errorf("without a packet: %+v", g.account)
	}
}

// A connection whose first bytes are damaged is read on from its second request, if its server speaks HTTP/1.
func TestDamagedFirstRequest(t *testing.T) {
	for _, first := range []string{"\"" + postAt(0)[1:], strings.Replace(postAt(0), "HTTP/1.1", "HTTP/5.1", 1)} {
		for _, ports := range [][]int{nil, {8080}} {
			tp := newTape(t)
			d := tp.open(1).say(first).answer(answerAt(200))
			d.say(postAt(1)).answer(answerAt(201)).say(postAt(2)).answer(answerAt(202)).close()
			g := read(t, tp.file(), ports...)
			g.balance(t)
			if len(g.records) != 2 || g.records[0].Response.Status != 201 || g.skipped()+g.account.Missing != 1 {
				t.Errorf("%q, ports %v: %s; %+v", first[:5], ports, summary(&g), g.account)
			}
		}
	}
}

// A snapshot length cuts packets off: what it cuts is a hole, and the next request is read again.
func TestSnapshotLength(t *testing.T) {
	tp := newTape(t)
	d := tp.open(1)
	for i := range 3 {
		d.say(postAt(i))
		if i == 1 {
			tp.packets[len(tp.packets)-1].cut = 10
		}
		d.answer(answerAt(200 + i))
		tp.wait(time.Second)
	}
	g := read(t, tp.file(), 8080)
	g.balance(t)
	if len(g.records) != 2 || g.records[1].URL != "/in/2" || g.records[1].Response.Status != 202 {
		t.Errorf("%d records, %+v", len(g.records), g.account)
	}
	if g.account.Lost != 10 || g.account.Skipped[reasonHole] != 1 {
		t.Errorf("account is %+v", g.account)
	}
}

// Packets in any order and any number of times give the same, as long as each comes soon.
func TestShuffledPackets(t *testing.T) {
	for seed := range uint64(50) {
		random := rand.New(rand.NewPCG(seed, 1))
		tp := newTape(t)
		d := tp.open(1)
		for i := range 20 {
			text := postAt(i)
			n := 1 + random.IntN(len(text)-1)
			d.say(text[:n]).say(text[n:])
			if random.IntN(2) == 0 {
				tp.swap(1)
			}
			d.answer(answerAt(200 + i))
			if random.IntN(3) == 0 {
				tp.packets = append(tp.packets, tp.packets[len(tp.packets)-1-random.IntN(10)%len(tp.packets)])
			}
			if random.IntN(3) == 0 {
				tp.swap(1 + random.IntN(2)) // the response before the request, too
			}
		}
		g := read(t, tp.file(), 8080)
		g.balance(t)
		if len(g.records) != 20 || g.account.Lost != 0 || g.account.UnpairedResponses != 0 {
			t.Fatalf("seed %d: %d records, %+v", seed, len(g.records), g.account)
		}
		for i, r := range g.records {
			if r.URL != fmt.Sprintf("/in/%d", i) || r.Response.Status != 200+i {
				t.Fatalf("seed %d: record %d is %s, status %d", seed, i, r.URL, r.Response.Status)
			}
		}
	}
}
