package packet

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"testing"

	"reprise/capture"
	"reprise/capture/internal/http1"
)

// Whatever the file: no panic, an end, a balanced account, nothing held.
func FuzzPacketFile(f *testing.F) {
	for _, six := range []bool{false, true} {
		tp := newTape(f)
		tp.six = six
		d := tp.open(1).say(post[:60]).say(post[60:])
		tp.swap(1)
		d.answer(ok).say("POST /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n").answer(ok).close()
		f.Add(tp.file())
		f.Add(tp.pcap(binary.BigEndian, false, linkCooked, 0))
		f.Add(tp.pcap(binary.LittleEndian, true, linkCooked2, 0))
		f.Add(tp.pcap(binary.LittleEndian, true, linkNull, 0))
		f.Add(tp.pcap(binary.LittleEndian, true, linkEthernet, 2))
		f.Add(ngFileOf(binary.LittleEndian, tp, ngOptions{link: linkEthernet}))
		f.Add(ngFileOf(binary.BigEndian, tp, ngOptions{link: linkRaw, resolution: 9, offset: 5, old: true}))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		for _, ports := range [][]int{nil, {8080}} {
			g, err := tryRead(bytes.NewReader(file), ports...)
			if err != nil {
				continue
			}
			g.balance(t)
			for _, r := range g.records {
				if r.Method == "" || r.URL == "" || r.Response.Latency < 0 {
					t.Errorf("read %+v", r)
				}
			}
		}
	})
}

// Whatever the two sides say, it does not matter where the segments are cut, nor in which order they come.
func FuzzHTTP(f *testing.F) {
	f.Add([]byte(post+postAt(1)), []byte(ok+ok), uint16(7))
	f.Add([]byte("POST /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nT: v\r\n\r\n"+post), []byte(ok), uint16(3))
	f.Add([]byte("POST /x HTTP/1.1\nHost: x\r\n\r\njunk"+post), []byte("HTTP/1.1 100 \r\n\r\nHTTP/1.1 204\r\n\r\nHTTP/1.0 200 OK\n\nx"), uint16(1))
	f.Add([]byte("HEAD / HTTP/1.0\r\n\r\nPOST  / HTTP/1.1\r\n\r\n"+post), []byte("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\njunk"+ok), uint16(90))
	f.Fuzz(func(t *testing.T, client, server []byte, size uint16) {
		if len(client) > 3000 || len(server) > 3000 {
			t.Skip("longer than what is kept while looking for a message")
		}
		whole := fed(t, client, server, 3000, false)
		cut := fed(t, client, server, int(size%200)+1, false)
		mixed := fed(t, client, server, int(size%200)+1, true)
		if whole != cut || whole != mixed {
			t.Errorf("whole: %s\ncut: %s\nmixed: %s", whole, cut, mixed)
		}
	})
}

// fed hands two streams to a table, in segments of that size, and writes down what comes out.
func fed(t *testing.T, client, server []byte, size int, mixed bool) string {
	t.Helper()
	var g got
	s := New(nil, Options{Ports: []int{8080}, Account: &g.account})
	s.drained = true // there is no file
	a, b := endpoint{port: 1}, endpoint{port: 8080}
	s.table.segment(&segment{src: a, dst: b, seq: 99, flags: flagSYN})
	s.table.segment(&segment{src: b, dst: a, seq: 499, ack: 100, flags: flagSYN | flagACK})
	send := func(src, dst endpoint, text []byte, seq, ack int) {
		var list []*segment
		for off := 0; off < len(text); off += size {
			list = append(list, &segment{
				src: src, dst: dst, seq: uint32(seq + off), ack: uint32(ack), flags: flagACK,
				payload: text[off:min(len(text), off+size)], time: 1, number: 1,
			})
		}
		if mixed {
			for i := 0; i+1 < len(list); i += 2 {
				list[i], list[i+1] = list[i+1], list[i]
			}
		}
		for _, seg := range list {
			s.table.segment(seg)
		}
	}
	send(a, b, client, 100, 500)
	send(b, a, server, 500, 100+len(client))
	if err := g.drain(s); err != nil {
		t.Fatal(err)
	}
	g.balance(t)
	text := fmt.Sprint(g.account.Skipped, g.account.UnpairedResponses, g.account.Lost)
	for _, r := range g.records {
		text += fmt.Sprintf("\n%s %s %q %q %d", r.Method, r.URL, r.Headers, r.Body, r.Response.Status)
	}
	return text
}

