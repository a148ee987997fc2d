package logs

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"reprise/capture"
	"reprise/capture/dialect/all"
)

// Logs of which most lines, or most of what they hold, are no webhooks. A body is what a vendor's payload is, or looks like one: a line that merely
// is JSON is none, in however many lines it stands.
func TestProposePayloads(t *testing.T) {
	const (
		sid    = `"MessageSid": "SM0123456789abcdef0123456789abcdef", "AccountSid": "AC0123456789abcdef0123456789abcdef"`
		flat   = `{` + sid + `, "From": "+12125550101", "To": "+18885550100", "Body": "HELP"}`
		form   = "MessageSid=SM0123456789abcdef0123456789abcdef&AccountSid=AC0123456789abcdef0123456789abcdef&From=%2B12125550101&To=%2B18885550100&Body=HELP"
		nested = `{"data": {"event_type": "message.received", "id": "5", "payload": {"direction": "inbound", "from": {"phone_number": "+12125550101"}, "text": "HELP", "type": "SMS"}, "record_type": "event"}, "meta": {"attempt": 1}}`
		line   = `{"timestamp": "2026-11-27T14:00:0%d.028Z", "level": "info", "logger": "webhooks", "message": "incoming sms", "http": {"method": "POST", "path": "/hooks/sms"}, "params": ` + flat + `}`
		stored = `{"timestamp": "2026-11-27T14:00:0%d.040Z", "level": "info", "logger": "webhooks", "message": "stored", "duration_ms": 14}`
		health = `{"timestamp": "2026-11-27T14:00:0%d.041Z", "level": "info", "logger": "http", "message": "request completed", "http": {"method": "GET", "path": "/healthz"}, "status": 200}`
	)
	compact := strings.NewReplacer(": ", ":", ", ", ",").Replace
	docker := func(inner string) string {
		return `{"log": ` + fmt.Sprintf("%q", inner+"\n") + `, "stream": "stdout", "time": "2026-11-27T14:00:0%d.042570000Z"}`
	}
	event := func(inner string) string {
		return `{"timestamp": 179578800%d048, "ingestionTime": 179578800%d348, "message": ` + fmt.Sprintf("%q", inner) + `, "logStreamName": "web"}`
	}
	cell := func(text string) string { return `"` + strings.ReplaceAll(text, `"`, `""`) + `"` }
	const table = "id,created_at,source,event_type,payload\n"
	for _, tc := range []struct {
		name, head string
		lines      []string // each comes thrice, with %d a second
		kept       int64
		url        string
		bodies     []string // in the order in which they first come
		has        string   // what the map has in its text
	}{
		{
			"docker", "",
			[]string{docker(line), docker(stored), docker(health), `{"log": "WARN: deprecated call\n", "stream": "stderr", "time": "2026-11-27T14:00:0%d.042570000Z"}`},
			3, "/hooks/sms",
			[]string{form},
			"unwrap: [/log]\nwhere:\n  /message: 'incoming sms'",
		},
		{"exported events", "", []string{event(line), event(stored), event(health)}, 3, "/hooks/sms", []string{form}, "unwrap: [/message]\nwhere:\n  /message: 'incoming sms'"},
		{
			"a framework's own lines within others", "",
			[]string{
				docker(`{"level": 30, "time": 179578800%d571, "pid": 7, "req": {"method": "POST", "url": "/in", "body": ` + flat + `}, "msg": "request completed"}`),
				docker(`{"level": 30, "time": 179578800%d572, "pid": 7, "msg": "cache hit", "sql_ms": 0.25}`), docker(`{"level": 30, "time": 179578800%d573, "pid": 7, "msg": "db query", "sql_ms": 0.25}`),
			},
			3, "/in",
			[]string{form},
			"unwrap: [/log]\nwhere:\n  /msg: 'request completed'",
		},
		{
			"a payload of no known vendor", "",
			[]string{docker(strings.Replace(line, flat, `{"From": "+1", "Text": "HELP"}`, 1)), docker(stored), docker(health)},
			3, "/hooks/sms",
			[]string{"From=%2B1&Text=HELP"},
			"unwrap: [/log]\nwhere:\n  /message: 'incoming sms'",
		},
		{
			"a payload of no known vendor in lines without a level", "",
			[]string{
				docker(`{"timestamp": "2026-11-27T14:00:0%d.028Z", "message": "hook", "path": "/in", "payload": {"sender": "+1", "txt": "HELP"}}`),
				docker(`{"timestamp": "2026-11-27T14:00:0%d.038Z", "message": "stored", "ms": 4}`), docker(`{"timestamp": "2026-11-27T14:00:0%d.048Z", "message": "sent", "ms": 4}`),
			},
			3, "/in",
			[]string{"sender=%2B1&txt=HELP"},
			"unwrap: [/log]\nwhere:\n  /message: hook\n",
		},
		{
			"lines without a body that no word tells", "",
			[]string{`{"ts": "2026-11-27T14:00:0%d.028Z", "level": "info", "params": ` + flat + `}`, `{"ts": "2026-11-27T14:00:0%d.038Z", "level": "info", "n": 7}`},
			3, "/webhook",
			[]string{form},
			"no_body: skip\n",
		},
		{
			"a table of events", table,
			[]string{`7,2026-11-27 14:00:0%d.028570+00,a,sms.inbound,` + cell(flat), `8,2026-11-27 14:00:0%d.128570+00,b,sms.sent,` + cell(`{"to": "+12125550101", "text": "thanks"}`)},
			3, "/webhook",
			[]string{form},
			"where:\n  event_type: sms.inbound\n",
		},
		{
			"a table of two vendors", "id,received_at,provider,payload\n",
			[]string{`7,2026-11-27 14:00:0%d.028570+00,a,` + cell(flat), `8,2026-11-27 14:00:0%d.128570+00,b,` + cell(nested)},
			6, "/webhook",
			[]string{form, compact(nested)},
			"body_encoding: parsed\n",
		},
		{
			"the same as lines", "",
			[]string{`{"received_at": "2026-11-27 14:00:0%d.028570+00", "payload": ` + fmt.Sprintf("%q", flat) + `}`, `{"received_at": "2026-11-27 14:00:0%d.128570+00", "payload": ` + fmt.Sprintf("%q", nested) + `}`},
			6, "/webhook",
			[]string{form, compact(nested)},
			"body_encoding: parsed\n",
		},
		{
			"a vendor's envelope behind text", "",
			[]string{`2026-11-27 14:00:0%d,571 INFO sms.views: Incoming webhook POST /hooks/a ` + flat, `2026-11-27 14:00:0%d,671 INFO sms.views: Incoming webhook POST /hooks/a ` + nested},
			6, "/hooks/a",
			[]string{form, compact(nested)},
			"body: json\nbody_encoding: parsed\n",
		},
		{
			"a form within text", "",
			[]string{
				`2026-11-27 14:00:0%d,028 INFO  [http-nio-8080-exec-0] c.acme.sms.WebhookController - POST /hooks/sms body=` + form + ` status=204 took=17ms`,
				`2026-11-27 14:00:0%d,028 DEBUG [pool-0] c.acme.sms.Store - saved message id=0`,
				`2026-11-27 14:00:0%d,029 INFO  [http-nio-8080-exec-0] c.acme.sms.Pages - GET /search?q=a&page=2 status=200`,
			},
			3, "/hooks/sms",
			[]string{form},
			"body: body\nstatus: status\n",
		},
		{
			"a time in brackets", "",
			[]string{`[2026-11-27T14:00:0%d.571400+00:00] web.1 | POST /sms ` + form, `[2026-11-27T14:00:0%d.671400+00:00] web.1 | saved`},
			3, "/sms",
			[]string{form},
			"body: body\n",
		},
		{
			"a form within text without a path", "",
			[]string{`2026-11-27T14:00:0%dZ webhook "` + form + `"`, `2026-11-27T14:00:0%dZ saved`},
			3, "/webhook",
			[]string{form},
			"body: body\n",
		},
		{
			"once a text and once an object", "",
			[]string{`{"ts": "2026-11-27T14:00:0%dZ", "path": "/in", "payload": ` + flat + `}`, `{"ts": "2026-11-27T14:00:0%d.5Z", "path": "/in", "payload": ` + fmt.Sprintf("%q", nested) + `}`},
			6, "/in",
			[]string{form, compact(nested)},
			"body_encoding: parsed\n",
		},
	} {
		input := tc.head
		for i := range 3 {
			for _, l := range tc.lines {
				input += strings.ReplaceAll(l, "%d", fmt.Sprint(i)) + "\n"
			}
		}
		p, err := Propose(t.Context(), strings.NewReader(input), all.Table())
		if err != nil {
			t.Errorf("%s: %v", tc.name, err)
			continue
		}
		var text bytes.Buffer
		if err := p.Map.Print(&text); err != nil {
			t.Fatal(err)
		}
		if a := p.Trial.Account; a.Kept != tc.kept || !strings.Contains(text.String(), tc.has) {
			t.Errorf("%s: kept %d of %d, %v, by\n%s", tc.name, a.Kept, a.Read, a.Skipped, &text)
			continue
		}
		src, err := New(strings.NewReader(input), Options{Map: p.Map, Vendors: all.Table()})
		if err != nil {
			t.Fatal(err)
		}
		for _, body := range tc.bodies {
			var r capture.Record
			if err := src.Next(t.Context(), &r); err != nil || r.URL != tc.url || string(r.Body) != body || r.Time.Year() != 2026 {
				t.Errorf("%s: %v: %v %s %s by\n%s", tc.name, err, r.Time, r.URL, r.Body, &text)
			}
		}
	}
}

