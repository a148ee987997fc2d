package audit

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"reprise/capture"
	"reprise/capture/sms"
)

// records is a source of records that are at hand.
type records []*capture.Record

func (r *records) Next(_ context.Context, rec *capture.Record) error {
	if len(*r) == 0 {
		return io.EOF
	}
	*rec = *(*r)[0]
	*r = (*r)[1:]
	return nil
}

func opener(list []*capture.Record) Opener {
	return func(context.Context) (capture.Source, error) {
		r := records(list)
		return &r, nil
	}
}

func vocabulary() []string {
	return strings.Fields("i love my new pizza thanks when does it ship please tell me about that order don't loved 7")
}

func options(in, out []*capture.Record) Options {
	return Options{
		In: opener(in), Out: opener(out), Vocabulary: vocabulary(), Keywords: []string{"STOP", "Stop All", "VIP"},
		Pool: sms.Wide(), FilterBytes: 1 << 20,
	}
}

func run2(t *testing.T, o Options) Report {
	t.Helper()
	report, err := Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if report.Pass == report.Failed() {
		t.Errorf("pass %v, failed %v", report.Pass, report.Failed())
	}
	return report
}

// twilio is a record as Twilio would send it.
func twilio(n int, id, from, to, text string, kind capture.Kind) *capture.Record {
	body := "ToCountry=US&SmsMessageSid=" + id + "&NumMedia=0&FromZip=&SmsStatus=received&Body=" + url.QueryEscape(text) +
		"&To=" + url.QueryEscape(to) + "&MessageSid=" + id + "&From=" + url.QueryEscape(from) + "&ApiVersion=2010-04-01"
	return &capture.Record{
		Time: time.Date(2022, 11, 25, 13, 0, 0, 1234567*(n+1), time.UTC), Method: "POST", URL: "/webhooks/twilio", Host: "hooks.example.com",
		Headers: []capture.Header{
			{Name: "Host", Value: "hooks.example.com"},
			{Name: "User-Agent", Value: "TwilioProxy/1.1"},
			{Name: "Content-Type", Value: "application/x-www-form-urlencoded; charset=UTF-8"},
		},
		Body: []byte(body), Kind: kind, Vendor: "twilio", Message: capture.Message{ID: id, From: from, To: to, Text: text},
	}
}

// telnyx is a record as Telnyx would send it.
func telnyx(n int, id, from, to, text string, kind capture.Kind) *capture.Record {
	quoted, err := json.Marshal(text)
	if err != nil {
		panic(err)
	}
	r := twilio(n, id, from, to, text, kind)
	r.Body = fmt.Appendf(nil, `{"data":{"event_type":"message.received","occurred_at":"2022-11-25T13:00:00.123+00:00","payload":{"id":%q,`+
		`"from":{"phone_number":%q},"to":[{"phone_number":%q}],"text":%s,"parts":1}}}`, id, from, to, quoted)
	r.URL, r.Vendor = "/webhooks/telnyx", "telnyx"
	r.Headers[2].Value = "application/json"
	return r
}

func secretHeaders(r *capture.Record, headers ...string) *capture.Record {
	for i := 0; i < len(headers); i += 2 {
		r.Headers = append(r.Headers, capture.Header{Name: headers[i], Value: headers[i+1]})
	}
	return r
}

