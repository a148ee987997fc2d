package corpus

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/url"
	"strconv"
	"strings"
	"time"

	"reprise/capture"
)

// likeTwilio returns n records with the size and the entropy of real form posts: about 800 bytes of HTTP each.
func likeTwilio(n int) []capture.Record {
	rng := rand.New(rand.NewPCG(1, 2))
	random := func(n int) string {
		b := make([]byte, n)
		for i := range b {
			b[i] = byte(rng.Uint32())
		}
		return fmt.Sprintf("%x", b)
	}
	at := time.Date(2025, 1, 2, 7, 4, 5, 0, time.UTC)
	out := make([]capture.Record, n)
	for i := range out {
		at = at.Add(time.Duration(rng.ExpFloat64() * float64(20*time.Millisecond)).Truncate(time.Microsecond))
		id, from, city := "SM"+random(16), fmt.Sprintf("%d", 2e9+rng.IntN(5e6)*1000), "NEW TOWN "+strconv.Itoa(rng.IntN(300))
		words := strings.Fields("no to unless parallel attachments section all bug connections dial abnormal yes stop later ok")
		text := ""
		for range 1 + rng.IntN(8) {
			text += words[rng.IntN(len(words))] + " "
		}
		body := "ToCountry=US&ToState=MA&SmsMessageSid=" + id + "&NumMedia=0&ToCity=" + url.QueryEscape(city) + "&FromZip=63602&SmsSid=" + id +
			"&FromState=KS&SmsStatus=received&FromCity=" + url.QueryEscape(city) + "&Body=" + url.QueryEscape(text) +
			"&FromCountry=US&To=%2B16767053700&ToZip=84386&NumSegments=1&MessageSid=" + id +
			"&AccountSid=AC634a04c36061defba3d863a9430e1014&From=%2B1" + from + "&ApiVersion=2010-04-01"
		sign := base64.StdEncoding.EncodeToString([]byte(random(10)))
		out[i] = capture.Record{
			Time: at, Method: "POST", URL: "/webhooks/twilio/sms", Host: "hooks.example.com", Body: []byte(body),
			Headers: lines("Host", "hooks.example.com", "X-Twilio-Signature", sign, "I-Twilio-Idempotency-Token", random(16),
				"Content-Type", "application/x-www-form-urlencoded; charset=UTF-8", "Content-Length", strconv.Itoa(len(body)), "Accept", "*/*",
				"X-Home-Region", "us1", "User-Agent", "TwilioProxy/1.1"),
			Response: capture.Response{Status: 200, Latency: time.Duration(2e6 + rng.IntN(1e6))},
			Kind:     capture.Unrecognized, Vendor: "twilio",
			Message: capture.Message{ID: id, From: "+1" + from, To: "+16767053700", Text: text},
		}
	}
	return out
}

// readTraffic reads NDJSON as traffic describes it and fills in the message from the form.
func readTraffic(in io.Reader) (out []capture.Record, err error) {
	dec := json.NewDecoder(in)
	for {
		var line struct {
			Time              int64
			Method, URL, Body string
			Headers           [][2]string
		}
		if err := dec.Decode(&line); errors.Is(err, io.EOF) {
			return out, nil
		} else if err != nil {
			return nil, err
		}
		r := capture.Record{
			Time: time.UnixMicro(line.Time), Method: line.Method, URL: line.URL, Body: []byte(line.Body), Vendor: "twilio",
			Kind: capture.Unrecognized, Response: capture.Response{Status: 200, Latency: time.Millisecond},
		}
		for _, h := range line.Headers {
			r.Headers = append(r.Headers, capture.Header{Name: h[0], Value: h[1]})
		}
		r.Host, _ = r.Header("Host")
		if form, err := url.ParseQuery(line.Body); err == nil {
			r.Message = capture.Message{ID: form.Get("MessageSid"), From: form.Get("From"), To: form.Get("To"), Text: form.Get("Body")}
		}
		out = append(out, r)
	}
}
