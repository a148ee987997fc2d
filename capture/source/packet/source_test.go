package packet

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"reprise/capture"
	"reprise/capture/internal/http1"
)

const (
	post = "POST /webhooks/twilio?x=%20a HTTP/1.1\r\nHost: hooks.example.com\r\ncontent-TYPE:  application/x-www-form-urlencoded \r\n" +
		"X-Twilio-Signature: abc=\r\nContent-Length: 32\r\n\r\nFrom=%2B14155550100&Body=hello+!"
	ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
)

// postAt is a request whose URL and body tell which one it is.
func postAt(i int) string {
	body := fmt.Sprintf("Body=message+%d&To=%%2B14155550199", i)
	return fmt.Sprintf("POST /in/%d HTTP/1.1\r\nHost: hooks.example.com\r\nContent-Length: %d\r\n\r\n%s", i, len(body), body)
}

func answerAt(status int) string {
	return fmt.Sprintf("HTTP/1.1 %d Whatever\r\nContent-Length: 5\r\n\r\nhello", status)
}

func exchangeOn(d *dialog) { d.say(post).answer(ok) }

func checkPost(t *testing.T, r *capture.Record, at int64) {
	t.Helper()
	want := []capture.Header{
		{Name: "Host", Value: "hooks.example.com"},
		{Name: "content-TYPE", Value: "application/x-www-form-urlencoded"},
		{Name: "X-Twilio-Signature", Value: "abc="},
		{Name: "Content-Length", Value: "32"},
	}
	if r.Method != "POST" || r.URL != "/webhooks/twilio?x=%20a" || r.Host != "hooks.example.com" ||
		string(r.Body) != "From=%2B14155550100&Body=hello+!" {
		t.Errorf("read %s %s of %s with body %q", r.Method, r.URL, r.Host, r.Body)
	}
	if fmt.Sprint(r.Headers) != fmt.Sprint(want) {
		t.Errorf("headers are %v, want %v", r.Headers, want)
	}
	if r.Response.Status != 200 || r.Response.Latency != time.Millisecond {
		t.Errorf("response is %+v", r.Response)
	}
	if r.Time.UnixNano() != at || r.Time.Location() != time.UTC {
		t.Errorf("time is %v, want %v", r.Time, time.Unix(0, at).UTC())
	}
}

func TestLinkTypes(t *testing.T) {
	for _, tc := range []struct {
		name  string
		link  uint16
		vlans int
	}{
		{"Ethernet", linkEthernet, 0},
		{"VLAN", linkEthernet, 1},
		{"two VLANs", linkEthernet, 2},
		{"cooked", linkCooked, 0},
		{"cooked v2", linkCooked2, 0},
		{"null", linkNull, 0},
		{"loop", linkLoop, 0},
		{"raw", linkRaw, 0},
		{"raw, BSD's number", linkRawBSD, 0},
	} {
		for _, six := range []bool{false, true} {
			tp := newTape(t)
			tp.six = six
			exchangeOn(tp.open(40000))
			g := read(t, tp.pcap(binary.LittleEndian, true, tc.link, tc.vlans), 8080)
			if len(g.records) != 1 {
				t.Errorf("%s, IPv6 %v: %d records, %v", tc.name, six, len(g.records), g.problems)
				continue
			}
			checkPost(t, &g.records[0], tapeStart+3e6)
			server := "10.9.8.7"
			if six {
				server = "2001:db8::7"
			}
			if fmt.Sprint(g.servers) != fmt.Sprint([]string{server, "hooks.example.com"}) {
				t.Errorf("%s: servers are %v", tc.name, g.servers)
			}
		}
	}
}

func TestByteOrdersAndResolutions(t *testing.T) {
	for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
		for _, nano := range []bool{true, false} {
			tp := newTape(t)
			exchangeOn(tp.open(40000))
			g := read(t, tp.pcap(order, nano, linkEthernet, 0), 8080)
			at := int64(tapeStart + 3e6)
			if !nano {
				at -= at % 1000
			}
			if len(g.records) != 1 {
				t.Fatalf("%v, nanoseconds %v: %d records", order, nano, len(g.records))
			}
			checkPost(t, &g.records[0], at)
		}
	}
}

func TestNoCaptureIsAnErrorWithItsName(t *testing.T) {
	for name, file := range map[string]string{
		"empty": "", "short": "ab", "text": "POST / HTTP/1.1\r\nHost: x\r\n\r\n", "gzip": "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x00\x00\x00",
		"unknown link": string(newTape(t).pcap(binary.LittleEndian, true, 105, 0)),
	} {
		_, err := tryRead(strings.NewReader(file))
		if err == nil || !strings.Contains(err.Error(), "tape.pcap") {
			t.Errorf("%s: error is %v", name, err)
		}
	}
}

