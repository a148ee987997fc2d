package generic

import (
	"testing"

	"reprise/capture"
	"reprise/capture/dialect"
	"reprise/capture/dialect/dialecttest"
	"reprise/capture/payload"
)

func jsonDialect(t testing.TB) *dialect.Vendor {
	t.Helper()
	d, err := New("acme", Map{
		ID: "/results/0/messageId", From: "/results/0/from", To: "/results/-/to", Text: "/results/0/text", Time: "/results/0/receivedAt", Type: "/kind",
		Inbound: []string{"mo"}, Status: []string{"dlr"},
		Fields: map[string]dialect.Class{"/results/0/price": dialect.Keep, "/results/0/keyword": dialect.TextWord, "/o~1d": dialect.Account},
	})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func formDialect(t testing.TB) *dialect.Vendor {
	t.Helper()
	d, err := New("acme-form", Map{From: "originator", To: "recipient", Text: "body", Path: "/in/"})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestConformance(t *testing.T) {
	dialecttest.Run(
		t, jsonDialect(t),
		dialecttest.Sample{
			Name:     "message",
			Body:     `{"kind":"mo","o/d":"acct-7","results":[{"messageId":"817790313235066447","from":"385916242493","to":"385921004026","text":"QUIZ answer","keyword":"QUIZ","receivedAt":"2016-10-06T09:28:39.220+0000","price":0.00,"extra":"x-1"}]}`,
			Withheld: []string{"results.*.extra"},
			Want: dialect.Event{
				Type: dialect.Inbound, Person: "385916242493",
				Message: capture.Message{ID: "817790313235066447", From: "385916242493", To: "385921004026", Text: "QUIZ answer"},
			},
		},
		dialecttest.Sample{
			Name: "receipt",
			Body: `{"kind":"dlr","results":[{"messageId":"817790313235066447","from":"385921004026","to":"385916242493","text":"Sale"}]}`,
			Want: dialect.Event{
				Type: dialect.Receipt, Person: "385916242493", State: "dlr",
				Message: capture.Message{ID: "817790313235066447", From: "385921004026", To: "385916242493", Text: "Sale"},
			},
		},
	)
	dialecttest.Run(t, formDialect(t), dialecttest.Sample{
		Name: "form", URL: "/in/sms", Body: "originator=385916242493&recipient=385921004026&body=Hi+you",
		Want: dialect.Event{
			Type: dialect.Inbound, Person: "385916242493",
			Message: capture.Message{From: "385916242493", To: "385921004026", Text: "Hi you"},
		},
	})
}

func TestNewRejects(t *testing.T) {
	for _, tc := range []struct {
		what, name string
		m          Map
	}{
		{"no name", "", Map{From: "a", Text: "b"}},
		{"a name with a space", "a b", Map{From: "a", Text: "b"}},
		{"no sender", "acme", Map{Text: "b"}},
		{"no text", "acme", Map{From: "a"}},
		{"values of no type", "acme", Map{From: "a", Text: "b", Status: []string{"dlr"}}},
	} {
		if _, err := New(tc.name, tc.m); err == nil {
			t.Errorf("New took a map with %s", tc.what)
		}
	}
}

func TestFieldName(t *testing.T) {
	for pointer, want := range map[string]string{
		"From": "From", "/a/b": "a.b", "/0/message/to/12": "*.message.to.*", "/a/-": "a.*", "/a~1b/c~0d": "a/b.c~d", "": "",
	} {
		if got := fieldName(pointer); got != want {
			t.Errorf("fieldName(%q) = %q, want %q", pointer, got, want)
		}
	}
}

func TestParse(t *testing.T) {
	d := jsonDialect(t)
	if e, err := d.Parse(dialecttest.Sample{Body: `{"kind":"other"}`}.Record()); err != nil || e.Type != dialect.NotSMS {
		t.Errorf("another type: %+v, %v", e, err)
	}
	_, err := d.Parse(dialecttest.Sample{Body: `{"kind":"mo"}`}.Record())
	if f, ok := err.(*payload.FieldError); !ok || f.Field != "results.*.from" {
		t.Errorf("no sender: %v", err)
	}
	if c := formDialect(t).Detect(dialecttest.Sample{URL: "/out", Body: "originator=1&recipient=2&body=3"}.Record()); c != dialect.No {
		t.Errorf("another path: %v", c)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(`{"kind":"mo","results":[{"messageId":"8","from":"3","to":"4","text":"x"}]}`)
	f.Add("originator=1&recipient=2&body=3")
	j, form := jsonDialect(f), formDialect(f)
	f.Fuzz(func(t *testing.T, body string) {
		for _, d := range []*dialect.Vendor{j, form} {
			r := dialecttest.Sample{URL: "/in/x", Body: body}.Record()
			d.Detect(r)
			e, err := d.Parse(r)
			if err == nil && e.Type != dialect.NotSMS && e.Message.From == "" {
				t.Errorf("a message without sender")
			}
		}
	})
}
