package all

import (
	"crypto"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"hash"
	"slices"
	"strings"
	"testing"
	"time"

	"reprise/capture"
	"reprise/capture/dialect"
)

// primitive is what a scheme costs that does nothing but sign.
type primitive struct {
	vendor, secret, body string
	sum                  func(message []byte)
}

func primitives(b *testing.B) []primitive {
	pair := ed25519.NewKeyFromSeed([]byte("a seed of just thirty-two bytes."))
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		b.Fatal(err)
	}
	file := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})
	event := `{"data":{"event_type":"message.received","payload":{"text":"` + strings.Repeat("pls help ", 60) + `"}}}`
	mac := func(h func() hash.Hash, secret string) func([]byte) {
		return func(message []byte) {
			m := hmac.New(h, []byte(secret))
			m.Write(message)
			m.Sum(nil)
		}
	}
	const secret = "0123456789abcdef0123456789abcdef"
	return []primitive{
		{"telnyx", base64.StdEncoding.EncodeToString(pair), event, func(message []byte) { ed25519.Sign(pair, message) }},
		{"aws", string(file), `{"Type":"Notification","MessageId":"1","TopicArn":"arn","SignatureVersion":"1","Signature":"","Message":"` + strings.Repeat("pls help ", 60) + `"}`, func(message []byte) {
			sum := sha1.Sum(message)
			if _, err := rsa.SignPKCS1v15(nil, key, crypto.SHA1, sum[:]); err != nil {
				panic(err)
			}
		}},
		{"twilio", secret, "", mac(sha1.New, secret)},
		{"svix", "c2VjcmV0c2VjcmV0c2VjcmV0", event, mac(sha256.New, "secretsecretsecret")},
		{"klaviyo", secret, event, mac(sha256.New, secret)},
		{"shopify", secret, event, mac(sha256.New, secret)},
		{"messagebird", secret, event, func(message []byte) {
			sha256.Sum256(message)
			mac(sha256.New, secret)(message)
		}},
	}
}

// BenchmarkSignPrimitive reports how long signing takes, and how many times as long as the primitive under it, which is measured in turn
// with it. Of twilio it is the request of BenchmarkSign, and of messagebird, whose token holds a hash of the body, an HMAC and a hash.
func BenchmarkSignPrimitive(b *testing.B) {
	for _, p := range primitives(b) {
		b.Run(p.vendor, func(b *testing.B) {
			v, ok := Table().Named(p.vendor)
			if !ok {
				b.Fatal("no such vendor")
			}
			r := &capture.Record{Method: "POST", URL: "/hook", Body: []byte(p.body)}
			if p.body == "" {
				r = twilioForm()
			}
			s := dialect.Signing{URL: "https://hooks.example.com/hook", Secret: []byte(p.secret), Now: time.Unix(1_764_237_600, 0)}
			message := []byte(s.URL + string(r.Body))
			var alone, whole []time.Duration
			for b.Loop() {
				start := time.Now()
				for range 8 {
					p.sum(message)
				}
				middle := time.Now()
				for range 8 {
					if err := v.Sign(r, s); err != nil {
						b.Fatal(err)
					}
				}
				whole, alone = append(whole, time.Since(middle)/8), append(alone, middle.Sub(start)/8)
			}
			slices.Sort(alone)
			slices.Sort(whole)
			median := len(alone) / 2 // which a busy machine moves less than the mean
			b.ReportMetric(float64(whole[median])/float64(alone[median]), "primitives/op")
			b.ReportMetric(float64(alone[median].Nanoseconds()), "ns-primitive/op")
			b.ReportMetric(float64(whole[median].Nanoseconds()), "ns-sign/op")
		})
	}
}