func TestTruncatedFile(t *testing.T) {
	tp := newTape(t)
	d := tp.open(40000)
	for i := range 3 {
		d.say(postAt(i)).answer(answerAt(200 + i))
	}
	d.close()
	for name, file := range map[string][]byte{
		"pcap":   tp.file(),
		"pcapng": ngFileOf(binary.LittleEndian, tp, ngOptions{link: linkEthernet}),
	} {
		before, answered := 0, 0
		for n := range len(file) + 1 {
			g, err := tryRead(bytes.NewReader(file[:n]), 8080)
			if err != nil {
				if n >= 4 {
					t.Fatalf("%s cut at %d: %v", name, n, err)
				}
				continue
			}
			g.balance(t)
			now := 0
			for i, r := range g.records {
				if r.URL != fmt.Sprintf("/in/%d", i) || r.Response.Status != 0 && r.Response.Status != 200+i {
					t.Fatalf("%s cut at %d: record %d is %s with status %d", name, n, i, r.URL, r.Response.Status)
				}
				if r.Response.Status != 0 {
					now++
				}
			}
			if len(g.records) < before || now < answered {
				t.Fatalf("%s cut at %d: %d records after %d", name, n, len(g.records), before)
			}
			before, answered = len(g.records), now
			if g.account.Damaged != (g.account.Noted[reasonTruncated] > 0) {
				t.Fatalf("%s cut at %d: damaged %v, noted %v", name, n, g.account.Damaged, g.account.Noted)
			}
			if clean := ends(file)[n]; clean == g.account.Damaged {
				t.Fatalf("%s cut at %d of %d: damaged %v", name, n, len(file), g.account.Damaged)
			}
		}
		if before != 3 || answered != 3 {
			t.Errorf("%s: %d records, %d responses in the whole file", name, before, answered)
		}
	}
}

// ends are the lengths at which a little-endian file may be cut between two packets or blocks.
func ends(file []byte) map[int]bool {
	at := make(map[int]bool)
	if file[0] == 0x0a {
		for n := 0; n < len(file); at[n] = true {
			n += int(binary.LittleEndian.Uint32(file[n+4:]))
		}
		return at
	}
	for n := 24; ; n += 16 + int(binary.LittleEndian.Uint32(file[n+8:])) {
		if at[n] = true; n == len(file) {
			return at
		}
	}
}

// brokenReader gives its bytes and then an error.
type brokenReader struct {
	io.Reader
	err error
}

func (b brokenReader) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if errors.Is(err, io.EOF) {
		err = b.err
	}
	return n, err
}

func TestUnreadableRestIsDamage(t *testing.T) {
	tp := newTape(t)
	exchangeOn(tp.open(40000))
	for name, file := range map[string][]byte{
		"pcap":   tp.file(),
		"pcapng": ngFileOf(binary.LittleEndian, tp, ngOptions{link: linkEthernet}),
	} {
		g, err := tryRead(brokenReader{bytes.NewReader(file), errors.New("disk on fire")}, 8080)
		if err != nil || len(g.records) != 1 || !g.account.Damaged || g.account.Noted[reasonUnreadable] != 1 {
			t.Errorf("%s: %d records, %+v, %v", name, len(g.records), g.account, err)
		}
	}
}

func TestContextEnds(t *testing.T) {
	cause := errors.New("enough")
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(cause)
	tp := newTape(t)
	exchangeOn(tp.open(40000))
	var r capture.Record
	if err := New(bytes.NewReader(tp.file()), Options{}).Next(ctx, &r); !errors.Is(err, cause) {
		t.Errorf("Next = %v, want the cause", err)
	}
}

func TestProblemsSayWhere(t *testing.T) {
	tp := newTape(t)
	d := tp.open(40000)
	d.say("POST /x HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n")
	g := read(t, tp.file(), 8080)
	want := capture.Problem{File: "tape.pcap", Record: 4, Unit: "packet", Field: "Host", Reason: http1.ReasonHosts}
	if len(g.problems) != 1 || g.problems[0] != want {
		t.Errorf("problems are %v, want %v", g.problems, want)
	}
	if fmt.Sprint(g.servers) != "[10.9.8.7 b]" {
		t.Errorf("servers are %v: the name of a skipped request counts too", g.servers)
	}
}
