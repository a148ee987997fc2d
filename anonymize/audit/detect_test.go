package audit

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"reprise/capture"
)

// fieldsOf tells of the form fields of the tests' records what a vendor's tables would.
func fieldsOf(r *capture.Record, f func(FieldSort, []byte)) {
	for item := range bytes.SplitSeq(r.Body, []byte("&")) {
		name, value, _ := bytes.Cut(item, []byte("="))
		switch string(name) {
		case "MessageSid", "SmsMessageSid", "Ref":
			f(Made, value)
		case "ToCountry", "SmsStatus", "ApiVersion", "NumMedia", "Stamp":
			f(Common, value)
		case "Body", "From", "To":
		default:
			f(Personal, value)
		}
	}
}

// TestDetectors plants, for each detector, what the input never held: it alone finds it.
func TestDetectors(t *testing.T) {
	for what, tc := range map[string]struct {
		value string
		want  Counts
	}{
		"an address":                        {"mail quimby@acme-cosmetics.com now", Counts{Emails: 1}},
		"a reserved address":                {"mail quimby@example.com now", Counts{}},
		"no address":                        {"@here or a@b or x @ y.com", Counts{}},
		"a URL":                             {"https://acme-cosmetics.com/r", Counts{Links: 1}},
		"a URL with a user":                 {"https://example.com@evil.net/", Counts{Emails: 1, Links: 1}},
		"a reserved URL":                    {"https://media.example.com:443/r?x=https://example.org", Counts{}},
		"a card":                            {"4111 1111 1111 1111", Counts{Cards: 1}},
		"a card in a row":                   {"pay:5500005555555559.", Counts{Cards: 1}},
		"no card: a wrong check digit":      {"4111 1111 1111 1112", Counts{}},
		"a social security number":          {"123-45-6789", Counts{SSNs: 1}},
		"no social security number":         {"000-45-6789", Counts{}},
		"an account":                        {"DE89 3704 0044 0532 0130 00", Counts{IBANs: 1}},
		"an account in a row":               {"gb29nwbk60161331926819", Counts{IBANs: 1}},
		"no account: wrong check digits":    {"gb28nwbk60161331926819", Counts{}},
		"digits like a number's":            {"ref 8005551", Counts{Digits: 1}},
		"a number of no pool":               {"14155551", Counts{Digits: 1}},
		"digits of a number of the pool":    {"14155550123", Counts{}},
		"the same without the country code": {"4155550123", Counts{}},
		"digits inside a word":              {"a8005551b", Counts{}},
		"few digits":                        {"800555", Counts{}},
		"many digits":                       {"9800555123456789012345", Counts{}},
	} {
		in, out := pair()
		out[2].Body = append(out[2].Body, "&Note="+tc.value...)
		o := options(in, out)
		o.Allow, o.Fields = []string{"ü"}, fieldsOf
		if report := run2(t, o); report.Counts != tc.want {
			t.Errorf("%s: %+v", what, report)
		}
	}
}

// Digits in an id that was made, or in a time, are no telephone number.
func TestDigitsOfIDs(t *testing.T) {
	in, out := pair()
	in[2].Body = append(in[2].Body, "&Ref=4111111111111111&Stamp=1700000000"...)
	out[2].Body = append(out[2].Body, "&Ref=4000056655665556&Stamp=1700000000"...)
	o := options(in, out)
	o.Allow, o.Fields = []string{"ü"}, fieldsOf
	if report := run2(t, o); report.Counts != (Counts{}) {
		t.Errorf("%+v", report)
	}
	out[2].Body = append(out[2].Body, "&Note=1700000001"...)
	if report := run2(t, o); report.Counts != (Counts{Digits: 1}) {
		t.Errorf("%+v", report)
	}
}

