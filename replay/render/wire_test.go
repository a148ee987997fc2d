package render

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"reprise/capture"
	"reprise/capture/sms"
	"reprise/capture/wire"
	"reprise/replay"
	"reprise/replay/pace"
)

// The bytes of a message, all of them.
func TestWire(t *testing.T) {
	twilio := twilioRecord(1, "+14155551234", "+12125550000")
	for _, tc := range []struct {
		name string
		o    Options
		rec  *capture.Record
		want string
	}{
		{
			"a form",
			Options{KeepIDs: true, Headers: []Header{{Name: "X-Load", Value: "a {record} {run} {record}"}}},
			twilio,
			"POST /hooks/sms?tenant=7 HTTP/1.1\r\nhost: hooks.example\r\nContent-Type: application/x-www-form-urlencoded\r\n" +
				fmt.Sprintf("Content-Length: %d\r\n", len(twilio.Body)) +
				"I-Twilio-Idempotency-Token: 0f8fad5b-d9cb-469f-a165-70867728950e\r\nx-home-region: us1\r\n" +
				"Reprise-Run: run1\r\nReprise-Record: 1.0\r\nX-Load: a 1.0 run1 1.0\r\n\r\n" + string(twilio.Body),
		},
		{
			"chunked",
			Options{},
			&capture.Record{Seq: 2, Method: "POST", URL: "/c", Host: "h", Body: []byte("0123456789abcdef!"), Headers: []capture.Header{{Name: "Host", Value: "h"}, {Name: "TRANSFER-encoding", Value: "Chunked"}, {Name: "X", Value: "1"}}},
			"POST /c HTTP/1.1\r\nHost: h\r\nTRANSFER-encoding: chunked\r\nX: 1\r\nReprise-Run: run1\r\nReprise-Record: 2.0\r\n\r\n11\r\n0123456789abcdef!\r\n0\r\n\r\n",
		},
		{
			"chunked and empty",
			Options{},
			&capture.Record{Method: "POST", URL: "/c", Host: "h", Headers: []capture.Header{{Name: "Transfer-Encoding", Value: "chunked"}}},
			"POST /c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nReprise-Run: run1\r\nReprise-Record: 0.0\r\n\r\n0\r\n\r\n",
		},
		{
			"no body and no headers",
			Options{Host: "other"},
			&capture.Record{Method: "GET", URL: "/?a=1", Host: "h"},
			"GET /?a=1 HTTP/1.1\r\nHost: other\r\nReprise-Run: run1\r\nReprise-Record: 0.0\r\n\r\n",
		},
		{
			"a POST without a body says so",
			Options{},
			&capture.Record{Method: "POST", URL: "/", Host: "h"},
			"POST / HTTP/1.1\r\nHost: h\r\nReprise-Run: run1\r\nReprise-Record: 0.0\r\nContent-Length: 0\r\n\r\n",
		},
		{
			"a length that was wrong, and there twice",
			Options{},
			&capture.Record{Method: "POST", URL: "/", Host: "h", Body: []byte("abc"), Headers: []capture.Header{{Name: "content-length", Value: "9"}, {Name: "Content-Length", Value: "8"}, {Name: "HOST", Value: "x"}, {Name: "Host", Value: "y"}}},
			"POST / HTTP/1.1\r\ncontent-length: 3\r\nHOST: h\r\nReprise-Run: run1\r\nReprise-Record: 0.0\r\n\r\nabc",
		},
		{
			"a length of 2^64 + 3",
			Options{},
			&capture.Record{Method: "POST", URL: "/", Host: "h", Body: []byte("abc"), Headers: []capture.Header{{Name: "Content-Length", Value: "18446744073709551619"}}},
			"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nReprise-Run: run1\r\nReprise-Record: 0.0\r\n\r\nabc",
		},
	} {
		m := rendered(t, renderer(t, tc.o), tc.rec, 0)
		if m.wire != tc.want || !strings.HasSuffix(m.wire[:m.q.Parts.Head], "\r\n\r\n") || m.q.Stamped != now() || m.q.Timed {
			t.Errorf("%s:\ngot  %q\nwant %q", tc.name, m.wire, tc.want)
		}
	}
}

