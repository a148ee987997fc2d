package twilio

import (
	"errors"
	"strings"
	"testing"

	"reprise/capture"
	"reprise/capture/dialect"
	"reprise/capture/dialect/dialecttest"
)

const sharedID, sharedText = "WK0123456789abcdef", "sha256:WK0123456789abcdef:12345"

// The signed string is that of HMAC-SHA1 (https://www.twilio.com/docs/usage/webhooks/webhook-shared-keys); the sums were made with
// Python's hmac of the strings that the published vectors sign.
func TestSharedKey(t *testing.T) {
	for _, tc := range []struct{ url, signed, mediaType, body, want string }{
		{
			"https://mycompany.com/myapp.php?foo=1&bar=2", "https://mycompany.com/myapp.php?foo=1&bar=2", form,
			"CallSid=CA1234567890ABCDE&Caller=%2B12349013030&Digits=1234&From=%2B12349013030&To=%2B18005551212",
			"Rmm4Vzj+Ky7JGoWXMCsZDZuHDszLr9xvdbvitrDr4/M=",
		},
		{
			"https://mycompany.com/myapp.php?foo=1&bar=2&bodySHA256=44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
			"https://mycompany.com:443/myapp.php?foo=1&bar=2&bodySHA256=44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
			"application/json", "{}",
			"BzSuAopcsfNngc0ViZMfRnIcdaG6mjj75qiOTqWqGZE=",
		},
	} {
		r := &capture.Record{Method: "POST", URL: "/myapp.php?foo=1&bar=2", Body: []byte(tc.body), Headers: []capture.Header{{Name: "Content-Type", Value: tc.mediaType}}}
		if err := New().Sign(r, dialect.Signing{URL: tc.signed, Secret: []byte(sharedText)}); err != nil {
			t.Fatal(err)
		}
		got, _ := r.Header(signatureHeader)
		settings, _ := r.Header(settingsHeader)
		if got != tc.want || settings != "key="+sharedID+",algorithm=HMAC_SHA256" {
			t.Errorf("signature %q, settings %q", got, settings)
		}
		verify := func(url, secret string) error {
			return New().Verify(r, dialect.Signing{URL: url, Secret: []byte(secret)})
		}
		for _, secret := range []string{sharedText, sharedID + ":12345", "token\n" + sharedText, sharedText + "\n12345"} {
			if err := verify(tc.url, secret); err != nil {
				t.Errorf("under %q: %v", secret, err)
			}
		}
		for _, secret := range []string{"12345", "sha256:WK0:12345", "sha256:" + sharedID + ":other", "12345\nsha256:WK0:12345"} {
			if err := verify(tc.url, secret); !errors.Is(err, dialect.ErrSignature) {
				t.Errorf("under %q: %v", secret, err)
			}
		}
		for _, value := range []string{"", "algorithm=HMAC_SHA256", "key=" + sharedID, "key=" + sharedID + ",algorithm=HMAC_SHA512", "key=other,algorithm=HMAC_SHA256"} {
			r.SetHeader(settingsHeader, value)
			if err := verify(tc.url, sharedText); !errors.Is(err, dialect.ErrSignature) {
				t.Errorf("settings %q: %v", value, err)
			}
		}
		r.SetHeader(settingsHeader, " Algorithm=hmac_sha256 , KEY="+sharedID)
		if err := verify(tc.url, sharedText); err != nil {
			t.Errorf("settings in another order: %v", err)
		}
	}
}

// The settings header of the recording chooses between two keys. It is never left as it was.
func TestSettingsHeader(t *testing.T) {
	const old = "key=WKold,algorithm=HMAC_SHA256"
	for _, tc := range []struct {
		name, secret, settings string
		shared                 bool
	}{
		{"a token for a request that had none", "token", "", false},
		{"a token for a request that had a SharedKey", "token", old, false},
		{"a SharedKey for a request that had none", sharedText, "", true},
		{"a SharedKey for a request that had another", sharedText, old, true},
		{"both, and none was", "token\n" + sharedText, "", false},
		{"both, and one was", "token\n" + sharedText, old, true},
		{"both, and one was, of which only the algorithm is left", sharedText + "\r\ntoken", "algorithm=HMAC_SHA256", true},
	} {
		s := samples()[0]
		r := s.Record()
		if tc.settings != "" {
			r.Headers = append([]capture.Header{{Name: strings.ToLower(settingsHeader), Value: tc.settings}}, r.Headers...)
			r.Headers = append(r.Headers, capture.Header{Name: settingsHeader, Value: tc.settings})
		}
		signing := dialect.Signing{URL: "https://hooks.example.com/hook", Secret: []byte(tc.secret)}
		if err := New().Sign(r, signing); err != nil {
			t.Fatal(err)
		}
		found := 0
		for _, h := range r.Headers {
			if capture.SameName(h.Name, settingsHeader) {
				found++
				if h.Value != "key="+sharedID+",algorithm=HMAC_SHA256" {
					t.Errorf("%s: the header says %q", tc.name, h.Value)
				}
			}
		}
		if found > 0 != tc.shared {
			t.Errorf("%s: %d settings", tc.name, found)
		}
		if err := New().Verify(r, signing); err != nil {
			t.Errorf("%s: %v", tc.name, err)
		}
	}
}

