package twilio

import (
	"slices"
	"strings"
	"testing"

	"reprise/capture/dialect"
)

func TestMessagesInAnswers(t *testing.T) {
	plain := dialect.AnswerMessage{}
	for _, tc := range []struct {
		name, media, body string
		want              []dialect.AnswerMessage
	}{
		{"a text", "text/xml", `<?xml version="1.0" encoding="UTF-8"?><Response><Message>Hi</Message></Response>`, []dialect.AnswerMessage{plain}},
		{"a body", "text/xml; charset=utf-8", "<Response>\n <Message>\n  <Body>Hi</Body>\n </Message>\n</Response>", []dialect.AnswerMessage{plain}},
		{"media alone", "application/xml", `<Response><Message><Media>https://example.com/a.png</Media></Message></Response>`, []dialect.AnswerMessage{plain}},
		{"two, addressed", "text/xml", `<Response><Message to="+12" from="+13">a</Message><Message>b</Message></Response>`, []dialect.AnswerMessage{{From: "+13", To: "+12"}, plain}},
		{"nothing to say", "text/xml", `<Response/>`, nil},
		{"an empty message", "text/xml", `<Response><Message> </Message></Response>`, nil},
		{"a redirect", "text/xml", `<Response><Redirect>/next</Redirect></Response>`, nil},
		{"deeper", "text/xml", `<Response><Say><Message>a</Message></Say></Response>`, nil},
		{"another document", "text/xml", `<Answer><Message>a</Message></Answer>`, nil},
		{"another type", "text/html", `<Response><Message>a</Message></Response>`, nil},
		{"no type", "", `<Response><Message>a</Message></Response>`, nil},
		{"cut off", "text/xml", `<Response><Message>a</Message><Message>b`, []dialect.AnswerMessage{plain}},
		{"no XML", "text/xml", `ok`, nil},
	} {
		if got := inAnswer(tc.media, []byte(tc.body)); !slices.Equal(got, tc.want) {
			t.Errorf("%s: %+v, want %+v", tc.name, got, tc.want)
		}
	}
	if many := inAnswer("text/xml", []byte("<Response>"+strings.Repeat("<Message>a</Message>", 1000)+"</Response>")); len(many) != mostInAnswer {
		t.Errorf("%d messages are read", len(many))
	}
}

func FuzzInAnswer(f *testing.F) {
	f.Add("text/xml", []byte(`<Response><Message to="+12">Hi</Message></Response>`))
	f.Add("application/xml", []byte(`<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><Response><Message>&b;</Message></Response>`))
	f.Fuzz(func(t *testing.T, media string, body []byte) {
		if n := len(inAnswer(media, body)); n > mostInAnswer {
			t.Errorf("%d messages", n)
		}
	})
}