// Whatever a record holds, one request is sent, and what could not be is counted.
func TestHostileRecords(t *testing.T) {
	for _, tc := range []struct {
		name string
		rec  capture.Record
		url  string
		host string
	}{
		{"a break in a value", capture.Record{Headers: []capture.Header{{Name: "X-A", Value: "1\r\nEvil: 1"}}}, "/", "h"},
		{"half a break", capture.Record{Headers: []capture.Header{{Name: "X-A", Value: "1\nEvil: 1"}}}, "/", "h"},
		{"the other half", capture.Record{Headers: []capture.Header{{Name: "X-A", Value: "1\rEvil: 1"}}}, "/", "h"},
		{"a zero", capture.Record{Headers: []capture.Header{{Name: "X-A", Value: "1\x00"}}}, "/", "h"},
		{"a break in a name", capture.Record{Headers: []capture.Header{{Name: "X-A: 1\r\nEvil", Value: "1"}}}, "/", "h"},
		{"a name with a colon", capture.Record{Headers: []capture.Header{{Name: "Evil: 1", Value: "1"}}}, "/", "h"},
		{"no name", capture.Record{Headers: []capture.Header{{Name: "", Value: "Evil: 1"}}}, "/", "h"},
		{"a break in the URL", capture.Record{URL: "/a HTTP/1.1\r\nEvil: 1\r\n\r\n"}, "/a%20HTTP/1.1%0D%0AEvil:%201%0D%0A%0D%0A", "h"},
		{"a break in the host", capture.Record{Host: "h\r\nEvil: 1"}, "/", "127.0.0.1:9000"},
		{"a break in the method", capture.Record{Method: "GET / HTTP/1.1\r\nEvil: 1\r\n\r\nGET"}, "/", "h"},
	} {
		rec := tc.rec
		if rec.Host == "" {
			rec.Host = "h"
		}
		if rec.URL == "" {
			rec.URL = "/"
		}
		rec.Headers = append(rec.Headers, capture.Header{Name: "X-Stays", Value: "1"})
		r := renderer(t, Options{})
		m := rendered(t, r, &rec, 0)
		if header(m, "Evil") != "" || header(m, "X-A") != "" || header(m, "X-Stays") != "1" || m.URL != tc.url || m.Host != tc.host {
			t.Errorf("%s: %q", tc.name, m.wire)
		}
		if r.Stats() != (Stats{Unsendable: 1}) {
			t.Errorf("%s: %+v", tc.name, r.Stats())
		}
	}
}

func TestParsePathRewrite(t *testing.T) {
	for _, tc := range []struct{ rule, in, want string }{
		{"/a=/b", "/a", "/b"},
		{"/a=/b", "/a/c?d=/a", "/b/c?d=/a"},
		{"/a=/b", "/ab", "/ab"},
		{"/a=/b", "/x/a", "/x/a"},
		{"/a=", "/a/c", "/c"},
		{"/a=", "/a?x", "/?x"},
		{"/a=/", "/a", "/"},
		{"/a/=/b/", "/a/c", "/b/c"},
		{"/a/=/b/", "/a", "/b/"},
		{"/=/b", "/c", "/b/c"},
		{"/=/b", "/", "/b/"},
		{"/a=/b=c", "/a", "/b=c"},
		{"/a=/b", "/a%20b", "/a%20b"},
	} {
		rw, err := ParsePathRewrite(tc.rule)
		if err != nil {
			t.Errorf("%s: %v", tc.rule, err)
			continue
		}
		if got := rewritePath(tc.in, []Rewrite{rw}); got != tc.want {
			t.Errorf("%s: %s became %s, want %s", tc.rule, tc.in, got, tc.want)
		}
	}
	for _, s := range []string{"", "/a", "a=/b", "/a=b", "=/b", "/a=/b?c", "/a?b=/c", "/a=/b c", "/a=/b\r\nX: 1"} {
		if rw, err := ParsePathRewrite(s); err == nil {
			t.Errorf("%q was taken: %+v", s, rw)
		}
	}
}

