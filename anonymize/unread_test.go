package anonymize

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"reprise/capture"
	"reprise/capture/dialect"
	"reprise/capture/dialect/all"
	"reprise/capture/keyed"
	"reprise/capture/payload"
	"reprise/capture/sms"
)

// unreadRecord is a request of no known vendor.
func unreadRecord(t testing.TB, target, contentType, body string) *capture.Record {
	t.Helper()
	r := request(t, target, contentType, body)
	r.Time = time.Date(2026, 11, 23, 7, 55, 47, 0, time.UTC)
	return r
}

// like says what a value of a field of an unknown payload becomes.
func like(t *testing.T, a *Anonymizer, key, value string) string {
	t.Helper()
	text, err := json.Marshal(map[string]any{"acme_" + key: json.RawMessage(value)})
	if err != nil {
		t.Fatal(err)
	}
	out := rewrite(t, a, unreadRecord(t, "/acme", jsonType, string(text)))
	var back map[string]json.RawMessage
	if err := json.Unmarshal(out.Body, &back); err != nil || len(back) != 1 {
		t.Fatalf("%s became %s: %v", text, out.Body, err)
	}
	return string(back["acme_"+key])
}

func TestUnreadValuesKeepTheirClass(t *testing.T) {
	a := newAnonymizer(t, sms.Wide())
	number := rewrite(t, a, inbound(t, "+14153212345", "28572", "hello there")).Message
	digits := number.From[1:]
	for _, tc := range []struct{ key, value, want string }{
		{"phone", `"+14153212345"`, `"\+` + digits + `"`},
		{"x", `"+14153212345"`, `"\+` + digits + `"`},
		{"x", `"(415) 321-2345"`, `"` + digits[1:] + `"`},
		{"x", `"whatsapp:+14153212345"`, `"whatsapp:\+` + digits + `"`},
		{"x", `"+14153212345,+14153212345"`, `"\+` + digits + `,\+` + digits + `"`},
		{"x", `"sip:+14153212345@acme.com"`, `"sip:\+` + digits + `-[a-z]{4}\.[a-z]{3}"`},
		{"x", `"00000000"`, `"00000000"`},
		{"x", `0.0000000`, `0\.0000000`},
		{"x", `123.456e12`, `[0-9]{3}\.[0-9]{3}e[0-9]{2}`},
		{"x", `"tel:+14153212345"`, `"tel:\+` + digits + `"`},
		{"x", `"14153212345"`, `"` + digits + `"`},
		{"x", `"\u002b14153212345"`, `"(\\u002b|\+)` + digits + `"`},
		{"x", `14153212345`, digits},
		{"x", `4153212345`, digits[1:]},
		{"to", `"28572"`, `"` + number.To + `"`},
		{"to", `28572`, `[1-9][0-9]{4}`},
		{"x", `"sarah.connor@skynet.com"`, `"[a-z]+@example\.com"`},
		{"x", `"mailto:sarah@skynet.com"`, `"mailto:[a-z]+@example\.com"`},
		{"x", `"sip:sarah@skynet.com:5060"`, `"[a-z]{3}:[a-z]{5}-[a-z]{6}\.[a-z]{3}:[0-9]{4}"`},
		{"x", `"https://acme.com/a/b?phone=14153212345"`, `"https://example\.com/[a-z]+/[a-z]+"`},
		{"x", `"3fa85f64-5717-4562-b3fc-2c963f66afa6"`, `"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"`},
		{"x", `"9f86d081884c7d659a2feaa0c55ad015"`, `"[0-9a-f]{32}"`},
		{"x", `"evt_1NG8Du2eZvKYlo2CUI79vXWy"`, `"evt_[0-9A-Za-z]{24}"`},
		{"x", `"sarah_connor84"`, `"[a-z]{5}_[a-z]{6}[0-9]{2}"`},
		{"x", `"2026-11-23T07:55:47.824+00:00"`, `"2026-11-23T07:55:47\.824\+00:00"`},
		{"x", `1795420547`, `1795420547`},
		{"x", `1795420547824`, `1795420547824`},
		{"x", `1795420547.25`, `1795420547\.25`},
		{"x", `"07:55"`, `"07:55"`},
		{"x", `"1984-05-12"`, `"(19[7-9]|200)[0-9]-(0[1-9]|1[0-2])-(0[1-9]|1[0-2])"`},
		{"birth_date", `"2026-05-11"`, `"(19[7-9]|200)[0-9]-[01][0-9]-[01][0-9]"`},
		{"x", `"12/05/1984"`, `"[01][0-9]/[01][0-9]/(19[7-9]|200)[0-9]"`},
		{"x", `"203.0.113.77"`, `"10\.[0-9]+\.[0-9]+\.[0-9]+"`},
		{"x", `"delivered"`, `"[a-z]{9}"`},
		{"status", `"delivered"`, `"delivered"`},
		{"status", `"+14153212345"`, `"\+` + digits + `"`},
		{"name", `"Sarah Connor"`, `"[A-Z]\S+ [A-Z]\S+"`},
		{"x", `"my mother asked about the refund"`, `"[ -~]{32}"`},
		{"x", `"STOP"`, `"STOP"`},
		{"x", `"GB"`, `"[A-Z]{2}"`},
		{"x", `"true"`, `"true"`},
		{"x", `"19.99"`, `"19\.99"`},
		{"x", `"91403"`, `"[0-9]{5}"`},
		{"x", `"078-05-1120"`, `"[0-9]{3}-[0-9]{2}-[0-9]{4}"`},
		{"x", `"4111111111111111"`, `"[1-9][0-9]{15}"`},
		{"x", `91403`, `91403`},
		{"x", `48213377`, `[1-9][0-9]{7}`},
		{"x", `-48213377`, `-[1-9][0-9]{7}`},
		{"x", `51.5073518`, `51\.[0-9]{7}`},
		{"x", `1e400`, `1e400`},
		{"x", `1e14153212345`, `1e[0-9]{11}`},
		{"x", `true`, `true`},
		{"x", `null`, `null`},
		{"x", `""`, `""`},
		{"x", `"…"`, `"…"`},
		{"x", `"{\"to\":\"+14153212345\",\"n\":\"{\\\"to\\\":14153212345}\"}"`, `"\{\\"to\\":\\"\+` + digits + `\\",\\"n\\":\\"\{\\\\\\"to\\\\\\":` + digits + `\}\\"\}"`},
	} {
		key := tc.key
		if key == "status" {
			key = "x.status" // the key's name is in full then
			text := `{"acme":{"status":` + tc.value + `}}`
			out := rewrite(t, a, unreadRecord(t, "/acme", jsonType, text))
			if !regexp.MustCompile(`^\{"acme":\{"status":` + tc.want + `\}\}$`).Match(out.Body) {
				t.Errorf("%s became %s, want %s", text, out.Body, tc.want)
			}
			continue
		}
		got := like(t, a, key, tc.value)
		stays := regexp.QuoteMeta(tc.value) == tc.want
		if !regexp.MustCompile("^"+tc.want+"$").MatchString(got) || !stays && got == tc.value {
			t.Errorf("%s: %s became %s, want %s", key, tc.value, got, tc.want)
		}
		if again := like(t, a, key, tc.value); again != got {
			t.Errorf("%s: %s became %s and %s", key, tc.value, got, again)
		}
	}
}

