package render

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"reprise/capture"
	"reprise/capture/dialect"
	"reprise/capture/dialect/all"
	"reprise/capture/sms"
	"reprise/replay"
)

const token = "0123456789abcdef0123456789abcdef"

// twilioRecord is message n of a person, as the corpus holds it.
func twilioRecord(n int, from, to string) *capture.Record {
	id := fmt.Sprintf("SM%032x", 0xabc000+n)
	form := url.Values{
		"MessageSid": {id}, "SmsSid": {id}, "SmsMessageSid": {id}, "AccountSid": {"AC0123456789abcdef0123456789abcdef"},
		"From": {from}, "To": {to}, "Body": {"STOP"}, "NumSegments": {"1"},
	}
	body := form.Encode()
	return &capture.Record{
		Seq: int64(n), Time: time.Unix(1_700_000_000, 0), Method: "POST", URL: "/hooks/sms?tenant=7", Host: "hooks.example",
		Headers: []capture.Header{
			{Name: "host", Value: "hooks.example"},
			{Name: "Content-Type", Value: "application/x-www-form-urlencoded"},
			{Name: "Content-Length", Value: fmt.Sprint(len(body))},
			{Name: "Connection", Value: "keep-alive, X-Hop"},
			{Name: "X-Hop", Value: "1"},
			{Name: "I-Twilio-Idempotency-Token", Value: "0f8fad5b-d9cb-469f-a165-70867728950e"},
			{Name: "x-home-region", Value: "us1"},
		},
		Body: []byte(body), Kind: capture.Unsubscribe, Vendor: "twilio",
		Message: capture.Message{ID: id, From: from, To: to, Text: "STOP"},
	}
}

