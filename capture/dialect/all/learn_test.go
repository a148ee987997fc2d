package all

import (
	"context"
	"io"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	"reprise/capture"
	"reprise/capture/dialect"
	"reprise/capture/dialect/profile"
	"reprise/capture/sms"
)

// drafts is a source of what a vendor's maker writes, of which nobody says whose it is.
type drafts struct {
	v      *dialect.Vendor
	random *rand.Rand
	n      int
}

func (d *drafts) Next(_ context.Context, r *capture.Record) error {
	if d.n++; d.n > 60 {
		return io.EOF
	}
	text := []string{"hello there", "where is my order?", "STOP", "is this open today, and until when?"}[d.n%4] + strings.Repeat("!", d.n%5)
	at := time.Unix(1764237600+int64(d.n), 0).UTC()
	body, _, _ := d.v.Maker.Message(nil, &dialect.Draft{
		Random: d.random, At: at, Now: at, From: "+141555520" + strconv.Itoa(10+d.n%30), To: "+12125550101", Text: text, Size: sms.Measure(text),
		City: "OAKLAND", Region: "CA", Zip: "94601", URL: "https://h.example.com/in", Account: "AC0123", Profile: "MG0123",
	})
	*r = capture.Record{
		Time: at, Method: "POST", URL: "/in", Body: body,
		Headers: []capture.Header{{Name: "Content-Type", Value: d.v.Maker.MediaType}},
	}
	return nil
}

// odd is a source of forms whose keys mean something in YAML, and of names that are few.
type odd struct{ n int }

func (d *odd) Next(_ context.Context, r *capture.Record) error {
	if d.n++; d.n > 40 {
		return io.EOF
	}
	*r = capture.Record{
		Time: time.Unix(1764237600+int64(d.n), 0).UTC(), Method: "POST", URL: "/in",
		Body: []byte("price[amount]=" + strconv.Itoa(d.n) + ".50&null=%2B141555520" + strconv.Itoa(10+d.n%30) + "&a:b=2125550101&first=" + []string{"Alice", "Bob"}[d.n%2] +
			"&t$=what+is+this%3F+" + strconv.Itoa(d.n) + "&id=ab34567890" + strconv.Itoa(d.n)),
		Headers: []capture.Header{{Name: "X-Request-Id", Value: "abc4567890" + strconv.Itoa(d.n)}, {Name: "X-Odd-Signature", Value: strings.Repeat("0f", 32)}},
	}
	return nil
}

func TestLearnOddNames(t *testing.T) {
	text, err := profile.Learn(t.Context(), new(odd), "odd")
	if err != nil {
		t.Fatal(err)
	}
	v, err := profile.Read([]byte(text))
	if err != nil {
		t.Fatalf("the proposal is no profile: %v\n%s", err, text)
	}
	var r capture.Record
	if err := new(odd).Next(t.Context(), &r); err != nil {
		t.Fatal(err)
	}
	if e, err := v.Parse(&r); v.Detect(&r) != dialect.ByShape || err != nil || e.Person != "+14155552011" || e.Message.Text != "what is this? 1" {
		t.Errorf("by the proposal: %+v, %v\n%s", e, err, text)
	}
	if !strings.Contains(text, "x-odd-signature: SHA-256 in hex") || !strings.Contains(text, "id: [x-request-id]") || strings.Contains(text, "Alice") {
		t.Errorf("the proposal leaves out a header, or quotes a name:\n%s", text)
	}
	if _, err := profile.Learn(t.Context(), new(odd), "a b"); err == nil {
		t.Error("a name that is none is taken")
	}
}

// gate is a source of a gateway's requests: it counts its messages, few people write, and its names are short.
type gate struct{ n int }

func (d *gate) Next(_ context.Context, r *capture.Record) error {
	if d.n++; d.n > 20 {
		return io.EOF
	}
	*r = capture.Record{
		Time: time.Unix(1764237600+int64(d.n), 0).UTC(), Method: "POST", URL: "/in",
		Body: []byte(`{"evt":"` + []string{"in", "st"}[d.n%2] + `","d":{"mid":"m-` + strconv.Itoa(d.n) + `","src":"+1415555201` + strconv.Itoa(d.n%5) +
			`","dst":"72345","msg":"where is my order ` + strconv.Itoa(d.n) + `?"},"at":1764300000` + strconv.Itoa(100+d.n) + `}`),
		Headers: []capture.Header{{Name: "X-Gate-Sig", Value: "sha256=" + strings.Repeat("0f", 32)}},
	}
	return nil
}

func TestLearnFewPeople(t *testing.T) {
	text, err := profile.Learn(t.Context(), new(gate), "gate")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"id: /d/mid ", "sender: /d/src ", "recipient: /d/dst ", "text: /d/msg ", "/evt: [in, st]", "time: [/at]", "header x-gate-sig: SHA-256 in hex"} {
		if !strings.Contains(text, want) {
			t.Errorf("the proposal has no %q:\n%s", want, text)
		}
	}
}

// What is learned of a vendor that is known is what is known of it.
func TestLearn(t *testing.T) {
	for vendor, want := range map[string]string{
		"twilio":    "sender: From, recipient: To, text: Body, id: MessageSid SmsSid SmsMessageSid",
		"telnyx":    "sender: /data/payload/from/phone_number, recipient: /data/payload/to/*/phone_number, text: /data/payload/text, id: /data/payload/id /data/id",
		"plivo":     "sender: From, recipient: To, text: Text, id: MessageUUID",
		"vonage":    "sender: msisdn /msisdn, recipient: to /to, text: text /text, id: messageId /messageId",
		"bandwidth": "sender: /*/message/from, recipient: /*/to /*/message/to/* /*/message/owner, text: /*/message/text, id: /*/message/id",
	} {
		t.Run(vendor, func(t *testing.T) {
			v, _ := Table().Named(vendor)
			text, err := profile.Learn(t.Context(), &drafts{v: v, random: rand.New(rand.NewPCG(1, 2))}, "learned")
			if err != nil {
				t.Fatal(err)
			}
			for part := range strings.SplitSeq(want, ", ") {
				key, names, _ := strings.Cut(part, ": ")
				found := false
				for name := range strings.FieldsSeq(names) {
					found = found || strings.Contains(text, "  "+key+": "+name+" ")
				}
				if !found {
					t.Errorf("%s is none of %s:\n%s", key, names, text)
				}
			}
			if _, err := profile.Read([]byte(text)); err != nil {
				t.Errorf("the proposal is no profile: %v", err)
			}
			for _, secret := range []string{"4155552", "hello", "OAKLAND"} {
				if strings.Contains(text, secret) {
					t.Errorf("the proposal quotes %q", secret)
				}
			}
		})
	}
}
