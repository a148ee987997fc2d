package twilio

import (
	"net/url"
	"testing"

	"reprise/capture"
	"reprise/capture/dialect"
	"reprise/capture/dialect/dialecttest"
	"reprise/capture/payload"
)

const form = "application/x-www-form-urlencoded; charset=UTF-8"

func formHeaders(more ...capture.Header) []capture.Header {
	return append([]capture.Header{{Name: "Content-Type", Value: form}}, more...)
}

// The samples hold every parameter that Twilio documents for messaging.
func samples() []dialecttest.Sample {
	return []dialecttest.Sample{
		{
			Name: "inbound SMS",
			Headers: formHeaders(
				capture.Header{Name: "X-Twilio-Signature", Value: "AAAAAAAAAAAAAAAAAAAAAAAAAAA="},
				capture.Header{Name: "I-Twilio-Idempotency-Token", Value: "29e2d263-7ac9-4fa2-8254-84bbda884287"},
				capture.Header{Name: "X-Home-Region", Value: "us1"},
				capture.Header{Name: "User-Agent", Value: "TwilioProxy/1.1"},
				capture.Header{Name: "Accept", Value: "*/*"},
			),
			Detect: dialect.ByHeader,
			Body: "ToCountry=US&ToState=District+Of+Columbia&SmsMessageSid=SM6e0b1c3d5f7a9b2c4d6e8f0a1b3c5d7e&NumMedia=0&ToCity=&FromZip=01022" +
				"&SmsSid=SM6e0b1c3d5f7a9b2c4d6e8f0a1b3c5d7e&FromState=MA&SmsStatus=received&FromCity=CHICOPEE&Body=It's+a+%2A+caf%C3%A9+50%25" +
				"&FromCountry=CA&To=%2B12025550111&ToZip=&NumSegments=1&MessageSid=SM6e0b1c3d5f7a9b2c4d6e8f0a1b3c5d7e" +
				"&AccountSid=AC0123456789abcdef0123456789abcdef&MessagingServiceSid=MGfedcba9876543210fedcba9876543210" +
				"&From=%2B14135550188&ApiVersion=2010-04-01&OptOutType=STOP",
			Want: dialect.Event{
				Type: dialect.Inbound, Person: "+14135550188",
				Message: capture.Message{
					ID: "SM6e0b1c3d5f7a9b2c4d6e8f0a1b3c5d7e", From: "+14135550188", To: "+12025550111", Text: "It's a * café 50%",
				},
			},
		},
		{
			Name:    "inbound WhatsApp with media",
			Headers: formHeaders(),
			Body: "MediaContentType0=image%2fjpeg&SmsMessageSid=MM6e0b1c3d5f7a9b2c4d6e8f0a1b3c5d7e&NumMedia=11&ProfileName=Ada%20L&MessageType=image" +
				"&SmsSid=MM6e0b1c3d5f7a9b2c4d6e8f0a1b3c5d7e&WaId=14135550188&SmsStatus=received&Body=two%0alines&To=whatsapp%3a%2b12025550111" +
				"&MessageSid=MM6e0b1c3d5f7a9b2c4d6e8f0a1b3c5d7e&AccountSid=AC0123456789abcdef0123456789abcdef&From=whatsapp%3a%2b14135550188" +
				"&MediaUrl0=https%3a%2f%2fapi.example.com%2fMedia%2fME1&MediaUrl10=https%3a%2f%2fapi.example.com%2fMedia%2fME2&MediaContentType10=video%2fmp4" +
				"&ButtonText=Yes%20please&ButtonPayload=yes-1&ButtonType=reply&ListId=l-1&ListTitle=Pick&ListDescription=One%20of" +
				"&Latitude=37.787890&Longitude=-122.391664&Address=1%20Elm%20St&Label=Home&Forwarded=true&FrequentlyForwarded=false" +
				"&ReferralCtwaClid=ARAkLkA8r&ReferralBody=Ad%20text&ReferralHeadline=Head&ReferralSourceId=120210&ReferralSourceType=ad" +
				"&ReferralSourceUrl=https%3a%2f%2ffb.example%2fx&ReferralMediaId=77&ReferralMediaContentType=image%2fpng" +
				"&ReferralMediaUrl=https%3a%2f%2ffb.example%2fm&ReferralNumMedia=3&OriginalRepliedMessageSid=SM00000000000000000000000000000009" +
				"&OriginalRepliedMessageSender=whatsapp%3a%2b12025550111&ExternalUserId=US.1349&AddOns=%7b%22status%22%3a%22ok%22%7d" +
				"&ExternalUserIdentifier=whatsapp%3aUS.1349" +
				"&ChannelMetadata=%7b%22type%22%3a%22whatsapp%22%2c%22data%22%3a%7b%22context%22%3a%7b%22ProfileName%22%3a%22Ada%20L%22%2c%22WaId%22%3a" +
				"%2214135550188%22%2c%22ButtonText%22%3a%22Yes%20please%22%2c%22Forwarded%22%3a%22false%22%2c%22Latitude%22%3a%2237.787890%22%7d%7d%7d" +
				"&InteractiveData=%7b%22screen_0%22%3a%7b%22name%22%3a%22Ada%22%7d%7d&FlowData=%7b%22age%22%3a%2042%7d",
			Withheld: []string{"AddOns", "InteractiveData.screen_0.name", "FlowData.age"},
			Want: dialect.Event{
				Type: dialect.Inbound, Person: "whatsapp:+14135550188",
				Message: capture.Message{
					ID: "MM6e0b1c3d5f7a9b2c4d6e8f0a1b3c5d7e", From: "whatsapp:+14135550188", To: "whatsapp:+12025550111", Text: "two\nlines",
				},
			},
		},
		{
			Name:    "status callback",
			Headers: formHeaders(),
			Body: "ErrorCode=30003&ErrorMessage=Unreachable&RawDlrDoneDate=2211251530&ChannelStatusMessage=gone&ChannelToAddress=%2B1413555XXXX" +
				"&ChannelPrefix=sms&ChannelInstallSid=XE0123456789abcdef0123456789abcdef&EventType=UNDELIVERED&StructuredMessage=false" +
				"&SmsSid=SM6e0b1c3d5f7a9b2c4d6e8f0a1b3c5d7e&SmsStatus=undelivered&MessageStatus=undelivered" +
				"&To=%2B14135550188&MessagingServiceSid=MGfedcba9876543210fedcba9876543210&MessageSid=SM6e0b1c3d5f7a9b2c4d6e8f0a1b3c5d7e" +
				"&AccountSid=AC0123456789abcdef0123456789abcdef&From=%2B12025550111&ApiVersion=2010-04-01",
			Want: dialect.Event{
				Type: dialect.Receipt, Person: "+14135550188", State: "undelivered",
				Message: capture.Message{ID: "SM6e0b1c3d5f7a9b2c4d6e8f0a1b3c5d7e", From: "+12025550111", To: "+14135550188"},
			},
		},
		{
			Name:   "GET",
			Method: "GET",
			URL: "/hooks/AC0123456789abcdef0123456789abcdef/%2B12025550111?Body=hi%20there&From=%2b14135550188&To=%2b12025550111&NumMedia=0" +
				"&MessageSid=SM6e0b1c3d5f7a9b2c4d6e8f0a1b3c5d7e&AccountSid=AC0123456789abcdef0123456789abcdef",
			Want: dialect.Event{
				Type: dialect.Inbound, Person: "+14135550188",
				Message: capture.Message{
					ID: "SM6e0b1c3d5f7a9b2c4d6e8f0a1b3c5d7e", From: "+14135550188", To: "+12025550111", Text: "hi there",
				},
			},
		},
		{
			Name: "inbound RCS", Headers: formHeaders(),
			Body: "From=rcs%3A%2B14135550188&To=rcs%3Abrand_agent&Body=Yes&ButtonPayload=order%3A7&ButtonText=Yes+please&MessageSid=RM6e0b1c3d5f7a9b2c4d6e8f0a1b3c5d7e&SmsStatus=received" +
				"&AccountSid=AC0123456789abcdef0123456789abcdef&ChannelMetadata=%7B%22type%22%3A%22rcs%22%2C%22data%22%3A%7B%22userAgent%22%3A%22Messages%22%7D%7D",
			Withheld: []string{"ChannelMetadata.data.userAgent"},
			Want: dialect.Event{
				Type: dialect.Inbound, Person: "rcs:+14135550188",
				Message: capture.Message{ID: "RM6e0b1c3d5f7a9b2c4d6e8f0a1b3c5d7e", From: "rcs:+14135550188", To: "rcs:brand_agent", Text: "Yes"},
			},
		},
		{
			Name: "a message of a conversation", Headers: formHeaders(),
			Body: "EventType=onMessageAdded&AccountSid=AC0123456789abcdef0123456789abcdef&ChatServiceSid=IS0123456789abcdef0123456789abcdef&ConversationSid=CH0123456789abcdef0123456789abcdef" +
				"&MessageSid=IM0123456789abcdef0123456789abcdef&ParticipantSid=MB0123456789abcdef0123456789abcdef&Body=Hi%20there&Author=%2B14135550188&Source=SMS&Index=7&RetryCount=0" +
				"&DateCreated=2026-11-27T10%3A00%3A00.000Z&Attributes=%7B%7D&Media=%5B%7B%22Sid%22%3A%22ME01%22%2C%22Filename%22%3A%22a%20b.jpg%22%2C%22ContentType%22%3A%22image%2Fjpeg%22%2C%22Size%22%3A14%7D%5D",
			Want: dialect.Event{
				Type: dialect.Inbound, Person: "+14135550188", Message: capture.Message{ID: "IM0123456789abcdef0123456789abcdef", From: "+14135550188", Text: "Hi there"},
			},
		},
		{
			Name: "what the platform says in a conversation", Headers: formHeaders(),
			Body: "EventType=onMessageAdded&AccountSid=AC0123456789abcdef0123456789abcdef&ConversationSid=CH0123456789abcdef0123456789abcdef&MessageSid=IM0123456789abcdef0123456789abcdef" +
				"&Body=Hi&Author=alice&Source=API&ClientIdentity=alice2",
		},
		{
			Name: "somebody comes to a conversation", Headers: formHeaders(),
			Body: "EventType=onParticipantAdded&AccountSid=AC0123456789abcdef0123456789abcdef&ConversationSid=CH0123456789abcdef0123456789abcdef&ParticipantSid=MB01" +
				"&MessagingBinding.Address=%2B14135550188&MessagingBinding.ProxyAddress=%2B12025550111&MessagingBinding.Type=sms&RoleSid=RL01",
		},
		{
			Name: "a receipt in a conversation", Headers: formHeaders(),
			Body: "EventType=onDeliveryUpdated&AccountSid=AC0123456789abcdef0123456789abcdef&ConversationSid=CH0123456789abcdef0123456789abcdef&MessageSid=IM0123456789abcdef0123456789abcdef" +
				"&DeliveryReceiptSid=DY01&ChannelMessageSid=SM01&ParticipantSid=MB01&Status=delivered&DateUpdated=2026-11-27",
			Want: dialect.Event{Type: dialect.Receipt, State: "delivered", Message: capture.Message{ID: "IM0123456789abcdef0123456789abcdef"}},
		},
		{
			Name: "a message on a stream of events", Headers: []capture.Header{{Name: "Content-Type", Value: "application/json"}},
			URL: "/events?bodySHA256=5ccb2cc3fb7e2e5b7b3c3b3fdf0f7a1ef2ab6b1fb7a6ddce8a0b5c6d7e8f9a0b",
			Body: `[{"specversion":"1.0","type":"com.twilio.messaging.inbound-message.received","source":"/2010-04-01/Accounts/AC01/Messages/SM02.json","id":"EZ03",` +
				`"dataschema":"https://events-schemas.twilio.com/Messaging.InboundMessageV1/5","datacontenttype":"application/json","time":"2026-11-27T10:00:00.000Z",` +
				`"data":{"numMedia":0,"timestamp":"2026-11-27T10:00:01.000Z","recipients":[],"accountSid":"AC0123456789abcdef0123456789abcdef","messagingServiceSid":"MG04",` +
				`"to":"+12025550111","numSegments":1,"messageSid":"SM05","eventName":"com.twilio.messaging.inbound-message.got","body":"Hello World!","from":"+14135550188"}}]`,
			Want: dialect.Event{
				Type: dialect.Inbound, Person: "+14135550188", Message: capture.Message{ID: "SM05", From: "+14135550188", To: "+12025550111", Text: "Hello World!"},
			},
		},
		{
			Name: "a receipt on a stream of events", Headers: []capture.Header{{Name: "Content-Type", Value: "application/json"}},
			Body: `{"specversion":"1.0","type":"com.twilio.messaging.message.delivered","id":"EZ03","data":{"messageSid":"SM05","messageStatus":"DELIVERED","to":"+14135550188","from":"+12025550111"}}`,
			Want: dialect.Event{
				Type: dialect.Receipt, Person: "+14135550188", State: "DELIVERED", Message: capture.Message{ID: "SM05", From: "+12025550111", To: "+14135550188"},
			},
		},
	}
}