// FuzzBody holds the chunk reader to what it says: it takes what it says it takes.
func FuzzBody(f *testing.F) {
	f.Add([]byte("5\r\nhello\r\n0\r\n\r\n"), true)
	f.Add([]byte("a;x\nhello worl\n0\nT: v\n\n"), false)
	f.Fuzz(func(t *testing.T, text []byte, strict bool) {
		b := http1.Body{Mode: http1.BodyChunked, Strict: strict}
		total := 0
		for rest := text; ; {
			data, n, done, ok := b.Next(rest)
			if len(data) > n || n > len(rest) || b.Left < 0 {
				t.Fatalf("next(%q) = %q, %d with %d left", rest, data, n, b.Left)
			}
			if total += n; total > len(text) {
				t.Fatalf("%d bytes taken of %d", total, len(text))
			}
			if rest = rest[n:]; done || !ok || n == 0 {
				return
			}
		}
	})
}

// BenchmarkPacket reads keep-alive requests as vendors send them: 20 connections, one segment and two pure
// acknowledgements an exchange.
func BenchmarkPacket(b *testing.B) {
	tp := newTape(b)
	var dialogs []*dialog
	for i := range 20 {
		dialogs = append(dialogs, tp.open(uint16(1000+i)))
	}
	const requests = 5000
	body := string(bytes.Repeat([]byte("MessageSid=SM00&Body=hello+there&"), 17))
	text := fmt.Sprintf("POST /webhooks/twilio HTTP/1.1\r\nHost: hooks.example.com\r\nUser-Agent: TwilioProxy/1.1\r\n"+
		"Content-Type: application/x-www-form-urlencoded; charset=UTF-8\r\nX-Twilio-Signature: aaaaaaaaaaaaaaaaaaaaaaaaaaa=\r\n"+
		"I-Twilio-Idempotency-Token: 00000000-0000-0000-0000-000000000000\r\nAccept: */*\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
	for i := range requests {
		d := dialogs[i%len(dialogs)]
		d.say(text)
		d.put(false, d.server, d.client, "A", "")
		d.answer("HTTP/1.1 200 OK\r\nServer: nginx\r\nContent-Type: text/xml\r\nContent-Length: 11\r\n\r\n<Response/>")
		d.put(true, d.client, d.server, "A", "")
	}
	plain, ng := tp.file(), ngFileOf(binary.LittleEndian, tp, ngOptions{link: linkEthernet, resolution: 9})
	within(tp, wrapGENEVE, wrapVXLAN)
	for _, kind := range []struct {
		name string
		file []byte
	}{
		{"pcap", plain},
		{"pcapng", ng},
		{"VXLAN in GENEVE", tp.pcap(binary.LittleEndian, true, linkTyped, 0)},
	} {
		b.Run(kind.name, func(b *testing.B) {
			b.SetBytes(int64(len(kind.file)))
			b.ReportAllocs()
			for b.Loop() {
				s := New(bytes.NewReader(kind.file), Options{Ports: []int{8080}})
				var r capture.Record
				n := 0
				for {
					err := s.Next(context.Background(), &r)
					if errors.Is(err, io.EOF) {
						break
					}
					if err != nil {
						b.Fatal(err)
					}
					n++
				}
				if n != requests {
					b.Fatalf("%d requests", n)
				}
			}
			b.ReportMetric(float64(requests)*float64(b.N)/b.Elapsed().Seconds(), "req/s")
		})
	}
}
