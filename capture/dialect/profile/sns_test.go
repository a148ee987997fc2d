package profile

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"os"
	"strings"
	"testing"

	"reprise/capture"
	"reprise/capture/dialect"
	"reprise/capture/dialect/dialecttest"
)

// snsVector is a published notification, whose fields stand in their order.
type snsVector struct {
	ID      string
	Message json.RawMessage
	Key     struct {
		Certificate string `json:"cert_pem"`
	}
}

func snsVectors(t testing.TB) []snsVector {
	t.Helper()
	text, err := os.ReadFile("testdata/sns_signatures.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Vectors []snsVector }
	if err := json.Unmarshal(text, &file); err != nil || len(file.Vectors) < 2 {
		t.Fatalf("%d vectors, %v", len(file.Vectors), err)
	}
	return file.Vectors
}

// snsKey makes a key, with a line that says where its certificate is.
func snsKey(t testing.TB) (secret, public []byte) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	private := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})
	public = pem.EncodeToMemory(&pem.Block{Type: "RSA PUBLIC KEY", Bytes: x509.MarshalPKCS1PublicKey(&key.PublicKey)})
	return append([]byte("SigningCertURL: https://localhost:8443/test.pem\n"), private...), public
}

// The published notifications hold under Amazon's certificate, and no other. Signed anew, they hold under ours, and all else of them
// stays to the byte.
func TestPublishedNotifications(t *testing.T) {
	d := vendor(t, "aws")
	secret, public := snsKey(t)
	for _, v := range snsVectors(t) {
		for _, spaced := range []string{string(v.Message), strings.ReplaceAll(string(v.Message), "/", `\/`)} {
			r := dialecttest.Sample{Body: spaced}.Record()
			amazon, ours := dialect.Signing{Secret: []byte(v.Key.Certificate)}, dialect.Signing{Secret: secret}
			if err := d.Verify(r, amazon); err != nil {
				t.Errorf("%s: Verify: %v", v.ID, err)
			}
			if err := d.Verify(r, dialect.Signing{Secret: public}); !errors.Is(err, dialect.ErrSignature) {
				t.Errorf("%s: Verify under another key = %v", v.ID, err)
			}
			if err := d.Sign(r, ours); err != nil {
				t.Fatalf("%s: Sign: %v", v.ID, err)
			}
			for _, g := range []dialect.Signing{ours, {Secret: public}} {
				if err := d.Verify(r, g); err != nil {
					t.Errorf("%s: Verify after Sign: %v", v.ID, err)
				}
			}
			before, after := fieldsOf(t, spaced), fieldsOf(t, string(r.Body))
			if after["SigningCertURL"] != "https://localhost:8443/test.pem" {
				t.Errorf("%s: the certificate is at %q", v.ID, after["SigningCertURL"])
			}
			back := string(r.Body)
			for _, name := range []string{"Signature", "SigningCertURL"} {
				is, was := after[name], before[name]
				if spaced != string(v.Message) {
					is, was = strings.ReplaceAll(is, "/", `\/`), strings.ReplaceAll(was, "/", `\/`)
				}
				back = strings.Replace(back, is, was, 1)
			}
			if back != spaced {
				t.Errorf("%s: more changed than signature and certificate:\n%s", v.ID, r.Body)
			}
			r.Body = []byte(strings.Replace(string(r.Body), "Hello", "Hallo", 1))
			if err := d.Verify(r, ours); !errors.Is(err, dialect.ErrSignature) {
				t.Errorf("%s: Verify of another message = %v", v.ID, err)
			}
		}
	}
}

func fieldsOf(t *testing.T, body string) (fields map[string]string) {
	t.Helper()
	if err := json.Unmarshal([]byte(body), &fields); err != nil {
		t.Fatalf("%v\n%s", err, body)
	}
	return fields
}

