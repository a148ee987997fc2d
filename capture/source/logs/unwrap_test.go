package logs

import (
	"maps"
	"strings"
	"testing"
)

// short writes records as "method path body status", one a line.
func short(t *testing.T, m Map, log string) (records, problems []string, skipped map[string]int64) {
	t.Helper()
	got, bad, account := read(t, m, log)
	for _, r := range got {
		records = append(records, r.Time.Format("15:04:05.999")+" "+r.URL+" "+string(r.Body))
	}
	for _, p := range bad {
		problems = append(problems, p.Error())
	}
	if sum := account.Kept; account.Read != sum+total(account.Skipped) {
		t.Errorf("read %d, kept %d, skipped %v", account.Read, account.Kept, account.Skipped)
	}
	return records, problems, account.Skipped
}

func total(counts map[string]int64) (sum int64) {
	for _, n := range counts {
		sum += n
	}
	return sum
}

// TestUnwrap has the envelopes that logs come in, shaped as their writers document them, with made-up content.
func TestUnwrap(t *testing.T) {
	inner := `{\"t\":1795420547,\"u\":\"/sms\",\"b\":\"Body=a\\nb\"}`
	const want = "07:55:47 /sms Body=a\nb"
	fields := func(unwrap ...string) Map { return Map{Time: "/t", URL: "/u", Body: "/b", Unwrap: unwrap} }
	outer := func(unwrap ...string) Map { return Map{Time: "/timestamp", URL: "/u", Body: "/b", Unwrap: unwrap} }
	for _, tc := range []struct {
		name, log string
		m         Map
		want      []string
	}{
		{
			"a log group as it is exported, with its own time", `{"timestamp":1795420547000,"ingestionTime":1,"message":"` + inner + `"}`,
			outer("/message"),
			[]string{want},
		},
		{
			"a subscription to a log group: a request each element",
			`{"messageType":"DATA_MESSAGE","logGroup":"g","logEvents":[{"id":"1","timestamp":1795420547000,"message":"` + inner + `"} , {"id":"2","timestamp":1795420548000,"message":"` + inner + `"}]}`,
			outer("/logEvents", "/message"),
			[]string{want, "07:55:48 /sms Body=a\nb"},
		},
		{
			"an archive of logs: attributes", `{"_id":"A","date":"2026-11-23T07:55:47Z","service":"web","attributes":{"http":{"u":"/x"},"t":1795420547,"u":"/sms","b":"Body=a\nb"},"tags":[]}`,
			fields("/attributes"),
			[]string{want},
		},
		{
			"a container's log", `{"log":"` + inner + `\n","stream":"stdout","time":"2026-11-23T07:55:49Z"}`,
			fields("/log"),
			[]string{want},
		},
		{
			"a consumer of a topic: JSON in a string in a string",
			`{"topic":"hooks","partition":0,"offset":7,"tstype":"create","ts":1795420547000,"key":null,"payload":"\"{\\\"t\\\":1795420547,\\\"u\\\":\\\"/sms\\\",\\\"b\\\":\\\"Body=a\\\\nb\\\"}\""}`,
			fields("/payload"),
			[]string{want},
		},
		{
			"a table's export: typed values", `{"Item":{"t":{"N":"1795420547"},"u":{"S":"/sms"},"b":{"S":"Body=a\nb"},"ok":{"BOOL":true}}}`,
			fields("/Item"),
			[]string{want},
		},
		{
			"a table's export: a map, a list and binary", `{"Item":{"hooks":{"L":[{"M":{"t":{"N":"1795420547"},"u":{"S":"/sms"},"b":{"B":"Qm9keT1hCmI="}}},{"S":"` + inner + `"}]}}}`,
			fields("/Item", "/hooks"),
			[]string{want, want},
		},
		{
			"an array in a string", `{"message":"[` + inner + `,` + inner + `]"}`,
			fields("/message"),
			[]string{want, want},
		},
		{
			"arrays within arrays", `{"a":[{"c":[{"t":1,"u":"/1"},{"t":2,"u":"/2"}]},{"c":[{"t":3,"u":"/3"}]}]}`,
			fields("/a", "/c"),
			[]string{"00:00:01 /1 ", "00:00:02 /2 ", "00:00:03 /3 "},
		},
		{
			"a column of a table", "id,created_at,payload\n1,2026-11-23 07:55:47,\"{\"\"u\"\":\"\"/sms\"\",\"\"b\"\":\"\"Body=a\\nb\"\"}\"\n",
			Map{Time: "created_at", URL: "/u", Body: "/b", Unwrap: []string{"payload"}},
			[]string{want},
		},
		{
			"a value of the innermost document comes first, and null is one", `{"t":1,"u":"/outer","b":"outer","in":{"t":1795420547,"u":"/sms","b":null}}`,
			fields("/in"),
			[]string{"07:55:47 /sms "},
		},
		{
			"text within JSON, by the pattern", `{"time":"2026-11-23T07:55:47Z","log":"POST /sms {\"a\":1}\n"}`,
			Map{Pattern: `^(?P<m>\S+) (?P<url>\S+) (?P<body>.*)$`, Time: "/time", Method: "m", Unwrap: []string{"/log"}},
			[]string{`07:55:47 /sms {"a":1}`},
		},
		{
			"JSON within text, by the pattern", "2026-11-23T07:55:47Z stdout F {\"u\":\"/sms\",\"b\":\"Body=a\\nb\"}\n",
			Map{Pattern: `^(?P<time>\S+) \S+ F (?P<log>.*)$`, URL: "/u", Body: "/b", Unwrap: []string{"log"}},
			[]string{want},
		},
		{
			"one of a document that is printed over lines", "{\n \"events\": [\n  {\"t\": 1, \"u\": \"/1\"},\n  {\"t\": 2, \"u\": \"/2\"}\n ]\n}\n",
			fields("/events"),
			[]string{"00:00:01 /1 ", "00:00:02 /2 "},
		},
	} {
		records, problems, _ := short(t, tc.m, tc.log)
		if strings.Join(records, "|") != strings.Join(tc.want, "|") || len(problems) > 0 {
			t.Errorf("%s: got %q, want %q; problems %q", tc.name, records, tc.want, problems)
		}
	}
}

