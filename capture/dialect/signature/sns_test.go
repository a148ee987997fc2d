package signature

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"reprise/capture/dialect"
	"reprise/capture/dialect/dialecttest"
)

// inKey is a part of a key that no message has by itself, as it has the words of a key's form.
const inKey = "uPkbXn2vQ"

// What is signed holds, whatever else stands in the envelope, and what is no key is not told.
func FuzzSNS(f *testing.F) {
	made, err := new(SNS).MakeKey(dialect.KeyOptions{CertificateName: "x.pem", Now: time.Now()})
	if err != nil {
		f.Fatal(err)
	}
	envelope := `{"Type":"Notification","MessageId":"1","TopicArn":"a","Message":"{\"a\":\"b\\n\u00e9\"}"`
	for _, rest := range []string{
		"}", `,"Signature":null,"SignatureVersion":"2"}`, `,"Signature":"a","Signature":"b","SigningCertUrl":"c"} `, `,"SignatureVersion":"\u0031"}`,
		`,"Signature":{"a":1}}`, `,"x":{"Signature":"y"},"Subject":"\ud800"}`, `}{`, `,"SigningCertURL":"a","SigningCertUrl":"b"}`,
	} {
		f.Add([]byte(envelope+rest), []byte(certificateLine))
		f.Add([]byte(envelope+rest), []byte(certificateLine+" https://a/b.pem\n-----BEGIN PRIVATE KEY-----\nMA==\n-----END PRIVATE KEY-----\n"))
	}
	f.Fuzz(func(t *testing.T, body, key []byte) {
		var s SNS
		for _, key := range [][]byte{append(bytes.Clone(key), inKey...), append([]byte(inKey), key...)} {
			if err := s.CheckKey(key, true); err != nil && strings.Contains(err.Error(), inKey) {
				t.Error("an error tells the key")
			}
		}
		r := dialecttest.Sample{Body: string(body)}.Record()
		g := dialect.Signing{Secret: made.Secret}
		if err := s.Sign(r, g); err != nil {
			if !bytes.Equal(r.Body, body) {
				t.Errorf("%v, and the body changed", err)
			}
			return
		}
		if err := s.Verify(r, dialect.Signing{Secret: made.Certificate}); err != nil {
			t.Errorf("what was signed does not hold: %v\n%s", err, r.Body)
		}
		if err := s.Verify(dialecttest.Sample{Body: string(body)}.Record(), g); err == nil {
			t.Error("a signature of nobody holds")
		} else if errors.Is(err, dialect.ErrUnsupported) {
			t.Error("what can be signed cannot be checked")
		}
	})
}
