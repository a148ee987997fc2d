package render

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"reprise/capture"
)

func TestFraming(t *testing.T) {
	for _, tc := range []struct {
		name    string
		o       Options
		url     string // of the record
		host    string
		headers []capture.Header
		want    message
	}{
		{
			"as recorded",
			Options{},
			"/a?b=c", "rec.example",
			[]capture.Header{{Name: "HOST", Value: "rec.example"}, {Name: "content-length", Value: "77"}},
			message{URL: "/a?b=c", Host: "rec.example"},
		},
		{
			"another host, in place",
			Options{Host: "new.example"},
			"/a", "rec.example",
			[]capture.Header{{Name: "HOST", Value: "rec.example"}, {Name: "X", Value: "y"}},
			message{URL: "/a", Host: "new.example", Headers: []capture.Header{{Name: "X", Value: "y"}}},
		},
		{
			"a record without host goes to the target's",
			Options{},
			"/a", "", nil,
			message{URL: "/a", Host: "127.0.0.1:9000"},
		},
		{
			"below a base path",
			Options{Target: &url.URL{Scheme: "http", Host: "h:1", Path: "/base/"}},
			"/a?b", "r", nil,
			message{URL: "/base/a?b", Host: "r"},
		},
		{
			"absolute form",
			Options{},
			"http://old.example:80/a?b=c://d", "r", nil,
			message{URL: "/a?b=c://d", Host: "r"},
		},
		{
			"absolute form without path",
			Options{},
			"http://old.example?q", "r", nil,
			message{URL: "/?q", Host: "r"},
		},
		{
			"asterisk form",
			Options{},
			"*", "r", nil,
			message{URL: "/*", Host: "r"},
		},
		{
			"chunked",
			Options{},
			"/a", "r",
			[]capture.Header{{Name: "Transfer-Encoding", Value: "gzip, Chunked"}, {Name: "Content-Length", Value: "5"}, {Name: "Trailer", Value: "X"}},
			message{URL: "/a", Host: "r", Chunked: true},
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
			message{URL: "/a", Host: "r", Headers: []capture.Header{{Name: "X-Stays", Value: "1"}}},
		},
		{
			"headers: set, replaced in place, removed, filled in",
			Options{Headers: []Header{{Name: "x-a", Value: "2"}, {Name: "X-B", Remove: true}, {Name: "X-Load", Value: "{run}/{record}"}}},
			"/a", "r",
			[]capture.Header{{Name: "X-A", Value: "1"}, {Name: "x-b", Value: "1"}, {Name: "X-C", Value: "1"}},
			message{URL: "/a", Host: "r", Headers: []capture.Header{{Name: "X-A", Value: "2"}, {Name: "X-C", Value: "1"}}},
		},
		{
			"a header that frames the body and that Connection names",
			Options{},
			"/a", "r",
			[]capture.Header{{Name: "Connection", Value: "Transfer-Encoding, Host"}, {Name: "Transfer-Encoding", Value: "chunked"}, {Name: "Host", Value: "r"}},
			message{URL: "/a", Host: "r", Chunked: true},
		},
		{
			"a path rewritten, below a base path",
			Options{Target: &url.URL{Scheme: "http", Host: "h:1", Path: "/base"}, PathRewrites: []Rewrite{{"/b", "/c"}, {"/a", "/x/y"}}},
			"/a/1?q=/a", "r", nil,
			message{URL: "/base/x/y/1?q=/a", Host: "r"},
		},
		{
			"an old run's marks are replaced",
			Options{},
			"/a", "r",
			[]capture.Header{{Name: "Reprise-Record", Value: "999.9"}, {Name: "reprise-run", Value: "old"}},
			message{URL: "/a", Host: "r"},
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
		if q.Method != "PUT" || string(q.Body) != "12345" || q.URL != tc.want.URL || q.Host != tc.want.Host || q.Chunked != tc.want.Chunked || !slices.Equal(q.Headers, tc.want.Headers) ||
			q.Chunked != (q.Length == "") || !q.Chunked && q.Length != "5" {
			t.Errorf("%s:\ngot  %+v\nwant %+v", tc.name, q, tc.want)
		}
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
