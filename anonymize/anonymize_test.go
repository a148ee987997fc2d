package anonymize

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/quick"
	"unicode"

	"reprise/capture"
	"reprise/capture/dialect/all"
	"reprise/capture/payload"
	"reprise/capture/sms"
)

// testKey is the key of the golden vectors.
func testKey() []byte {
	key := make([]byte, KeySize)
	for i := range key {
		key[i] = byte(i)
	}
	return key
}

func testClassifier(t testing.TB) *sms.Classifier {
	t.Helper()
	c, err := sms.NewClassifier(sms.Options{Keywords: map[capture.Kind][]string{capture.CustomKeyword: {"GLOW", "K"}}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func newAnonymizer(t testing.TB, pool sms.Pool) *Anonymizer {
	t.Helper()
	a, err := New(Options{Key: testKey(), Table: all.Table(), Classifier: testClassifier(t), Pool: pool})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// request builds a record as a source does, its kind and message read from the payload.
func request(t testing.TB, target, contentType, body string, headers ...string) *capture.Record {
	t.Helper()
	r := &capture.Record{Method: "POST", URL: target, Host: "sms.internal.acme-cosmetics.com", Body: []byte(body)}
	r.Headers = []capture.Header{{Name: "Host", Value: r.Host}, {Name: "Content-Type", Value: contentType}}
	for i := 0; i < len(headers); i += 2 {
		r.Headers = append(r.Headers, capture.Header{Name: headers[i], Value: headers[i+1]})
	}
	r.Headers = append(r.Headers, capture.Header{Name: "Content-Length", Value: strconv.Itoa(len(body))})
	_ = all.Table().Annotate(r, testClassifier(t))
	return r
}

func inbound(t testing.TB, from, to, text string) *capture.Record {
	t.Helper()
	form := "AccountSid=AC00000000000000000000000000000001&Body=" + url.QueryEscape(text) + "&From=" + url.QueryEscape(from) +
		"&MessageSid=SM0123456789abcdef0123456789abcdef&NumMedia=0&SmsStatus=received&To=" + url.QueryEscape(to)
	return request(t, "/sms", "application/x-www-form-urlencoded", form)
}

func rewrite(t testing.TB, a *Anonymizer, r *capture.Record) *capture.Record {
	t.Helper()
	c := r.Clone()
	if err := a.Rewrite(c); err != nil {
		t.Fatalf("Rewrite: %v", err)
	}
	return c
}

// dump writes everything of a record that reaches a corpus.
func dump(r *capture.Record) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s\nHost: %s\n", r.Method, r.URL, r.Host)
	for _, h := range r.Headers {
		fmt.Fprintf(&b, "%s: %s\n", h.Name, h.Value)
	}
	m := r.Message
	fmt.Fprintf(&b, "\n%s\n{ID:%s From:%s To:%s Text:%s}", r.Body, m.ID, m.From, m.To, m.Text)
	return b.String()
}

const (
	formType = "application/x-www-form-urlencoded"
	jsonType = "application/json"
)

// vendorRecords are requests of each vendor in which everything that tells of anyone is one of vendorSecrets.
func vendorRecords(t testing.TB) []*capture.Record {
	return []*capture.Record{
		request(t, "/hook/16305961111/inbound?tenant=Sarahs+Shop", formType,
			"AccountSid=AC5ecre75ecre75ecre75ecre75ecre75ecr&ApiVersion=2010-04-01&Body=Sarah+Connor+lives+at+Cyberdyne+Road%2C+call+6305961111%21"+
				"&From=%2B16305961111&FromCity=SHERMANOAKS&FromCountry=US&FromState=ZANZIBAR&FromZip=91403&MessageSid=SM5ec0de5ec0de5ec0de5ec0de5ec0de5ec0"+
				"&NumMedia=1&NumSegments=1&SmsStatus=received&To=%2B18005550199&ProfileName=Sarah+Connor&WaId=16305961111"+
				"&MediaUrl0=https%3A%2F%2Fapi.twilio.com%2FAccounts%2Fskynet%2FMedia%2FME5ec0de5ec0de5ec0de5ec0de5ec0de5ec0&NewField=sarah%40skynet.com",
			"X-Twilio-Signature", "c2VjcmV0c2VjcmV0", "Cookie", "session=cyberdyne", "X-Forwarded-For", "203.0.113.77", "User-Agent", "TwilioProxy/1.1"),
		request(t, "/telnyx", jsonType,
			`{"data":{"event_type":"message.received","id":"5ec0de00-5ec0-4ec0-8ec0-5ec0de5ec0de","occurred_at":"2026-11-23T07:55:47.824+00:00",`+
				`"payload":{"direction":"inbound","encoding":"GSM-7","from":{"carrier":"Cyberdyne Mobile","line_type":"Wireless","phone_number":"+16305961111"},`+
				`"id":"c0de5ec0-c0de-4ec0-8ec0-5ec0dec0de00","media":[{"url":"https://media.skynet.com/sarah.jpg"}],"parts":1,`+
				`"text":"Sarah Connor \u004cives at Cyberdyne Road","to":[{"carrier":"Telnyx","phone_number":"28572"}],"type":"SMS","plan":"skynet gold"},`+
				`"record_type":"event"},"meta":{"attempt":1,"delivered_to":"https://sms.internal.acme-cosmetics.com/telnyx"}}`,
			"telnyx-signature-ed25519", "c2VjcmV0c2VjcmV0", "telnyx-timestamp", "1795420547"),
		request(t, "/vonage", jsonType,
			`{"api-key":"5ec0de99","keyword":"SARAH","message-timestamp":"2026-11-23 07:55:47","messageId":"5EC0DE5EC0DE5EC0","msisdn":"16305961111",`+
				`"text":"Sarah Connor lives here","to":"18005550199","type":"text"}`),
		request(t, "/plivo", formType,
			"From=16305961111&MessageUUID=5ec0de00-c0de-11ee-8ec0-5ec0de5ec0de&Text=Sarah+Connor&To=18005550199&TotalRate=0&Type=sms&Units=1"),
		request(t, "/bandwidth", jsonType,
			`[{"type" : "message-received","time":"2026-11-23T07:58:20Z","description":"Incoming message received","to":"+18005550199",`+
				`"message":{"applicationId":"5ec0de00-c0de-4ec0-8ec0-0000de5ec0de","direction":"in","from":"+16305961111","id":"5ec0de5ec0de5ec0de5ec0de",`+
				`"owner":"+18005550199","segmentCount":1,"text":"Sarah Connor","time":"2026-11-23T07:58:20Z","to":["+18005550199"]}}]`),
		request(t, "/unknown?email=sarah%40skynet.com", jsonType, `{"who":"Sarah Connor","phone":"+16305961111"}`, "Authorization", "Bearer c2VjcmV0"),
		request(t, "/telnyx", jsonType, `{"data":{"record_type":"event","payload":{"from":"+16305961111","text":"Sarah Con`, "telnyx-signature-ed25519", "c2VjcmV0c2VjcmV0"),
		request(t, "/text", "text/plain", "Sarah Connor, +16305961111"),
	}
}

func vendorSecrets() []string {
	return []string{
		"6305961111", "8005550199", "28572", "sarah", "connor", "cyberdyne", "skynet", "acme", "shermanoaks", "zanzibar", "91403", "5ec0de", "c0de5ec0",
		"5ecre7", "c2vjcmv0", "203.0.113.77",
	}
}

func TestRewriteLeavesNothing(t *testing.T) {
	a := newAnonymizer(t, sms.Wide())
	for i, r := range vendorRecords(t) {
		out := rewrite(t, a, r)
		text := dump(out)
		decoded, _ := url.QueryUnescape(text)
		for _, secret := range vendorSecrets() {
			if strings.Contains(strings.ToLower(text), secret) || strings.Contains(strings.ToLower(decoded), secret) {
				t.Errorf("record %d: %q survives in\n%s", i, secret, text)
			}
		}
		if out.Kind != r.Kind || out.Vendor != r.Vendor || !out.Time.Equal(r.Time) {
			t.Errorf("record %d: kind, vendor or time changed: %s %q, want %s %q", i, out.Kind, out.Vendor, r.Kind, r.Vendor)
		}
		if sms.Measure(out.Message.Text) != sms.Measure(r.Message.Text) {
			t.Errorf("record %d: %q is of another size than %q", i, out.Message.Text, r.Message.Text)
		}
		if got, _ := out.Header("Content-Length"); got != strconv.Itoa(len(out.Body)) {
			t.Errorf("record %d: Content-Length %s, the body has %d bytes", i, got, len(out.Body))
		}
	}
	report := a.Report()
	if report.Opaque != 2 || report.Shaped != 1 || report.KindChanged != 0 || report.Unknown["twilio.NewField"] != 1 || report.Unknown["telnyx.data.payload.plan"] != 1 ||
		report.Dropped["cookie"] != 1 || report.Countries["US"] != 2 || report.ShortCodes != 1 {
		t.Errorf("report = %+v", report)
	}
}

func TestOneFakeForEachPerson(t *testing.T) {
	a := newAnonymizer(t, sms.Wide())
	want := ""
	for _, from := range []string{
		"+14155551234", "14155551234", "(415) 555-1234", "whatsapp:+14155551234", "+1 415-555-1234", "４１５５５５１２３４", "0014155551234",
	} {
		out := rewrite(t, a, inbound(t, from, "+18005550100", "hello there"))
		got, class := sms.Canonical(out.Message.From)
		if want == "" {
			want = got
		}
		if got != want || class != sms.E164 || !sms.Wide().Contains(got) {
			t.Errorf("%q became %q, that is %q, want %q", from, out.Message.From, got, want)
		}
		if strings.HasPrefix(from, "whatsapp:") != strings.HasPrefix(out.Message.From, "whatsapp:") {
			t.Errorf("%q became %q: the channel differs", from, out.Message.From)
		}
	}
	if n := a.Report().Senders; n != 1 {
		t.Errorf("%d senders, want 1", n)
	}
}

func TestNobodyIsMerged(t *testing.T) {
	a := newAnonymizer(t, sms.Wide())
	seen := make(map[string]bool)
	for i := range 50_000 {
		a.cur, a.met = current{}, nil
		ad := a.address("+1" + strconv.Itoa(2_125_550_000+i)) // some of them in the pool themselves
		if seen[ad.fake] || !sms.Wide().Contains(ad.fake) {
			t.Fatalf("person %d: %s was given before, or is not of the pool", i, ad.fake)
		}
		seen[ad.fake] = true
	}
}

func TestExhaustedPool(t *testing.T) {
	a := newAnonymizer(t, sms.Strict())
	var err error
	n := 0
	for ; err == nil && n <= sms.Strict().Len(); n++ {
		a.cur, a.met = current{}, nil
		a.address("+1415" + strconv.Itoa(2_000_000+n))
		err = a.cur.err
	}
	if n != sms.Strict().Len()+1 || !errors.Is(err, ErrExhausted) {
		t.Fatalf("number %d: %v, want ErrExhausted at %d", n, err, sms.Strict().Len()+1)
	}
	if err := a.Rewrite(inbound(t, "+447700900123", "+447700900124", "hi")); !errors.Is(err, ErrExhausted) || strings.Contains(err.Error(), "7700") {
		t.Errorf("Rewrite = %v, want ErrExhausted without a number", err)
	}
}

func TestShortCodesAndSenderNames(t *testing.T) {
	a := newAnonymizer(t, sms.Wide())
	seen := make(map[string]bool)
	for _, tc := range []struct {
		from  string
		class sms.Class
	}{
		{"28572", sms.ShortCode},
		{"285720", sms.ShortCode},
		{"99999", sms.ShortCode},
		{"12345", sms.ShortCode},
		{"777", sms.ShortCode},
		{"ACME", sms.Alphanumeric},
		{"Acme", sms.Alphanumeric},
		{"acme shop", sms.Alphanumeric},
		{"AB", sms.Alphanumeric},
	} {
		out := rewrite(t, a, inbound(t, tc.from, "+18005550100", "hello there"))
		got, class := sms.Canonical(out.Message.From)
		if class != tc.class || len(got) != len(tc.from) || got == tc.from || seen[got] {
			t.Errorf("%q became %q of class %s", tc.from, got, class)
		}
		if class == sms.ShortCode && got[0] > '1' {
			t.Errorf("%q became %q, which may be someone's", tc.from, got)
		}
		if strings.ToUpper(tc.from) == tc.from && got != strings.ToUpper(got) {
			t.Errorf("%q became %q: the case differs", tc.from, got)
		}
		seen[got] = true
	}
}

func TestTexts(t *testing.T) {
	a := newAnonymizer(t, sms.Wide())
	const alice, bob = "+14155551234", "+14155551235"
	text := func(from, body string) string { return rewrite(t, a, inbound(t, from, "28572", body)).Message.Text }
	for _, body := range []string{"STOP", " stop\n", "Yes", "glow ", "K", "help", "Info"} {
		if got := text(alice, body); got != body {
			t.Errorf("the keyword %q became %q", body, got)
		}
	}
	for _, body := range []string{"My name is Sarah Connor", "ok", "4", "STOP.", "where is it?", "j’habite à Paris…", "你好吗", ""} {
		first, again := text(alice, body), text(alice, body)
		if first != again {
			t.Errorf("%q became %q and then %q", body, first, again)
		}
	}
	const long = "I never got my package and nobody answers, what now"
	if text(alice, long) == text(bob, long) {
		t.Error("two people's equal texts are equal afterwards")
	}
	for _, body := range []string{"Loved “Sarah, your order 4711 ships today”", "Reacted 🔥 to “Dear Sarah”", "Liked an image", "Gefällt: „Hallo Sarah“"} {
		got := text(alice, body)
		old, _ := sms.ParseReaction(body)
		now, ok := sms.ParseReaction(got)
		if !ok || now.Before != old.Before || now.After != old.After || strings.Contains(got, "Sarah") || sms.Measure(got) != sms.Measure(body) {
			t.Errorf("the reaction %q became %q", body, got)
		}
	}
}

// TestLinkOfATextIsAnother holds that no word of a recorded link stands in the generated one by chance: the audit could not tell.
func TestLinkOfATextIsAnother(t *testing.T) {
	a := newAnonymizer(t, sms.Wide())
	for i := range 300 {
		from := "+1415555" + strconv.Itoa(2000+i)
		got := rewrite(t, a, inbound(t, from, "28572", "look at https://acme.example/shop/items?new")).Message.Text
		if _, path, ok := strings.Cut(got, "example.com/"); ok && slices.ContainsFunc([]string{"shop", "items", "new"}, func(w string) bool { return slices.Contains(strings.FieldsFunc(path, isJoint), w) }) {
			t.Errorf("became %q", got)
		}
	}
}

func isJoint(r rune) bool { return r == '/' || r == ' ' || r == '.' }

// TestGoogleReactionKeepsNoWord asks about the words around a reaction's quote, where any language may stand, and so
// may anything else.
func TestGoogleReactionKeepsNoWord(t *testing.T) {
	const body = "\u200aSarah \u200b👍\u200b to “\u200aDear Sarah\u200a”\u200a"
	a := newAnonymizer(t, sms.Wide())
	out := rewrite(t, a, inbound(t, "+14155551234", "28572", body)).Message.Text
	if strings.Contains(out, "Sarah") || sms.Measure(out) != sms.Measure(body) {
		t.Errorf("%q became %q", body, out)
	}
	if n := a.Report().KindChanged; n != 0 {
		t.Errorf("%d records changed their kind", n)
	}
}

func TestIdsKeepTheirEqualities(t *testing.T) {
	a := newAnonymizer(t, sms.Wide())
	const id = "SM0123456789abcdef0123456789abcdef"
	message := request(t, "/sms", formType, "AccountSid=AC1&Body=hi&From=%2B14155551234&MessageSid="+id+"&SmsSid="+id+"&SmsMessageSid="+id+
		"&SmsStatus=received&NumMedia=0&To=28572&MediaUrl0=https%3A%2F%2Fapi.twilio.com%2FMessages%2F"+id+"%2FMedia")
	receipt := request(t, "/status", formType, "AccountSid=AC1&From=28572&MessageSid="+id+"&MessageStatus=delivered&To=%2B14155551234")
	out, later := rewrite(t, a, message), rewrite(t, a, receipt)
	fake := out.Message.ID
	if fake == id || len(fake) != len(id) || fake[:2] != "SM" || strings.Count(string(out.Body), fake) != 4 {
		t.Errorf("%q became %q in %s", id, fake, out.Body)
	}
	if later.Message.ID != fake || later.Message.To != out.Message.From || later.Kind != capture.Status {
		t.Errorf("the receipt %+v does not refer to the message %+v", later.Message, out.Message)
	}
}

func TestOpaqueKeepsSizeAndType(t *testing.T) {
	a := newAnonymizer(t, sms.Wide())
	for _, tc := range []struct{ contentType, body string }{
		{jsonType, `{"a":1`},
		{jsonType, `{"name":"Sarah Connor","more":[1,2,3]`},
		{jsonType, `{"name":"` + strings.Repeat("Sarah ", 3000) + `"}`},
		{jsonType, strings.Repeat(`{"name":`, 300) + `"Sarah"` + strings.Repeat("}", 300)},
		{jsonType, `[`},
		{formType, "a"},
		{"text/xml", "<name>Sarah</name>"},
		{"text/plain", ""},
		{"application/octet-stream", "\x00\x01"},
	} {
		in := request(t, "/sms?name=Sarah", tc.contentType, tc.body)
		out := rewrite(t, a, in)
		if len(out.Body) != len(in.Body) || out.Kind != capture.Other || bytes.Contains(out.Body, []byte("Sarah")) || out.URL == in.URL || !strings.HasPrefix(out.URL, "/sms?name=") {
			t.Errorf("%s %.40q became %s %.60q of %d bytes, want %d", tc.contentType, tc.body, out.URL, out.Body, len(out.Body), len(in.Body))
		}
		if got, _ := out.Header("Content-Type"); got != tc.contentType {
			t.Errorf("Content-Type %q became %q", tc.contentType, got)
		}
		if payload.IsJSON(in) != payload.IsJSON(out) {
			t.Errorf("%.40q became %.60q", tc.body, out.Body)
		}
	}
}

// TestSameForSameKey holds that a key and an order of records decide everything, and that another key changes it.
func TestSameForSameKey(t *testing.T) {
	one, two := newAnonymizer(t, sms.Wide()), newAnonymizer(t, sms.Wide())
	other, err := New(Options{Table: all.Table(), Classifier: testClassifier(t)})
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range vendorRecords(t) {
		x, y, z := dump(rewrite(t, one, r)), dump(rewrite(t, two, r)), dump(rewrite(t, other, r))
		if x != y {
			t.Errorf("record %d: two outputs under one key", i)
		}
		if x == z {
			t.Errorf("record %d: one output under two keys", i)
		}
	}
	if one.Fingerprint() != two.Fingerprint() || one.Fingerprint() == other.Fingerprint() || len(one.Fingerprint()) != 16 {
		t.Errorf("fingerprints %s, %s, %s", one.Fingerprint(), two.Fingerprint(), other.Fingerprint())
	}
}

func TestNewRejectsKeys(t *testing.T) {
	for _, n := range []int{0, 16, 31, 33} {
		if _, err := New(Options{Key: make([]byte, n)}); err == nil {
			t.Errorf("a key of %d bytes was taken", n)
		}
	}
}

// TestKindAndSizeSurvive asks for any text, through a whole record.
func TestKindAndSizeSurvive(t *testing.T) {
	a, c := newAnonymizer(t, sms.Wide()), testClassifier(t)
	alphabet := []rune("abcdeklmnost STOPYES .,!?’“”… éñ 4711 😀❤ привет 你好\n")
	check := func(seed uint64, n uint8) bool {
		r := rand.New(rand.NewPCG(seed, 1))
		body := make([]rune, int(n)%90)
		for i := range body {
			body[i] = alphabet[r.IntN(len(alphabet))]
		}
		in := inbound(t, "+14155551234", "28572", string(body))
		out := rewrite(t, a, in)
		return out.Kind == in.Kind && sms.Measure(out.Message.Text) == sms.Measure(in.Message.Text) &&
			c.Classify("twilio", out.Message.Text) == in.Kind && strings.TrimFunc(in.Message.Text, unicode.IsSpace) != "" ==
			(strings.TrimFunc(out.Message.Text, unicode.IsSpace) != "")
	}
	if err := quick.Check(check, &quick.Config{MaxCount: 3000, Rand: nil}); err != nil {
		t.Error(err)
	}
}
