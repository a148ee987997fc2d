package render

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"reprise/capture"
	"reprise/capture/dialect/all"
	"reprise/capture/keyed"
	"reprise/capture/sms"
	"reprise/replay"
	"reprise/replay/pace"
)

// telnyxKey is the seed of a signing key.
const telnyxKey = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="

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
			{Name: "Proxy-Authorization", Value: "Basic dTpw"},
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

// now is when requests are sent.
func now() time.Time { return time.Unix(1_800_000_000, 0) }

// message is a request as a receiver reads it, with its headers in their order.
type message struct {
	Method, URL, Host string
	Headers           []capture.Header // but for Host and what frames the body
	Body              []byte
	Chunked           bool
	Length            string
	wire              string
	q                 replay.Request
}

func rendered(t testing.TB, r *Renderer, rec *capture.Record, play int) message {
	t.Helper()
	q := replay.Request{Seq: rec.Seq, Copy: play, Kind: rec.Kind, Vendor: rec.Vendor}
	if err := r.Render(rec, pace.Play{Seq: rec.Seq, Copy: play, Person: play}, now(), &q); err != nil {
		t.Fatal(err)
	}
	return read(t, &q)
}

// read reads a request twice: as net/http does, which must find one request and no more, and line by line.
func read(t testing.TB, q *replay.Request) message {
	t.Helper()
	from := bufio.NewReader(bytes.NewReader(q.Wire))
	theirs, err := http.ReadRequest(from)
	if err != nil {
		t.Fatalf("%v:\n%q", err, q.Wire)
	}
	body, err := io.ReadAll(theirs.Body)
	if rest, _ := io.ReadAll(from); err != nil || len(rest) > 0 {
		t.Fatalf("%v, and %d bytes after the request:\n%q", err, len(rest), q.Wire)
	}
	head := string(q.Wire[:q.Parts.Head])
	lines := strings.Split(strings.TrimSuffix(head, "\r\n\r\n"), "\r\n")
	if !strings.HasSuffix(head, "\r\n\r\n") || strings.Count(head, "\n") != len(lines)+1 {
		t.Fatalf("the head is %q", head)
	}
	line := strings.Split(lines[0], " ")
	m := message{Method: line[0], URL: line[1], Host: theirs.Host, Body: body, Chunked: len(theirs.TransferEncoding) > 0, wire: string(q.Wire), q: *q}
	if m.Method != theirs.Method || m.URL != theirs.RequestURI || line[2] != "HTTP/1.1" {
		t.Fatalf("the request line is %q", lines[0])
	}
	for _, l := range lines[1:] {
		name, value, _ := strings.Cut(l, ": ")
		switch strings.ToLower(name) {
		case "content-length":
			m.Length = value
		case "host", "transfer-encoding":
		default:
			m.Headers = append(m.Headers, capture.Header{Name: name, Value: value})
		}
	}
	return m
}

