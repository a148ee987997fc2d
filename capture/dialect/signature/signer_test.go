package signature

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"reprise/capture"
	"reprise/capture/dialect"
	"reprise/capture/dialect/dialecttest"
)

func newSigner(t testing.TB, p Profile) *Signer {
	t.Helper()
	s, err := NewSigner(p)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// All that a profile can cover is covered, under every algorithm, encoding and format of time.
func TestProfiles(t *testing.T) {
	now := time.Date(2024, 1, 4, 18, 5, 25, 0, time.UTC)
	all := "{body}|{body_sha256_hex}|{timestamp}|{id}|{nonce}|{url}|{base_url}|{method}|{body_sha256_bin}"
	for _, algorithm := range []string{"", "md5", "sha1", "sha224", "sha256", "sha384", "sha512"} {
		for _, format := range []string{"", "unix", "unix_ms", "imf_fixdate", "rfc3339"} {
			for _, encoding := range []string{"hex", "base64"} {
				signer := newSigner(t, Profile{
					Header: "X-Sig", Algorithm: algorithm, Encoding: encoding, Prefix: "v0=", Separator: ",", SecretEncoding: "base64",
					Template: all, TimestampHeader: "X-Time", TimestampFormat: format, IDHeader: "X-Id", NonceHeader: "X-Nonce", Tolerance: "2m",
				})
				g := dialect.Signing{URL: "https://h/hook?a=1", Secret: []byte("bWFueSBzZWNyZXRz"), Now: now}
				s := dialecttest.Sample{URL: "/hook?a=1", Body: `{"some":"text"}`}
				d := brand().Signed(signer)
				dialecttest.CheckSigning(t, d, s, g, g, true)
				checkCovered(t, signer, s, g)
			}
		}
	}
}

// A header of several parts covers what it holds, under HMACs and under Ed25519.
func TestFormats(t *testing.T) {
	now := time.Date(2024, 1, 4, 18, 5, 25, 0, time.UTC)
	private := "MC4CAQAwBQYDK2VwBCIEIO8Jo92KMll7fG4WpJHV0tjCLP4KaySLTgH6XddZV4zC"
	for _, algorithm := range []string{"", "sha512", "ed25519"} {
		for _, encoding := range []string{"hex", "base64"} {
			for _, clock := range []string{"unix", "unix_ms", "rfc3339"} {
				signer := newSigner(t, Profile{
					Header: "X-Sig", Algorithm: algorithm, Encoding: encoding, Format: "t={timestamp}, i={id},n={nonce},v1={signature}",
					Template: "{timestamp}.{id}.{nonce}.{body}", TimestampFormat: clock, Tolerance: "2m",
				})
				if !signer.Timed() {
					t.Error("a time in the format is none")
				}
				g := dialect.Signing{URL: "https://h/hook?a=1", Secret: []byte(private), Now: now}
				s := dialecttest.Sample{Body: `{"some":"text"}`}
				if algorithm == "" { // a letter's case in Ed25519's DER makes no key at all
					dialecttest.CheckSigning(t, brand().Signed(signer), s, g, g, true)
				}
				checkFormat(t, signer, s, g)
			}
		}
	}
}

// checkFormat changes what the header holds.
func checkFormat(t *testing.T, signer *Signer, s dialecttest.Sample, g dialect.Signing) {
	t.Helper()
	signed := s.Record()
	if err := signer.Sign(signed, g); err != nil {
		t.Fatal(err)
	}
	value, _ := signed.Header("X-Sig")
	parts := strings.Split(value, ",")
	if len(parts) != 4 || !strings.HasPrefix(parts[0], "t=") || !strings.HasPrefix(parts[1], " i=msg_") {
		t.Fatalf("the header is %q", value)
	}
	for what, header := range map[string]string{
		"as it is": value, "in another order": strings.Join([]string{parts[3], parts[1], parts[2], parts[0]}, " , "),
		"after another scheme's": "v0=aa," + value, "the second of two": "v1=aaaa," + value,
	} {
		signed.SetHeader("X-Sig", header)
		if err := signer.Verify(signed, g); err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	for what, header := range map[string]string{
		"without its time": strings.Join(parts[1:], ","), "with another time": strings.Replace(value, "t=", "t=1", 1),
		"with another id": strings.Replace(value, "i=", "i=1", 1), "with another nonce": strings.Replace(value, "n=", "n=1", 1),
		"without a signature": strings.Join(parts[:3], ","), "of another scheme": strings.Replace(value, "v1=", "v2=", 1), "of nothing": ",",
	} {
		signed.SetHeader("X-Sig", header)
		if err := signer.Verify(signed, g); !errors.Is(err, dialect.ErrSignature) {
			t.Errorf("%s: Verify = %v", what, err)
		}
	}
	signed.SetHeader("X-Sig", value)
	for _, off := range []time.Duration{2*time.Minute + time.Second, -2*time.Minute - time.Second} {
		late := g
		late.Now = g.Now.Add(off)
		if err := signer.Verify(signed, late); !errors.Is(err, dialect.ErrSignature) {
			t.Errorf("%v off: Verify = %v", off, err)
		}
	}
	again := signed.Clone()
	g.Now = g.Now.Add(time.Hour)
	if err := signer.Sign(again, g); err != nil {
		t.Fatal(err)
	}
	renewed, _ := again.Header("X-Sig")
	if new := strings.Split(renewed, ","); new[0] == parts[0] || new[1] != parts[1] || new[2] == parts[2] {
		t.Errorf("signed again, %q became %q: time and nonce are others, and the id is the same", value, renewed)
	}
	if err := signer.Verify(again, g); err != nil {
		t.Errorf("signed again: %v", err)
	}
}

// A scheme of HMACs may have Ed25519 keys too, which their prefixes tell.
func TestKeyPairs(t *testing.T) {
	p := standardWebhooks()
	p.Template, p.Tolerance = "", ""
	signer := newSigner(t, p)
	pair := ed25519.NewKeyFromSeed([]byte("a seed of just thirty-two bytes."))
	private := []byte("whsk_" + base64.StdEncoding.EncodeToString(pair))
	public := []byte("whpk_" + base64.StdEncoding.EncodeToString(pair[32:]))
	secret := []byte("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	r := dialecttest.Sample{Body: "{}"}.Record()
	if err := signer.Sign(r, dialect.Signing{Secret: private}); err != nil {
		t.Fatal(err)
	}
	value, _ := r.Header("webhook-signature")
	if want := "v1a," + base64.StdEncoding.EncodeToString(ed25519.Sign(pair, []byte("{}"))); value != want {
		t.Errorf("the signature is %q, want %q", value, want)
	}
	r.SetHeader("webhook-signature", "v1,AAAA "+value)
	for _, key := range [][]byte{private, public} {
		if err := errors.Join(signer.CheckKey(key, false), signer.Verify(r, dialect.Signing{Secret: key})); err != nil {
			t.Error(err)
		}
	}
	if err := signer.Verify(r, dialect.Signing{Secret: secret}); !errors.Is(err, dialect.ErrSignature) {
		t.Errorf("Verify by the HMAC's secret = %v", err)
	}
	if err := errors.Join(signer.CheckKey(secret, true), signer.CheckKey(private, true)); err != nil {
		t.Error(err)
	}
	for _, key := range []string{string(public), "whsk_AAAA", "whsk_", "whpk_!"} {
		if err := signer.CheckKey([]byte(key), true); err == nil || strings.Contains(err.Error(), key) {
			t.Errorf("a key of %d characters that cannot sign: %v", len(key), err)
		}
	}
	if err := signer.Sign(r, dialect.Signing{Secret: public}); err == nil {
		t.Error("a public key signed")
	}
}

// checkCovered changes each thing that the signature covers.
func checkCovered(t *testing.T, signer *Signer, s dialecttest.Sample, g dialect.Signing) {
	t.Helper()
	signed := s.Record()
	if err := signer.Sign(signed, g); err != nil {
		t.Fatal(err)
	}
	for what, change := range map[string]func(r *capture.Record, g *dialect.Signing){
		"url":    func(_ *capture.Record, g *dialect.Signing) { g.URL = "https://h/hook?a=2" },
		"method": func(r *capture.Record, _ *dialect.Signing) { r.Method = "PUT" },
		"id":     func(r *capture.Record, _ *dialect.Signing) { r.SetHeader("X-Id", "other") },
		"nonce":  func(r *capture.Record, _ *dialect.Signing) { r.SetHeader("X-Nonce", "other") },
		"time":   func(r *capture.Record, _ *dialect.Signing) { r.SetHeader("X-Time", "5") },
		"late":   func(_ *capture.Record, g *dialect.Signing) { g.Now = g.Now.Add(2*time.Minute + time.Second) },
		"early":  func(_ *capture.Record, g *dialect.Signing) { g.Now = g.Now.Add(-2*time.Minute - time.Second) },
		"prefix": func(r *capture.Record, _ *dialect.Signing) {
			value, _ := r.Header("X-Sig")
			r.SetHeader("X-Sig", strings.TrimPrefix(value, "v0="))
		},
	} {
		r, v := signed.Clone(), g
		change(r, &v)
		if err := signer.Verify(r, v); !errors.Is(err, dialect.ErrSignature) {
			t.Errorf("another %s: Verify = %v", what, err)
		}
	}
	value, _ := signed.Header("X-Sig")
	signed.SetHeader("X-Sig", "v0=AAAA, "+value)
	if err := signer.Verify(signed, g); err != nil {
		t.Errorf("the second of two signatures: %v", err)
	}
}

func brand() *dialect.Vendor {
	return dialect.New(dialect.Vendor{Name: "brand", Layout: dialect.Layout{Headers: dialect.Fields{"x-id": dialect.ID}}})
}

func TestParseProfile(t *testing.T) {
	for text, want := range map[string]string{
		`{"header":"X"}`: "",
		`{"header":"X","template":"a{body}b{timestamp}","timestamp_header":"T","timestamp_format":"rfc3339","tolerance":"5m"}`: "",
		`{}`:                                               "names no header",
		`{"header":"X","colour":1}`:                        "unknown field",
		`{"header":"X"} {}`:                                "after its end",
		`{"header":"X","algorithm":"crc32"}`:               "no algorithm",
		`{"header":"X","encoding":"base32"}`:               "no encoding",
		`{"header":"X","secret_encoding":"rot13"}`:         "no encoding of secrets",
		`{"header":"X","timestamp_format":"lunar"}`:        "no format",
		`{"header":"X","tolerance":"soon"}`:                "no duration",
		`{"header":"X","tolerance":"-1s"}`:                 "no duration",
		`{"header":"X","template":"v1"}`:                   "hold for any request",
		`{"header":"X","template":"{id}","id_header":"I"}`: "hold for any request",
		`{"header":"X","tolerance":"5m"}`:                  "needs a {timestamp}",
		`{"header":"X a"}`:                                 "is a token",
		`{"header":"X","template":"{body"}`:                "ends within",
		`{"header":"X","template":"{soul}"}`:               "is nothing",
		`{"header":"X","template":"{timestamp}{body}"}`:    "neither a header for it",
		`{"header":"X","template":"{id}{body}"}`:           "neither a header for it",
		`{"header":"X","template":"{nonce}{body}"}`:        "neither a header for it",

		`{"header":"X","algorithm":"ed25519","template":"{body}"}`: "",

		`{"header":"X","format":"t={timestamp},v1={signature}","template":"{timestamp}.{body}"}`:                      "",
		`{"header":"X","format":"{timestamp};{signature}","separator":";","timestamp_format":"imf_fixdate"}`:          "",
		`{"header":"X","format":"t={timestamp}"}`:                                                                     "no {signature}",
		`{"header":"X","format":"v1={signature},v1={signature}"}`:                                                     "twice",
		`{"header":"X","format":"v1={signature"}`:                                                                     "ends with its {value}",
		`{"header":"X","format":"v1={signature}!"}`:                                                                   "ends with its {value}",
		`{"header":"X","format":"v1={body}"}`:                                                                         "names {body}",
		`{"header":"X","format":"v1={signature}","prefix":"v1="}`:                                                     "not both",
		`{"header":"X","format":"t={timestamp},v1={signature}","timestamp_header":"T"}`:                               "a header of its own",
		`{"header":"X","format":"t={timestamp},v1={signature}","timestamp_format":"imf_fixdate"}`:                     "separator",
		`{"header":"X","algorithm":"ed25519","secret_encoding":"base64"}`:                                             "told by itself",
		`{"header":"X","algorithm":"ed25519","key_pair":{"prefix":"a","private":"b","public":"c"}}`:                   "told by itself",
		`{"header":"X","key_pair":{"prefix":"v1a,"}}`:                                                                 "key_pair needs",
		`{"header":"X","format":"t={timestamp},v1={signature}","key_pair":{"prefix":"a","private":"b","public":"c"}}`: "not both",

		`{"header":"Authorization","prefix":"Bearer ","jwt":{"claims":[{"iss":"A"},{"iat":"{timestamp}"}]},"tolerance":"5m"}`:            "",
		`{"header":"X","jwt":{"algorithms":["HS512"],"claims":[{"h":"{body_sha256_hex?}"},{"exp":"{timestamp+60s}"}]}}`:                  "",
		`{"header":"X","jwt":{"claims":[{"iss":"A"}]}}`:                                                                                  "hold for ever",
		`{"header":"X","jwt":{"algorithms":["none"],"claims":[{"iat":"{timestamp}"}]}}`:                                                  "no algorithm of a token",
		`{"header":"X","jwt":{"algorithms":["RS256"],"claims":[{"iat":"{timestamp}"}]}}`:                                                 "no algorithm of a token",
		`{"header":"X","algorithm":"sha256","jwt":{"claims":[{"iat":"{timestamp}"}]}}`:                                                   "either jwt or algorithm",
		`{"header":"X","jwt":{"claims":[{"iat":"{timestamp}","iss":"A"}]}}`:                                                              "one name and its value",
		`{"header":"X","jwt":{"claims":[{"iat":"{timestamp}"},{"iat":"{timestamp}"}]}}`:                                                  "twice",
		`{"header":"X","jwt":{"claims":[{"":"{timestamp}"}]}}`:                                                                           "has no name",
		`{"header":"X","jwt":{"claims":[{"iat":"at {timestamp}"}]}}`:                                                                     "not both",
		`{"header":"X","jwt":{"claims":[{"iat":"{timestamp+1ms}"}]}}`:                                                                    "no whole number of seconds",
		`{"header":"X","jwt":{"claims":[{"iat":"{timestamp?}"}]}}`:                                                                       "which only a hash of the body does",
		`{"header":"X","jwt":{"claims":[{"iat":"{soul}"}]}}`:                                                                             "nothing of a token",
		`{"signature_http_header":"X","signature_prefix":"sha256=","algorithm":"HMAC_SHA256","encoding":"HEX","secret_encoding":"UTF8"}`: "",
		`{"header":"X","signature_http_header":"Y"}`:                                                                                     "two names of one thing",
		`{"signature_prefix":"a"}`:                                   "names no header",
		`{"scheme":"sns"}`:                                           "",
		`{"scheme":"sqs"}`:                                           "no scheme is called",
		`{"scheme":"sns","header":"X"}`:                              "stands alone",
		`{"header":"X","or":[{"scheme":"sns"}]}`:                     "stands alone",
		`{"header":"X","or":[{"header":"Y","template":"{url}"}]}`:    "",
		`{"header":"X","or":[{"header":"x"}]}`:                       "a header of its own",
		`{"header":"X","or":[{"header":"Y","or":[{"header":"Z"}]}]}`: "none of its own",
		`{"header":"X","or":[{"header":"Y","algorithm":"crc32"}]}`:   "no algorithm",
	} {
		_, err := ParseProfile([]byte(text))
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}

// A scheme that is described by the names of EventBridge signs as one that is by ours.
func TestNames(t *testing.T) {
	ours := newSigner(t, standardWebhooks())
	p, err := ParseProfile([]byte(`{"algorithm":"SHA256","delimiter":" ","encoding":"BASE64","message_id_http_header":"webhook-id","secret_encoding":"BASE64",
		"signature_http_header":"webhook-signature","signature_prefix":"v1,","signed_message_composition":"{id}.{timestamp}.{body}",
		"timestamp_http_header":"webhook-timestamp","secret_prefix":"whsec_","tolerance":"5m"}`))
	if err != nil {
		t.Fatal(err)
	}
	g := dialect.Signing{Secret: []byte("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), Now: time.Unix(1_614_265_330, 0)}
	r := dialecttest.Sample{Body: `{"test": 2432232314}`}.Record()
	if err := errors.Join(newSigner(t, p).Sign(r, g), ours.Verify(r, g)); err != nil {
		t.Error(err)
	}
}

// A secret that is not written as the profile says is told without being told.
func TestSecretThatCannotBeRead(t *testing.T) {
	for encoding, secret := range map[string]string{"base64": "s3cr3t!!", "hex": "s3cr3t"} {
		signer := newSigner(t, Profile{Header: "X", SecretEncoding: encoding})
		err := signer.Sign(&capture.Record{}, dialect.Signing{Secret: []byte(secret)})
		if err == nil || strings.Contains(err.Error(), "s3cr3t") {
			t.Errorf("%s: %v", encoding, err)
		}
	}
	signer := newSigner(t, Profile{Header: "X", SecretEncoding: "base64", SecretPrefix: "whsec_"})
	for _, secret := range []string{"whsec_YWJjZA==", "YWJjZA==", "YWJjZA"} {
		r := &capture.Record{}
		if err := signer.Sign(r, dialect.Signing{Secret: []byte(secret)}); err != nil {
			t.Errorf("%s: %v", secret, err)
		}
	}
}

// standardWebhooks is the scheme of https://www.standardwebhooks.com.
func standardWebhooks() Profile {
	return Profile{
		Header: "webhook-signature", Encoding: "base64", Prefix: "v1,", Separator: " ", SecretEncoding: "base64", SecretPrefix: "whsec_",
		KeyPair: KeyPair{Prefix: "v1a,", Private: "whsk_", Public: "whpk_"}, Template: "{id}.{timestamp}.{body}",
		TimestampHeader: "webhook-timestamp", IDHeader: "webhook-id", Tolerance: "5m",
	}
}

// TestPresets holds that those vendors are presets that a profile signs for.
func TestPresets(t *testing.T) {
	table := dialect.NewTable(brand(), brand().Signed(newSigner(t, standardWebhooks())))
	if got := Presets(table); len(got) != 1 || got[0].Scheme == nil {
		t.Errorf("%d presets, want the one that signs", len(got))
	}
}

func FuzzParseProfile(f *testing.F) {
	text, err := json.Marshal(standardWebhooks())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text, "v1,AAAA")
	f.Add([]byte(`{"header":"S","format":"t={timestamp},v1={signature}","template":"{timestamp}.{body}","tolerance":"5m"}`), "t=1492774577,v1=5257,v0=6ffb")
	f.Add([]byte(`{"header":"S","format":"{id};{timestamp};{signature}","separator":";","algorithm":"ed25519"}`), "a;1;")
	f.Add([]byte(`{"header":"S","prefix":"Bearer ","jwt":{"claims":[{"iss":"a"},{"exp":"{timestamp+60s}"},{"h":"{body_sha256_hex?}"}]},"or":[{"header":"T"}]}`), "Bearer eyJhbGciOiJub25lIn0.e30.")
	f.Add([]byte(`{"header":"S","key_pair":{"prefix":"v1a,","private":"aa","public":"bb"}}`), "v1a,")
	f.Fuzz(func(t *testing.T, text []byte, header string) {
		p, err := ParseProfile(text)
		if err != nil {
			return
		}
		signer := newSigner(t, p)
		for _, secret := range []string{"aabb", strings.Repeat("a1", 32), "aa" + strings.Repeat("a1", 32)} {
			r := &capture.Record{Method: "POST", Body: []byte("{}"), Headers: []capture.Header{{Name: p.Header, Value: header}}}
			g := dialect.Signing{Secret: []byte(secret), URL: "https://h/", Now: time.Unix(1_700_000_000, 0)}
			if err := signer.Verify(r, g); err == nil {
				t.Errorf("a signature of nobody holds: %q", header)
			}
			if err := signer.Sign(r, g); err != nil {
				continue
			}
			_ = signer.Verify(r, g)
		}
	})
}

func BenchmarkSign(b *testing.B) {
	signer := newSigner(b, standardWebhooks())
	r := dialecttest.Sample{Body: `{"test": 2432232314}`}.Record()
	g := dialect.Signing{Secret: []byte("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), Now: time.Unix(1_614_265_330, 0)}
	b.ReportAllocs()
	for b.Loop() {
		if err := signer.Sign(r, g); err != nil {
			b.Fatal(err)
		}
	}
}
