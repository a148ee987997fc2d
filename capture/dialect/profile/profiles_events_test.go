package profile

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"reprise/capture"
	"reprise/capture/dialect"
	"reprise/capture/dialect/dialecttest"
	"reprise/capture/dialect/signature"
)

func header(name, value string) capture.Header { return capture.Header{Name: name, Value: value} }

// eventSamples are payloads of vendors of events, which are no SMS but for Attentive's, by the vendor's name.
func eventSamples() map[string][]dialecttest.Sample {
	klaviyo := `{"external_id":"4L3cwQae2TX","topic":"event:klaviyo.sent_sms","payload":{"data":{"type":"event","id":"4vRpBT","attributes":{"timestamp":1764237600,"event_properties":{"MessageBody":"Hi Anna"},"datetime":"2026-11-27T10:00:00+00:00","uuid":"ca5c7a00-bd6d-11ed-8001-2f5ed52fa5a0"},"relationships":{"profile":{"data":{"type":"profile","id":"01GDDKASAP8TKDDA2GRZDSVP4H"},"links":{"self":"https://a.klaviyo.com/api/events/4vRpBT/relationships/profile","related":"https://a.klaviyo.com/api/events/4vRpBT/profile"}},"metric":{"data":{"type":"metric","id":"UMTLbD"}}},"links":{"self":"https://a.klaviyo.com/api/events/4vRpBT/"}},"included":[{"type":"profile","id":"01GDDKASAP8TKDDA2GRZDSVP4H","attributes":{"email":"anna@mail.example","phone_number":"+14155550123","external_id":"63f64a2b-c6bf-40c7-b81f-bed08162edbe","first_name":"Anna","last_name":"Quist","organization":"Quist & Co","locale":"en-US","title":"Buyer","image":"https://images.example/a.png","created":"2022-11-08T00:00:00+00:00","updated":"2022-11-08T00:00:01+00:00","last_event_date":"2026-11-26T00:00:00+00:00","location":{"address1":"89 E 42nd St","address2":"1st floor","city":"New York","country":"USA","latitude":40.7127,"longitude":-74.006,"region":"NY","zip":"10017","timezone":"America/New_York","ip":"192.0.2.7"}}}]}}`
	return map[string][]dialecttest.Sample{
		"klaviyo": {{
			Name: "an event", Detect: dialect.ByHeader, Withheld: []string{"data.*.payload.data.attributes.event_properties.MessageBody"},
			Headers: []capture.Header{header("Klaviyo-Signature", "5aa0"), header("Klaviyo-Timestamp", "Fri, 27 Nov 2026 10:00:01 GMT"), header("Klaviyo-Webhook-Id", "a8b890458b4bbfaa")},
			Body:    `{"data":[` + klaviyo + `],"meta":{"klaviyo_account_id":"AbC123","klaviyo_webhook_id":"a8b890458b4bbfaa","timestamp":"2026-11-27T10:00:02+00:00","version":1}}`,
		}, {
			Name: "by its shape",
			Body: `{"data":[{"external_id":"4L3cwQae2TX","topic":"event:klaviyo.sent_sms"}],"meta":{"klaviyo_webhook_id":"a8b890458b4bbfaa"}}`,
		}},
		"attentive": {{
			Name: "a message", Detect: dialect.ByHeader, Headers: []capture.Header{header("x-attentive-hmac-sha256", "8d1c")},
			Body: `{"type":"sms.inbound_message","timestamp":1764237600123,"company":{"display_name":"Hudson & Ivy","company_id":"MDc6Q29tcGFueTU"},"subscriber":{"phone":"+14155550123","email":"anna@mail.example","external_id":16467358,"external_identifiers":{"client_user_id":"u-77"}},"message":{"type":"INBOUND","text":"STOP","to_phone":"+12025550111"}}`,
			Want: dialect.Event{
				Type: dialect.Inbound, Person: "+14155550123", Message: capture.Message{From: "+14155550123", To: "+12025550111", Text: "STOP"},
			},
		}, {
			Name: "a message sent",
			Body: `{"type":"sms.sent","timestamp":1764237600123,"company":{"display_name":"Hudson & Ivy","company_id":"MDc6Q29tcGFueTU"},"subscriber":{"phone":"+14155550123","external_id":16467358},"message":{"id":"MDc6TWVzc2FnZTE","type":"CAMPAIGN","name":"Friday","text":"20% off","channel":"TEXT"}}`,
			Want: dialect.Event{
				Type: dialect.Receipt, Person: "+14155550123", State: "sms.sent", Message: capture.Message{ID: "MDc6TWVzc2FnZTE", To: "+14155550123"},
			},
		}, {
			Name: "a subscription",
			Body: `{"type":"sms.subscribed","timestamp":1764237600123,"company":{"display_name":"Hudson & Ivy","company_id":"MDc6Q29tcGFueTU"},"subscriber":{"phone":"+14155550123","external_id":16467358},"creative":{"name":"Text to Join","type":"TEXT_TO_JOIN","subtype":"CODE"},"subscription":{"type":"MARKETING"}}`,
		}},
		"standard-webhooks": {{
			Name: "of its headers alone", Detect: dialect.ByEnvelope, Withheld: []string{"data.reply", "type", "timestamp"},
			Headers: []capture.Header{header("Webhook-Id", "msg_p5jXN8AQM9LWM0D4loKWxJek"), header("Webhook-Timestamp", "1764237600"), header("webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")},
			Body:    `{"type":"reply.received","timestamp":"2026-11-27T10:00:00Z","data":{"reply":"Hi"}}`,
		}},
		"svix": {{
			Name: "of its headers alone", Detect: dialect.ByEnvelope, Withheld: []string{"reply"},
			Headers: []capture.Header{header("svix-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"), header("svix-timestamp", "1764237600"), header("svix-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")},
			Body:    `{"reply":"Hi"}`,
		}},
		"shopify": {{
			Name: "an order", Detect: dialect.ByHeader,
			Headers: []capture.Header{
				header("X-Shopify-Topic", "orders/create"), header("X-Shopify-Hmac-Sha256", "c2ln"), header("X-Shopify-Shop-Domain", "johns-apparel.myshopify.com"), header("X-Shopify-API-Version", "2026-07"),
				header("X-Shopify-Webhook-Id", "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043"), header("X-Shopify-Event-Id", "98880550-7158-44d4-b7cd-2c97c8a091b5"), header("X-Shopify-Triggered-At", "2026-11-27T10:00:00.000000000Z"),
			},
			Body: order,
		}, {Name: "an order by its shape", Body: order}},
		"stripe": {{
			Name: "a charge", Detect: dialect.ByHeader, Headers: []capture.Header{header("Stripe-Signature", "t=1492774577,v1=5257a869e7ecebeda32affa62cdca3fa51cad7e77a0e56ff536d0ce8e108d8bd,v0=6ffb")},
			Body: `{"id":"evt_1NG8Du2eZvKYlo2CUI79vXWy","object":"event","api_version":"2026-08-27","created":1764237600,"data":{"object":{"id":"ch_3MmlLrLkdIwHu7ix0snN0B15","object":"charge","amount":1099,"amount_captured":1098,"billing_details":{"address":{"city":"San Francisco","country":"US","line1":"27 Fredrick Ave","line2":null,"postal_code":"94103","state":"CA"},"email":"anna@mail.example","name":"Anna Quist","phone":"+14155550123"},"currency":"usd","customer":"cus_NffrFeUfNV2Hib","description":"a coat","livemode":true,"payment_intent":"pi_3MmlLr","receipt_url":"https://pay.stripe.com/receipts/1","status":"succeeded"}},"livemode":false,"pending_webhooks":3,"request":{"id":"req_ydHCgcX98vFIun","idempotency_key":"d4661f89-86ae-43f9-86d6-db2d894b57a4"},"type":"charge.succeeded"}`,
		}, {
			Name: "a customer by its shape",
			Body: `{"id":"evt_1NG8Du2eZvKYlo2CUI79vXWy","object":"event","created":1764237600,"data":{"object":{"id":"cus_NffrFeUfNV2Hib","object":"customer","address":null,"balance":17,"created":1680893993,"email":"jennyrosen@mail.example","invoice_prefix":"0759376C","invoice_settings":{"footer":null},"name":"Jenny Rosen","phone":"+14155550124","preferred_locales":["en-US"],"shipping":null,"tax_exempt":"none"}},"type":"customer.created"}`,
		}},
	}
}