func FuzzRender(f *testing.F) {
	rec := twilioRecord(1, "+14155551234", "+12125550000")
	f.Add("POST", "/a?b=c", "h", "X-A", "1", rec.Body, "twilio")
	f.Add("GET", "http://x", "", "Transfer-Encoding", "chunked", []byte(`{"data":{"payload":{"id":1}}}`), "telnyx")
	f.Add("", "*", "h", "Connection", "a,,b,close", []byte("id=1&from=%"), "generic")
	f.Add("A\r\n", "/ \r\nX: y", "h\n", "X\r\nY", "1\r\n\r\nGET / HTTP/1.1", []byte(nil), "twilio")
	f.Add("POST", "/?MessageSid=SM00000000000000000000000000000001", "h", "Telnyx-Timestamp", "1700000000", []byte("From=%2b14155551234&RawDlrDoneDate=2311142213"), "twilio")
	used := NewUsed(sms.Strict())
	f.Fuzz(func(t *testing.T, method, target, host, name, value string, body []byte, vendor string) {
		o := Options{Copies: 2, People: used, Recipients: map[string]string{"+12125550000": "+13105550007"}, Restamp: true, Sign: map[string][]byte{"twilio": []byte("t")}}
		r := renderer(t, o)
		rec := &capture.Record{Method: method, URL: target, Host: host, Headers: []capture.Header{{Name: name, Value: value}}, Body: body, Vendor: vendor}
		before := rec.Clone()
		for play := range 2 {
			q := replay.Request{Copy: play, Vendor: vendor}
			if err := r.Render(rec, pace.Play{Copy: play, Person: play}, now(), &q); err != nil {
				t.Fatal(err)
			}
			checkMessage(t, r, &q)
			r.Refresh(&q, now().Add(time.Hour))
			checkMessage(t, r, &q)
		}
		if string(before.Body) != string(rec.Body) || rec.Headers[0] != before.Headers[0] {
			t.Fatal("rendering changed the record")
		}
	})
}

// headOf is what a message of these parts begins with.
func headOf(w *wire.Request) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\n", w.Method, w.URL)
	for _, h := range w.Headers {
		fmt.Fprintf(&b, "%s: %s\r\n", h.Name, h.Value)
	}
	return b.String() + "\r\n"
}

// checkMessage reads a message strictly: its lines, one Host, and a body as long as its framing says.
func checkMessage(t *testing.T, r *Renderer, q *replay.Request) {
	t.Helper()
	var w wire.Request
	if err := w.Load(q.Wire, &q.Parts); err != nil {
		t.Fatalf("%v: %q", err, q.Wire)
	}
	if head := string(q.Wire[:q.Parts.Head]); head != headOf(&w) {
		t.Fatalf("the parts make %q of %q", headOf(&w), head)
	}
	hosts, lengths, marks := 0, 0, 0
	for _, h := range w.Headers {
		switch wire.RoleOf(h.Name) {
		case wire.RoleHost:
			hosts++
		case wire.RoleLength:
			if lengths++; h.Value != fmt.Sprint(len(w.Body)) {
				t.Fatalf("Content-Length %s of %d", h.Value, len(w.Body))
			}
		case wire.RoleInvalid, wire.RoleConnection, wire.RoleHop:
			t.Fatalf("header %q", h.Name)
		case wire.RoleTransfer:
			lengths++
		}
		if h.Name == "Reprise-Run" || h.Name == "Reprise-Record" {
			marks++
		}
		if wire.HasBreak(h.Value) {
			t.Fatalf("a break in header %s", h.Name)
		}
	}
	if hosts != 1 || lengths > 1 || lengths == 0 && len(w.Body) > 0 || !wire.IsToken(w.Method) || !strings.HasPrefix(w.URL, "/") || w.URL != escaped(w.URL) || !isHost(w.Host) {
		t.Fatalf("%d hosts, %d lengths: %q", hosts, lengths, q.Wire[:q.Parts.Head])
	}
	if want := q.Parts.Head + len(w.Body); !w.Chunked && len(q.Wire) != want {
		t.Fatalf("%d bytes, want %d", len(q.Wire), want)
	}
}

