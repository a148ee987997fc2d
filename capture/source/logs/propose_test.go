package logs

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"reprise/capture"
	"reprise/capture/dialect/all"
	"reprise/capture/yamldoc"
)

// What is proposed for each sample, where nobody says what it is.
func TestProposeSamples(t *testing.T) {
	var proposed bytes.Buffer
	for _, tc := range []struct {
		file string
		kept int64
	}{
		{"nginx.log", 5},
		{"nginx-own.log", 5},
		{"caddy.log", 5},
		{"haproxy.log", 5},
		{"gcp.json", 5},
		{"lograge.log", 0},
		{"docker.log", 5},
		{"kubernetes.log", 5},
		{"cloudwatch.log", 5},
		{"cloudwatch-events.json", 5},
		{"cloudwatch-subscription.json", 5},
		{"insights.csv", 5},
		{"insights.json", 5},
		{"datadog.json", 5},
		{"datadog-text.json", 5},
		{"vector.json", 5},
		{"fluent-bit.json", 5},
	} {
		input, err := os.ReadFile(filepath.Join("testdata", tc.file))
		if err != nil {
			t.Fatal(err)
		}
		p, err := Propose(t.Context(), bytes.NewReader(input), all.Table())
		if tc.kept == 0 {
			if err == nil {
				t.Errorf("%s: proposed %+v", tc.file, p.Map)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", tc.file, err)
			continue
		}
		fmt.Fprintf(&proposed, "# %s\n", tc.file)
		if err := p.Map.Print(&proposed); err != nil {
			t.Fatal(err)
		}
		if a := p.Trial.Account; a.Kept != tc.kept {
			t.Errorf("%s: kept %d of %d, %v\n%+v", tc.file, a.Kept, a.Read, a.Skipped, p.Map)
		}
		if _, a := readAll(t, tc.file, input, p.Map); a.Kept != tc.kept {
			t.Errorf("%s: read by the map that was proposed: kept %d", tc.file, a.Kept)
		}
	}
	golden(t, "proposed.yaml", proposed.Bytes())
}

// Logs as applications write them, of frameworks and languages of all kinds. The first record of what the proposed map reads is a request to
// the URL with that body.
func TestProposeOfApplications(t *testing.T) {
	const form, esc = "From=%2B12125550101&To=%2B18885550100&Body=HELP", `{\"data\":{\"text\":\"HELP\",\"n\":1}}`
	const object = `{"data":{"text":"HELP","n":1}}`
	for _, tc := range []struct {
		name, line, other string // the line comes thrice, with %d a second; the other once
		head, sep, tail   string
		kept              int64
		url, body         string
	}{
		{
			name: "pino", line: `{"level":30,"time":179581300%d123,"pid":7,"hostname":"web-1","req":{"id":1,"method":"POST","url":"/sms?a=b","headers":{"host":"hooks.example.com","content-type":"x"},"body":"` + form + `"},"res":{"statusCode":200,"headers":{"content-type":"y"}},"responseTime":12,"msg":"request completed"}`,
			other: `{"level":30,"time":1795813009123,"pid":7,"hostname":"web-1","msg":"listening"}`, kept: 3, url: "/sms?a=b", body: form,
		},
		{
			name: "zap with the body as an object", line: `{"level":"info","ts":179581300%d.12,"caller":"hooks/h.go:12","msg":"webhook","http":{"method":"POST","path":"/sms","status_code":200},"duration":0.012,"payload":{"From":"+12125550101","To":"+18885550100","Body":"HELP"}}`,
			kept: 3, url: "/sms", body: form,
		},
		{
			name: "of two vendors", line: `{"timestamp":"2026-11-27T20:56:4%dZ","path":"/in","params":{"data":{"text":"HELP","n":1}}}`,
			other: `{"timestamp":"2026-11-27T20:56:50Z","path":"/in","params":{"From":"+12125550101","Body":"HI"}}`, kept: 4, url: "/in", body: object,
		},
		{
			name: "a payload without a URL", line: `{"@timestamp":"2026-11-27T20:56:4%d.001Z","logger":"Hooks","message":"inbound","payload":"` + esc + `"}`,
			other: `{"@timestamp":"2026-11-27T20:56:49.001Z","logger":"Jobs","message":"done"}`, kept: 3, url: "/webhook", body: object,
		},
		{
			name: "logfmt", line: `time=2026-11-27T20:56:4%dZ level=info msg=webhook method=POST path=/sms status=200 took=12ms body="` + form + `"`,
			other: `time=2026-11-27T20:56:49Z level=info msg="job done" queue=mail`, kept: 3, url: "/sms", body: form,
		},
		{
			name: "CSV of a table", head: "id,created_at,request_path,request_body,status\n", line: `7,2026-11-27 20:56:4%d.123+00,/sms,"` + form + `",200`,
			kept: 3, url: "/sms", body: form,
		},
		{
			name: "CSV with JSON", head: "event_type,provider_sid,payload,created_at\n", line: `sms,SM1,"{""From"":""+12125550101"",""Body"":""HELP, me""}",2026-11-27 20:56:4%d`,
			kept: 3, url: "/webhook", body: `{"From":"+12125550101","Body":"HELP, me"}`,
		},
		{
			name: "TSV", head: "received_at\turl\tbody\n", line: "2026-11-27T20:56:4%dZ\t/sms\t" + form, kept: 3, url: "/sms", body: form,
		},
		{
			name: "Kafka", line: `{"topic":"hooks","partition":0,"offset":4%d,"tstype":"create","ts":1795813009123,"key":null,"payload":"{\"path\":\"/sms\",\"rawBody\":\"` + form + `\"}"}`,
			kept: 3, url: "/sms", body: form,
		},
		{
			name: "a function's event", line: `{"time":"2026-11-27T20:56:4%dZ","event":{"resource":"/sms","path":"/sms","httpMethod":"POST","headers":{"Host":"hooks.example.com","Content-Type":"x"},"queryStringParameters":null,"body":"RnJvbT0lMkIxMjEyNTU1MDEwMSZUbz0lMkIxODg4NTU1MDEwMCZCb2R5PUhFTFA=","isBase64Encoded":true}}`,
			kept: 3, url: "/sms", body: form,
		},
		{
			name: "an array", head: "[", sep: ",\n", tail: "]", line: `{"at":"2026-11-27T20:56:4%dZ","request":{"url":"https://hooks.example.com/sms","body":"` + form + `"}}`,
			kept: 3, url: "/sms", body: form,
		},
		{
			name: "pretty", line: "{\n \"date\": \"2026-11-27T20:56:4%dZ\",\n \"uri\": \"/sms\",\n \"content\": \"" + form + "\"\n}", kept: 3, url: "/sms", body: form,
		},
		{
			name: "back to back", sep: " ", line: `{"ts":"2026-11-27T20:56:4%dZ","verb":"POST","route":"/sms","raw":"` + form + `"}`, kept: 3, url: "/sms", body: form,
		},
		{
			name: "text before JSON", line: `2026-11-27 20:56:4%d,123 INFO [hooks] request {"path": "/sms", "body": "` + form + `"}`,
			other: `2026-11-27 20:56:49,123 INFO [hooks] started {"workers": 3}`, kept: 3, url: "/sms", body: form,
		},
		{
			name: "a search index", line: `{"_index":"logs","_source":{"@timestamp":"2026-11-27T20:56:4%dZ","http":{"request":{"method":"POST","body":{"content":"` + form + `"}},"response":{"status_code":204}},"url":{"original":"/x","path":"/sms"}}}`,
			kept: 3, url: "/sms", body: form,
		},
	} {
		sep := tc.sep
		if sep == "" {
			sep = "\n"
		}
		var lines []string
		for i := range 3 {
			lines = append(lines, strings.Replace(tc.line, "%d", fmt.Sprint(i), 1))
		}
		if tc.other != "" {
			lines = append(lines, tc.other)
		}
		tail := tc.tail
		if tail == "" {
			tail = "\n"
		}
		input := []byte(tc.head + strings.Join(lines, sep) + tail)
		p, err := Propose(t.Context(), bytes.NewReader(input), all.Table())
		if err != nil {
			t.Errorf("%s: %v", tc.name, err)
			continue
		}
		var text bytes.Buffer
		if err := p.Map.Print(&text); err != nil {
			t.Fatal(err)
		}
		if p.Trial.Account.Kept != tc.kept {
			t.Errorf("%s: kept %d of %d, %v, by\n%s", tc.name, p.Trial.Account.Kept, p.Trial.Account.Read, p.Trial.Account.Skipped, &text)
			continue
		}
		src, err := New(bytes.NewReader(input), Options{Map: p.Map})
		if err != nil {
			t.Fatal(err)
		}
		var r capture.Record
		if err := src.Next(t.Context(), &r); err != nil || r.URL != tc.url || string(r.Body) != tc.body || r.Time.Year() != 2026 {
			t.Errorf("%s: %v: %v %s %s by\n%s", tc.name, err, r.Time, r.URL, r.Body, &text)
		}
	}
}

// A name that holds what was logged is not proposed, since a proposal is printed.
func TestProposeSaysNoContent(t *testing.T) {
	const form = "From=%2B12125550101&Body=HELP"
	for name, text := range map[string]string{
		"an object by numbers":   `{"time":"2026-11-27T20:56:49Z","by":{"+12125550101":{"path":"/sms","body":"` + form + `"}}}`,
		"a table without header": "2026-11-27T20:56:49Z,/sms," + form + "\n2026-11-27T20:56:50Z,/sms," + form,
		"logfmt":                 "time=2026-11-27T20:56:49Z path=/sms 12125550101=" + form + " a=b",
	} {
		p, err := Propose(t.Context(), strings.NewReader(strings.Repeat(text+"\n", 3)), all.Table())
		if err == nil { // what is found without the name
			var printed strings.Builder
			if err := p.Map.Print(&printed); err != nil || strings.Contains(printed.String(), "2125550101") {
				t.Errorf("%s: %v\n%s", name, err, &printed)
			}
		} else if !errors.Is(err, ErrNoProposal) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Fields that are texts alone are a form, others JSON; a line without a path has the default one.
func TestParsedAndDefaultURL(t *testing.T) {
	input := `{"t":1795813009,"p":{"From":"+1","Body":"a b","None":null}}` + "\n" + `{"t":1795813010,"u":"/x","p":{"a":{"b":"c"},"n":1}}` + "\n" +
		`{"t":1795813011,"u":"","p":"From=%2B1&Body=x"}` + "\n" + `{"t":1795813012,"u":null,"p":"{\"a\":1}"}` + "\n"
	records, a := readAll(t, "in", []byte(input), Map{Time: "/t", URL: "/u", DefaultURL: "/hook", Body: "/p", BodyEncoding: EncodingParsed})
	want := []string{
		"2026-11-27T20:56:49 POST /hook  [{Content-Type application/x-www-form-urlencoded} {Content-Length 24}] 0 0s From=%2B1&Body=a+b&None=",
		`2026-11-27T20:56:50 POST /x  [{Content-Type application/json} {Content-Length 21}] 0 0s {"a":{"b":"c"},"n":1}`,
		"2026-11-27T20:56:51 POST /hook  [{Content-Type application/x-www-form-urlencoded} {Content-Length 16}] 0 0s From=%2B1&Body=x",
		`2026-11-27T20:56:52 POST /hook  [{Content-Type application/json} {Content-Length 7}] 0 0s {"a":1}`,
	}
	if a.Kept != 4 || strings.Join(records, "\n") != strings.Join(want, "\n") {
		t.Errorf("%+v\n%s", a, strings.Join(records, "\n"))
	}
	for _, bad := range []string{"hook", "/a b"} {
		if err := (Map{Time: "/t", DefaultURL: bad}).Validate(); err == nil || !strings.Contains(err.Error(), "default_url") {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

// Whatever the lines are, what is proposed is a valid map that reads back as printed.
func FuzzPropose(f *testing.F) {
	files, err := filepath.Glob("testdata/*.*")
	if err != nil || len(files) < 20 {
		f.Fatalf("%d samples, %v", len(files), err)
	}
	for _, name := range files {
		input, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(input)
	}
	f.Fuzz(func(t *testing.T, input []byte) {
		p, err := Propose(t.Context(), bytes.NewReader(input), all.Table())
		if err != nil {
			return
		}
		var text bytes.Buffer
		if err := p.Map.Print(&text); err != nil {
			t.Fatal(err)
		}
		var back Map
		if _, err := yamldoc.Decode(text.Bytes(), &back); err != nil {
			t.Fatalf("%v\n%s", err, &text)
		}
		var again bytes.Buffer
		if err := back.Print(&again); err != nil || !bytes.Equal(again.Bytes(), text.Bytes()) {
			t.Errorf("%v: read back it is\n%s\nand not\n%s", err, &again, &text)
		}
		if err := back.Validate(); err != nil || p.Trial.Account.Kept == 0 {
			t.Errorf("%v, kept %d", err, p.Trial.Account.Kept)
		}
	})
}