// The first lines are what is looked at, whether requests are among them or not, and so are the first elements of an array.
func TestTryLooksAtTheFirstLines(t *testing.T) {
	const request, other = `{"t":"2026-11-27T14:00:00Z","u":"/in","msg":"in","body":"From=%2B1&Body=x"}`, `{"t":"2026-11-27T14:00:00Z","msg":"no"}`
	for name, input := range map[string]string{
		"one in nine":   strings.Repeat(request+"\n"+strings.Repeat(other+"\n", 8), 100),
		"all at first":  strings.Repeat(request+"\n", 60) + strings.Repeat(other+"\n", 500),
		"elements":      `{"events":[` + strings.Repeat(request+","+other+",", 500) + other + "]}\n",
		"back to back":  strings.Repeat(request+" "+other+" ", 500),
		"within a line": strings.Repeat(`{"log":`+fmt.Sprintf("%q", request)+"}\n"+`{"log":"x"}`+"\n", 500),
	} {
		p, err := Propose(t.Context(), strings.NewReader(input), all.Table())
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if p.Trial.Lines != mostRows || p.Trial.Account.Read != mostRows {
			t.Errorf("%s: %d lines, of which %d were read", name, p.Trial.Lines, p.Trial.Account.Read)
		}
		p.Map.Where = map[string]string{"/msg": "none of them"}
		if found, err := Try(t.Context(), strings.NewReader(input), p.Map); err != nil || found.Lines != mostRows || found.Account.Kept != 0 {
			t.Errorf("%s: by a map: %v, %+v", name, err, found)
		}
	}
}