// order is Shopify's sample of orders/create, cut short, with its own values throughout.
const order = `{"id":820982911946154508,"admin_graphql_api_id":"gid://shopify/Order/820982911946154509","browser_ip":"192.0.2.8","buyer_accepts_marketing":true,"cancelled_at":null,"contact_email":"jon@mail.example","created_at":"2021-12-31T19:00:00-05:00","currency":"USD","current_total_price_set":{"shop_money":{"amount":"414.95","currency_code":"EUR"}},"email":"jan@mail.example","financial_status":"voided","name":"#9999","note":"ring twice","note_attributes":[{"name":"colour","value":"green"}],"order_number":1234,"order_status_url":"https://jsmith.myshopify.com/548380009/orders/123456abcd/authenticate?key=abcdefg","payment_gateway_names":["visa"],"phone":"+14155550101","tags":"tag1, tag2","test":false,"token":"123456abce","total_price":"404.96",` +
	`"billing_address":{"first_name":"Steve","address1":"123 Shipping Street","phone":"555-555-0102","city":"Shippington","zip":"40003","province":"Kentucky","country":"United States","last_name":"Shipper","address2":null,"company":"Shipping Company","latitude":38.1,"name":"Steve B. Shipper","country_code":"US","province_code":"KY"},` +
	`"customer":{"id":115310627314723954,"first_name":"John","last_name":"Smith","state":"disabled","verified_email":true,"email":"john@mail.example","phone":"+14155550103","admin_graphql_api_id":"gid://shopify/Customer/115310627314723955","default_address":{"id":715243470612851245,"customer_id":115310627314723956,"city":"Ottawa","default":true}},` +
	`"line_items":[{"id":487817672276298554,"attributed_staffs":[{"id":"gid://shopify/StaffMember/902541635","quantity":7}],"name":"Aviator sunglasses","price":"89.99","price_set":{"shop_money":{"amount":"89.98","currency_code":"CAD"}},"product_id":788032119674292922,"properties":[{"name":"engraving","value":"For Bob"}],"quantity":1,"sku":"SKU2006-001"}],` +
	`"shipping_lines":[{"id":271878346596884015,"phone":null,"price":"10.00","source":"shopify","title":"Generic Shipping"}],"refunds":[]}`