func TestUnreadKeys(t *testing.T) {
	a := newAnonymizer(t, sms.Wide())
	number := rewrite(t, a, inbound(t, "+14153212345", "28572", "hello there")).Message.From
	const body = `{ "+14153212345":1,"sarah@skynet.com" : {"role":2},"3fa85f64-5717-4562-b3fc-2c963f66afa6":[3],"first_name":null,"address1line2":4,"12":5}`
	out := rewrite(t, a, unreadRecord(t, "/acme", jsonType, body))
	want := `^\{ "\` + number + `":1,"[a-z]+@example\.com" : \{"role":2\},"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}":\[3\],"first_name":null,"address1line2":4,"12":5\}$`
	if !regexp.MustCompile(want).Match(out.Body) || strings.Contains(string(out.Body), "3fa85f64") {
		t.Errorf("%s became\n%s", body, out.Body)
	}
	form := "%2B14153212345=1&sarah%40skynet.com=&phone=%2B14153212345&note=who+is+it&type=sms.in"
	out = rewrite(t, a, unreadRecord(t, "/acme?user=14153212345&Sarah", formType, form))
	want = `^%2B` + number[1:] + `=1&[a-z]+%40example\.com=&phone=%2B` + number[1:] + `&note=[a-z+]{9}&type=sms\.in$`
	if !regexp.MustCompile(want).Match(out.Body) || !strings.HasPrefix(out.URL, "/") || !strings.Contains(out.URL, "?user="+number[1:]+"&") || strings.Contains(out.URL, "Sarah") {
		t.Errorf("%s became\n%s %s", form, out.URL, out.Body)
	}
}

