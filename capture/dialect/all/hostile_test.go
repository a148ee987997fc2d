package all

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"reprise/capture"
	"reprise/capture/dialect"
	"reprise/capture/payload"
)

// batches are requests of many events, each with a person, a platform's number and a text of its own.
func batches() map[string]func(n int) string {
	events := func(one func(i int, person, platform string) string) func(n int) string {
		return func(n int) string {
			var all []string
			for i := range n {
				all = append(all, one(i, fmt.Sprintf("+1415%07d", 5000000+i), fmt.Sprintf("+1212%07d", 5000000+i)))
			}
			return strings.Join(all, ",")
		}
	}
	klaviyo := events(func(i int, person, _ string) string {
		return fmt.Sprintf(`{"external_id":"e%d","topic":"event:klaviyo.sent_sms","payload":{"data":{"type":"event","id":"d%d"},"included":[{"type":"profile","attributes":{"phone_number":"%s"}}]}}`, i, i, person)
	})
	bandwidth := events(func(i int, person, platform string) string {
		kind, from, to := "message-received", person, platform
		if i%2 == 1 {
			kind, from, to = "message-delivered", platform, person
		}
		return fmt.Sprintf(`{"to":"%s","message":{"id":"m%d","applicationId":"a","owner":"%s","from":"%s","to":["%s"],"text":"text %d"},"type":"%s"}`, to, i, platform, from, to, i, kind)
	})
	infobip := events(func(i int, person, platform string) string {
		return fmt.Sprintf(`{"messageId":"m%d","from":"%s","to":"%s","text":"text %d"}`, i, person, platform, i)
	})
	twilio := events(func(i int, person, platform string) string {
		kind, from, to := "com.twilio.messaging.inbound-message.received", person, platform
		if i%2 == 1 {
			kind, from, to = "com.twilio.messaging.message.delivered", platform, person
		}
		return fmt.Sprintf(`{"type":"%s","data":{"messageSid":"SM%d","from":"%s","to":"%s"}}`, kind, i, from, to)
	})
	return map[string]func(n int) string{
		"klaviyo":   func(n int) string { return `{"data":[` + klaviyo(n) + `],"meta":{"klaviyo_webhook_id":"w"}}` },
		"bandwidth": func(n int) string { return "[" + bandwidth(n) + "]" },
		"infobip": func(n int) string {
			return `{"results":[` + infobip(n) + `],"messageCount":` + fmt.Sprint(n) + `,"pendingMessageCount":0}`
		},
		"twilio": func(n int) string { return "[" + twilio(n) + "]" },
	}
}

// Of each event in a batch who is who is known, and nothing of one is taken for another's.
func TestBatches(t *testing.T) {
	const events = 1000
	for name, body := range batches() {
		r := &capture.Record{Method: "POST", URL: "/in", Body: []byte(body(events))}
		if err := Table().Annotate(r, classifier(t)); err != nil || r.Vendor != name {
			t.Errorf("%s: taken for one of %q, %v", name, r.Vendor, err)
			continue
		}
		v, _ := Table().Named(name)
		people, wrong := 0, 0
		if err := v.Rewrite(r, func(f dialect.Field) (string, dialect.Op) {
			switch {
			case f.Class == dialect.Person:
				people++
				wrong += strings.Count(f.Value, "+1212")
				return "+12025550199", dialect.Set
			case f.Class == dialect.Business:
				wrong += strings.Count(f.Value, "+1415")
			case f.Class == dialect.Text:
				return "x", dialect.Set
			case f.Class == dialect.Unknown:
				wrong++
			}
			return "", dialect.Leave
		}); err != nil || people < events || wrong > 0 || bytes.Contains(r.Body, []byte("+1415")) || bytes.Contains(r.Body, []byte("text 7")) {
			t.Errorf("%s: %d people in %d events, %d fields of a wrong class, %v", name, people, events, wrong, err)
		}
	}
}

// What a batch costs grows with its events: with their square, so many would take minutes.
func TestBatchesAreLinear(t *testing.T) {
	const events, most = 8000, 10 * time.Second
	for name, body := range batches() {
		v, _ := Table().Named(name)
		if took := quickest(most, func() {
			r := &capture.Record{Method: "POST", URL: "/in", Body: []byte(body(events))}
			if err := Table().Annotate(r, classifier(t)); err != nil {
				t.Fatal(err)
			}
			if err := v.Rewrite(r, rewritten); err != nil {
				t.Fatal(err)
			}
		}); took > most {
			t.Errorf("%s: %d events take %v", name, events, took)
		}
	}
}