// An envelope gets what it lacks; what is none, as a message that is delivered raw, gets nothing.
func TestEnvelopesOfSNS(t *testing.T) {
	d := vendor(t, "aws")
	secret, _ := snsKey(t)
	g := dialect.Signing{Secret: secret}
	const fields = `{"Type":"Notification","MessageId":"1","TopicArn":"arn:aws:sns:us-east-1:1:t","Message":"{\"a\":\"b\\n\u00e9\"}","Timestamp":"2026-01-01T00:00:00.000Z"`
	for _, rest := range []string{
		`}`, `,"Subject":null}`, `,"Subject":"a \"b\"","Signature":null,"SignatureVersion":null} `,
		`,"SignatureVersion":"2","Signature":"","SigningCertUrl":"https://sns.us-east-1.amazonaws.com/x.pem"}` + "\n",
		`,"Token":"2336","SubscribeURL":"https://sns.us-east-1.amazonaws.com/?Action=ConfirmSubscription"}`,
	} {
		for _, kind := range []string{"Notification", "SubscriptionConfirmation"} {
			r := dialecttest.Sample{Body: strings.Replace(fields+rest, "Notification", kind, 1)}.Record()
			if err := d.Verify(r, g); !errors.Is(err, dialect.ErrUnsigned) {
				t.Errorf("%s: Verify before Sign = %v", rest, err)
			}
			if err := errors.Join(d.Sign(r, g), d.Verify(r, g)); err != nil {
				t.Errorf("%s: %v\n%s", rest, err, r.Body)
			}
			var all map[string]any
			if err := json.Unmarshal(r.Body, &all); err != nil || all["SigningCertURL"] == nil && all["SigningCertUrl"] == nil {
				t.Errorf("%s: %v\n%s", rest, err, r.Body)
			}
			once := string(r.Body)
			if err := d.Sign(r, g); err != nil || string(r.Body) != once {
				t.Errorf("%s: signed twice, it is another", rest)
			}
		}
	}
	for _, body := range []string{`{"originationNumber":"+14155550100"}`, "hello", `[` + fields + `}]`, fields} {
		r := dialecttest.Sample{Body: body}.Record()
		if err := d.Sign(r, g); !errors.Is(err, dialect.ErrUnsupported) || string(r.Body) != body {
			t.Errorf("%s: Sign = %v", body, err)
		}
		if err := d.Verify(r, g); !errors.Is(err, dialect.ErrUnsupported) {
			t.Errorf("%s: Verify = %v", body, err)
		}
	}
	for _, version := range []string{"0", "3", "x"} {
		r := dialecttest.Sample{Body: fields + `,"SignatureVersion":"` + version + `","Signature":"AAAA"}`}.Record()
		if err := d.Sign(r, g); err == nil {
			t.Errorf("version %s is signed", version)
		}
		if err := d.Verify(r, g); !errors.Is(err, dialect.ErrSignature) {
			t.Errorf("version %s: Verify = %v", version, err)
		}
	}
}

func TestKeysOfSNS(t *testing.T) {
	d := vendor(t, "aws")
	secret, public := snsKey(t)
	certificate := snsVectors(t)[0].Key.Certificate
	if err := errors.Join(d.CheckKey(secret, true), d.CheckKey(secret, false), d.CheckKey(public, false), d.CheckKey([]byte(certificate), false)); err != nil {
		t.Error(err)
	}
	for what, key := range map[string]string{
		"a public key": string(public), "a word": "hello", "nothing": "", "another's certificate": string(secret) + certificate,
		"cut": string(secret[:len(secret)-80]), "no https": strings.Replace(string(secret), "https:", "http:", 1),
		"a quote": strings.Replace(string(secret), "/test", `/"test`, 1), "an Ed25519 key": "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIO8Jo92KMll7fG4WpJHV0tjCLP4KaySLTgH6XddZV4zC\n-----END PRIVATE KEY-----\n",
	} {
		err := d.CheckKey([]byte(key), true)
		if err == nil || key != "" && strings.Contains(err.Error(), key) {
			t.Errorf("%s: CheckKey = %v", what, err)
		}
		if err := d.Sign(&capture.Record{Body: snsVectors(t)[0].Message}, dialect.Signing{Secret: []byte(key)}); err == nil && !strings.Contains(key, "test") {
			t.Errorf("%s signs", what)
		}
	}
}