// TestUnreadKeepsBytes holds that what does not change stays to the byte, white space, escapes and the order of equal keys.
func TestUnreadKeepsBytes(t *testing.T) {
	a := newAnonymizer(t, sms.Wide())
	const body = "\xef\xbb\xbf {\r\n\t\"type\" : \"a\\/b\" ,\"type\":\"\\u0061\\u002Fb\", \"n\":[ 1 , 2.50,-0,1E+2,true,null ,{ } ,[ ]],\"\\u0074ype\":\"x\"}\n"
	if out := rewrite(t, a, unreadRecord(t, "/acme", jsonType, body)); string(out.Body) != body {
		t.Errorf("%q became\n%q", body, out.Body)
	}
	const form = "type=a%2fb&&type=a%2Fb;c&x=%&=&y&n=12&type=a/b"
	out := rewrite(t, a, unreadRecord(t, "/acme", formType, form))
	if !regexp.MustCompile(`^type=a%2fb&&type=[a-z]%2F[a-z];[a-z]&x=%&=&[a-z]&n=12&type=a/b$`).Match(out.Body) {
		t.Errorf("%q became\n%q", form, out.Body)
	}
}

func TestUnreadBounds(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: large bodies, in one goroutine")
	}
	a := newAnonymizer(t, sms.Wide())
	const plant = `"+14153212345"`
	var many, ids strings.Builder
	for i := range 100_000 {
		fmt.Fprintf(&many, `%s"+1415%07d"`, []string{"", ","}[min(i, 1)], 2_000_000+i)
		fmt.Fprintf(&ids, `%s{"id":"evt_1NG8Du2eZv%08dUI79vXWy"}`, []string{"", ","}[min(i, 1)], i)
	}
	for _, tc := range []struct {
		name, body string
		whole      bool
	}{
		{"deep", strings.Repeat(`{"a":`, 100_000) + plant + strings.Repeat("}", 100_000), true},
		{"deep arrays", strings.Repeat(`[`, 100_000) + plant + strings.Repeat("]", 100_000), true},
		{"duplicate keys", `{"a":` + plant + `,"a":` + plant + `}`, false},
		{"invalid UTF-8", "{\"a\":\"\xff+14153212345\xc3\",\"b\":" + plant + "}", false},
		{"1e400", `{"a":1e400,"b":` + plant + `}`, false},
		{"bad escape", `{"a":"\x","b":` + plant + `}`, true},
		{"many numbers", `[` + many.String() + `]`, false},
		{"many ids", `[` + ids.String() + `,` + plant + `]`, false},
		{"many small", `[` + strings.Repeat("1,", 1<<19) + plant + `]`, false},
		{"a long text", `{"a":"` + strings.Repeat("call +14153212345 ", 1<<16) + `"}`, false},
		{"a long word", `{"a":"` + strings.Repeat("+14153212345", 1<<16) + `"}`, false},
		{"long JSON in a string", `{"a":"[` + strings.Repeat(`\"+14153212345\",`, 1<<17) + `1]"}`, false},
		{"JSON in JSON", nest(plant, 12), false},
		{"long names", strings.Repeat(`{"`+strings.Repeat("k", 60)+`":`, 190) + `[` + strings.Repeat(`"ab",`, 1<<17) + plant + `]` + strings.Repeat("}", 190), false},
	} {
		begun := time.Now()
		before := a.Report()
		out := rewrite(t, a, unreadRecord(t, "/acme", jsonType, tc.body))
		if whole := a.Report().Opaque > before.Opaque; whole != tc.whole || bytes.Contains(out.Body, []byte("4153212345")) || out.Kind != capture.Other {
			t.Errorf("%s: replaced whole %t, became %.200q", tc.name, whole, out.Body)
		}
		if took := time.Since(begun); took > 2*time.Minute { // some seconds; what grows with the square takes many minutes
			t.Errorf("%s: took %v", tc.name, took)
		}
		a.met = nil
	}
}