func TestConformanceOfEvents(t *testing.T) {
	for name, samples := range eventSamples() {
		t.Run(name, func(t *testing.T) { dialecttest.Run(t, vendor(t, name), samples...) })
	}
}

// A batch of a thousand events is one record, all of whose people are found.
func TestBatchOfKlaviyo(t *testing.T) {
	one := eventSamples()["klaviyo"][0]
	event := one.Body[len(`{"data":[`):strings.Index(one.Body, `],"meta"`)]
	one.Body = strings.Replace(one.Body, event, strings.Repeat(event+",", 999)+event, 1)
	people := 0
	r := one.Record()
	if err := vendor(t, "klaviyo").Rewrite(r, func(f dialect.Field) (string, dialect.Op) {
		if f.Class == dialect.Person {
			people++
			return "+12025550199", dialect.Set
		}
		return "", dialect.Leave
	}); err != nil || people != 1000 || strings.Contains(string(r.Body), "5550123") {
		t.Errorf("%d people, %v", people, err)
	}
}

// A vendor whose payloads are no messages is told and kept, and the other vendors' payloads go before an envelope.
func TestEnvelopes(t *testing.T) {
	table := dialect.NewTable(Shipped()...)
	for name, samples := range eventSamples() {
		for _, s := range samples {
			r := s.Record()
			if v := table.Detect(r); v == nil || v.Name != name {
				t.Errorf("%s: %s: told as another's", name, s.Name)
			}
		}
	}
	for _, name := range []string{"svix", "standard-webhooks"} {
		for other, samples := range eventSamples() {
			s := samples[len(samples)-1]
			s.Headers = append(s.Headers, eventSamples()[name][0].Headers...)
			if v := table.Detect(s.Record()); other != "svix" && other != "standard-webhooks" && v.Name != other {
				t.Errorf("%s in an envelope of %s is told as %s", other, name, v.Name)
			}
		}
	}
}

