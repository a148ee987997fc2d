package anonymize

import (
	"strings"
	"testing"

	"reprise/capture/sms"
)

// A field that stays as the vendor's own word does not when it holds the digits of a number.
func TestKeptFieldsHoldNoNumbers(t *testing.T) {
	for value, stays := range map[string]bool{
		"1": true, "10485760": true, "0.00750": true, "received": true, "2010-04-01": true, "4159876543": false, "%2B14159876543": false, "%28415%29+987-6543": false,
	} {
		in := request(t, "/twilio", formType, "AccountSid=AC0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f&ApiVersion=2010-04-01&Body=hi&From=%2B14155550100&MessageSid=SM7513bfc2d93963db8d73e388321f5197&NumMedia="+value+"&SmsStatus=received&To=%2B18005550100")
		out := rewrite(t, newAnonymizer(t, sms.Wide()), in)
		if got := strings.Contains(string(out.Body), "&NumMedia="+value+"&"); got != stays {
			t.Errorf("NumMedia of %s stays: %v, want %v: %s", value, got, stays, out.Body)
		}
	}
}

// The report of what was refused has no values.
func TestCounts(t *testing.T) {
	k := Kept{
		Headers: map[string]int64{"content-type: +14159876543": 1, "content-type: a/b": 2, "accept: */*": 3}, Hosts: map[string]int64{"a": 1, "b": 2},
		Segments: map[string]int64{"hooks": 4},
	}
	got := k.Counts()
	if len(got.Headers) != 2 || got.Headers["content-type"] != 3 || got.Headers["accept"] != 3 || len(got.Hosts) != 1 || got.Hosts[more] != 3 || got.Segments[more] != 4 {
		t.Errorf("%+v", got)
	}
}