// pair is a small recording and what a faultless rewriter makes of it.
func pair() (in, out []*capture.Record) {
	in = []*capture.Record{
		secretHeaders(twilio(0, "SM7513bfc2d93963db8d73e388321f5197", "+14046620240", "+18885550100", "Hi Zebulon where is parcel Q77", capture.Unrecognized),
			"X-Twilio-Signature", "Nln0wsDrrZW2MSw1d5qB0CV68wo=", "Authorization", "Basic aG9vazpodW50ZXIyMjI=", "Cookie", "theme=dark; sid=s3cr3tc00kie"),
		secretHeaders(telnyx(1, "298d1e73-6fc1-4e9e-a1e7-aeeb587b7d7e", "+447753830507", "28572", "Grüße an Łukasz Wątroba", capture.Unrecognized),
			"telnyx-signature-ed25519", "OWUxMmQxNzFkMzRkYTA4M2RmNWM4MmFi/ZTBj+A==", "telnyx-timestamp", "1669381200"),
		twilio(2, "SMf1d659acecd5f4c223edd57774951969", "+33612345678", "+18885550100", "STOP", capture.Unsubscribe),
		twilio(3, "SM00000000000000000000000000000003", "GLOWBRAND", "28572", "Zxqv", capture.Unrecognized),
		telnyx(4, "51a00665-b5c1-4778-ab30-a4557bfd4df1", "+12015550123", "+18885550100", "I love Zyrtec", capture.Unrecognized),
		telnyx(5, "61a00665-b5c1-4778-ab30-a4557bfd4df2", "+12015550123", "+18885550100", "received message", capture.Unrecognized),
	}
	out = []*capture.Record{
		twilio(0, "SMabcdefabcdef00112233445566778899", "+14155550123", "+12125550100", "I love my new pizza", capture.Unrecognized),
		telnyx(1, "aaaabbbb-cccc-4ddd-8eee-ffff00001111", "+13035550124", "01234", "Don’t tell me about that", capture.Unrecognized),
		twilio(2, "SMabcdefabcdef00112233445566778890", "+13035550125", "+12125550100", "STOP", capture.Unsubscribe),
		twilio(3, "SMabcdefabcdef00112233445566778891", "PIZZA", "01234", "pizza", capture.Unrecognized),
		telnyx(4, "aaaabbbb-cccc-4ddd-8eee-ffff00001112", "+12015550123", "+12125550100", "tell +1 415 555 0123", capture.Unrecognized),
		telnyx(5, "aaaabbbb-cccc-4ddd-8eee-ffff00001113", "+12015550123", "+12125550100", "when please", capture.Unrecognized),
	}
	// What the first record says in UCS-2 must stay in UCS-2, and its number of the pool is no leak.
	out[1].Message.Text = "Don’t tell me about that ü—"
	return in, out
}

func TestClean(t *testing.T) {
	in, out := pair()
	o := options(in, out)
	o.Allow = []string{"ü"}
	if report := run2(t, o); report.Failed() || report.Records != 6 {
		t.Errorf("report %+v", report)
	}
	for _, r := range out {
		r.Time = r.Time.Add(-time.Hour)
	}
	if report := run2(t, o); report.Counts != (Counts{Fidelity: 6}) {
		t.Errorf("moved in time: %+v", report)
	}
	for _, r := range out {
		r.Time = r.Time.Add(time.Hour - 1000*7*24*time.Hour)
	}
	if report := run2(t, o); report.Failed() {
		t.Errorf("rebased: %+v", report)
	}
}