// benchmarkRecord is message n as Twilio sends it, of a person of its own: 9 headers and a body of about 464 bytes.
func benchmarkRecord(n int) *capture.Record {
	rec := twilioRecord(n, fmt.Sprintf("+1415555%04d", 2000+n), "+12125550000")
	rec.Headers = []capture.Header{
		{Name: "Host", Value: "hooks.example"},
		{Name: "User-Agent", Value: "TwilioProxy/1.1"},
		{Name: "Content-Length", Value: "464"},
		{Name: "Content-Type", Value: "application/x-www-form-urlencoded; charset=utf-8"},
		{Name: "Accept", Value: "*/*"},
		{Name: "I-Twilio-Idempotency-Token", Value: "0f8fad5b-d9cb-469f-a165-70867728950e"},
		{Name: "X-Home-Region", Value: "us1"},
		{Name: "X-Twilio-Signature", Value: "0/KCTR6DLpKmkAf8muzZqo1nDgQ="},
		{Name: "Accept-Encoding", Value: "gzip"},
	}
	id := rec.Message.ID
	rec.Body = []byte("ToCountry=US&ToState=District+Of+Columbia&SmsMessageSid=" + id + "&NumMedia=0&ToCity=&FromZip=01022&SmsSid=" + id +
		"&FromState=MA&SmsStatus=received&FromCity=CHICOPEE&Body=Please+stop+sending+me+these&FromCountry=US&To=%2B12125550000&ToZip=" +
		"&NumSegments=1&MessageSid=" + id + "&AccountSid=AC0123456789abcdef0123456789abcdef&From=%2B" + rec.Message.From[1:] + "&ApiVersion=2010-04-01")
	rec.SetHeader("Content-Length", fmt.Sprint(len(rec.Body)))
	return rec
}

func BenchmarkRender(b *testing.B) {
	used := NewUsed(sms.Wide())
	var twilio, telnyx []*capture.Record
	for n := range 64 {
		twilio, telnyx = append(twilio, benchmarkRecord(n)), append(telnyx, telnyxRecord())
		used.Observe(twilio[n])
	}
	sign := map[string][]byte{"twilio": []byte(token)}
	for _, tc := range []struct {
		name    string
		o       Options
		records []*capture.Record
		play    int
	}{
		{"ids", Options{}, twilio, 0},
		{"keep", Options{KeepIDs: true}, twilio, 0},
		{"people", Options{Copies: 2, People: used}, twilio, 1},
		{"signed", Options{Sign: sign}, twilio, 0},
		{"traced", Options{Trace: replay.TraceSampled}, twilio, 0},
		{"json", Options{}, telnyx, 0},
		{"restamp", Options{Restamp: true}, telnyx, 0},
		{"mixed", Options{}, append(slices.Clone(telnyx[:1]), twilio[:1]...), 0},
	} {
		b.Run(tc.name, func(b *testing.B) {
			r := renderer(b, tc.o)
			var q replay.Request
			b.ReportAllocs()
			for n := 0; b.Loop(); n++ {
				rec := tc.records[n%len(tc.records)]
				rec.Seq = int64(n)
				if err := r.Render(rec, pace.Play{Copy: tc.play, Person: tc.play}, now(), &q); err != nil {
					b.Fatal(err)
				}
			}
			if r.Stats() != (Stats{}) {
				b.Errorf("%+v", r.Stats())
			}
		})
	}
}