// nest puts a value of JSON into a string of JSON, so many times.
func nest(value string, times int) string {
	for range times {
		text, _ := json.Marshal(value)
		value = `{"a":` + string(text) + `}`
	}
	return value
}

// TestUnreadEnums holds that few values in many records are proposed, and that the policy's line keeps them.
func TestUnreadEnums(t *testing.T) {
	a := newAnonymizer(t, sms.Wide())
	record := func(i int) *capture.Record {
		return unreadRecord(t, "/acme?flow=f"+fmt.Sprint(i%2), jsonType, fmt.Sprintf(`{"acme":{"queue":"q_%c","who":"w%c%c","city":"Oslo"}}`, 'a'+i%3, 'a'+i/5, 'a'+i%5))
	}
	for i := range 30 {
		rewrite(t, a, record(i))
	}
	var names []string
	for _, p := range a.Report().ProposedFields {
		names = append(names, fmt.Sprint(p.Field, p.Records, p.Values))
	}
	if got := strings.Join(names, " "); got != "?flow30 2 acme.queue30 3" {
		t.Errorf("proposed: %s", got)
	}
	policy := DefaultPolicy(all.Table())
	for name, action := range map[string]Action{"acme.queue": Keep, "?flow": Keep, "who": Drop, "type": Text, "cities": Keep} {
		if err := policy.Set(OtherVendor, false, name, action); err != nil {
			t.Fatal(err)
		}
	}
	a, err := New(Options{Key: testKey(), Table: all.Table(), Policy: policy})
	if err != nil {
		t.Fatal(err)
	}
	out := rewrite(t, a, record(0))
	if !regexp.MustCompile(`^\{"acme":\{"queue":"q_a","city":"[A-Z][a-z]{3}"\}\}$`).Match(out.Body) || !strings.HasSuffix(out.URL, "?flow=f0") {
		t.Errorf("became %s %s", out.URL, out.Body)
	}
	if u := a.Unmatched(); len(u) != 1 || u[0].Name != "cities" || u[0].Nearest != "city" {
		t.Errorf("unmatched: %+v", u)
	}
}

// TestUnreadBetweenWorkers holds that numbers in unknown payloads become the same fakes however many workers there are.
func TestUnreadBetweenWorkers(t *testing.T) {
	var in []*capture.Record
	for i := range 600 {
		in = append(in, unreadRecord(t, "/acme", jsonType, fmt.Sprintf(`{"phone":"+1415321%04d","deep":"{\"to\":\"{\\\"x\\\":1415321%04d}\"}","code":"%05d"}`, i, i+300, 20000+i)))
		if i%3 == 0 {
			in = append(in, inbound(t, fmt.Sprintf("+1415321%04d", i+7), "28572", "hello"))
		}
	}
	var want string
	for _, workers := range []int{1, 4} {
		a := newAnonymizer(t, sms.Wide())
		var got pages
		if err := a.Copy(t.Context(), &got, &reel{records: in, times: 1}, CopyOptions{Workers: workers}); err != nil {
			t.Fatal(err)
		}
		if want == "" {
			want = got.b.String()
		}
		if got.b.String() != want {
			t.Errorf("%d workers wrote something else", workers)
		}
	}
}