// What a field of the input holds that tells of someone may be nowhere in the output.
func TestValues(t *testing.T) {
	for what, tc := range map[string]struct {
		in, out string
		want    Counts
	}{
		"a name":           {"ProfileName=Dorothy+Quimby", "Note=dorothy%20quimby", Counts{Values: 1}},
		"an unknown value": {"Loyalty=4711-XKCDEF-GOLD", "Note=4711-xkcdef-gold", Counts{Values: 1}},
		"an id":            {"Ref=ORDER-778899-A", "Note=ORDER-778899-A", Counts{Values: 1}},
		"an enumeration":   {"Loyalty=delivered&SmsStatus=delivered", "SmsStatus=delivered", Counts{}},
		"an address":       {"Mail=pizza-order%40example.org", "Note=pizza-order%40example.org", Counts{Emails: 1}},
		"one escaped":      {"Mail=Pizza%40order.example", `Note={"m":"pizza\u0040ORDER.example"}`, Counts{Emails: 1}},
		"another address":  {"Mail=pizza%40example.org", "Note=thanks-pizza%40example.org", Counts{}},
		"a real one":       {"Mail=pizza%40order.com", "Note=pizza%40order.com", Counts{Emails: 1}},
		"another value":    {"Loyalty=4711-XKCDEF-GOLD", "Note=4711-XKCDEF-SILVER", Counts{}},
	} {
		in, out := pair()
		in[1].Body = []byte(tc.in)
		out[2].Body = append(out[2].Body, "&"+tc.out...)
		o := options(in, out)
		o.Allow, o.Fields = []string{"ü"}, fieldsOf
		if report := run2(t, o); report.Counts != tc.want {
			t.Errorf("%s: %+v", what, report)
		}
	}
}

// A person stays one person, and two stay two; what was written twice is written twice again.
func TestPeople(t *testing.T) {
	for what, tc := range map[string]struct {
		change func(in, out []*capture.Record)
		field  string
	}{
		"one becomes two": {func(_, out []*capture.Record) { out[5].Message.From = "+12015550199" }, "person"},
		"two become one":  {func(_, out []*capture.Record) { out[2].Message.From = "+14155550123" }, "two persons"},
		"a repeated text": {func(in, out []*capture.Record) {
			in[5].Message.Text = in[4].Message.Text
			out[5].Message.Text = "i love that pizza"
		}, "repeated text"},
		"a repeated id": {func(in, _ []*capture.Record) { in[5].Message.ID = in[4].Message.ID }, "repeated id"},
	} {
		in, out := pair()
		tc.change(in, out)
		o := options(in, out)
		o.Allow = []string{"ü"}
		report := run2(t, o)
		found := false
		for _, f := range report.Findings {
			found = found || f.Check == Fidelity && f.Field == tc.field
		}
		if !found {
			t.Errorf("%s: %+v", what, report)
		}
	}
}

func TestUnique(t *testing.T) {
	var p people
	at := time.Unix(1_700_000_000, 0)
	for i := range 3000 {
		for n := range 1 + i%2 { // every second one writes twice, a minute later, but for one who waits an hour
			m := marks{in: uint64(i)*2 + 1, out: uint64(i)*2 + 9001, kind: capture.Unrecognized, at: at.Add(time.Duration(n) * time.Minute)}
			if i == 1001 && n == 1 {
				m.at, m.kind = at.Add(time.Hour), capture.Help
			}
			if wrong := p.add(&m); len(wrong) > 0 {
				t.Fatalf("person %d: %v", i, wrong)
			}
		}
	}
	want := Unique{People: 3000, ByKinds: 1.0 / 3000, ByGaps: 1.0 / 3000}
	if got := p.unique(); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	if got := new(people).unique(); got != (Unique{}) {
		t.Errorf("of nobody: %+v", got)
	}
}

func TestChecksAreAllCounted(t *testing.T) {
	var r Report
	for i, check := range Checks() {
		r.add(check, int64(i), "body", 1)
		if r.Counts.Of(check) != 1 {
			t.Errorf("%s is counted elsewhere", check)
		}
	}
	if n := fmt.Sprint(r.Counts); n != fmt.Sprint(Counts{1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}) {
		t.Error(n)
	}
}

func FuzzDisguised(f *testing.F) {
	f.Add([]byte("SGVsbG8gdGhlcmUsIERvcm90aHk="))
	f.Add([]byte("48656c6c6f20446f726f746879"))
	f.Add([]byte("\x1f\x8b\b\x00\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		var r reader
		r.disguised(b, func(plain []byte) {
			if len(plain) > maxPlain && len(plain) > len(b) {
				t.Errorf("%d bytes out of %d", len(plain), len(b))
			}
		})
	})
}
