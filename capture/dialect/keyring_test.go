package dialect_test

import (
	"strings"
	"testing"

	"reprise/capture"
	"reprise/capture/dialect"
	"reprise/capture/dialect/all"
)

func TestParseSelector(t *testing.T) {
	for _, tc := range []struct {
		text string
		want dialect.Selector
	}{
		{"twilio", dialect.Selector{Vendor: "twilio"}},
		{"twilio:AC1", dialect.Selector{Vendor: "twilio", Account: "AC1"}},
		{"twilio/hooks/eu", dialect.Selector{Vendor: "twilio", Path: "/hooks/eu"}},
		{"twilio/hooks/eu/", dialect.Selector{Vendor: "twilio", Path: "/hooks/eu"}},
		{"twilio:AC1/hooks", dialect.Selector{Vendor: "twilio", Account: "AC1", Path: "/hooks"}},
		{"a:arn:x:1/h", dialect.Selector{Vendor: "a", Account: "arn:x:1", Path: "/h"}},
		{"twilio@30%", dialect.Selector{Vendor: "twilio", Share: 0.3}},
		{"twilio:AC1/a@b@12.5%", dialect.Selector{Vendor: "twilio", Account: "AC1", Path: "/a@b", Share: 0.125}},
	} {
		got, err := dialect.ParseSelector(tc.text)
		if err != nil || got != tc.want {
			t.Errorf("%s: %+v, %v", tc.text, got, err)
		}
		if again, err := dialect.ParseSelector(got.String()); err != nil || again != got {
			t.Errorf("%s: written %s", tc.text, got)
		}
	}
	for _, bad := range []string{"", ":AC1", "/hooks", "twilio:", "twilio:/a", "twilio/", "twilio/a?b=c", "twilio@0%", "twilio@101%", "twilio@x%", "twilio@%", "@30%"} {
		if s, err := dialect.ParseSelector(bad); err == nil {
			t.Errorf("%q was taken: %+v", bad, s)
		}
	}
}

func keyring(t *testing.T, selectors ...string) *dialect.Keyring {
	t.Helper()
	secrets := make(map[string][]byte)
	for _, s := range selectors {
		secrets[s] = []byte("secret of " + s)
	}
	k, err := dialect.NewKeyring(secrets)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestTheMostSpecificKeyIsChosen(t *testing.T) {
	k := keyring(t, "twilio", "twilio:AC1", "twilio:AC1/hooks/eu", "twilio:MG9", "twilio/hooks", "twilio/hooks/eu", "telnyx:profile-1", "telnyx/t", "vonage")
	for _, tc := range []struct{ vendor, url, body, want string }{
		{"twilio", "/other", "AccountSid=AC2&From=1", "twilio"},
		{"twilio", "/other", "AccountSid=AC1&From=1", "twilio:AC1"},
		{"twilio", "/hooks/us", "AccountSid=AC1&From=1", "twilio:AC1"},
		{"twilio", "/hooks/eu/sms?x=1", "AccountSid=AC1&From=1", "twilio:AC1/hooks/eu"},
		{"twilio", "/hooks/eu?x=1", "AccountSid=AC%31", "twilio:AC1/hooks/eu"},
		{"twilio", "/hooks/europe", "AccountSid=AC2", "twilio/hooks"},
		{"twilio", "/hooks/eu", "AccountSid=AC2", "twilio/hooks/eu"},
		{"twilio", "/hooks/eu", "Body=AC1", "twilio/hooks/eu"},
		{"twilio", "/x", "MessagingServiceSid=MG9&AccountSid=AC2", "twilio:MG9"},
		{"twilio", "/x", "MessagingServiceSid=MG9&AccountSid=AC1", "twilio:MG9"},
		{"twilio", "/x?AccountSid=AC1", "", "twilio:AC1"},
		{"telnyx", "/x", `{"data":{"event_type":"message.received","payload":{"messaging_profile_id":"profile-1"}}}`, "telnyx:profile-1"},
		{"telnyx", "/x", `{"data":{"event_type":"message.received","payload":{"messaging_profile_id":"profile-2"}}}`, ""},
		{"telnyx", "/t", `{"data":{`, "telnyx/t"},
		{"vonage", "/x", "", "vonage"},
		{"plivo", "/x", "", ""},
	} {
		r := capture.Record{Method: "POST", URL: tc.url, Body: []byte(tc.body), Vendor: tc.vendor, Headers: []capture.Header{{Name: "Content-Type", Value: "application/x-www-form-urlencoded"}}}
		if strings.HasPrefix(tc.body, "{") {
			r.Headers[0].Value = "application/json"
		}
		v, _ := all.Table().Named(tc.vendor)
		got := ""
		if key := k.Of(tc.vendor).Choose(v, &r, new(dialect.Sieve)); key != nil {
			got = strings.TrimPrefix(string(key.Secret), "secret of ")
		}
		if got != tc.want {
			t.Errorf("%s %s %s: %q, want %q", tc.vendor, tc.url, tc.body, got, tc.want)
		}
	}
	if k.Of("vonage").One() == nil || k.Of("twilio").One() != nil || k.Of("plivo").One() != nil || keyring(t, "twilio:AC1").Of("twilio").One() != nil {
		t.Error("which vendors have one key is not known")
	}
}

func TestShares(t *testing.T) {
	k := keyring(t, "twilio", "twilio@30%", "twilio@5%", "twilio/eu@50%", "twilio/eu@50.0%").Of("twilio")
	counts := make(map[string]int)
	for seq := range int64(10_000) {
		r := capture.Record{Seq: seq, URL: "/x"}
		key := k.Choose(nil, &r, new(dialect.Sieve))
		counts[key.Selector.String()]++
		if again := k.Choose(nil, &r, new(dialect.Sieve)); again != key {
			t.Fatal("a request has another key the second time")
		}
	}
	for name, want := range map[string]int{"twilio": 6500, "twilio@30%": 3000, "twilio@5%": 500} {
		if got := counts[name]; got < want-150 || got > want+150 {
			t.Errorf("%s: %d of 10,000 requests", name, got)
		}
	}
	if n := len(k.Candidates(nil, &capture.Record{URL: "/eu/a"}, new(dialect.Sieve))); n != 2 {
		t.Errorf("%d candidates", n)
	}
	for _, bad := range [][]string{
		{"twilio@60%", "twilio@50%"}, {"twilio@30%"}, {"twilio", "twilio@100%"}, {"twilio@60%", "twilio@40%", "twilio"}, {"twilio:AC1@10%", "twilio"},
	} {
		secrets := make(map[string][]byte)
		for _, s := range bad {
			secrets[s] = nil
		}
		if _, err := dialect.NewKeyring(secrets); err == nil {
			t.Errorf("%v was taken", bad)
		}
	}
	if _, err := dialect.NewKeyring(map[string][]byte{"twilio@100%": nil}); err != nil {
		t.Error(err)
	}
}

func TestChoosingAllocatesNothing(t *testing.T) {
	k := keyring(t, "twilio", "twilio:AC1", "twilio@30%").Of("twilio")
	v, _ := all.Table().Named("twilio")
	r := capture.Record{
		Method: "POST", URL: "/x", Body: []byte("AccountSid=AC2&MessagingServiceSid=MG%31"), Vendor: "twilio",
		Headers: []capture.Header{{Name: "Content-Type", Value: "application/x-www-form-urlencoded"}},
	}
	m := new(dialect.Sieve)
	k.Choose(v, &r, m)
	if n := testing.AllocsPerRun(100, func() { k.Choose(v, &r, m) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}