func TestSignAndVerifyShared(t *testing.T) {
	signing := dialect.Signing{URL: "https://hooks.example.com/hook", Secret: []byte(sharedText)}
	for _, s := range samples()[1:3] {
		dialecttest.CheckSigning(t, New(), s, signing, signing, true)
	}
}

func TestCheckKey(t *testing.T) {
	for secret, ok := range map[string]bool{
		"0123456789abcdef": true, sharedText: true, "token\n" + sharedText: true, sharedText + "\r\ntoken": true, "sha256:K:a:b": true,
		"K:secret": true, "K:secret\ntoken": true, "sha256:": false, ":secret": false, "K:": false, "sha256:K:": false, "sha256::secret": false,
		"sha256:K,a:secret": false, "sha256:K=a:secret": false, "sha256:K a:secret": false, "sha256:K:s\tt": false,
		"one\ntwo": false, "one\ntwo\n" + sharedText: false, sharedText + "\n" + sharedText: false, "": false,
	} {
		for _, signs := range []bool{true, false} {
			if secret == "" && !signs {
				continue
			}
			err := New().CheckKey([]byte(secret), signs)
			if (err == nil) != ok {
				t.Errorf("%q, to sign %v: %v", secret, signs, err)
			}
			if err != nil && (strings.Contains(err.Error(), "one\n") || strings.Contains(err.Error(), sharedID)) {
				t.Errorf("the error quotes the key: %v", err)
			}
		}
	}
}

func BenchmarkSignShared(b *testing.B) {
	d, r := New(), samples()[0].Record()
	s := dialect.Signing{URL: "https://hooks.example.com/hook", Secret: []byte(sharedText)}
	b.ReportAllocs()
	for b.Loop() {
		if err := d.Sign(r, s); err != nil {
			b.Fatal(err)
		}
	}
}

// SignalWire's header holds what Twilio's does, and is set where it was.
func TestSignalWire(t *testing.T) {
	signing := dialect.Signing{URL: "https://hooks.example.com/hook", Secret: []byte("PSKtoken")}
	plain := samples()[2].Record()
	if err := New().Sign(plain, signing); err != nil {
		t.Fatal(err)
	}
	want, _ := plain.Header(signatureHeader)
	for _, tc := range []struct {
		had  []string
		want []string
	}{
		{[]string{signalWireHeader}, []string{signalWireHeader}},
		{[]string{signalWireHeader, signalWireSHA256}, []string{signalWireHeader}},
		{[]string{signatureHeader, signalWireHeader}, []string{signatureHeader, signalWireHeader}},
	} {
		r := samples()[2].Record()
		before := len(r.Headers)
		for _, name := range tc.had {
			r.Headers = append(r.Headers, capture.Header{Name: name, Value: ""})
		}
		if c := New().Detect(r); c != dialect.ByHeader {
			t.Errorf("%v: Detect = %v", tc.had, c)
		}
		if err := New().Verify(r, signing); !errors.Is(err, dialect.ErrUnsigned) {
			t.Errorf("%v: before it is signed: %v", tc.had, err)
		}
		if err := New().Sign(r, signing); err != nil {
			t.Fatal(err)
		}
		for _, name := range tc.want {
			if got, _ := r.Header(name); got != want {
				t.Errorf("%v: %s = %q, want %q", tc.had, name, got, want)
			}
		}
		if len(r.Headers) != before+len(tc.want) {
			t.Errorf("%v became %v", tc.had, r.Headers[before:])
		}
		if err := New().Verify(r, signing); err != nil {
			t.Errorf("%v: %v", tc.had, err)
		}
		if New().Unsign(r, false); len(r.Headers) != before {
			t.Errorf("%v: unsigned, there is %v", tc.had, r.Headers[before:])
		}
	}
}
