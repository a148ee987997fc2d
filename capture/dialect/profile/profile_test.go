package profile

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"reprise/capture"
	"reprise/capture/dialect"
	"reprise/capture/dialect/dialecttest"
	"reprise/capture/payload"
	"reprise/capture/sms"
)

// vendor reads a profile that is shipped.
func vendor(t testing.TB, name string) *dialect.Vendor {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("shipped", name+".yaml"))
	if err != nil {
		t.Fatal(err)
	}
	p, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	v, err := p.Vendor()
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func samples() []dialecttest.Sample {
	return []dialecttest.Sample{
		{
			Name: "a message",
			Body: `{"type":"mo_text","id":"01XXX21XXX", "from":"447700900123","to":"447520651116","body":"Take \"this\" \u00e4","operator_id":"31110","sent_at":"2026-11-27T10:00:00Z","received_at":"2026-11-27T10:00:01Z","client_reference":"promo"}`,
			Want: dialect.Event{
				Type: dialect.Inbound, Person: "447700900123",
				Message: capture.Message{ID: "01XXX21XXX", From: "447700900123", To: "447520651116", Text: `Take "this" ä`},
			},
		},
		{
			Name: "a message by its header", Detect: dialect.ByHeader,
			Headers: []capture.Header{{Name: "X-Sinch-Webhook-Signature", Value: "c2ln"}, {Name: "X-Sinch-Webhook-Signature-Nonce", Value: "01ABC"}, {Name: "x-sinch-webhook-signature-timestamp", Value: "1764237600"}, {Name: "x-sinch-webhook-signature-algorithm", Value: "HmacSHA256"}},
			Body:    `{"type":"mo_text","id":"01XXX21XXX","from":"447700900123","to":"447520651116","body":"Hi"}`,
			Want: dialect.Event{
				Type: dialect.Inbound, Person: "447700900123",
				Message: capture.Message{ID: "01XXX21XXX", From: "447700900123", To: "447520651116", Text: "Hi"},
			},
		},
		{
			Name: "a receipt",
			Body: `{"type":"recipient_delivery_report_sms","batch_id":"01FC66621XXXXX119Z8PMV1QPA","recipient":"447700900123","code":401,"status":"Dispatched","at":"2026-11-27T10:00:03Z","operator_status_at":"2026-11-27T10:00:02Z","client_reference":"ref","operator":"35000"}`,
			Want: dialect.Event{
				Type: dialect.Receipt, Person: "447700900123", State: "Dispatched",
				Message: capture.Message{ID: "01FC66621XXXXX119Z8PMV1QPA", To: "447700900123"},
			},
		},
	}
}

func TestConformance(t *testing.T) { dialecttest.Run(t, vendor(t, "sinch"), samples()...) }

