package logs

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"reprise/capture"
)

func TestValidate(t *testing.T) {
	for _, tc := range []struct {
		name   string
		change func(*Map)
		want   string // part of the error; empty where there is none
	}{
		{"the preset", func(*Map) {}, ""},
		{"layout", func(m *Map) { m.TimeFormat = "2006-01-02 15:04:05" }, ""},
		{"no time", func(m *Map) { m.Time = "" }, `field "time": missing`},
		{"no url", func(m *Map) { m.URL = "" }, `field "url": missing`},
		{"a bare name", func(m *Map) { m.Body = "body" }, ""},
		{"bad tilde", func(m *Map) { m.Host = "/a~0~1/~2" }, `field "host": "/a~0~1/~2" is no JSON pointer`},
		{"last tilde", func(m *Map) { m.Host = "/~" }, `field "host": "/~" is no JSON pointer`},
		{"good tildes", func(m *Map) { m.Host = "/a~0~1" }, ""},
		{"header name", func(m *Map) { m.Headers.Each = []HeaderAt{{"A B", "/a"}} }, `field "headers": "A B" is no header name`},
		{"header pointer", func(m *Map) { m.Headers.Each = []HeaderAt{{"A", "/~"}} }, `field "headers": A: "/~" is no JSON pointer`},
		{"time_is", func(m *Map) { m.TimeIs = "middle" }, `field "time_is": "middle" is none of start, end`},
		{"end without latency", func(m *Map) { m.Latency = "" }, `field "latency": missing, and "time_is: end" needs it`},
		{"encoding", func(m *Map) { m.BodyEncoding = "rot13" }, `field "body_encoding": "rot13"`},
		{"unit", func(m *Map) { m.LatencyUnit = "min" }, `field "latency_unit": "min"`},
		{"strftime", func(m *Map) { m.TimeFormat = "%d/%b/%Y %T" }, ""},
		{"a day alone", func(m *Map) { m.TimeFormat = "%d/%b/%Y" }, `field "time_format": "%d/%b/%Y"`},
		{"a verb that cannot be read", func(m *Map) { m.TimeFormat = "%Y-%U" }, `field "time_format": %U cannot be read`},
		{"time zone", func(m *Map) { m.TZ = "Mars/Olympus" }, `field "tz": no time zone is called "Mars/Olympus"`},
		{"the old word for raw", func(m *Map) { m.BodyEncoding = "plain" }, `field "body_encoding": "plain" is called "raw" now`},
		{"format", func(m *Map) { m.Format = "xml" }, `field "format": "xml" is none of json, csv, tsv, logfmt, text`},
		{"text without a pattern", func(m *Map) { m.Format = InputText }, `field "pattern": missing, and "format: text" needs it`},
		{"a pattern for JSON", func(m *Map) { m.Format, m.Pattern = InputJSON, "(?P<a>.)" }, `field "pattern": it is for lines of text, and the format is json`},
		{"a pattern for text within JSON", func(m *Map) { m.Format, m.Pattern, m.Unwrap = InputJSON, "(?P<a>.)", []string{"/log"} }, ""},
		{"a pattern that is none", func(m *Map) { m.Pattern = "(" }, `field "pattern": missing closing )`},
		{"a pattern without names", func(m *Map) { m.Pattern = "(.*)" }, `field "pattern": it has no named group`},
		{"a pattern for the fields left out", func(m *Map) { m.Time, m.URL, m.Pattern = "", "", "(?P<time>.) (?P<url>.)" }, ""},
		{"unwrap", func(m *Map) { m.Unwrap = []string{"/a~"} }, `field "unwrap": "/a~" is no JSON pointer`},
		{"unwrap nothing", func(m *Map) { m.Unwrap = []string{""} }, `field "unwrap": a place is empty`},
		{"unwrap without end", func(m *Map) {
			m.Unwrap = make([]string, 17)
			for i := range m.Unwrap {
				m.Unwrap[i] = "/a"
			}
		}, `field "unwrap": it has more than 16 places`},
		{"where", func(m *Map) { m.Where = map[string]string{"/a~": ""} }, `field "where": "/a~" is no JSON pointer`},
		{"where by no expression", func(m *Map) { m.Where = map[string]string{"/a": "/(/"} }, `field "where": /a: missing closing )`},
		{"a request line and a URL", func(m *Map) { m.Request = "/r" }, `field "request": a request line has the URL`},
		{"a request line and a method", func(m *Map) { m.Request, m.URL = "/r", "" }, `field "request": a request line has the method`},
		{"half a layout", func(m *Map) { m.TimeFormat = "15:04:05" }, `field "time_format": "15:04:05"`},
	} {
		m := nginx(t)
		tc.change(&m)
		err := m.Validate()
		if (err == nil) != (tc.want == "") || err != nil && !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %v, want %q", tc.name, err, tc.want)
		}
		if _, newErr := New(strings.NewReader(""), Options{Map: m}); (newErr == nil) != (err == nil) {
			t.Errorf("%s: New: %v", tc.name, newErr)
		}
	}
}