// escapings are the disguises in which a leak is planted.
func escapings() map[string]func(string) string {
	percent := func(s string) string {
		var b strings.Builder
		for i := range len(s) {
			fmt.Fprintf(&b, "%%%02x", s[i])
		}
		return b.String()
	}
	unicode := func(s string) string {
		var b strings.Builder
		for _, r := range s {
			fmt.Fprintf(&b, `\u%04X`, r)
		}
		return b.String()
	}
	coded := func(pad string, wide, zipped bool) func(string) string {
		return func(s string) string {
			b := []byte(pad + s + " it ship")
			if wide {
				b = b[:0]
				for _, u := range utf16.Encode([]rune(pad + s + " it ship")) {
					b = append(b, byte(u), byte(u>>8))
				}
			}
			if zipped {
				var packed bytes.Buffer
				z := gzip.NewWriter(&packed)
				_, _ = z.Write(b)
				_ = z.Close()
				b = packed.Bytes()
			}
			return base64.RawURLEncoding.EncodeToString(b)
		}
	}
	return map[string]func(string) string{
		"base64":            coded("", false, false),
		"base64, shifted":   coded(" ", false, false),
		"base64, shifted 2": coded("- ", false, false),
		"base64 of gzip":    coded("", false, true),
		"hex":               func(s string) string { return hex.EncodeToString([]byte(s + " it ship")) },
		"UTF-16 in base64":  coded("", true, false),
		"raw":               func(s string) string { return s },
		"upper case":        strings.ToUpper,
		"form-escaped":      url.QueryEscape,
		"percent-escaped":   percent,
		"percent twice":     func(s string) string { return url.QueryEscape(percent(s)) },
		"JSON-escaped":      unicode,
		"JSON in JSON":      func(s string) string { return strings.ReplaceAll(unicode(s), `\`, `\\`) },
		"JSON, percent":     func(s string) string { return url.QueryEscape(unicode(s)) },
		"percent in JSON":   func(s string) string { return strings.ReplaceAll(percent(s), "%", `\u0025`) },
		"zero-width split":  func(s string) string { return s[:2] + "\u200b\ufeff" + s[2:] },
		"full width": func(s string) string {
			return strings.Map(func(r rune) rune {
				if r > ' ' && r < 0x7f {
					return r - ' ' + 0xff00
				}
				return r
			}, s)
		},
	}
}

// places are where in the output a leak is planted, in a record that is not the leak's own.
func places() map[string]func(r *capture.Record, value string) {
	return map[string]func(r *capture.Record, value string){
		"url":           func(r *capture.Record, v string) { r.URL += "?x=" + v },
		"body":          func(r *capture.Record, v string) { r.Body = []byte(`{"x":"` + v + `"}`) },
		"form":          func(r *capture.Record, v string) { r.Body = append(r.Body, "&X="+v...) },
		"header X-Note": func(r *capture.Record, v string) { secretHeaders(r, "X-Note", v) },
		"header name":   func(r *capture.Record, v string) { secretHeaders(r, v, "") },
		"host":          func(r *capture.Record, v string) { r.Host = v },
		"vendor":        func(r *capture.Record, v string) { r.Vendor = v },
		"message.id":    func(r *capture.Record, v string) { r.Message.ID = v },
	}
}

// TestOverlap plants each sort of leak in each disguise in each place: its check finds it, and no other check does.
func TestOverlap(t *testing.T) {
	for value, want := range map[string]Counts{
		"+14046620240":                              {Numbers: 1},
		"14046620240":                               {Numbers: 1},
		"4046620240":                                {Numbers: 1},
		"(404) 662-0240":                            {Numbers: 1},
		"1-404-662-0240":                            {Numbers: 1},
		"404.662.0240":                              {Numbers: 1},
		"011 44 7753 830507":                        {Numbers: 1},
		"07753 830507":                              {Numbers: 1},
		"06 12 34 56 78":                            {Numbers: 1},
		"SM7513bfc2d93963db8d73e388321f5197":        {IDs: 1},
		"298d1e73-6fc1-4e9e-a1e7-aeeb587b7d7e":      {IDs: 1},
		"Nln0wsDrrZW2MSw1d5qB0CV68wo=":              {Credentials: 1},
		"aG9vazpodW50ZXIyMjI=":                      {Credentials: 1},
		"hunter222":                                 {Credentials: 1},
		"s3cr3tc00kie":                              {Credentials: 1},
		"OWUxMmQxNzFkMzRkYTA4M2RmNWM4MmFi/ZTBj+A==": {Credentials: 1},
		"Zebulon where is":                          {Texts: 1},
		"is parcel Q77":                             {Texts: 1},
		"Grüße an Łukasz":                           {Texts: 1},
		"Zxqv":                                      {Texts: 1},
		"I love Zyrtec":                             {Texts: 1},
	} {
		for disguise, escape := range escapings() {
			for place, plant := range places() {
				if testing.Short() && place != "form" { // the race detector sees the same in each place
					continue
				}
				if strings.HasPrefix(disguise, "UTF-16") && strings.ContainsAny(value, "üŁ") {
					continue // what is outside ASCII is not looked for there
				}
				in, out := pair()
				plant(out[2], escape(value))
				o := options(in, out)
				o.Allow = []string{"ü"}
				report := run2(t, o)
				field := place
				if place == "form" {
					field = "body"
				}
				if value == "aG9vazpodW50ZXIyMjI=" && report.Counts.Credentials == 2 { // the password in it as well
					report.Counts.Credentials = 1
				}
				if report.Counts != want || len(report.Findings) != 1 || report.Findings[0].Record != 2 || report.Findings[0].Field != field {
					t.Errorf("%q %s in %s: %+v", value, disguise, place, report)
				}
			}
		}
	}
}

// TestNot are things that look like a leak and are none.
func TestNot(t *testing.T) {
	for name, plant := range map[string]func(in, out []*capture.Record){
		"a number of the pool":        func(_, out []*capture.Record) { out[2].URL += "?x=+12015550123" },
		"part of a hex id":            func(_, out []*capture.Record) { out[2].URL += "?x=ab4046620240cd" },
		"digits of a longer number":   func(_, out []*capture.Record) { out[2].URL += "?x=940466202401" },
		"two words of a longer text":  func(_, out []*capture.Record) { out[2].URL += "?x=Hi+Zebulon" },
		"words of the vocabulary":     func(_, out []*capture.Record) { out[2].URL += "?x=I+love+my" },
		"words of the payload's own":  func(_, out []*capture.Record) { out[2].URL += "?x=message.received" },
		"a short text inside an UUID": func(_, out []*capture.Record) { out[2].URL += "?x=1234-zxqv-5678" },
		"a short code in a body":      func(_, out []*capture.Record) { out[2].URL += "?x=28572" },
		"a cookie that is a word":     func(_, out []*capture.Record) { out[2].URL += "?x=dark" },
		"a fake short code": func(in, out []*capture.Record) {
			in[2].Message.To, out[2].Message.To = "01234", "01234"
		},
	} {
		in, out := pair()
		plant(in, out)
		o := options(in, out)
		o.Allow = []string{"ü"}
		if report := run2(t, o); report.Failed() {
			t.Errorf("%s: %+v", name, report)
		}
	}
}

// TestOther plants what is found by the other checks, or only at its own place.
func TestOther(t *testing.T) {
	for _, tc := range []struct {
		name  string
		plant func(in, out []*capture.Record) []*capture.Record // returns the output
		want  Counts
		field string
	}{
		{"short code as recipient", func(_, out []*capture.Record) []*capture.Record { out[4].Message.To = "28572"; return out }, Counts{Numbers: 1, Gate: 1}, "message.to"},
		{"sender's name", func(_, out []*capture.Record) []*capture.Record { out[4].Message.From = "GlowBrand"; return out }, Counts{Numbers: 1, Vocabulary: 1}, "message.from"},
		{"own number inside a longer one", func(_, out []*capture.Record) []*capture.Record { out[0].URL += "?x=99140466202409"; return out }, Counts{Numbers: 1}, "url"},
		{"own id inside a longer one", func(_, out []*capture.Record) []*capture.Record {
			out[0].URL += "?x=aSM7513bfc2d93963db8d73e388321f5197z"
			return out
		}, Counts{IDs: 1}, "url"},
		{"number of a group", func(in, out []*capture.Record) []*capture.Record {
			in[0].Body = append(in[0].Body, "&Cc=%2B4915112345678"...)
			out[1].URL += "?x=4915112345678"
			return out
		}, Counts{Numbers: 1}, "url"},
		{"id in a header", func(in, out []*capture.Record) []*capture.Record {
			secretHeaders(in[5], "webhook-id", "msg_2b8f3c9d01")
			secretHeaders(out[1], "webhook-id", "msg_2b8f3c9d01")
			return out
		}, Counts{IDs: 1}, "header webhook-id"},
		{"secret in a query", func(in, out []*capture.Record) []*capture.Record {
			in[5].URL += "?api-key=k3y%2Dabcdef77"
			out[1].URL += "?api-key=k3y-abcdef77"
			return out
		}, Counts{Credentials: 1}, "url"},
		{"foreign word", func(_, out []*capture.Record) []*capture.Record {
			out[0].Message.Text = "I love my new Brontosaurus"
			return out
		}, Counts{Vocabulary: 1}, "message.text"},
		{"text", func(_, out []*capture.Record) []*capture.Record { out[0].Message.Text = "Zxqv thanks"; return out }, Counts{Vocabulary: 1, Texts: 1}, "message.text"},
		{"sender outside the pool", func(_, out []*capture.Record) []*capture.Record { out[0].Message.From = "+14155560123"; return out }, Counts{Gate: 1}, "message.from"},
		{"sender outside the pool, behind a channel", func(_, out []*capture.Record) []*capture.Record {
			out[0].Message.From = "whatsapp:+447753830508"
			return out
		}, Counts{Gate: 1}, "message.from"},
		{"real short code", func(_, out []*capture.Record) []*capture.Record { out[0].Message.To = "34567"; return out }, Counts{Gate: 1}, "message.to"},
		{"too many digits", func(_, out []*capture.Record) []*capture.Record { out[0].Message.To = "+1415555012345678"; return out }, Counts{Gate: 1}, "message.to"},
		{"number in a text", func(in, out []*capture.Record) []*capture.Record {
			out[0].Message.Text = "tell (7) 7777777"
			return out
		}, Counts{Gate: 1, Vocabulary: 1}, "message.text"},
		{"kind", func(_, out []*capture.Record) []*capture.Record { out[0].Kind = capture.Reaction; return out }, Counts{Fidelity: 1}, "kind"},
		{"time", func(_, out []*capture.Record) []*capture.Record { out[1].Time = out[1].Time.Add(1); return out }, Counts{Fidelity: 1}, "time"},
		{"encoding", func(_, out []*capture.Record) []*capture.Record {
			out[0].Message.Text = "I love my new pizza 🍕"
			return out
		}, Counts{Fidelity: 1}, "encoding"},
		{"segments", func(_, out []*capture.Record) []*capture.Record {
			out[0].Message.Text = strings.Repeat("i love pizza ", 20)
			return out
		}, Counts{Fidelity: 1}, "segments"},
		{"keyword", func(_, out []*capture.Record) []*capture.Record { out[2].Message.Text = "stop"; return out }, Counts{Fidelity: 1}, "message.text"},
		{"record missing", func(_, out []*capture.Record) []*capture.Record { return out[:5] }, Counts{Fidelity: 1}, "records"},
		{"record too many", func(_, out []*capture.Record) []*capture.Record { return append(out, out[5]) }, Counts{Fidelity: 1}, "records"},
	} {
		in, out := pair()
		out = tc.plant(in, out)
		o := options(in, out)
		o.Allow = []string{"ü"}
		report := run2(t, o)
		if report.Counts != tc.want || !slices.ContainsFunc(report.Findings, func(f Finding) bool { return f.Field == tc.field }) {
			t.Errorf("%s: %+v, want %+v in %s", tc.name, report, tc.want, tc.field)
		}
	}
}

// TestReport holds that a report tells no value, lists the first findings, and counts them all.
func TestReport(t *testing.T) {
	in, out := pair()
	secretHeaders(out[0], "x-14046620240", "I love Zyrtec")
	in, out = slices.Repeat(in, 10), slices.Repeat(out, 10)
	o := options(in, out)
	o.Allow = []string{"ü"}
	report := run2(t, o)
	if report.Counts.Numbers != 10 || report.Counts.Texts != 10 {
		t.Errorf("counts %+v", report.Counts)
	}
	text, err := json.Marshal(report)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(text), "4046620240") || strings.Contains(strings.ToLower(string(text)), "zyrtec") {
		t.Errorf("the report tells a value: %s", text)
	}
	want := `{"pass":false,"records":60,"counts":{"numbers":10,"ids":0,"credentials":0,"values":0,"texts":10,"vocabulary":0,"gate":0,"digits":0,`
	if !strings.HasPrefix(string(text), want) {
		t.Errorf("report %s", text)
	}
	if len(report.Findings) > maxFindings {
		t.Errorf("%d findings", len(report.Findings))
	}
}

// TestBatches holds that leaks are counted alike however many candidates are held at once.
func TestBatches(t *testing.T) {
	in, out := pair()
	for i := range out {
		out[i].URL += "?x=" + in[i].Message.ID + "&y=" + url.QueryEscape(in[i].Message.Text)
	}
	o := options(in, out)
	o.Allow = []string{"ü"}
	whole := run2(t, o)
	if whole.Counts.IDs != 6 || whole.Counts.Texts == 0 {
		t.Fatalf("report %+v", whole)
	}
	one, err := runBatches(t.Context(), o, 1)
	if err != nil || !reflect.DeepEqual(one, whole) {
		t.Errorf("one at a time: %+v, %v; want %+v", one, err, whole)
	}
}

// TestSieve holds that a filter that is too small costs few readings of the input, and that leaks are found all the same.
func TestSieve(t *testing.T) {
	in, out := benchmarkPair(6_000)
	for i := 0; i < len(out); i += 1000 {
		out[i].URL += "?x=" + in[i].Message.ID
	}
	o := options(in, out)
	o.FilterBytes = 0
	whole := run2(t, o)
	if whole.Counts.IDs != 6 {
		t.Fatalf("report %+v", whole)
	}
	o.FilterBytes = 64 << 10 // too small for them
	read := 0
	o.In = func(ctx context.Context) (capture.Source, error) { read++; return opener(in)(ctx) }
	const batch = 32
	small, err := runBatches(t.Context(), o, batch)
	if err != nil || !reflect.DeepEqual(small, whole) {
		t.Errorf("with a small filter: %+v, %v; want %+v", small, err, whole)
	}
	// To fill the filter, at most twice to sieve it, to compare, to tell the candidates apart and to place what was found.
	if t.Logf("%d readings", read); read > 7 {
		t.Errorf("the input was read %d times", read)
	}
	for records, want := range map[int64]int{0: DefaultFilterBytes, 1_000_000: DefaultFilterBytes, 5_000_000: 40_000_000, 1 << 40: mostFilterBytes} {
		if got := filterBytes(records); got != want {
			t.Errorf("%d records: %d bytes, want %d", records, got, want)
		}
	}
}

func TestErrors(t *testing.T) {
	in, out := pair()
	broken := errors.New("disk on fire")
	fails := func(context.Context) (capture.Source, error) { return nil, broken }
	for name, o := range map[string]Options{
		"input":  {In: fails, Out: opener(out)},
		"output": {In: opener(in), Out: fails},
	} {
		if _, err := Run(t.Context(), o); !errors.Is(err, broken) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Run(t.Context(), Options{}); err == nil {
		t.Error("nothing to compare was no error")
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(broken)
	if _, err := Run(ctx, options(in, out)); !errors.Is(err, broken) {
		t.Errorf("cancelled: %v", err)
	}
}

func BenchmarkRun(b *testing.B) {
	in, out := pair()
	n := max(1, b.N/len(in))
	o := options(slices.Repeat(in, n), slices.Repeat(out, n))
	o.Allow, o.Fields, o.FilterBytes = []string{"ü"}, fieldsOf, 0
	b.ReportAllocs()
	if _, err := Run(b.Context(), o); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "records/s")
}