// The payload stands in a string of the envelope: its texts are escaped twice.
func TestConformanceOfJSONInAString(t *testing.T) {
	headers := []capture.Header{{Name: "x-amz-sns-message-type", Value: "Notification"}, {Name: "x-amz-sns-message-id", Value: "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324"}}
	envelope := func(message string) string {
		inner, err := json.Marshal(message)
		if err != nil {
			t.Fatal(err)
		}
		return "{\n  \"Type\" : \"Notification\",\n  \"MessageId\" : \"da41e39f-ea4d-435a-b922-c6aae3915ebe\",\n  \"TopicArn\" : \"arn:aws:sns:us-west-2:123456789012:In\",\n" +
			"  \"Message\" : " + string(inner) + ",\n  \"Timestamp\" : \"2026-11-27T10:00:00.000Z\",\n  \"SignatureVersion\" : \"1\",\n  \"Signature\" : \"EXAMPLEpH+DcEwjAPg8O9mY8dReBSwksfg2S7WKQcikcNKWLQjwu6A4VbeS0QHVCkhRS7fUQvi2egU3N858fiTDN6bkkOxYDVrY0Ad8L10Hs3zH81mtnPk5uvvolIC1CXGu43obcgFxeL3khZl8IKvO61GWB6jI9b5+gLPoBc1Q=\",\n" +
			"  \"SigningCertURL\" : \"https://sns.us-west-2.amazonaws.com/SimpleNotificationService-1.pem\"\n}"
	}
	dialecttest.Run(t, vendor(t, "aws"), dialecttest.Sample{
		Name: "a message", Headers: headers, Detect: dialect.ByHeader,
		Body: envelope(`{"originationNumber":"+14255550182","destinationNumber":"+12125550101","messageKeyword":"JOIN","messageBody":"join \"now\" \u00e9\\ \/","inboundMessageId":"cae173d2-66b9-564c-8309-21f858e9fb84","previousPublishedMessageId":"wJalrXUtnFEMI"}`),
		Want: dialect.Event{
			Type: dialect.Inbound, Person: "+14255550182",
			Message: capture.Message{ID: "cae173d2-66b9-564c-8309-21f858e9fb84", From: "+14255550182", To: "+12125550101", Text: `join "now" é\ /`},
		},
	}, dialecttest.Sample{
		Name: "a text that begins like JSON",
		Body: envelope(`{"originationNumber":"+14255550182","destinationNumber":"+12125550101","messageBody":"{\"type\":\"SUGG, or what?","inboundMessageId":"cae173d2-66b9"}`),
		Want: dialect.Event{
			Type: dialect.Inbound, Person: "+14255550182",
			Message: capture.Message{ID: "cae173d2-66b9", From: "+14255550182", To: "+12125550101", Text: `{"type":"SUGG, or what?`},
		},
	}, dialecttest.Sample{
		Name: "a tap on a suggestion, which is JSON in a string in a string",
		Body: envelope(`{"originationNumber":"12679164820","destinationNumber":"rcs-cb1e6e519e9049fabf8c0ae38e4d876b","messageBody":"{\"type\":\"SUGGESTION\",\"text\":\"Open \\\"it\\\" \u00e9\",\"postbackData\":\"open:7\"}","inboundMessageId":"nIMYZGrBUILWng0Qck0deqVaAoTSJY5P"}`),
		Want: dialect.Event{
			Type: dialect.Inbound, Person: "12679164820",
			Message: capture.Message{ID: "nIMYZGrBUILWng0Qck0deqVaAoTSJY5P", From: "12679164820", To: "rcs-cb1e6e519e9049fabf8c0ae38e4d876b", Text: `Open "it" é`},
		},
	}, dialecttest.Sample{
		Name: "somebody types, which is no message",
		Body: envelope(`{"originationNumber":"12679164820","destinationNumber":"rcs-cb1e6e519e9049fabf8c0ae38e4d876b","messageBody":"{\"type\":\"RCS_TYPING\",\"receivedAt\":\"2026-06-17T17:36:29.937+0000\"}","inboundMessageId":"12679164821-2026-06-17T17:36:29.938+0000"}`),
	}, dialecttest.Sample{
		Name: "read over RCS",
		Body: envelope(`{"eventType":"RCS_READ","eventVersion":"1.0","eventTimestamp":1764237600123,"isFinal":true,"originationPhoneNumber":"rcs-c020de2520714385964ebf7b095c4b60","destinationPhoneNumber":"+13022640220","isoCountryCode":"US","isInternationalSend":false,"messageId":"test-sc1-004","messageRequestTimestamp":1764237599999,"messageEncoding":"UNICODE","messageType":"TRANSACTIONAL","messageStatus":"READ","messageStatusDescription":"Message has been read by recipient","totalMessageParts":1,"totalMessagePrice":0.0,"totalCarrierFee":0.01,"rcsMetadata":{"billingEventType":"RICH"},"rcsBusinessId":"testing1_agent","agentIsoCountryCode":"CA"}`),
		Want: dialect.Event{
			Type: dialect.Receipt, Person: "+13022640220", State: "READ",
			Message: capture.Message{ID: "test-sc1-004", From: "rcs-c020de2520714385964ebf7b095c4b60", To: "+13022640220"},
		},
	}, dialecttest.Sample{
		Name: "a receipt by its shape",
		Body: envelope(`{"eventType":"TEXT_DELIVERED","eventTimestamp":1764237600123,"isFinal":true,"originationPhoneNumber":"+12125550101","destinationPhoneNumber":"+14255550182","mcc":"310","mnc":"800","messageId":"567910e1-c2a7-4b2b-8a6d-e8b5f1d2c1aa","messageRequestTimestamp":1764237599999,"messageStatus":"DELIVERED","messageStatusDescription":"Message has been accepted by phone carrier"}`),
		Want: dialect.Event{
			Type: dialect.Receipt, Person: "+14255550182", State: "DELIVERED",
			Message: capture.Message{ID: "567910e1-c2a7-4b2b-8a6d-e8b5f1d2c1aa", From: "+12125550101", To: "+14255550182"},
		},
	})
}