func target(t testing.TB, s string) *url.URL {
	t.Helper()
	u, err := url.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func renderer(t testing.TB, o Options) *Renderer {
	t.Helper()
	o.Table = all.Table()
	if o.Target == nil {
		o.Target = target(t, "http://127.0.0.1:9000")
	}
	if o.RunID == "" {
		o.RunID = "run1"
	}
	r, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func rendered(t testing.TB, r *Renderer, rec *capture.Record, play int) replay.Request {
	t.Helper()
	q := replay.Request{Seq: rec.Seq, Copy: play}
	if err := r.Render(rec, play, time.Unix(1_800_000_000, 0), &q); err != nil {
		t.Fatal(err)
	}
	return q
}

func form(t testing.TB, q replay.Request) url.Values {
	t.Helper()
	v, err := url.ParseQuery(string(q.Body))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func header(q replay.Request, name string) string {
	r := capture.Record{Headers: q.Headers}
	v, _ := r.Header(name)
	return v
}

func TestFreshIDs(t *testing.T) {
	rec := twilioRecord(1, "+14155551234", "+12125550000")
	before := rec.Clone()
	used := NewUsed(sms.Wide())
	used.Observe(rec)
	r := renderer(t, Options{Seed: 1, Copies: 3, People: used})
	seen := map[string]bool{rec.Message.ID: true}
	for play := range 3 {
		q := rendered(t, r, rec, play)
		v := form(t, q)
		id := v.Get("MessageSid")
		if seen[id] || len(id) != 34 || id[:2] != "SM" {
			t.Errorf("play %d: id %q", play, id)
		}
		seen[id] = true
		if v.Get("SmsSid") != id || v.Get("SmsMessageSid") != id {
			t.Errorf("play %d: what was equal is %v", play, v)
		}
		if v.Get("AccountSid") != "AC0123456789abcdef0123456789abcdef" || v.Get("Body") != "STOP" {
			t.Errorf("play %d: the account or the text changed: %v", play, v)
		}
		idempotency := header(q, "I-Twilio-Idempotency-Token")
		if seen[idempotency] || len(idempotency) != 36 || idempotency == "0f8fad5b-d9cb-469f-a165-70867728950e" {
			t.Errorf("play %d: idempotency token %q", play, idempotency)
		}
		seen[idempotency] = true
		if again := rendered(t, renderer(t, Options{Seed: 1, Copies: 3, People: used}), rec, play); string(again.Body) != string(q.Body) {
			t.Errorf("play %d: the same seed gave another body", play)
		}
		if other := rendered(t, renderer(t, Options{Seed: 2}), rec, 0); form(t, other).Get("MessageSid") == id {
			t.Errorf("play %d: another seed gave the same id", play)
		}
	}
	if string(rec.Body) != string(before.Body) || !slices.Equal(rec.Headers, before.Headers) || rec.URL != before.URL {
		t.Error("rendering changed the record")
	}
	if v := form(t, rendered(t, renderer(t, Options{KeepIDs: true}), rec, 0)); v.Get("MessageSid") != rec.Message.ID {
		t.Errorf("KeepIDs: %v", v)
	}
	r = renderer(t, Options{KeepIDs: true})
	if q := rendered(t, r, rec, 0); string(q.Body) != string(rec.Body) || header(q, "I-Twilio-Idempotency-Token") != "0f8fad5b-d9cb-469f-a165-70867728950e" {
		t.Error("KeepIDs: the body or the token is not as recorded")
	}
}

// A receipt follows its message: one id, one image, in whichever record it stands.
func TestReceiptsFollowTheirMessage(t *testing.T) {
	r := renderer(t, Options{Seed: 5})
	message := twilioRecord(1, "+14155551234", "+12125550000")
	receipt := twilioRecord(1, "+12125550000", "+14155551234")
	receipt.Seq, receipt.Kind = 9, capture.Status
	receipt.Body = append(receipt.Body, "&MessageStatus=delivered"...)
	a, b := form(t, rendered(t, r, message, 0)), form(t, rendered(t, r, receipt, 0))
	if a.Get("MessageSid") != b.Get("MessageSid") {
		t.Errorf("the message is %s, its receipt %s", a.Get("MessageSid"), b.Get("MessageSid"))
	}
}

func TestTelnyx(t *testing.T) {
	body := `{ "data": {"event_type":"message.received", "id":"b301ed3f-1490-491f-995f-6e64e69674d4", "payload": ` +
		`{"direction":"inbound","id":"84cca175-9755-4859-b67f-4730d7f58aa3","from":{"phone_number":"\u002b14155551234"},` +
		`"to":[{"phone_number":"+12125550000"}],"text":"h\u00e9 \"you\""}, "record_type":"event"}, "meta":{"attempt":1}}`
	rec := &capture.Record{
		Method: "POST", URL: "/t", Host: "h", Headers: []capture.Header{{Name: "Content-Type", Value: "application/json"}},
		Body: []byte(body), Vendor: "telnyx", Message: capture.Message{From: "+14155551234", To: "+12125550000"},
	}
	used := NewUsed(sms.Wide())
	used.Observe(rec)
	q := rendered(t, renderer(t, Options{Copies: 2, People: used, Recipients: []string{"+13105550007"}}), rec, 1)
	out := string(q.Body)
	for _, gone := range []string{"b301ed3f", "84cca175", "4155551234", "2125550000"} {
		if strings.Contains(out, gone) {
			t.Errorf("%s is still there: %s", gone, out)
		}
	}
	for _, kept := range []string{`{ "data": {"event_type":"message.received", "id":"`, `"text":"h\u00e9 \"you\""}, "record_type":"event"}, "meta":{"attempt":1}}`, "+13105550007"} {
		if !strings.Contains(out, kept) {
			t.Errorf("%s is gone: %s", kept, out)
		}
	}
}

func TestFraming(t *testing.T) {
	for _, tc := range []struct {
		name    string
		o       Options
		url     string // of the record
		host    string
		headers []capture.Header
		want    replay.Request
	}{
		{
			"as recorded",
			Options{},
			"/a?b=c", "rec.example",
			[]capture.Header{{Name: "HOST", Value: "rec.example"}, {Name: "content-length", Value: "77"}},
			replay.Request{URL: "/a?b=c", Host: "rec.example", Headers: []capture.Header{{Name: "HOST", Value: "rec.example"}, {Name: "content-length", Value: "5"}}},
		},
		{
			"another host, in place",
			Options{Host: "new.example"},
			"/a", "rec.example",
			[]capture.Header{{Name: "HOST", Value: "rec.example"}, {Name: "X", Value: "y"}},
			replay.Request{URL: "/a", Host: "new.example", Headers: []capture.Header{{Name: "HOST", Value: "new.example"}, {Name: "X", Value: "y"}}},
		},
		{
			"a record without host goes to the target's",
			Options{},
			"/a", "", nil,
			replay.Request{URL: "/a", Host: "127.0.0.1:9000"},
		},
		{
			"below a base path",
			Options{Target: &url.URL{Scheme: "http", Host: "h:1", Path: "/base/"}},
			"/a?b", "r", nil,
			replay.Request{URL: "/base/a?b", Host: "r"},
		},
		{
			"absolute form",
			Options{},
			"http://old.example:80/a?b=c://d", "r", nil,
			replay.Request{URL: "/a?b=c://d", Host: "r"},
		},
		{
			"absolute form without path",
			Options{},
			"http://old.example?q", "r", nil,
			replay.Request{URL: "/?q", Host: "r"},
		},
		{
			"asterisk form",
			Options{},
			"*", "r", nil,
			replay.Request{URL: "/*", Host: "r"},
		},
		{
			"chunked",
			Options{},
			"/a", "r",
			[]capture.Header{{Name: "Transfer-Encoding", Value: "gzip, Chunked"}, {Name: "Content-Length", Value: "5"}, {Name: "Trailer", Value: "X"}},
			replay.Request{URL: "/a", Host: "r", Chunked: true},
		},
		{
			"what belongs to the connection goes, named or known",
			Options{},
			"/a", "r",
			[]capture.Header{
				{Name: "connection", Value: "close, x-hop"},
				{Name: "X-Hop", Value: "1"},
				{Name: "Keep-Alive", Value: "timeout=5"},
				{Name: "TE", Value: "trailers"},
				{Name: "Expect", Value: "100-continue"},
				{Name: "Upgrade", Value: "h2c"},
				{Name: "X-Stays", Value: "1"},
			},
			replay.Request{URL: "/a", Host: "r", Headers: []capture.Header{{Name: "X-Stays", Value: "1"}}},
		},
		{
			"headers: set, replaced in place, removed, filled in",
			Options{Headers: []Header{{Name: "x-a", Value: "2"}, {Name: "X-B", Remove: true}, {Name: "X-Load", Value: "{run}/{record}"}}},
			"/a", "r",
			[]capture.Header{{Name: "X-A", Value: "1"}, {Name: "x-b", Value: "1"}, {Name: "X-C", Value: "1"}},
			replay.Request{URL: "/a", Host: "r", Headers: []capture.Header{{Name: "X-A", Value: "2"}, {Name: "X-C", Value: "1"}}},
		},
		{
			"an old run's marks are replaced",
			Options{},
			"/a", "r",
			[]capture.Header{{Name: "Reprise-Record", Value: "999.9"}, {Name: "reprise-run", Value: "old"}},
			replay.Request{URL: "/a", Host: "r"},
		},
	} {
		rec := &capture.Record{Seq: 12, Method: "PUT", URL: tc.url, Host: tc.host, Headers: tc.headers, Body: []byte("12345")}
		q := rendered(t, renderer(t, tc.o), rec, 0)
		if header(q, "Reprise-Run") != "run1" || header(q, "Reprise-Record") != "12.0" {
			t.Errorf("%s: marks %v", tc.name, q.Headers)
		}
		if tc.o.Headers != nil && header(q, "X-Load") != "run1/12.0" {
			t.Errorf("%s: %v", tc.name, q.Headers)
		}
		q.Headers = slices.DeleteFunc(q.Headers, func(h capture.Header) bool {
			return strings.HasPrefix(strings.ToLower(h.Name), "reprise-") || h.Name == "X-Load"
		})
		if q.Method != "PUT" || string(q.Body) != "12345" || q.URL != tc.want.URL || q.Host != tc.want.Host || q.Chunked != tc.want.Chunked || !slices.Equal(q.Headers, tc.want.Headers) {
			t.Errorf("%s:\ngot  %+v\nwant %+v", tc.name, q, tc.want)
		}
	}
}

func TestMarksCanBeRemoved(t *testing.T) {
	edit, err := ParseHeader("Reprise-Run:")
	if err != nil {
		t.Fatal(err)
	}
	q := rendered(t, renderer(t, Options{Headers: []Header{edit}}), twilioRecord(3, "+14155551234", "+12125550000"), 0)
	if header(q, "Reprise-Run") != "" || header(q, "Reprise-Record") != "3.0" {
		t.Errorf("%v", q.Headers)
	}
}

func TestParseHeader(t *testing.T) {
	for s, want := range map[string]Header{
		"X-A: b":         {Name: "X-A", Value: "b"},
		"X-A:b: c":       {Name: "X-A", Value: "b: c"},
		"X-A:":           {Name: "X-A", Remove: true},
		"X-A:  \t":       {Name: "X-A", Remove: true},
		"Host: h":        {Name: "Host", Value: "h"},
		"X-A : {record}": {Name: "X-A", Value: "{record}"},
	} {
		if got, err := ParseHeader(s); got != want || err != nil {
			t.Errorf("%q: %+v, %v", s, got, err)
		}
	}
	for _, s := range []string{"", "X-A", ": b", "X A: b", "X-A: b\r\nEvil: c", "Content-Length: 5", "transfer-encoding: chunked", "Connection: close", "Ä: b"} {
		if got, err := ParseHeader(s); err == nil {
			t.Errorf("%q was taken: %+v", s, got)
		}
	}
}

func TestSigning(t *testing.T) {
	rec := twilioRecord(1, "+14155551234", "+12125550000")
	for _, tc := range []struct {
		name   string
		o      Options
		signed string
	}{
		{"https, the Host sent and the path sent", Options{}, "https://hooks.example/hooks/sms?tenant=7"},
		{"below a base path", Options{Target: target(t, "http://10.0.0.1/base")}, "https://hooks.example/base/hooks/sms?tenant=7"},
		{"another host", Options{Host: "staging.example"}, "https://staging.example/hooks/sms?tenant=7"},
		{"a Host header says it too", Options{Headers: []Header{{Name: "Host", Value: "edge.example"}}}, "https://edge.example/hooks/sms?tenant=7"},
		{"the URL that is asked for", Options{SignURL: "https://public.example/sms"}, "https://public.example/sms"},
	} {
		tc.o.Sign = map[string][]byte{"twilio": []byte(token)}
		r := renderer(t, tc.o)
		q := rendered(t, r, rec, 0)
		got := capture.Record{Method: q.Method, URL: q.URL, Host: q.Host, Headers: q.Headers, Body: q.Body, Vendor: "twilio"}
		d, _ := all.Table().Named("twilio")
		if err := d.Verify(&got, dialect.Signing{URL: tc.signed, Secret: []byte(token), Now: time.Unix(1_800_000_000, 0)}); err != nil {
			t.Errorf("%s: %v: %v", tc.name, err, q.Headers)
		}
		if r.Stats() != (Stats{}) {
			t.Errorf("%s: %+v", tc.name, r.Stats())
		}
	}
	r := renderer(t, Options{Sign: map[string][]byte{"twilio": nil}})
	if rendered(t, r, rec, 0); r.Stats().Unsigned != 1 {
		t.Errorf("without a secret: %+v", r.Stats())
	}
}

// What cannot be read is sent as it is, with its marks, and counted.
func TestUnreadablePayload(t *testing.T) {
	rec := &capture.Record{Seq: 4, Method: "POST", URL: "/", Host: "h", Body: []byte(`{"data": {"payload"`), Vendor: "telnyx"}
	r := renderer(t, Options{})
	q := rendered(t, r, rec, 0)
	if string(q.Body) != string(rec.Body) || r.Stats().Unread != 1 || header(q, "Reprise-Record") != "4.0" {
		t.Errorf("%q, %+v", q.Body, r.Stats())
	}
	rec.Body[0] = 'X'
	if q.Body[0] == 'X' {
		t.Error("the request shares the record's memory")
	}
}

func TestNewRefuses(t *testing.T) {
	full := NewUsed(sms.Strict())
	for i := range full.pool.Len() / 2 {
		full.Mark(full.pool.At(i))
	}
	for name, o := range map[string]Options{
		"no target":                   {Target: &url.URL{}},
		"a vendor that does not sign": {Sign: map[string][]byte{"nobody": []byte("x")}},
		"copies without people":       {Copies: 2},
		"more people than numbers":    {Copies: 3, People: full},
	} {
		o.Table = all.Table()
		if o.Target == nil {
			o.Target = target(t, "http://h")
		}
		if _, err := New(o); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}

func FuzzRender(f *testing.F) {
	rec := twilioRecord(1, "+14155551234", "+12125550000")
	f.Add("/a?b=c", "h", "X-A", "1", rec.Body, "twilio")
	f.Add("http://x", "", "Transfer-Encoding", "chunked", []byte(`{"data":{"payload":{"id":1}}}`), "telnyx")
	f.Add("*", "h", "Connection", "a,,b,close", []byte("id=1&from=%"), "generic")
	f.Fuzz(func(t *testing.T, target, host, name, value string, body []byte, vendor string) {
		used := NewUsed(sms.Strict())
		r := renderer(t, Options{Copies: 2, People: used, Recipients: []string{"+13105550007"}, Sign: map[string][]byte{"twilio": []byte("t")}})
		rec := &capture.Record{URL: target, Host: host, Headers: []capture.Header{{Name: name, Value: value}}, Body: body, Vendor: vendor}
		for play := range 2 {
			q := rendered(t, r, rec, play)
			if !strings.HasPrefix(q.URL, "/") || q.Host == "" {
				t.Fatalf("URL %q, host %q", q.URL, q.Host)
			}
			if n := header(q, "Content-Length"); n != "" && n != fmt.Sprint(len(q.Body)) {
				t.Fatalf("Content-Length %s of %d", n, len(q.Body))
			}
		}
	})
}

func BenchmarkRender(b *testing.B) {
	rec := twilioRecord(1, "+14155551234", "+12125550000")
	used := NewUsed(sms.Wide())
	used.Observe(rec)
	for _, tc := range []struct {
		name string
		o    Options
		play int
	}{
		{"ids", Options{}, 0},
		{"people", Options{Copies: 2, People: used}, 1},
		{"signed", Options{Sign: map[string][]byte{"twilio": []byte(token)}}, 0},
	} {
		b.Run(tc.name, func(b *testing.B) {
			r := renderer(b, tc.o)
			b.ReportAllocs()
			for b.Loop() {
				var q replay.Request
				if err := r.Render(rec, tc.play, time.Time{}, &q); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