func form(t testing.TB, m message) url.Values {
	t.Helper()
	v, err := url.ParseQuery(string(m.Body))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func header(m message, name string) string {
	r := capture.Record{Headers: m.Headers}
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

// telnyxRecord is a message as Telnyx sends it, written by hand: blanks, escapes, a number that is an id.
func telnyxRecord() *capture.Record {
	body := `{ "data": {"event_type":"message.received", "id":"b301ed3f-1490-491f-995f-6e64e69674d4", "occurred_at":"2023-11-14T22:13:20.125+00:00", "payload": ` +
		`{"direction":"inbound","id":"84cca175-9755-4859-b67f-4730d7f58aa3","from":{"phone_number":"\u002b14155551234"},` +
		`"to":[{"phone_number":"+12125550000"}],"text":"h\u00e9 \"you\"","received_at":null}, "record_type":"event"}, "meta":{"attempt":1}}`
	return &capture.Record{
		Time: time.Unix(1_700_000_000, 0), Method: "POST", URL: "/t", Host: "h",
		Headers: []capture.Header{{Name: "Content-Type", Value: "application/json"}, {Name: "telnyx-timestamp", Value: "1700000000"}},
		Body:    []byte(body), Vendor: "telnyx", Kind: capture.Unrecognized, Message: capture.Message{From: "+14155551234", To: "+12125550000"},
	}
}

func TestTelnyx(t *testing.T) {
	rec := telnyxRecord()
	used := NewUsed(sms.Wide())
	used.Observe(rec)
	q := rendered(t, renderer(t, Options{Copies: 2, People: used, Recipients: map[string]string{"+12125550000": "+13105550007"}}), rec, 1)
	out := string(q.Body)
	for _, gone := range []string{"b301ed3f", "84cca175", "4155551234", "2125550000"} {
		if strings.Contains(out, gone) {
			t.Errorf("%s is still there: %s", gone, out)
		}
	}
	for _, kept := range []string{`{ "data": {"event_type":"message.received", "id":"`, `"text":"h\u00e9 \"you\"","received_at":null}, "record_type":"event"}, "meta":{"attempt":1}}`, "+13105550007", `"2023-11-14T22:13:20.125+00:00"`} {
		if !strings.Contains(out, kept) {
			t.Errorf("%s is gone: %s", kept, out)
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

// What cannot be read is sent as it is, with its marks, and counted.
func TestUnreadablePayload(t *testing.T) {
	rec := &capture.Record{Seq: 4, Method: "POST", URL: "/", Host: "h", Body: []byte(`{"data": {"payload"`), Vendor: "telnyx"}
	r := renderer(t, Options{})
	q := rendered(t, r, rec, 0)
	if string(q.Body) != string(rec.Body) || r.Stats().Unread != 1 || header(q, "Reprise-Record") != "4.0" {
		t.Errorf("%q, %+v", q.Body, r.Stats())
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

// What is not to change is as recorded, byte for byte, in everything that a record has.
func TestTheRestStays(t *testing.T) {
	rec := twilioRecord(1, "+14155551234", "+12125550000")
	rec.Body = append(rec.Body, "&odd=%e2%82%AC+%20~*&=&bare&MessageSid"...)
	r := renderer(t, Options{Seed: 3})
	m := rendered(t, r, rec, 0)
	id := form(t, m).Get("MessageSid")
	if want := strings.ReplaceAll(string(rec.Body), rec.Message.ID, id); string(m.Body) != want || id == rec.Message.ID {
		t.Errorf("got  %q\nwant %q", m.Body, want)
	}
	rec = telnyxRecord()
	m = rendered(t, r, rec, 0)
	want := string(rec.Body)
	for _, old := range []string{"b301ed3f-1490-491f-995f-6e64e69674d4", "84cca175-9755-4859-b67f-4730d7f58aa3"} {
		want = strings.Replace(want, old, keyed.FreshID(key(3, "ids", 0), old), 1)
	}
	if string(m.Body) != want {
		t.Errorf("got  %s\nwant %s", m.Body, want)
	}
}

// Each record is rendered into the buffer of another, and the result is as in a new one.
func TestBuffersAreUsedAgain(t *testing.T) {
	used := NewUsed(sms.Wide())
	records := []*capture.Record{twilioRecord(1, "+14155551234", "+12125550000"), telnyxRecord(), benchmarkRecord(5), {Method: "GET", URL: "/", Host: "h"}}
	for _, rec := range records {
		used.Observe(rec)
	}
	o := Options{Copies: 4, People: used, Restamp: true, Recipients: map[string]string{"+12125550000": "+13105550007"}, Sign: map[string][]byte{"twilio": []byte(token)}}
	r := renderer(t, o)
	var q replay.Request
	for i := range 40 {
		rec, copy := records[i*7%len(records)], i%4
		if err := r.Render(rec, pace.Play{Copy: copy, Person: copy}, now(), &q); err != nil {
			t.Fatal(err)
		}
		if want := rendered(t, renderer(t, o), rec, copy); string(q.Wire) != want.wire || q.Parts.Head != want.q.Parts.Head || q.Person != want.q.Person {
			t.Fatalf("round %d:\ngot  %q\nwant %q", i, q.Wire, want.wire)
		}
	}
}

func TestPerson(t *testing.T) {
	used := NewUsed(sms.Wide())
	a, b := twilioRecord(1, "+14155551234", "+12125550000"), twilioRecord(2, "whatsapp:+14155551234", "+12125550001")
	receipt := twilioRecord(3, "+12125550000", "+14155551234")
	receipt.Kind = capture.Status
	receipt.Body = append(receipt.Body, "&MessageStatus=sent"...)
	for _, rec := range []*capture.Record{a, b, receipt} {
		new(sms.Speller).Identify(rec)
		used.Observe(rec)
	}
	r := renderer(t, Options{Copies: 3, People: used})
	seen := make(map[uint64]bool)
	for copy := range 3 {
		person := rendered(t, r, a, copy).q.Person
		if person == 0 || seen[person] {
			t.Errorf("copy %d: person %x", copy, person)
		}
		seen[person] = true
		for _, rec := range []*capture.Record{b, receipt} {
			if got := rendered(t, r, rec, copy).q.Person; got != person {
				t.Errorf("copy %d of record %d: person %x, want %x", copy, rec.Seq, got, person)
			}
		}
	}
	m := rendered(t, r, a, 2)
	if got := personOf(form(t, m).Get("From")); got != m.q.Person {
		t.Errorf("the person is %x, and who is sent %x", m.q.Person, got)
	}
	if got := rendered(t, r, &capture.Record{Method: "GET", URL: "/", Host: "h"}, 0).q.Person; got != 0 {
		t.Errorf("nobody is %x", got)
	}
	met := NewAddresses(all.Table(), true)
	met.Observe(a)
	r = renderer(t, Options{Copies: 2, Senders: met.Senders([]string{"+13105550001", "+13105550002"})})
	for copy, want := range []string{"+13105550001", "+13105550002"} {
		for _, rec := range []*capture.Record{a, receipt} {
			m := rendered(t, r, rec, copy)
			if got := form(t, m); got.Get("From") != want && got.Get("To") != want || m.q.Person != personOf(want) {
				t.Errorf("copy %d is sent as %v, person %x", copy, got, m.q.Person)
			}
		}
	}
}