func TestOtherPayloads(t *testing.T) {
	v := vendor(t, "sinch")
	for _, tc := range []struct{ name, body, field string }{
		{"another type", `{"type":"dr_number","id":"1"}`, ""},
		{"no id", `{"type":"mo_text","from":"447700900123"}`, "id"},
		{"cut", `{"type":"mo_text"`, "body"},
	} {
		e, err := v.Parse(dialecttest.Sample{Body: tc.body}.Record())
		if tc.field == "" {
			if err != nil || e != (dialect.Event{}) {
				t.Errorf("%s: Parse = %+v, %v, want no SMS", tc.name, e, err)
			}
			continue
		}
		if f, ok := err.(*payload.FieldError); !ok || f.Field != tc.field {
			t.Errorf("%s: Parse = %v, want an error of field %q", tc.name, err, tc.field)
		}
	}
	if c := v.Detect(dialecttest.Sample{Body: `{"type":"dr_number","id":"1"}`}.Record()); c != dialect.No {
		t.Errorf("another type: Detect = %v", c)
	}
}

// A profile says only what differs from another; what a corpus remembers of it says all.
func TestLike(t *testing.T) {
	v, err := Read([]byte("name: another\nlike: sinch\nretries: {delays: [1s]}\n"))
	if err != nil {
		t.Fatal(err)
	}
	if v.Name != "another" || len(v.Retries.Delays) != 1 || v.Title != "Sinch" || v.Scheme == nil || v.Maker == nil {
		t.Errorf("like Sinch: %q %q, %d retries", v.Name, v.Title, len(v.Retries.Delays))
	}
	if strings.Contains(v.Definition(), "like:") || !strings.Contains(v.Definition(), "client_reference") {
		t.Errorf("a corpus would remember %s", v.Definition())
	}
	if e, err := v.Parse(samples()[0].Record()); err != nil || e != samples()[0].Want {
		t.Errorf("Parse = %+v, %v", e, err)
	}
}

// A vendor is known by one of several sets of fields; headers that others send too are no sign without them.
func TestDetection(t *testing.T) {
	v, err := Read([]byte("name: a\ndetect:\n  both: true\n  headers: {x-sign: v1*}\n  fields: {from: , to: }\n  or: [{to: , state: [sent, failed]}]\nmessage: {sender: from}\n"))
	if err != nil {
		t.Fatal(err)
	}
	signed := []capture.Header{{Name: "X-Sign", Value: "v1=2"}}
	for _, tc := range []struct {
		body    string
		headers []capture.Header
		want    dialect.Confidence
	}{
		{"from=1&to=2", nil, dialect.ByShape},
		{"to=1&state=sent", nil, dialect.ByShape},
		{"state=sent&to=1", signed, dialect.ByHeader},
		{"to=1&to=2&state=sen", nil, dialect.No},
		{"from=1&state=sent", nil, dialect.No},
		{"from=1", signed, dialect.No},
	} {
		if got := v.Detect(dialecttest.Sample{Body: tc.body, Headers: tc.headers}.Record()); got != tc.want {
			t.Errorf("%q, %d headers: Detect = %v, want %v", tc.body, len(tc.headers), got, tc.want)
		}
	}
}