// vector is one published signature, with where it comes from.
type vector struct {
	ID        string            `json:"id"`
	Vendor    string            `json:"vendor"`
	Scheme    string            `json:"scheme"`
	Headers   map[string]string `json:"headers"`
	Body      string            `json:"body"`
	Secret    string            `json:"secret"`
	Nonce     string            `json:"nonce"`
	Timestamp string            `json:"timestamp"`
	Expected  string            `json:"expected_signature"`
	Repeated  string            `json:"body_generator"` // "'a' repeated 1048576 times"
}

// signer returns the scheme of a vector, which is that of a vendor, and the header of its signature.
func (v vector) signer(t *testing.T) (s dialect.Scheme, header string) {
	t.Helper()
	for name, value := range v.Headers {
		if value == v.Expected {
			header = name
		}
	}
	if v.Scheme != "sinch-numbers-hmac-sha1-hex" {
		return vendor(t, v.Vendor).Scheme, header
	}
	numbers, err := signature.NewSigner(signature.Profile{Header: "X-Sinch-Signature", Algorithm: "sha1"})
	if err != nil {
		t.Fatal(err)
	}
	return numbers, header
}

// at reads the time of a vector, in whatever format it is.
func (v vector) at(t *testing.T) (at time.Time) {
	t.Helper()
	if v.Timestamp == "" {
		return at
	}
	if at, err := time.Parse("Mon, 02 Jan 2006 15:04:05 GMT", v.Timestamp); err == nil {
		return at
	}
	var seconds int64
	if err := json.Unmarshal([]byte(v.Timestamp), &seconds); err != nil {
		t.Fatal(err)
	}
	return time.Unix(seconds, 0)
}

