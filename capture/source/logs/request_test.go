package logs

import (
	"testing"

	"reprise/capture"
)

// TestRequest has the ways in which logs hold a request's line and headers.
func TestRequest(t *testing.T) {
	type change = func(*Map)
	headers := func(m *Map) { m.Headers.At = "/hd" }
	query := func(m *Map) { m.Query = "/q" }
	request := func(m *Map) { m.Method, m.URL, m.Request = "", "", "/r" }
	named := func(m *Map) { m.Headers.Each = []HeaderAt{{"X-One", "/h1"}, {"X-Two", "/h2"}, {"X-Three", "h3"}} }
	noMethod := func(m *Map) { m.Method = "" }
	for _, tc := range []struct {
		name, line string
		change     change
		want       string // method, host, URL and headers, or the problem
	}{
		{"a URL of another host", `{"t":1,"m":"GET","u":"https://user:pw@x.example:8443/a?b=c#d"}`, headers, "GET x.example:8443 /a?b=c Host: x.example:8443"},
		{"a host of its own", `{"t":1,"m":"GET","u":"http://x.example/a","h":"y.example"}`, headers, "GET y.example /a Host: y.example"},
		{"no host in a URL", `{"t":1,"m":"GET","u":"https:///a"}`, headers, `web.log: line 1: field "/u": not a path or URL`},
		{"an asterisk", `{"t":1,"m":"OPTIONS","u":"*"}`, headers, "OPTIONS  *"},
		{"a request line", `{"t":1,"r":"PUT /a b?c=d HTTP/1.1"}`, request, "PUT  /a%20b?c=d"},
		{"a request line with a whole URL", `{"t":1,"r":"PUT http://x.example/a HTTP/2.0"}`, request, "PUT x.example /a Host: x.example"},
		{"no request line", `{"t":1,"r":"/a"}`, request, `web.log: line 1: field "/r": not a request line`},
		{"a request line without its target", `{"t":1,"r":"GET HTTP/1.1"}`, request, `web.log: line 1: field "/r": not a request line`},
		{"a request line that is missing", `{"t":1}`, request, `web.log: line 1: field "/r": missing`},
		{"a request line that is none", `{"t":1,"r":[]}`, request, `web.log: line 1: field "/r": not a string`},
		{"a request line for a URL", `{"t":1,"u":"PATCH /a HTTP/1.0"}`, noMethod, "PATCH  /a"},
		{"a request line for a URL, with a method", `{"t":1,"m":"GET","u":"PATCH /a HTTP/1.0"}`, headers, `web.log: line 1: field "/u": not a path or URL`},
		{"a query", `{"t":1,"m":"GET","u":"/a","q":"b=c"}`, query, "GET  /a?b=c"},
		{"a query with its mark", `{"t":1,"m":"GET","u":"/a","q":"?b=c d"}`, query, "GET  /a?b=c%20d"},
		{"an empty query", `{"t":1,"m":"GET","u":"/a","q":"?"}`, query, "GET  /a"},
		{"a query that is there", `{"t":1,"m":"GET","u":"/a?x=y","q":"b=c"}`, query, "GET  /a?x=y"},
		{"a parsed query", `{"t":1,"m":"GET","u":"/a","q":{"b":["c d"],"e":1}}`, query, "GET  /a?b=c+d&e=1 rebuilt"},
		{"an empty parsed query", `{"t":1,"m":"GET","u":"/a","q":{}}`, query, "GET  /a"},
		{"no query", `{"t":1,"m":"GET","u":"/a","q":true}`, query, `web.log: line 1: field "/q": not a string`},
		{"a query of values alone", `{"t":1,"m":"GET","u":"/a","q":[1]}`, query, `web.log: line 1: field "/q": not a query`},
		{"header lines", `{"t":1,"m":"GET","u":"/","hd":"HOST: x.example\r\nX-A:  1 \nx-a: 2\r\n\r\n"}`, headers, "GET x.example / HOST: x.example X-A: 1 x-a: 2"},
		{"header lines below a request line", `{"t":1,"m":"GET","u":"/","hd":"GET / HTTP/1.1\r\nX-A: 1\r\n"}`, headers, "GET  / X-A: 1"},
		{"headers as JSON in a string", `{"t":1,"m":"GET","u":"/","hd":"{\"X-A\":[\"1\",\"2\"],\"B\":true,\"N\":5}"}`, headers, "GET  / X-A: 1 X-A: 2 B: true N: 5"},
		{"pairs as JSON in a string", `{"t":1,"m":"GET","u":"/","hd":"[[\"X-A\",\"1\"]]"}`, headers, "GET  / X-A: 1"},
		{"an empty text", `{"t":1,"m":"GET","u":"/","hd":""}`, headers, "GET  /"},
		{"header lines of which one is none", `{"t":1,"m":"GET","u":"/","hd":"X-A: 1\r\nnothing"}`, headers, `web.log: line 1: field "/hd": not headers`},
		{"a header with an impossible name", `{"t":1,"m":"GET","u":"/","hd":"X A: 1"}`, headers, `web.log: line 1: field "/hd": not headers`},
		{"broken JSON in a string", `{"t":1,"m":"GET","u":"/","hd":"{\"X-A\""}`, headers, `web.log: line 1: field "/hd": not headers`},
		{"values of a header that the map names", `{"t":1,"m":"GET","u":"/","h1":["a","b"],"h2":7,"h3":null}`, named, "GET  / X-One: a X-One: b X-Two: 7"},
		{"an object for a header", `{"t":1,"m":"GET","u":"/","h1":[{}]}`, named, `web.log: line 1: field "/h1": not a header value`},
		{"a number", `{"t":1,"m":"GET","u":"/","hd":5}`, headers, `web.log: line 1: field "/hd": not headers`},
	} {
		m := simple()
		tc.change(&m)
		records, problems, _ := read(t, m, tc.line)
		got := ""
		switch {
		case len(problems) > 0:
			got = problems[0].Error()
		case len(records) == 1:
			r := records[0]
			got = r.Method + " " + r.Host + " " + r.URL
			for _, h := range r.Headers {
				got += " " + h.Name + ": " + h.Value
			}
			if r.Origin == capture.Rebuilt {
				got += " rebuilt"
			}
		}
		if got != tc.want {
			t.Errorf("%s: got %q, want %q", tc.name, got, tc.want)
		}
	}
}

// TestUnits has what a line may say in its own unit or leave to the map's time zone.
func TestUnits(t *testing.T) {
	m := simple()
	m.TimeFormat, m.TimeIs, m.TZ = "", TimeIsEnd, "America/New_York"
	for line, want := range map[string]string{
		`{"t":"2026-11-23 02:55:47,826","m":"GET","u":"/","l":"26ms"}`: "2026-11-23T07:55:47.8Z",
		`{"t":1795420547826,"m":"GET","u":"/","l":0.026}`:              "2026-11-23T07:55:47.8Z",
	} {
		records, problems, _ := read(t, m, line)
		if len(records) != 1 || records[0].Time.Format("2006-01-02T15:04:05.999Z07:00") != want {
			t.Errorf("%s: %v, %v", line, records, problems)
		}
	}
	_, problems, account := read(t, m, `{"t":"2026-11-01 01:30:00","m":"GET","u":"/","l":0}`)
	if account.Kept != 1 || len(problems) != 1 || problems[0].Field != "/t" {
		t.Errorf("a time that comes twice: %v", problems)
	}
}