func TestConformance(t *testing.T) { dialecttest.Run(t, New(), samples()...) }

func TestParse(t *testing.T) {
	for _, tc := range []struct {
		name, body string
		want       dialect.EventType
		field      string // of the error
	}{
		{"a call", "CallSid=CA1&AccountSid=AC1&From=%2B14135550188&CallStatus=ringing", dialect.NotSMS, ""},
		{"a receipt by SmsStatus alone", "SmsSid=SM1&SmsStatus=delivered&AccountSid=AC1", dialect.Receipt, ""},
		{"a message without status", "MessageSid=SM1&Body=&AccountSid=AC1", dialect.Inbound, ""},
		{"an account event without message", "AccountSid=AC1&Sid=NO1", dialect.NotSMS, ""},
		{"JSON of another product", `[{"type":"com.twilio.x"}]`, dialect.NotSMS, ""},
		{"no field of Twilio's", "a=b", 0, "MessageSid"},
		{"no form", "hello there", 0, "MessageSid"},
		{"nothing", "", 0, "body"},
		{"half of JSON", `{"a":`, 0, "body"},
	} {
		r := dialecttest.Sample{Headers: formHeaders(capture.Header{Name: "X-Twilio-Signature", Value: "x"}), Body: tc.body}.Record()
		e, err := New().Parse(r)
		if tc.field == "" {
			if err != nil || e.Type != tc.want {
				t.Errorf("%s: Parse = %v, %v, want %v", tc.name, e.Type, err, tc.want)
			}
			continue
		}
		if f, ok := err.(*payload.FieldError); !ok || f.Field != tc.field {
			t.Errorf("%s: Parse = %v, want an error of field %q", tc.name, err, tc.field)
		}
	}
}