// quickest is how long something takes: the least of ten times, or the first that is within a limit. A machine that stands still makes one
// long, and not each.
func quickest(limit time.Duration, work func()) (least time.Duration) {
	for try := range 10 {
		began := time.Now()
		work()
		if took := time.Since(began); try == 0 || took < least {
			least = took
		}
		if least <= limit {
			break
		}
	}
	return least
}

func rewritten(f dialect.Field) (string, dialect.Op) {
	if f.Literal || f.Class == dialect.Keep {
		return "", dialect.Leave
	}
	return "+12025550199", dialect.Set
}

// BenchmarkBatch reads and rewrites a batch, and reports what an event costs: the same whether they are few or many.
func BenchmarkBatch(b *testing.B) {
	for name, body := range batches() {
		for _, events := range []int{100, 10_000} {
			b.Run(fmt.Sprintf("%s/%d", name, events), func(b *testing.B) {
				v, _ := Table().Named(name)
				text, c := []byte(body(events)), classifier(b)
				for b.Loop() {
					r := &capture.Record{Method: "POST", URL: "/in", Body: text}
					if err := Table().Annotate(r, c); err != nil {
						b.Fatal(err)
					}
					if err := v.Rewrite(r, rewritten); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*events), "ns/event")
			})
		}
	}
}

// hostile are bodies that no vendor should send, with what is to be said of them: nothing where they can be read.
func hostile() map[string]string {
	return map[string]string{
		"no JSON":           "not { json at all",
		"a form":            "From=%2B14155552010&To=%2B12125550101",
		"half":              `{"type":"mo_text","from":"141555`,
		"two documents":     `{"a":1}{"b":2}`,
		"duplicate keys":    `{"from":"1","from":"2","from":{"from":["3"]}}`,
		"invalid UTF-8":     "{\"text\":\"\xff\xfe\",\"from\":\"\xc3\"}",
		"invalid escapes":   `{"text":"\x \u12 \ud800"}`,
		"a lone surrogate":  `{"text":"\ud800"}`,
		"a bare %":          "Body=100%&From=%2&To=%zz&%=%",
		"semicolons":        "a=1;b=2;From=%2B14155552010",
		"deep":              strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000),
		"deep objects":      strings.Repeat(`{"a":`, 100_000),
		"large numbers":     `{"from":1e400,"to":-1e-400,"id":123456789012345678901234567890}`,
		"NUL":               "{\"a\":\"\x00\"}",
		"white space":       " \r\n\t ",
		"JSON that goes in": `{"Message":"{\"Message\":\"{\\\"a\\\":`,
		"an array of none":  "[]",
		"binary":            "\x89PNG\r\n\x1a\n\x00\x00",
	}
}

// Whatever a vendor's body is, it is read or refused by the field, and nothing of the record changes.
func TestHostileBodies(t *testing.T) {
	table, c := Table(), classifier(t)
	for _, v := range table.All() {
		for name, body := range hostile() {
			for _, contentType := range []string{"application/json", "application/x-www-form-urlencoded", "text/plain", ""} {
				if took := quickest(time.Second, func() {
					r := &capture.Record{Method: "POST", URL: "/in?q=1;2&p=%zz", Vendor: v.Name, Body: []byte(body)}
					if contentType != "" {
						r.Headers = []capture.Header{{Name: "Content-Type", Value: contentType}}
					}
					v.Detect(r)
					for what, err := range map[string]error{
						"Annotate": table.Annotate(r, c),
						"Rewrite":  v.Rewrite(r, func(dialect.Field) (string, dialect.Op) { return "", dialect.Leave }),
					} {
						if field := (*payload.FieldError)(nil); err != nil && !errors.As(err, &field) {
							t.Errorf("%s: %s of %s as %s: %v", v.Name, what, name, contentType, err)
						}
					}
					if string(r.Body) != body || r.URL != "/in?q=1;2&p=%zz" {
						t.Errorf("%s: %s as %s: the request has changed", v.Name, name, contentType)
					}
				}); took > time.Second {
					t.Errorf("%s: %s as %s took %v", v.Name, name, contentType, took)
				}
			}
		}
	}
}