// What is written for a synthetic corpus is known for the vendor's, read back as it was meant, and has no field without a class.
func TestMaker(t *testing.T) {
	table := dialect.NewTable(Shipped()...)
	for _, v := range table.All() {
		if wrong := v.Check(); len(wrong) > 0 {
			t.Errorf("%s: parts without a value and without a reason: %v", v.Name, wrong)
		}
		if v.Maker == nil {
			continue
		}
		d := &dialect.Draft{
			Random: rand.New(rand.NewPCG(1, 2)), At: time.Unix(1764237600, 0), Now: time.Unix(1764237601, 0),
			From: "447700900123", To: "447520651116", Text: "\"quoted\" \n \\ ü+&", Size: sms.Measure("x"), URL: "https://hooks.example.com/hook",
		}
		if !v.Maker.Bare {
			d.From, d.To = "+"+d.From, "+"+d.To
		}
		d.Account, d.Profile = v.Maker.Account(d.Random)
		body, at, n := v.Maker.Message(nil, d)
		want := dialect.Event{
			Type: dialect.Inbound, Person: d.From,
			Message: capture.Message{ID: string(body[at : at+n]), From: d.From, To: d.To, Text: d.Text},
		}
		if v.Maker.Events {
			want = dialect.Event{}
		}
		checkMade(t, table, v, made(v, body, d), want)
		for _, d.State = range slices.Concat(v.Maker.States[:]...) {
			d.ID = string(v.Maker.ID(nil, d))
			r := made(v, v.Maker.Receipt(nil, d), d)
			if v.Maker.InQuery {
				r.Method, r.URL, r.Body = "GET", "/hook?"+string(r.Body), nil
			}
			checkMade(t, table, v, r, dialect.Event{
				Type: dialect.Receipt, Person: d.From, State: d.State, Message: capture.Message{ID: d.ID, From: d.To, To: d.From},
			})
		}
	}
}

// made is the request of a body of a Maker.
func made(v *dialect.Vendor, body []byte, d *dialect.Draft) *capture.Record {
	headers := []capture.Header{{Name: "Content-Type", Value: v.Maker.MediaType}}
	if v.Maker.Headers != nil {
		headers = v.Maker.Headers(headers, d)
	}
	return dialecttest.Sample{Body: string(body), Headers: headers}.Record()
}

// checkMade checks a request of a Maker, signed where the vendor signs. A receipt need not say who sent the message.
func checkMade(t *testing.T, table dialect.Table, v *dialect.Vendor, r *capture.Record, want dialect.Event) {
	t.Helper()
	body := r.Body
	signing := dialect.Signing{Secret: []byte("c2VjcmV0"), URL: "https://hooks.example.com/hook", Now: time.Unix(1764237601, 0)}
	if v.Scheme != nil && v.Scheme.CheckKey(signing.Secret, true) == nil {
		if err := v.Sign(r, signing); err != nil {
			t.Errorf("%s: Sign: %v", v.Name, err)
		}
		if err := v.Verify(r, signing); err != nil {
			t.Errorf("%s: Verify: %v", v.Name, err)
		}
	}
	if known := table.Detect(r); known == nil || known.Name != v.Name {
		t.Errorf("%s: what its Maker writes is taken for another's\n%s", v.Name, body)
	}
	e, err := v.Parse(r)
	if e.Type == dialect.Receipt && e.Message.From == "" {
		want.Message.From = ""
	}
	if err != nil || e != want {
		t.Errorf("%s: %+v, %v, want %+v\n%s", v.Name, e, err, want, body)
	}
	envelope := v.Detect(r) == dialect.ByEnvelope
	err = v.Rewrite(r, func(f dialect.Field) (string, dialect.Op) {
		if f.Class == dialect.Unknown && !envelope {
			t.Errorf("%s: field %q has no class", v.Name, f.Name)
		}
		return "", dialect.Leave
	})
	if err != nil {
		t.Errorf("%s: Rewrite: %v", v.Name, err)
	}
}