// What stands in ChannelMetadata is what stands in the parameters, and changes with them.
func TestChannelMetadata(t *testing.T) {
	r := samples()[1].Record()
	if err := New().Rewrite(r, func(f dialect.Field) (string, dialect.Op) {
		switch f.Class {
		case dialect.Person:
			return "14155550100", dialect.Set
		case dialect.Name:
			return `Bo "B"`, dialect.Set
		case dialect.Unknown:
			return "", dialect.Drop
		}
		return "", dialect.Leave
	}); err != nil {
		t.Fatal(err)
	}
	values, err := url.ParseQuery(string(r.Body))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"WaId": "14155550100", "ProfileName": `Bo "B"`, "InteractiveData": `{"screen_0":{"name":""}}`, "FlowData": `{"age": 0}`, "AddOns": "",
		"ChannelMetadata": `{"type":"whatsapp","data":{"context":{"ProfileName":"Bo \"B\"","WaId":"14155550100","ButtonText":"Yes please",` +
			`"Forwarded":"false","Latitude":"37.787890"}}}`,
	} {
		if got := values.Get(name); got != want {
			t.Errorf("%s = %s, want %s", name, got, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range samples() {
		f.Add(s.Body, s.URL)
	}
	d := New()
	f.Fuzz(func(t *testing.T, body, url string) {
		r := dialecttest.Sample{URL: url, Headers: formHeaders(), Body: body}.Record()
		d.Detect(r)
		e, err := d.Parse(r)
		if err == nil && e.Type != dialect.NotSMS && e.Message.ID == "" {
			t.Errorf("a message without id")
		}
		if err := d.Sign(r, dialect.Signing{URL: "https://hooks.example.com" + r.URL, Secret: []byte("token")}); err != nil {
			t.Errorf("Sign: %v", err)
		}
		if err := d.Verify(r, dialect.Signing{URL: "https://hooks.example.com" + r.URL, Secret: []byte("token")}); err != nil {
			t.Errorf("Verify after Sign: %v", err)
		}
	})
}