// TestUnwrapBad has lines that hold nothing where the map says so. None of them is damage.
func TestUnwrapBad(t *testing.T) {
	m := Map{Time: "/t", URL: "/u", Unwrap: []string{"/list", "/message"}}
	for _, tc := range []struct{ line, problem string }{
		{`{}`, `web.log: line 1: field "/list": missing`},
		{`{"list":null}`, `web.log: line 1: field "/list": missing`},
		{`{"list":[]}`, `web.log: line 1: field "/list": an empty array`},
		{`{"list":[ ]}`, `web.log: line 1: field "/list": an empty array`},
		{`{"list":7}`, `web.log: line 1: field "/list": no JSON object stands there`},
		{`{"list":[7]}`, `web.log: line 1: field "/list": no JSON object stands there`},
		{`{"list":["text"]}`, `web.log: line 1: field "/list": no JSON object stands there`},
		{`{"list":[{"message":"START RequestId"}]}`, `web.log: line 1: field "/message": no JSON object stands there`},
		{`{"list":[{"message":"{\"t\":1"}]}`, `web.log: line 1: field "/message": no JSON object stands there`},
		{`{"list":[{"message":"[1"}]}`, `web.log: line 1: field "/message": no JSON object stands there`},
		{`{"list":[{}]}`, `web.log: line 1: field "/message": missing`},
		{`{"list":[{"message":{"t":1}}]}`, `web.log: line 1: field "/u": missing`},
	} {
		good := `{"list":[{"message":{"t":1,"u":"/good"}}]}` + "\n"
		records, problems, skipped := short(t, m, tc.line+"\n"+good)
		if len(records) != 1 || len(problems) != 1 || problems[0] != tc.problem || total(skipped) != 1 {
			t.Errorf("%s: %q, problems %q, skipped %v", tc.line, records, problems, skipped)
		}
	}
	records, problems, skipped := short(t, m, `{"list":[{"message":"x"},{"message":{"t":2,"u":"/2"}},3,{"message":{"t":4,"u":"/4"}}]}`)
	if strings.Join(records, "|") != "00:00:02 /2 |00:00:04 /4 " || len(problems) != 2 || total(skipped) != 2 {
		t.Errorf("bad elements among good ones: %q, %q, %v", records, problems, skipped)
	}
}

func TestWhere(t *testing.T) {
	log := `{"t":1,"u":"/sms","kind":"hook","status":200,"ok":true}
{"t":2,"u":"/sms","kind":"cron","status":200,"ok":true}
{"t":3,"u":"/voice","kind":"hook","status":404,"ok":false}
{"u":"no time","kind":"cron"}
{"t":5,"u":"/sms","kind":"hook","in":["a"]}
`
	for _, tc := range []struct {
		name    string
		where   map[string]string
		want    string
		leftOut int64
	}{
		{"a value", map[string]string{"/kind": "hook"}, "00:00:01 /sms |00:00:03 /voice |00:00:05 /sms ", 2},
		{"a regular expression", map[string]string{"/u": "/^/sms$/", "/kind": "/hook|cron/"}, "00:00:01 /sms |00:00:02 /sms |00:00:05 /sms ", 2},
		{"a number", map[string]string{"/status": "404"}, "00:00:03 /voice ", 4},
		{"true", map[string]string{"ok": "true"}, "00:00:01 /sms |00:00:02 /sms ", 3},
		{"what is not there is empty", map[string]string{"/status": ""}, "00:00:05 /sms ", 3},
		{"an array as it is written", map[string]string{"/in": `/^\["a"\]$/`}, "00:00:05 /sms ", 4},
		{"none", map[string]string{"/kind": "other"}, "", 5},
	} {
		records, problems, skipped := short(t, Map{Time: "/t", URL: "/u", Where: tc.where}, log)
		if got := strings.Join(records, "|"); got != tc.want || skipped[LeftOutByWhere] != tc.leftOut {
			t.Errorf("%s: %s, skipped %v, problems %q", tc.name, got, skipped, problems)
		}
	}
	// What cannot be unwrapped is no request either, where the line outside says that it is none.
	m := Map{Time: "/t", URL: "/u", Unwrap: []string{"/log"}, Where: map[string]string{"/log": `/^\{/`}}
	records, problems, skipped := short(t, m, `{"log":"started"}`+"\n"+`{"log":"{\"t\":1,\"u\":\"/a\"}"}`+"\n"+`{"log":"{broken"}`)
	if len(records) != 1 || len(problems) != 1 || !maps.Equal(skipped, map[string]int64{LeftOutByWhere: 1, reasonNoObject: 1}) {
		t.Errorf("of what cannot be unwrapped: %q, %q, %v", records, problems, skipped)
	}
}
