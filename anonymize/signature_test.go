package anonymize

import (
	"strings"
	"testing"

	"reprise/capture/sms"
)

// Of a signature nothing stays but what says by which of a vendor's schemes it was made.
func TestSignatureMarks(t *testing.T) {
	const twilio, plivo = "AccountSid=AC1&MessageSid=SM1&Body=x&From=%2B16305961111&To=%2B18005550199", "From=16305961111&MessageUUID=5ec0de00-c0de-11ee-8ec0-5ec0de5ec0de&Text=x&To=18005550199&Units=1"
	for _, tc := range []struct {
		body    string
		headers []string
		want    string
	}{
		{twilio, []string{"X-Twilio-Signature", "c2VjcmV0", "x-twilio-webhooks-signature-settings", "key=WK5ec0de,algorithm=HMAC_SHA256"}, "x-twilio-webhooks-signature-settings: algorithm=HMAC_SHA256"},
		{twilio, []string{"X-Twilio-Webhooks-Signature-Settings", "algorithm=HMAC_SHA256"}, "X-Twilio-Webhooks-Signature-Settings: algorithm=HMAC_SHA256"},
		{twilio, []string{"X-Twilio-Webhooks-Signature-Settings", "key=WK5ec0de,algorithm=secret"}, ""},
		{twilio, []string{"X-Twilio-Signature", "c2VjcmV0", "X-Plivo-Signature-V3", "c2VjcmV0"}, ""},
		{plivo, []string{"X-Plivo-Signature-V3", "c2VjcmV0", "X-Plivo-Signature-V3-Nonce", "5ec0de", "X-Plivo-Signature-Ma-V3", "c2VjcmV0"}, "X-Plivo-Signature-V3: X-Plivo-Signature-Ma-V3: "},
		{plivo, []string{"X-Plivo-Signature-V2", "c2VjcmV0", "X-Plivo-Signature-V2-Nonce", "5ec0de"}, ""},
		{plivo, []string{"X-Plivo-Signature", "c2VjcmV0"}, ""},
	} {
		a := newAnonymizer(t, sms.Wide())
		r := rewrite(t, a, request(t, "/hook", formType, tc.body, tc.headers...))
		got := ""
		for _, h := range r.Headers {
			if strings.Contains(strings.ToLower(h.Name), "signature") {
				got += h.Name + ": " + h.Value
			}
		}
		if got != tc.want {
			t.Errorf("%q became %q, want %q", tc.headers, got, tc.want)
		}
		if dropped := len(a.Report().Dropped); dropped != len(tc.headers)/2 {
			t.Errorf("%q: %d headers are told to be dropped", tc.headers, dropped)
		}
	}
}

// A space in the JSON that stands in a form may be a +, and is one in the value.
func TestChannelMetadataAgrees(t *testing.T) {
	r := request(t, "/hook", formType, "AccountSid=AC1&MessageSid=SM1&Body=x&From=whatsapp%3A%2B16305961111&To=whatsapp%3A%2B18005550199&ProfileName=Sarah+Connor&WaId=16305961111"+
		"&ChannelMetadata=%7B%22type%22%3A%22whatsapp%22%2C%22data%22%3A%7B%22context%22%3A%7B%22ProfileName%22%3A%22Sarah+Connor%22%2C%22WaId%22%3A%2216305961111%22%7D%7D%7D")
	got := string(rewrite(t, newAnonymizer(t, sms.Wide()), r).Body)
	_, name, _ := strings.Cut(got, "&ProfileName=")
	name, rest, _ := strings.Cut(name, "&WaId=")
	number, _, _ := strings.Cut(rest, "&")
	if want := "%22ProfileName%22%3A%22" + name + "%22%2C%22WaId%22%3A%22" + number + "%22"; !strings.Contains(name, "+") || !strings.Contains(got, want) {
		t.Errorf("ProfileName and WaId do not agree: %s", got)
	}
}