func TestPublishedSignatures(t *testing.T) {
	text, err := os.ReadFile("testdata/signatures.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Vectors []vector }
	if err := json.Unmarshal(text, &file); err != nil || len(file.Vectors) < 6 {
		t.Fatalf("%d vectors, %v", len(file.Vectors), err)
	}
	for _, v := range file.Vectors {
		t.Run(v.ID, func(t *testing.T) { checkVector(t, v) })
	}
}

func checkVector(t *testing.T, v vector) {
	signer, signed := v.signer(t)
	if v.Repeated != "" {
		var letter string
		var times int
		if _, err := fmt.Sscanf(v.Repeated, "'%1s' repeated %d times", &letter, &times); err != nil {
			t.Fatal(err)
		}
		v.Body = strings.Repeat(letter, times)
	}
	r := &capture.Record{Method: "POST", URL: "/", Body: []byte(v.Body)}
	for name, value := range v.Headers {
		r.Headers = append(r.Headers, capture.Header{Name: name, Value: value})
	}
	g := dialect.Signing{Secret: []byte(v.Secret), Nonce: v.Nonce, Now: v.at(t)}
	if err := signer.Verify(r, g); err != nil {
		t.Errorf("Verify: %v", err)
	}
	r.SetHeader(signed, v.Expected[:4]+"AAAA")
	if err := signer.Verify(r, g); !errors.Is(err, dialect.ErrSignature) {
		t.Errorf("Verify of another signature = %v", err)
	}
	if err := signer.Sign(r, g); err != nil {
		t.Fatal(err)
	}
	if v.Timestamp != "" != signer.Timed() {
		t.Errorf("Timed = %v", signer.Timed())
	}
	for name, value := range v.Headers {
		if got, _ := r.Header(name); got != value {
			t.Errorf("header %s is %q, was %q", name, got, value)
		}
	}
}

// Vendors of events sign what they carry, and their signatures cover it.
func TestSigningOfEvents(t *testing.T) {
	now := time.Unix(1764237600, 0)
	pair := ed25519.NewKeyFromSeed([]byte("a seed of just thirty-two bytes."))
	for _, tc := range []struct{ vendor, secret string }{
		{"klaviyo", "secret"},
		{"attentive", "secret"},
		{"shopify", "secret"},
		{"stripe", "whsec_secret"},
		{"svix", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"},
		{"standard-webhooks", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"},
	} {
		s := eventSamples()[tc.vendor][0]
		s.Headers = nil
		g := dialect.Signing{Secret: []byte(tc.secret), Now: now}
		if strings.HasPrefix(tc.secret, "whsec_M") {
			g.Secret = []byte(strings.TrimPrefix(tc.secret, "whsec_")) // the letter that is changed is to be one of the key
		}
		dialecttest.CheckSigning(t, vendor(t, tc.vendor), s, g, g, true)
	}
	for _, name := range []string{"svix", "standard-webhooks"} {
		v, r := vendor(t, name), eventSamples()[name][0].Record()
		private, public := "whsk_"+base64.StdEncoding.EncodeToString(pair), "whpk_"+base64.StdEncoding.EncodeToString(pair[32:])
		if err := v.Sign(r, dialect.Signing{Secret: []byte(private), Now: now}); err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(r.Headers, func(h capture.Header) bool { return strings.HasPrefix(h.Value, "v1a,") }) {
			t.Errorf("%s: not signed by the private key", name)
		}
		if err := v.Verify(r, dialect.Signing{Secret: []byte(public), Now: now}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestStripesSignature computes what https://docs.stripe.com/webhooks#verify-manually describes.
func TestStripesSignature(t *testing.T) {
	v, r := vendor(t, "stripe"), dialecttest.Sample{Body: "{}"}.Record()
	g := dialect.Signing{Secret: []byte("whsec_test_secret"), Now: time.Unix(1492774577, 0)}
	if err := v.Sign(r, g); err != nil {
		t.Fatal(err)
	}
	mac := hmac.New(sha256.New, g.Secret)
	mac.Write([]byte("1492774577.{}"))
	want := "t=1492774577,v1=" + hex.EncodeToString(mac.Sum(nil))
	if got, _ := r.Header("Stripe-Signature"); got != want {
		t.Errorf("the header is %q, want %q", got, want)
	}
	r.SetHeader("Stripe-Signature", strings.Replace(want, ",v1=", ",v1=00,v1=", 1)+",v0=6ffb") // while a secret is changed, and of a test
	if err := v.Verify(r, g); err != nil {
		t.Error(err)
	}
	g.Now = g.Now.Add(6 * time.Minute)
	if err := v.Verify(r, g); !errors.Is(err, dialect.ErrSignature) {
		t.Errorf("six minutes later: %v", err)
	}
}

// A vendor needs no message where its fields or its signature are there.
func TestNoMessage(t *testing.T) {
	v, err := Read([]byte("name: a\ndetect: {headers: {x-a: }}\nfields: {person: /phone}\nsignature: {header: x-a}\n"))
	if err != nil {
		t.Fatal(err)
	}
	r := dialecttest.Sample{Body: `{"phone":"+14155550123","x":1}`, Headers: []capture.Header{header("x-a", "1")}}.Record()
	e, err := v.Parse(r)
	if err != nil || e != (dialect.Event{}) || v.Detect(r) != dialect.ByHeader {
		t.Errorf("%+v, %v", e, err)
	}
	if err := v.Rewrite(r, func(f dialect.Field) (string, dialect.Op) {
		if f.Class == dialect.Person {
			return "+12025550199", dialect.Set
		}
		return "", dialect.Leave
	}); err != nil || string(r.Body) != `{"phone":"+12025550199","x":1}` {
		t.Errorf("%s, %v", r.Body, err)
	}
	g := dialect.Signing{Secret: []byte("s")}
	if err := errors.Join(v.Sign(r, g), v.Verify(r, g)); err != nil {
		t.Error(err)
	}
	for text, want := range map[string]string{
		"name: a\ndetect: {headers: {h: }}\n":                                                        "message: ",
		"name: a\ndetect: {envelope: true, fields: {a: }}\nfields: {keep: a}\n":                      "detect.envelope: ",
		"name: a\ndetect: {fields: {a: }}\nfields: {keep: '/{a'}\n":                                  "fields.keep: a { has",
		"name: a\ndetect: {fields: {a: }}\nfields: {keep: '/a}'}\n":                                  "fields.keep: a { has",
		"name: a\ndetect: {fields: {a: }}\nfields: {keep: '/{a,{b}}'}\n":                             "fields.keep: a { has",
		"name: a\ndetect: {fields: {a: }}\nfields: {keep: '/" + strings.Repeat("{a,b}", 13) + "'}\n": "4,096",
	} {
		if _, err := Parse([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}
