package main

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// writeMade writes a request as a line of JSON.
func writeMade(w io.Writer, at time.Time, q *madeRequest) error {
	headers := append([][2]string{{"Host", "hooks.example.com"}}, q.headers...)
	headers = append(headers, [2]string{"Content-Length", strconv.Itoa(len(q.body))})
	line, err := json.Marshal(struct {
		Time    int64       `json:"time"` // µs
		Method  string      `json:"method"`
		URL     string      `json:"url"`
		Headers [][2]string `json:"headers"`
		Body    string      `json:"body"`
	}{at.UnixMicro(), "POST", q.url, headers, q.body})
	if err != nil {
		return err
	}
	_, err = w.Write(append(line, '\n'))
	return err
}

// chance makes what the made requests are put together from.
type chance struct{ *rand.Rand }

func newChance(seed uint64) chance { return chance{rand.New(rand.NewPCG(seed, 7))} }

func (c chance) bytes(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(c.Uint32())
	}
	return b
}

func (c chance) hex(n int) string { return hex.EncodeToString(c.bytes(n)) }

func (c chance) uuid() string {
	b := c.bytes(16)
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// often is a number below n, small ones more often: what is popular is so by far.
func (c chance) often(n int) int { return int(float64(n) * c.Float64() * c.Float64() * c.Float64()) }

func (c chance) one(of ...string) string { return of[c.IntN(len(of))] }

func (c chance) gap(mean time.Duration) time.Duration {
	return time.Duration(c.ExpFloat64() * float64(mean)).Truncate(time.Microsecond)
}

// text is so many words of a vocabulary in which some are far more frequent than others.
func (c chance) text(words int) string {
	var b strings.Builder
	for i := range words {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(wordAt(c.often(6_000)))
	}
	return b.String()
}

// wordAt is word n of that vocabulary: one to three syllables.
func wordAt(n int) string {
	syllables := strings.Fields("an be co da el fi go hu in jo ka le mo nu or pa qui re so ta un ve wi xe yo za ber con der ing men tion")
	w := syllables[n%len(syllables)]
	for n /= len(syllables); n > 0; n /= len(syllables) {
		w += syllables[n%len(syllables)]
	}
	return w
}

// twilioTraffic is inbound messages as Twilio posts them: 20 or so parameters, people who write again, 600 numbers of 12 accounts, places that go
// with area codes.
type twilioTraffic struct {
	chance
	people, numbers, accounts []string
	recent                    []int // who wrote of late
}

func newTwilioTraffic(seed uint64) *twilioTraffic {
	t := &twilioTraffic{chance: newChance(seed)}
	for range 12 {
		t.accounts = append(t.accounts, t.hex(16))
	}
	for range 600 {
		t.numbers = append(t.numbers, fmt.Sprintf("%d%07d", 200+t.IntN(790), t.IntN(10_000_000)))
	}
	for range 60_000 {
		t.people = append(t.people, fmt.Sprintf("%d%03d%04d", 200+t.often(790), 200+t.often(40), t.IntN(10_000)))
	}
	return t
}

// place is what goes with the first six digits of a number.
func place(number string) (city, state, zip string) {
	n, _ := strconv.Atoi(number[:6])
	states := strings.Fields("AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY")
	first, last := strings.Fields("NEW OLD NORTH SOUTH EAST WEST LAKE PORT FORT SAN"), strings.Fields("FIELD TON BURG VILLE WOOD RIDGE BROOK HAVEN MONT DALE")
	city = first[n%10] + " " + strings.ToUpper(wordAt(n%911)) + last[n/10%10]
	return city, states[n%len(states)], fmt.Sprintf("%05d", n*7919%100_000)
}

func (t *twilioTraffic) next() madeRequest {
	who := t.IntN(len(t.people))
	if len(t.recent) > 0 && t.IntN(3) > 0 {
		who = t.recent[t.IntN(len(t.recent))]
	}
	if t.recent = append(t.recent, who); len(t.recent) > 2_000 {
		t.recent = t.recent[1_000:]
	}
	from, sid := t.people[who], "SM"+t.hex(16)
	called := t.often(len(t.numbers))
	to, account := t.numbers[called], t.accounts[called%len(t.accounts)]
	text := t.one("STOP", "YES", "Yes", "Y", "No", "1", "2", "Ok", "Thanks", "HELP", "START")
	if t.IntN(3) > 0 {
		text = t.text(1 + t.often(30))
	}
	city, state, zip := place(from)
	toCity, toState, toZip := place(to)
	e := url.QueryEscape
	service := ""
	if called%3 == 0 {
		service = "&MessagingServiceSid=MG" + t.accounts[called%12]
	}
	body := "ToCountry=US&ToState=" + toState + "&SmsMessageSid=" + sid + "&NumMedia=0&ToCity=" + e(toCity) + "&FromZip=" + zip + "&SmsSid=" + sid + "&FromState=" + state +
		"&SmsStatus=received&FromCity=" + e(city) + "&Body=" + e(text) + "&FromCountry=US&To=%2B1" + to + service + "&ToZip=" + toZip + "&NumSegments=1&MessageSid=" + sid +
		"&AccountSid=AC" + account + "&From=%2B1" + from + "&ApiVersion=2010-04-01"
	path := "/webhooks/twilio/sms"
	switch called % 4 {
	case 0:
		path = "/api/v1/inbound/sms"
	case 1:
		path += "?tenant=" + account[:8]
	}
	return madeRequest{t.gap(7 * time.Millisecond), path, [][2]string{
		{"X-Twilio-Signature", base64.StdEncoding.EncodeToString(t.bytes(20))},
		{"I-Twilio-Idempotency-Token", t.uuid()},
		{"Content-Type", "application/x-www-form-urlencoded; charset=UTF-8"},
		{"Accept", "*/*"},
		{"X-Home-Region", "us1"},
		{"User-Agent", "TwilioProxy/1.1"},
	}, body}
}
