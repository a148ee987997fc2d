package logs

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"reprise/capture"
	"reprise/capture/source/open"
)

// read returns every record of a log, cloned.
func read(t testing.TB, m Map, log string) (records []*capture.Record, problems []capture.Problem, account capture.Account) {
	t.Helper()
	account.Report = func(p capture.Problem) { problems = append(problems, p) }
	r, err := New(strings.NewReader(log), Options{File: "web.log", Map: m, Account: &account})
	if err != nil {
		t.Fatal(err)
	}
	for {
		var rec capture.Record
		err := r.Next(t.Context(), &rec)
		if errors.Is(err, io.EOF) {
			return records, problems, account
		}
		if err != nil {
			t.Fatal(err)
		}
		records = append(records, rec.Clone())
		account.Kept++
	}
}

func simple() Map {
	return Map{Time: "/t", TimeFormat: FormatUnix, Method: "/m", URL: "/u", Host: "/h", Body: "/b", Status: "/s", Latency: "/l"}
}

func nginx(t testing.TB) Map {
	t.Helper()
	m, ok := Preset("nginx")
	if !ok {
		t.Fatal("no preset nginx")
	}
	return m
}

func describe(r *capture.Record) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s %s", r.Time.Format(time.RFC3339Nano), r.Method, r.URL)
	for _, h := range r.Headers {
		fmt.Fprintf(&b, "\n%s: %s", h.Name, h.Value)
	}
	fmt.Fprintf(&b, "\n\n%q\nhost %s, %d after %v", r.Body, r.Host, r.Response.Status, r.Response.Latency)
	return b.String()
}

