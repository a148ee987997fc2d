package audit

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"reprise/capture"
	"reprise/capture/sms"
	"reprise/capture/splitmix"
)

func TestFold(t *testing.T) {
	for in, want := range map[string]string{
		"Plain TEXT 12": "plain text 12",
		"ＦＵＬＬ　ｗｉｄｔｈ　４１５":               "full width 415",
		"٤١٥ ۴۱۵ ४१५ 𝟒𝟏𝟓 ④①⑤":          "415 415 415 415 415",
		"Don’t ‘quote’":                "don't 'quote'",
		"a\u200bb\u2060c\ufe0f\u00add": "abcd",
		"4–1—5‑5−0":                    "4-1-5-5-0",
		"ÀÉÎ e\u0301":                  "àéî é",
		"a\xffb":                       "a b",
		"a\u00a0b\u200ac":              "a b c",
		"ﬁne":                          "fine",
	} {
		var f folder
		if got := string(f.fold([]byte(in))); got != want {
			t.Errorf("fold(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestDecode(t *testing.T) {
	for _, tc := range []struct {
		in, want string
		changed  bool
	}{
		{"plain+text", "", false},
		{"%41%c3%A9", "Aé", true},
		{"100% %4", "100% %4", false},
		{`\u0041\ud83d\ude00\n\"\\\/\q`, "A😀 \"\\/\\q", true},
		{`\ud83d\u0041 \u00`, "\ufffdA \\u00", true},
		{`%5Cu0041`, `\u0041`, true},
		{`\`, `\`, false},
	} {
		got, changed := decode(nil, []byte(tc.in))
		if string(got) != tc.want || changed != tc.changed {
			t.Errorf("decode(%q) = %q, %v, want %q, %v", tc.in, got, changed, tc.want, tc.changed)
		}
	}
}

func TestWords(t *testing.T) {
	l := newLexer([]string{"Don't", "Grüße"})
	for in, want := range map[string]string{
		"Hello, World-2":   "hello* world* 2*",
		"don’t 'do' it'":   "don't do* it*",
		"GRÜSSE Grüße x_y": "grüsse* grüße x* y*",
		"a''b":             "a* b*",
		"":                 "",
		"สวัสดี ok🙂k":      "สวัสดี* ok* k*",
	} {
		var f folder
		text := f.fold([]byte(in))
		var got []string
		for _, w := range l.words(nil, text) {
			mark := ""
			if w.foreign {
				mark = "*"
			}
			got = append(got, string(text[w.start:w.end])+mark)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("words(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestParty(t *testing.T) {
	for in, want := range map[string]string{
		"+14155551234": "14155551234 phone", "14155551234": "14155551234 phone", "(415) 555-1234": "14155551234 phone",
		"whatsapp:+14155551234": "14155551234 phone", "0014155551234": "14155551234 phone", "011447753830507": "447753830507 phone",
		"+447753830507": "447753830507 phone", "１４１５５５５１２３４": "14155551234 phone", "28572": "28572 short", "ACME": "acme", "ACME-1": "acme-1",
		"rcs:brand_x": "brand_x", "": "", "12": "12", " +1 415.555.1234 ": "14155551234 phone",
	} {
		var f folder
		var p party
		p.parse(f.fold([]byte(in)))
		got := string(p.name)
		if len(p.digits) > 0 {
			got = string(p.full(nil))
		}
		switch {
		case p.isPhone():
			got += " phone"
		case p.isShort():
			got += " short"
		}
		if got != want {
			t.Errorf("parse(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestForms(t *testing.T) {
	for in, want := range map[string][]string{
		"14155551234":   {"14155551234", "4155551234", "04155551234"},
		"447753830507":  {"447753830507", "7753830507", "07753830507"},
		"33612345678":   {"33612345678", "0612345678"},
		"298123456":     {"298123456"},
		"353861234567":  {"353861234567", "0861234567"},
		"8613912345678": {"8613912345678", "13912345678", "013912345678"},
		"07753830507":   {"07753830507", "7753830507"},
	} {
		var buf [20]byte
		var got []string
		forms([]byte(in), &buf, func(b []byte) { got = append(got, string(b)) })
		if !slices.Equal(got, want) {
			t.Errorf("forms(%s) = %v, want %v", in, got, want)
		}
	}
}

func TestFilter(t *testing.T) {
	f := newFilter(1 << 16)
	const n = 10_000
	for i := range uint64(n) {
		f.set(splitmix.Mix(i), run)
	}
	wrong := 0
	for i := range uint64(n) {
		if !f.has(splitmix.Mix(i), run) {
			t.Fatalf("key %d is lost", i)
		}
		if f.has(splitmix.Mix(i), secret) {
			wrong++
		}
		if f.has(splitmix.Mix(i+n), run) {
			wrong++
		}
	}
	if wrong > n/100 {
		t.Errorf("%d of %d look-ups find what is not there", wrong, 2*n)
	}
}

// TestSmallFilter holds that a filter far too small costs time alone: what it mistakes is told apart.
func TestSmallFilter(t *testing.T) {
	in, out := benchmarkPair(300)
	secretHeaders(out[77], "X-Note", in[5].Message.ID)
	o := options(in, out)
	o.Vocabulary, o.FilterBytes = nil, 64
	for i := range 26 {
		o.Vocabulary = append(o.Vocabulary, strings.Repeat(string(rune('a'+i)), 5))
	}
	report := run2(t, o)
	if report.Counts != (Counts{IDs: 1}) || report.Findings[0].Record != 77 {
		t.Errorf("report %+v", report)
	}
}

func FuzzNormalize(f *testing.F) {
	for _, s := range []string{
		"plain", "%41%2525", `\u0041\ud83d\ude00\\u0041`, "ＦＵＬＬ４", "a\u200bb’c", "\xff%zz\\u12", "+1 (415) 555-1234", "٤١٥", "e\u0301\u0315", "İß", "ǅ'x",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		var r reader
		layers := 0
		r.views(textField, in, func(_ field, text []byte) {
			layers++
			if !utf8.Valid(text) {
				t.Fatalf("folded to %q, which is not UTF-8", text)
			}
			if bytes.ContainsAny(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ\u200b\ufeff’") {
				t.Fatalf("folded to %q", text)
			}
			l := newLexer()
			end := 0
			for _, w := range l.words(nil, text) {
				if w.start < end || w.end <= w.start || w.end > len(text) {
					t.Fatalf("words of %q overlap", text)
				}
				end = w.end
			}
			gs := groups(nil, text)
			spelled(text, gs, nil, func(digits []byte) {
				if len(digits) < minPhone || len(digits) > maxSpelled {
					t.Fatalf("%d digits", len(digits))
				}
			})
			var p party
			p.parse(text)
			var buf [20]byte
			if p.isPhone() {
				forms(p.full(nil), &buf, func([]byte) {})
			}
		})
		if layers < 1 {
			t.Fatal("nothing was looked at")
		}
		// What a record holds is found in it again, whatever it is.
		rec := &capture.Record{Message: capture.Message{ID: string(in), From: string(in), Text: string(in)}, Body: in}
		o := options([]*capture.Record{rec}, []*capture.Record{rec})
		o.FilterBytes = 1 << 10
		report, err := Run(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		l := newLexer(o.Vocabulary, o.Keywords)
		var fold folder
		if hasForeign(l.words(nil, fold.fold(in))) && report.Counts.Texts+report.Counts.Vocabulary == 0 {
			t.Fatalf("%q survives unseen: %+v", in, report)
		}
	})
}

// benchmarkPair is a recording of n requests and a faultless output.
func benchmarkPair(n int) (in, out []*capture.Record) {
	pool := sms.Wide()
	for i := range n {
		word := func(k int) string {
			return fmt.Sprintf("%s%c%cq", []string{"zeb", "ulo", "yrk"}[k%3], 'a'+k%26, 'a'+k/26%26)
		}
		before := fmt.Sprintf("%s %s is late again %s %s", word(i), word(i/7), word(i/3), word(i*5))
		after := fmt.Sprintf("%s %s %s", strings.Repeat(string(rune('a'+i%26)), 5), strings.Repeat(string(rune('a'+i/26%26)), 5), strings.Repeat(string(rune('a'+i/9%26)), 5))
		id := fmt.Sprintf("SM%016x%016x", splitmix.Mix(uint64(i)), splitmix.Mix(uint64(i)<<32))
		fresh := fmt.Sprintf("SM%016x%016x", splitmix.Mix(uint64(i)+1<<40), splitmix.Mix(uint64(i)+1<<41))
		from, fake := fmt.Sprintf("+1404662%04d", i%10_000), pool.At(i%pool.Len())
		in = append(in, secretHeaders(twilio(i, id, from, "+18885560100", before, capture.Unrecognized),
			"X-Twilio-Signature", fmt.Sprintf("%016x=", splitmix.Mix(uint64(i)+1<<42)), "I-Twilio-Idempotency-Token", fmt.Sprintf("%016x", splitmix.Mix(uint64(i)+1<<43))))
		out = append(out, twilio(i, fresh, fake, pool.At(7), after, capture.Unrecognized))
		in[i].Body = append(in[i].Body, geography...)
		out[i].Body = append(out[i].Body, geography...)
	}
	return in, out
}

// geography makes a record as long as Twilio's are.
const geography = "&AccountSid=AC0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f&MessagingServiceSid=MGa1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1&NumSegments=1&FromCity=SAN+JOSE" +
	"&FromCountry=US&FromState=CA&ToCity=&ToState=&ToZip="

func BenchmarkAudit(b *testing.B) {
	const n = 2_000
	in, out := benchmarkPair(n)
	o := options(in, out)
	o.FilterBytes = 0
	for i := range 26 {
		o.Vocabulary = append(o.Vocabulary, strings.Repeat(string(rune('a'+i)), 5))
	}
	for i := range 20_000 {
		o.Vocabulary = append(o.Vocabulary, fmt.Sprintf("word%d", i))
	}
	const rounds = 10
	in, out = slices.Repeat(in, rounds), slices.Repeat(out, rounds)
	for i := range in { // the same records go by again and again, in time
		in[i] = in[i].Clone()
		out[i] = out[i].Clone()
	}
	o.In, o.Out = opener(in), opener(out)
	b.ReportAllocs()
	for b.Loop() {
		report, err := Run(b.Context(), o)
		if err != nil || report.Failed() {
			b.Fatalf("%+v, %v", report, err)
		}
	}
	b.ReportMetric(float64(n*rounds)*float64(b.N)/b.Elapsed().Seconds(), "records/s")
}