// What only has to be there, whatever it holds, may hold anything: it is not kept.
func TestConditionsAreNoClass(t *testing.T) {
	v, err := Read([]byte("name: a\ndetect: {fields: {/owner: '*', /event: in}}\nmessage: {when: {/customer: 'x*', /state: new_*}, sender: /from}\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]dialect.Class{"owner": dialect.Unknown, "customer": dialect.Unknown, "event": dialect.Keep, "state": dialect.Keep, "from": dialect.Person}
	r := dialecttest.Sample{Body: `{"owner":"o","customer":"xy","event":"in","state":"new_1","from":"+14155550100"}`}.Record()
	if err := v.Rewrite(r, func(f dialect.Field) (string, dialect.Op) {
		if f.Part == payload.InBody && f.Class != want[f.Name] {
			t.Errorf("%s is %v, want %v", f.Name, f.Class, want[f.Name])
		}
		return "", dialect.Leave
	}); err != nil {
		t.Fatal(err)
	}
}

// A corpus that is made safe remembers the profile as it is.
func TestNumbersInAProfile(t *testing.T) {
	_, err := Read([]byte("name: a\ntitle: call +14155552000\ndetect: {fields: {from: }}\nmessage: {sender: from}\n"))
	if err == nil || !strings.Contains(err.Error(), "holds no number of anyone's") || strings.Contains(err.Error(), "4155552000") {
		t.Errorf("a number in a title: %v", err)
	}
}

// A text that a receipt does not name is a text there, too.
func TestClassesOfTheOtherEvent(t *testing.T) {
	r := dialecttest.Sample{Body: `{"type":"recipient_delivery_report_sms","batch_id":"1","recipient":"447700900123","status":"x","body":"quoted"}`}.Record()
	err := vendor(t, "sinch").Rewrite(r, func(f dialect.Field) (string, dialect.Op) {
		if f.Name == "body" && f.Class != dialect.Text {
			t.Errorf("the quoted text is %v", f.Class)
		}
		return "", dialect.Leave
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestErrors(t *testing.T) {
	good := "name: a\ndetect:\n  fields: {from: }\nmessage:\n  sender: from\n"
	if _, err := Parse([]byte(good)); err != nil {
		t.Fatalf("a small profile: %v", err)
	}
	for _, tc := range []struct{ text, want string }{
		{"", "name: "},
		{"name: A b\n", "line 1: name: "},
		{"name: a\n", "message: "},
		{"name: a\nmessage:\n  sender: from\n", "detect: "},
		{"name: a\ndetect: {both: true, headers: {h: }}\nmessage: {sender: from}\n", "line 2: detect.both: "},
		{"name: a\ndetect: {or: [{header:h: }]}\nmessage: {sender: from}\n", "line 2: detect.or: headers"},
		{"name: a\nlike: nobody\n", "line 2: like: no profile"},
		{"name: a\nlike: ../shipped/sinch\n", "line 2: like: no profile"},
		{good + "  id: /x/0\n", "line 6: message.id: an array's elements"},
		{good + "  text: from\n", "line 6: message.text: the same field"},
		{good + "  when: {header:x: a}\n", "line 6: message.when: a header"},
		{good + "receipt:\n  recipient: to\n", "receipt: say when"},
		{good + "receipt:\n  id: to\n", "receipt: it does not say who"},
		{good + "fields:\n  persons: [x]\n", "line 6: fields: no class of field"},
		{good + "sender: x\n", "line 6: there is no field sender"},
		{good + "signature:\n  header: h\n  algorithm: rot13\n", "line 6: signature: no algorithm"},
		{good + "keywords:\n  stop: [Stop]\n", "line 6: keywords: "},
		{good + "retries:\n  delays: [5s]\n  first: 5s\n", "line 6: retries: either"},
		{good + "retries:\n  first: 5s\n", "retries.within"},
		{good + "  id: id\nsynth:\n  message: '{}'\n", "line 8: synth.message: a message has an ${id}"},
		{good + "synth:\n  message: '${id}'\n  headers: {'a b': x}\n", "line 8: synth.headers.a b: that is no header's name"},
		{good + "synth:\n  message: '${id}'\n  account: ${no}\n", "line 8: synth.account: ${no} is nothing"},
		{good + "synth:\n  message: '${id} ${secret}'\n", "${secret} is nothing"},
		{good + "synth:\n  message: '${id'\n", "${ without its }"},
		{good + "synth:\n  message: '${id}'\n  delivered: sent\n", "synth.receipt"},
		{good + "---\nname: b\n", "more than one document"},
		{good + "fields:\n  keep: [x, y]\n  name: y\n", "line 8: fields.name: a field of it is listed under keep, too"},
		{good + "headers:\n  keep: x-a\n  id: X-A\n", "headers.keep: a header of it is listed under id, too"},
		{good + "retries: {first: 1ns, longest: 1ns, within: 168h}\n", "at least a second"},
		{good + "retries: {first: 1s, longest: 1s, within: 168h}\n", "more than 1000"},
		{good + "synth:\n  weight: .nan\n  message: '${id}'\n", "synth.weight: "},
		{good + "agents: [" + strings.Repeat("a,", 1001) + "a]\n", "at most 1000 texts"},
	} {
		_, err := Parse([]byte(tc.text))
		if err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%q: %v, want %q", tc.text, err, tc.want)
		}
	}
}

func FuzzRecord(f *testing.F) {
	f.Add(`{"type":"mo_text","id":"8","from":"3","to":"4","body":"x"}`)
	f.Add(`{"Type":"Notification","TopicArn":"a","SigningCertURL":"u","Message":"{\"originationNumber\":\"+1\",\"messageBody\":\"\\u00e9\\\\\"}"}`)
	f.Add("type=mo_text&id=1&from=%2B1&body=%7B%22a%22%3A1%7D")
	vs := Shipped()
	f.Fuzz(func(t *testing.T, body string) {
		for _, d := range vs {
			r := dialecttest.Sample{Body: body}.Record()
			d.Detect(r)
			if e, err := d.Parse(r); err == nil && e.Type != dialect.NotSMS && e.Person == "" {
				t.Errorf("%s: an event of nobody", d.Name)
			}
			if err := d.Rewrite(r, func(dialect.Field) (string, dialect.Op) { return "", dialect.Leave }); err == nil && string(r.Body) != body {
				t.Errorf("%s: leaving every field changed the body", d.Name)
			}
			var twice [2]string // whatever is set can be read again
			for i := range twice {
				if err := d.Rewrite(r, func(f dialect.Field) (string, dialect.Op) {
					if f.Literal || f.Part != payload.InBody {
						return "", dialect.Leave
					}
					return "\"é\\\n&%", dialect.Set
				}); err != nil {
					return
				}
				twice[i] = string(r.Body)
			}
			if twice[0] != twice[1] {
				t.Errorf("%s: setting every field twice made %q and %q", d.Name, twice[0], twice[1])
			}
		}
	})
}

func FuzzParse(f *testing.F) {
	// Small ones: the fuzzer's instrumented YAML reads a kilobyte in a tenth of a second.
	f.Add([]byte("name: a\ndetect: {fields: {from: }}\nmessage: {sender: from, text: [t, /u/*]}\nfields: {json: j}\n"))
	f.Add([]byte("name: b\ndetect: {headers: {h: 'x*'}}\nmessage: {sender: 'header:f'}\nsynth: {message: '${id}'}\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		v, err := Read(text)
		if err != nil {
			return
		}
		again, err := Read([]byte(v.Definition()))
		if err != nil || again.Definition() != v.Definition() {
			t.Errorf("what a corpus remembers is not what was read: %v", err)
		}
		r := dialecttest.Sample{Body: `{"type":"mo_text","id":"8","from":"3","to":"4","body":"x"}`}.Record()
		v.Detect(r)
		_, _ = v.Parse(r)
	})
}

func TestTemplate(t *testing.T) {
	v, err := Read([]byte(Template()))
	if err != nil {
		t.Fatal(err)
	}
	if v.Scheme == nil || v.Maker == nil || v.Keywords == nil || len(v.Retries.Delays) == 0 {
		t.Error("the template leaves out what a profile can say")
	}
}