func TestNginx(t *testing.T) {
	const line = `{"ts":"1795420547.826","remote_addr":"127.0.0.1","method":"POST","uri":"/webhooks/plivo?tenant=brand%2042","host":"hooks.example.com",` +
		`"status":503,"request_time":0.012,"content_type":"application/x-www-form-urlencoded","user_agent":"AHC/2.0","twilio_signature":"",` +
		`"telnyx_signature":"c2ln","telnyx_timestamp":"1795420547","i_twilio_idempotency_token":"token-1","x_plivo_signature_v2":"cGxpdm8=",` +
		`"request_length":475,"body":"Text=a\u0001\t` + "\xff\x80" + `é\"\\&To=15550100"}`
	const want = `2026-11-23T07:55:47.814Z POST /webhooks/plivo?tenant=brand%2042
Host: hooks.example.com
User-Agent: AHC/2.0
Content-Type: application/x-www-form-urlencoded
I-Twilio-Idempotency-Token: token-1
telnyx-signature-ed25519: c2ln
telnyx-timestamp: 1795420547
X-Plivo-Signature-V2: cGxpdm8=
Content-Length: 26

"Text=a\x01\t\xff\x80é\"\\&To=15550100"
host hooks.example.com, 503 after 12ms`
	records, problems, account := read(t, nginx(t), line)
	if len(problems) > 0 || len(records) != 1 || account.Read != 1 || account.Kept != 1 {
		t.Fatalf("%d records, account %+v, problems %v", len(records), account, problems)
	}
	if got := describe(records[0]); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestNginxLogFormat has the log format that we print filled in as nginx would, and reads the result.
func TestNginxLogFormat(t *testing.T) {
	values := map[string]string{
		"$msec": "1795420547.826", "$request_time": "0.001", "$status": "204", "$request_method": "POST",
		"$request_uri": "/sms?a=b", "$http_host": "h.example", "$request_body": `{\"a\":\"\u0007\"}`,
		"$http_content_length": "9", "$http_x_twilio_signature": "sig",
	}
	var line strings.Builder
	logged := 0
	for text := range strings.Lines(nginxLogFormat()) {
		text = strings.TrimSpace(text)
		if !strings.HasPrefix(text, "'") {
			continue
		}
		text = strings.TrimSuffix(strings.TrimPrefix(strings.TrimSuffix(text, ";"), "'"), "'")
		for i, part := range strings.Split(text, "$") {
			if i == 0 {
				line.WriteString(part)
				continue
			}
			name := part[:strings.IndexAny(part, `",`)]
			line.WriteString(values["$"+name] + part[len(name):])
			logged++
		}
	}
	if want := 7 + len(nginxHeaders()); logged != want {
		t.Fatalf("the format logs %d variables, want %d", logged, want)
	}
	records, problems, _ := read(t, nginx(t), line.String())
	if len(records) != 1 || len(problems) > 0 {
		t.Fatalf("%d records of %s: %v", len(records), &line, problems)
	}
	const want = `2026-11-23T07:55:47.825Z POST /sms?a=b
Host: h.example
Content-Length: 9
X-Twilio-Signature: sig

"{\"a\":\"\a\"}"
host h.example, 204 after 1ms`
	if got := describe(records[0]); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestMapped(t *testing.T) {
	at := func(change func(*Map)) Map {
		m := simple()
		m.Headers.At = "/hd"
		change(&m)
		return m
	}
	none := at(func(*Map) {})
	for _, tc := range []struct {
		name, line string
		m          Map
		want       string
	}{
		{
			"the least", `{"t":0,"m":"PUT","u":"/"}`, none,
			"1970-01-01T00:00:00Z PUT /\n\n\"\"\nhost , 0 after 0s",
		},
		{
			"header object", `{"t":0,"m":"GET","u":"/","hd":{"B":"2","A":["1","3"],"N":7}}`, none,
			"1970-01-01T00:00:00Z GET /\nB: 2\nA: 1\nA: 3\nN: 7\n\n\"\"\nhost , 0 after 0s",
		},
		{
			"header pairs", `{"t":0,"m":"GET","u":"/","hd":[["Host","x.example"],["b","2"]]}`, none,
			"1970-01-01T00:00:00Z GET /\nHost: x.example\nb: 2\n\n\"\"\nhost x.example, 0 after 0s",
		},
		{
			"header objects", `{"t":0,"m":"GET","u":"/","hd":[{"name":"b","value":"2"},{"key":"c","value":"\u00e9","x":[1]}]}`, none,
			"1970-01-01T00:00:00Z GET /\nb: 2\nc: é\n\n\"\"\nhost , 0 after 0s",
		},
		{
			"HTTP/2's headers", `{"t":0,"m":"GET","u":"/","hd":{":method":"GET",":authority":"x.example","a":"1"}}`, none,
			"1970-01-01T00:00:00Z GET /\nHost: x.example\na: 1\n\n\"\"\nhost x.example, 0 after 0s",
		},
		{
			"chunked has no length", `{"t":0,"m":"POST","u":"/","b":"ab","hd":{"Transfer-Encoding":"chunked"}}`, none,
			"1970-01-01T00:00:00Z POST /\nTransfer-Encoding: chunked\n\n\"ab\"\nhost , 0 after 0s",
		},
		{
			"whole URL", `{"t":0,"m":"GET","u":"https://x.example?a=b"}`, none,
			"1970-01-01T00:00:00Z GET /?a=b\nHost: x.example\n\n\"\"\nhost x.example, 0 after 0s",
		},
		{
			"decoded path", `{"t":0,"m":"GET","u":"/a b\u007f?c=é"}`, none,
			"1970-01-01T00:00:00Z GET /a%20b%7F?c=é\n\n\"\"\nhost , 0 after 0s",
		},
		{
			"nothing known of the answer", `{"t":"1.5","m":"GET","u":"/","s":"-","l":"-"}`, none,
			"1970-01-01T00:00:01.5Z GET /\n\n\"\"\nhost , 0 after 0s",
		},
		{
			"base64", `{"t":0,"m":"GET","u":"/","b":"/+8="}`, at(func(m *Map) { m.BodyEncoding = EncodingBase64 }),
			"1970-01-01T00:00:00Z GET /\nContent-Length: 2\n\n\"\\xff\\xef\"\nhost , 0 after 0s",
		},
		{
			"base64 of the other kind", `{"t":0,"m":"GET","u":"/","b":"_-8"}`, at(func(m *Map) { m.BodyEncoding = EncodingBase64 }),
			"1970-01-01T00:00:00Z GET /\nContent-Length: 2\n\n\"\\xff\\xef\"\nhost , 0 after 0s",
		},
		{
			"json", `{"t":0,"m":"GET","u":"/","b":{"a": [1.00,"\u00e9"] }}`, at(func(m *Map) { m.BodyEncoding = EncodingJSON }),
			"1970-01-01T00:00:00Z GET /\nContent-Type: application/json\nContent-Length: 21\n\n\"{\\\"a\\\":[1.00,\\\"\\\\u00e9\\\"]}\"\nhost , 0 after 0s",
		},
		{
			"nginx's own escapes", `{"t":0,"m":"GET","u":"/\x22","h":"-","b":"\x22\xE9\x5Cx41 \\x42"}`, at(func(m *Map) { m.BodyEncoding = EncodingNginx }),
			"1970-01-01T00:00:00Z GET /\"\nContent-Length: 8\n\n\"\\\"\\xe9\\\\x41 B\"\nhost , 0 after 0s",
		},
		{
			"deep pointers", `{"a/b":[0,{"~":"5"}],"m":"GET","\u0075":"/"}`, at(func(m *Map) { m.Time = "/a~1b/1/~0" }),
			"1970-01-01T00:00:05Z GET /\n\n\"\"\nhost , 0 after 0s",
		},
		{
			"the end less the latency", `{"t":2,"m":"GET","u":"/","l":"250"}`, at(func(m *Map) { m.TimeIs, m.LatencyUnit = TimeIsEnd, "ms" }),
			"1970-01-01T00:00:01.75Z GET /\n\n\"\"\nhost , 0 after 250ms",
		},
		{
			"layout", `{"t":"25/Nov/2022:12:00:00 -0500","m":"GET","u":"/"}`, at(func(m *Map) { m.TimeFormat = "02/Jan/2006:15:04:05 -0700" }),
			"2022-11-25T17:00:00Z GET /\n\n\"\"\nhost , 0 after 0s",
		},
		{
			"RFC 3339", `{"t":"2022-11-25T12:00:00.123456789-05:00","m":"GET","u":"/"}`, at(func(m *Map) { m.TimeFormat = "" }),
			"2022-11-25T17:00:00.123456789Z GET /\n\n\"\"\nhost , 0 after 0s",
		},
		{
			"no method in the map", `{"t":"1795420547826.5","u":"/"}`, at(func(m *Map) { m.Method, m.TimeFormat = "", FormatUnixMilli }),
			"2026-11-23T07:55:47.8265Z POST /\nContent-Length: 0\n\n\"\"\nhost , 0 after 0s",
		},
	} {
		records, problems, _ := read(t, tc.m, tc.line+"\r\n")
		if len(records) != 1 || len(problems) > 0 {
			t.Errorf("%s: %d records, %v", tc.name, len(records), problems)
			continue
		}
		if got := describe(records[0]); got != tc.want {
			t.Errorf("%s: got\n%s\nwant\n%s", tc.name, got, tc.want)
		}
	}
}

func TestBadLines(t *testing.T) {
	m := simple()
	m.Headers.At = "/hd"
	m.BodyEncoding = EncodingBase64
	for _, tc := range []struct{ line, field, reason string }{
		{`nonsense`, "", "not JSON"},
		{`{"t":1`, "", "not JSON"},
		{`{"m":"GET","u":"/"}`, "/t", "missing"},
		{`{"t":null,"m":"GET","u":"/"}`, "/t", "missing"},
		{`{"t":true,"m":"GET","u":"/"}`, "/t", "not a time"},
		{`{"t":"yesterday","m":"GET","u":"/"}`, "/t", "not a time"},
		{`{"t":99999999999,"m":"GET","u":"/"}`, "/t", "not a time"},
		{`{"t":1,"u":"/"}`, "/m", "missing"},
		{`{"t":1,"m":[],"u":"/"}`, "/m", "not a string"},
		{`{"t":1,"m":"GE T","u":"/"}`, "/m", "not a method"},
		{`{"t":1,"m":"GET","u":""}`, "/u", "missing"},
		{`{"t":1,"m":"GET","u":{}}`, "/u", "not a string"},
		{`{"t":1,"m":"GET","u":"ftp://x"}`, "/u", "not a path or URL"},
		{`{"t":1,"m":"GET","u":"/","h":[]}`, "/h", "not a string"},
		{`{"t":1,"m":"GET","u":"/","h":"a\nb"}`, "/h", "not a host"},
		{`{"t":1,"m":"GET","u":"/","b":7}`, "/b", "not a string"},
		{`{"t":1,"m":"GET","u":"/","b":"#"}`, "/b", "not base64"},
		{`{"t":1,"m":"GET","u":"/","s":"ok"}`, "/s", "not a status"},
		{`{"t":1,"m":"GET","u":"/","s":2000}`, "/s", "not a status"},
		{`{"t":1,"m":"GET","u":"/","l":-1}`, "/l", "not a duration"},
		{`{"t":1,"m":"GET","u":"/","l":[1]}`, "/l", "not a duration"},
		{`{"t":1,"m":"GET","u":"/","hd":"A b"}`, "/hd", "not headers"},
		{`{"t":1,"m":"GET","u":"/","hd":{"A B":"c"}}`, "/hd", "not headers"},
		{`{"t":1,"m":"GET","u":"/","hd":[["A"]]}`, "/hd", "not headers"},
		{`{"t":1,"m":"GET","u":"/","hd":{"A":"b\r\nC: d"}}`, "A", "not a header value"},
	} {
		log := "{\"t\":1,\"m\":\"GET\",\"u\":\"/1\"}\n\n" + tc.line + "\n{\"t\":1,\"m\":\"GET\",\"u\":\"/2\"}"
		records, problems, account := read(t, m, log)
		if len(records) != 2 || records[0].URL != "/1" || records[1].URL != "/2" || account.Read != 3 || account.Kept != 2 {
			t.Errorf("%s: %d good records, account %+v", tc.line, len(records), account)
		}
		if lost := tc.reason == ReasonNotJSON; account.Damaged != lost || (account.Lost == int64(len(tc.line))) != lost {
			t.Errorf("%s: account %+v; a line that cannot be decoded is damage, one that is no request is not", tc.line, account)
		}
		want := capture.Problem{File: "web.log", Record: 3, Unit: "line", Field: tc.field, Reason: tc.reason}
		if len(problems) != 1 || problems[0] != want || !maps.Equal(account.Skipped, map[string]int64{tc.reason: 1}) {
			t.Errorf("%s: problems %v, skipped %v; want %v", tc.line, problems, account.Skipped, want)
		}
	}
}

func TestNotes(t *testing.T) {
	m := simple()
	m.TimeIs = TimeIsEnd
	m.Headers.At = "/hd"
	for line, want := range map[string]string{
		`{"t":1,"m":"GET","u":"/","l":""}`:                                     `web.log: line 1: field "/l": missing: the time of the end stands for the start`,
		`{"t":1,"m":"POST","u":"/","l":0,"b":"a","hd":{"Content-Length":"3"}}`: `web.log: line 1: field "/b": not as long as its Content-Length`,
	} {
		records, problems, account := read(t, m, line)
		if len(records) != 1 || account.Kept != 1 || len(problems) != 1 || problems[0].Error() != want {
			t.Errorf("%s: %d records, %v, want %s", line, len(records), problems, want)
		}
		if length, ok := records[0].Header("Content-Length"); ok && length != "1" {
			t.Errorf("%s: Content-Length %s", line, length)
		}
	}
}

// TestInput is about what the stream does, not the lines: its ends, its errors, lines beyond the cap.
func TestInput(t *testing.T) {
	const good = `{"t":1,"m":"GET","u":"/"}`
	broken := errors.New("disk on fire")
	for _, tc := range []struct {
		name    string
		in      io.Reader
		kept    int64
		skipped map[string]int64
		damaged bool
		err     error
	}{
		{"nothing", strings.NewReader(""), 0, nil, false, io.EOF},
		{"byte order mark", strings.NewReader("\ufeff" + good), 1, nil, false, io.EOF},
		{"too long", strings.NewReader(good + "\n" + `{"t":"` + strings.Repeat("1", 2<<20) + "\"}\n" + good), 2, map[string]int64{"line too long": 1}, true, io.EOF},
		{"too long and last", strings.NewReader(good + "\n" + strings.Repeat("1", 2<<20)), 1, map[string]int64{"line too long": 1}, true, io.EOF},
		{"long, but not too long", strings.NewReader(good[:len(good)-1] + `,"b":"` + strings.Repeat("1", 900_000) + "\"}\n" + good), 2, nil, false, io.EOF},
		{"cut short", io.MultiReader(strings.NewReader(good+"\n"+good[:9]), iotest.ErrReader(fmt.Errorf("a.gz: %w", io.ErrUnexpectedEOF))), 1, map[string]int64{"not JSON": 1}, true, io.EOF},
		{"corrupt", io.MultiReader(strings.NewReader(good+"\n"), iotest.ErrReader(fmt.Errorf("a.gz: %w", open.ErrCorrupt))), 1, nil, true, io.EOF},
		{"unreadable", io.MultiReader(strings.NewReader(good+"\n"), iotest.ErrReader(broken)), 1, nil, false, broken},
	} {
		var account capture.Account
		r, err := New(tc.in, Options{File: "web.log", Map: simple(), Account: &account})
		if err != nil {
			t.Fatal(err)
		}
		in := newLines(r.content)
		in.Limit = 1 << 20
		r.rows = in
		var rec capture.Record
		for err == nil {
			if err = r.Next(t.Context(), &rec); err == nil {
				account.Kept++
			}
		}
		if account.Kept != tc.kept || !maps.Equal(account.Skipped, tc.skipped) || account.Damaged != tc.damaged || !errors.Is(err, tc.err) {
			t.Errorf("%s: account %+v, %v", tc.name, account, err)
		}
		if again := r.Next(t.Context(), &rec); !errors.Is(again, tc.err) {
			t.Errorf("%s: after the end: %v", tc.name, again)
		}
	}
}

func TestCancelled(t *testing.T) {
	cause := errors.New("enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(cause)
	r, err := New(strings.NewReader(`{"t":1,"m":"GET","u":"/"}`), Options{Map: simple()})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Next(ctx, new(capture.Record)); !errors.Is(err, cause) {
		t.Errorf("Next: %v, want the cause", err)
	}
}

// benchmarkLog is a log of n lines like those of a busy webhook endpoint.
func benchmarkLog(n int) []byte {
	var b bytes.Buffer
	for i := range n {
		fmt.Fprintf(&b, `{"ts":"17954%05d.826","remote_addr":"127.0.0.1","method":"POST","uri":"/webhooks/telnyx","host":"hooks.example.com","status":200,`+
			`"request_time":0.001,"content_type":"application/json","user_agent":"telnyx-webhooks","twilio_signature":"","telnyx_signature":`+
			`"OWUxMmQxNzFkMzRkYTA4M2RmNWM4MmFiNjVmYTBjMDYwMGY0Y2M5OTA5MzI3ZWYxMzBkOTMzYjY1%05d","telnyx_timestamp":"17954%05d","request_length":1011,`+
			`"body":"{\"data\":{\"event_type\":\"message.received\",\"id\":\"51a00665-b5c1-4778-ab30-a4557bfd4df1\",\"occurred_at\":\"2026-11-23T07:55:47.824+00:00\",`+
			`\"payload\":{\"cost\":null,\"direction\":\"inbound\",\"encoding\":\"GSM-7\",\"errors\":[],\"from\":{\"carrier\":\"Example\",\"phone_number\":\"+14155550123\"},`+
			`\"id\":\"298d1e73-6fc1-4e9e-a1e7-aeeb587b7d7e\",\"text\":\"START\",\"to\":[{\"phone_number\":\"+14155550199\"}],\"type\":\"SMS\"},\"record_type\":\"event\"}}"}`+"\n", i, i, i)
	}
	return b.Bytes()
}

func BenchmarkLogs(b *testing.B) {
	const lines = 2_000
	log := benchmarkLog(lines)
	m := nginx(b)
	b.SetBytes(int64(len(log)))
	b.ReportAllocs()
	for b.Loop() {
		var account capture.Account
		r, err := New(bytes.NewReader(log), Options{Map: m, Account: &account})
		if err != nil {
			b.Fatal(err)
		}
		var rec capture.Record
		for err == nil {
			if err = r.Next(b.Context(), &rec); err == nil {
				account.Kept++
			}
		}
		if account.Kept != lines {
			b.Fatalf("account %+v, %v", account, err)
		}
	}
	b.ReportMetric(float64(lines)*float64(b.N)/b.Elapsed().Seconds(), "lines/s")
}

func TestWholeSecond(t *testing.T) {
	for text, want := range map[string]bool{
		`"2026-11-27T20:56:49Z"`: true, `"2026-11-27 20:56:49"`: true, `1795813009`: true, `"1795813009"`: true, `"27/Nov/2026:20:56:49 +0000"`: true,
		`"2026-11-27T20:56:49.000Z"`: false, `"2026-11-27 20:56:49,000"`: false, `1795813009000`: false, `1795813009.0`: false, `"2026-11-27T20:56:49.5Z"`: false,
		`"Fri, 27 Nov 2026 20:56:49 GMT"`: true,
	} {
		r, err := New(strings.NewReader(`{"t":`+text+`,"u":"/a"}`), Options{Map: Map{Time: "/t", URL: "/u"}})
		if err != nil {
			t.Fatal(err)
		}
		if err := r.Next(t.Context(), new(capture.Record)); err != nil || r.WholeSecond() != want {
			t.Errorf("%s: %v, of a whole second: %v", text, err, r.WholeSecond())
		}
	}
}