func TestPreset(t *testing.T) {
	m, ok := Preset("nginx")
	if err := m.Validate(); !ok || err != nil {
		t.Errorf("%v, %v", ok, err)
	}
	if _, ok := Preset("none"); ok {
		t.Error(`there is a preset "none"`)
	}
}

// yamlValue stands in for a YAML decoder: it gives what it holds to a target of the same type.
func yamlValue(v any) func(any) error {
	return func(target any) error {
		to := reflect.ValueOf(target).Elem()
		if from := reflect.ValueOf(v); from.Type() == to.Type() {
			to.Set(from)
			return nil
		}
		return errors.New("cannot unmarshal")
	}
}

func TestHeadersUnmarshalYAML(t *testing.T) {
	for _, tc := range []struct {
		name string
		in   any
		want Headers
		ok   bool
	}{
		{"pointer", "/headers", Headers{At: "/headers"}, true},
		{"mapping", map[string]string{"B": "/b", "A": "/a"}, Headers{Each: []HeaderAt{{"A", "/a"}, {"B", "/b"}}}, true},
		{"list", []map[string]string{{"B": "/b"}, {"D": "/d", "C": "/c"}, {"A": "/a"}}, Headers{Each: []HeaderAt{{"B", "/b"}, {"C", "/c"}, {"D", "/d"}, {"A", "/a"}}}, true},
		{"number", 7, Headers{}, false},
	} {
		got := Headers{At: "/old"}
		err := got.UnmarshalYAML(yamlValue(tc.in))
		if (err == nil) != tc.ok || tc.ok && !reflect.DeepEqual(got, tc.want) {
			t.Errorf("%s: %+v, %v, want %+v", tc.name, got, err, tc.want)
		}
	}
}

func TestUnwrapUnmarshalYAML(t *testing.T) {
	for _, tc := range []struct {
		name string
		in   any
		want []string
		ok   bool
	}{
		{"one", "/log", []string{"/log"}, true},
		{"a list", []string{"/a", "/b"}, []string{"/a", "/b"}, true},
		{"a number", 7, nil, false},
	} {
		var got placeList
		if err := got.UnmarshalYAML(yamlValue(tc.in)); (err == nil) != tc.ok || !slices.Equal(got, tc.want) {
			t.Errorf("%s: %q, %v", tc.name, got, err)
		}
	}
}

// An expression takes a bounded time, whatever it is looked for in.
func TestExpressionsAreBounded(t *testing.T) {
	var wide strings.Builder
	for i := range 200 {
		fmt.Fprintf(&wide, "(a.{0,1000}x%d)|", i)
	}
	for text, want := range map[string]string{
		wide.String() + "b": "steps, and at most 10000 are taken: repeat less",
		`a(`:                "missing closing",
		`(?P<a>[^ ]+ ?){9}`: "",
	} {
		e, err := compile(text)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%.20s: %v, want %q", text, err, want)
		}
		if err == nil && (e.longest < 1<<20 || e.longest > maxWork) {
			t.Errorf("%s looks at %d bytes", text, e.longest)
		}
	}
	r, err := New(strings.NewReader("1700000000 /a "+strings.Repeat("a", 8<<20)+"\n1700000000 /b\n"), Options{Map: Map{
		Format: InputText, Pattern: `^(?P<time>\d+) (?P<url>/\S*)(?P<body>.*)$|(?:.{0,300}x){2}`,
	}})
	if err != nil {
		t.Fatal(err)
	}
	var rec capture.Record
	if err := r.Next(t.Context(), &rec); err != nil || rec.URL != "/b" {
		t.Errorf("%v, %s", err, rec.URL)
	}
	if got := r.account.Skipped[reasonPatternLong]; got != 1 {
		t.Errorf("%d lines were too long", got)
	}
}