// tokens lists the values of a payload, and what its values and the keys that look like data say. A key that does may become one that
// does not: it is no part of the shape.
func tokens(t testing.TB, r *capture.Record) (shape []string, values []string) {
	t.Helper()
	alone := *r
	alone.Headers = nil
	err := all.Table().Unread().RewriteUnread(&alone, func(f dialect.Field) (string, dialect.Op) {
		if !f.Key {
			shape = append(shape, fmt.Sprint(f.Part, f.Literal))
		}
		values = append(values, f.Value)
		return "", dialect.Leave
	})
	if err != nil {
		return nil, nil
	}
	return shape, values
}

// A UUID stays one, also where the first one that is made has digits that read as a payment card's.
func TestUnreadUUIDs(t *testing.T) {
	a := newAnonymizer(t, sms.Wide())
	uuid := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	official := 0
	for i := range 20_000 {
		v := fmt.Sprintf("3fa85f64-5717-4562-b3fc-2c963f%06x", i)
		if looksOfficial(keyed.FreshID(a.keys.ids, v)) {
			official++
		}
		if got := a.wordLike(v); !uuid.MatchString(got) || looksOfficial(got) {
			t.Errorf("%s became %s", v, got)
		}
	}
	if official == 0 {
		t.Error("no UUID has digits of a card, so that nothing is shown")
	}
}

// FuzzUnread holds of every payload of no known vendor: its structure stays, a planted number does not, and equal ones become equal.
func FuzzUnread(f *testing.F) {
	for _, body := range []string{
		`{"a":"+14153212345","b":[14153212345,4153212345],"c":{"+14153212345":"x"}}`, `["{\"a\":\"{\\\"b\\\":\\\"+14153212345\\\"}\"}"]`,
		"a=%2B14153212345&14153212345=b&c={\"a\":1}", `{"a":"call 4153212345 now","b":"id-4153212345","c":"x@4153212345.com","d":"https://x.com/4153212345"}`,
		`{"a":1e400,"a":-0,"":"\u0000\ud83d\ude00"}`, "[\"\xff\xfe\", \"\\ud800\"]", `{"t":"2026-11-23","u":"1984-05-12","v":"00:00"}`, "a=%&=&;&%zz=+", `{"status":"14153212345"}`,
	} {
		f.Add(body, true)
		f.Add(body, false)
	}
	one, two := newAnonymizer(f, sms.Wide()), newAnonymizer(f, sms.Wide())
	f.Fuzz(func(t *testing.T, body string, isJSON bool) {
		contentType := formType
		if isJSON {
			contentType = jsonType
		}
		in := unreadRecord(t, "/acme", contentType, body)
		if in.Vendor != "" {
			return
		}
		out, again := rewrite(t, one, in), rewrite(t, two, in)
		if dump(out) != dump(again) {
			t.Fatalf("%q became\n%q and\n%q", body, out.Body, again.Body)
		}
		before, _ := tokens(t, in)
		after, values := tokens(t, out)
		if before != nil && strings.Join(before, "\n") != strings.Join(after, "\n") {
			t.Fatalf("%q became\n%q: %q and %q", body, out.Body, before, after)
		}
		for _, value := range append(values, string(out.Body)) {
			if strings.Contains(value, "4153212345") {
				t.Fatalf("%q became\n%q", body, out.Body)
			}
		}
		if payload.IsJSON(in) && json.Valid(in.Body) && !json.Valid(out.Body) {
			t.Fatalf("%q became what is no JSON\n%q", body, out.Body)
		}
	})
}
