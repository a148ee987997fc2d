package texts

import (
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"unicode"

	"reprise/capture/sms"
)

// keptExactly says what of two shapes must agree and does not.
func keptExactly(in, out Shape) string {
	switch {
	case in.Size != out.Size:
		return "size"
	case in.Lead != out.Lead || in.Trail != out.Trail:
		return "white space"
	case in.Newlines != out.Newlines:
		return "newlines"
	}
	return ""
}

func vocabularySet() map[string]bool {
	set := make(map[string]bool)
	for _, w := range Vocabulary() {
		set[w] = true
	}
	return set
}

// foreignWord returns the first word of text that the vocabulary lacks.
func foreignWord(vocabulary map[string]bool, text string) string {
	for _, w := range tokens(strings.ToLower(text)) {
		if !vocabulary[w] {
			return w
		}
	}
	return ""
}

// corners are texts that are easy to get wrong.
func corners() []string {
	return []string{
		"", " ", "\n", "\r\n", "\t", "\u00a0", "k", "4", "?", "!", "?!", ".", "[", "€", "[]", "é", "á", "❤", "😀", "❤️", "👩‍👩‍👧", "😀 😀", "\xff", "\x00",
		"ok", "yes", "No", "YES ", " end", "STOP.", "stop!", "Stop please", "stop texting me", "7am", "90210", "4155551234", "12/24", "$5.00",
		"Don’t", "don't", "“hi”", "wait…", "so nice 😍😍😍", "Where is my order?", "WHERE IS MY ORDER!!", "my code BF-2209 does not work",
		"https://t.co/abc", "see www.shop.com/x now", "example.com", "привет", "Где мой заказ?", "你好", "我的订单在哪里？", "こんにちは", "안녕하세요 언제 와요?",
		"أين طلبي؟", "איפה ההזמנה שלי", "मेरा ऑर्डर कहाँ है", "สวัสดีค่ะ", "γεια σου", "ΩΨ", "hello мир", "Olá, tudo bem? Não recebi", "mañana café",
		"a\nb", "a\n\n\nb", "line one\nline two\nline three", "\n hello \n", "a b\u00a0", "Ⅳ", "₹", "አማርኛ", "ok\u200b",
		strings.Repeat("a", 160), strings.Repeat("a", 161), strings.Repeat("[", 81), strings.Repeat("😀", 36), strings.Repeat("😀", 34) + "x",
		strings.Repeat("a", 66) + "😀" + strings.Repeat("b", 66), strings.Repeat("a", 66) + "😀" + strings.Repeat("b", 64) + "😀" + strings.Repeat("я", 66),
		strings.Repeat("a", 152) + "€" + strings.Repeat("b", 152), strings.Repeat("hello world ", 150), strings.Repeat("привет ", 200),
		strings.Repeat("😀", 500), strings.Repeat("\n", 100) + "x", "x" + strings.Repeat("\n", 100) + "y", strings.Repeat("好", 67*3),
	}
}

func TestTextKeepsCorners(t *testing.T) {
	g, vocabulary := New(), vocabularySet()
	for _, text := range corners() {
		in := ShapeOf(text)
		for seed := range uint64(50) {
			out := g.Text([2]uint64{seed, 7}, in)
			if diff := keptExactly(in, ShapeOf(out)); diff != "" {
				t.Fatalf("seed %d: %q became %q: %s differs", seed, text, out, diff)
			}
			if w := foreignWord(vocabulary, out); w != "" {
				t.Fatalf("seed %d: %q became %q: %q is not in the vocabulary", seed, text, out, w)
			}
		}
	}
}

// randomShape is of a text that nobody wrote, of up to 700 units.
func randomShape(r *rand.Rand) Shape {
	alphabets := [...]string{
		"abcdefghij  ", "abc ABC 123 ?!.", "é ñ [€] abc", "déjà vu “ok” … it’s", "привет мир ", "abc 😀 ❤ ok ", "12345", "😀❤🔥", "好是不 ", "a\nb\n ",
		"สวัสดี ", "नमस्ते ", "שלום ", "مرحبا ", "안녕 ", "こん ", "γεια ",
	}
	alphabet := []rune(alphabets[r.IntN(len(alphabets))])
	n := r.IntN(40)
	if r.IntN(4) == 0 {
		n = r.IntN(700)
	}
	var b strings.Builder
	for range n {
		b.WriteRune(alphabet[r.IntN(len(alphabet))])
	}
	return ShapeOf(b.String())
}

func TestTextKeepsRandomShapes(t *testing.T) {
	const seed = 20
	r := rand.New(rand.NewPCG(seed, seed))
	g, vocabulary := New(), vocabularySet()
	for i := range 60_000 {
		in := randomShape(r)
		out := g.Text([2]uint64{uint64(i), seed}, in)
		if diff := keptExactly(in, ShapeOf(out)); diff != "" {
			t.Fatalf("seed %d, text %d: %+v became %q: %s differs", seed, i, in, out, diff)
		}
		if w := foreignWord(vocabulary, out); w != "" {
			t.Fatalf("seed %d, text %d: %q holds %q", seed, i, out, w)
		}
	}
}

func TestWordListsKeepTheirPromises(t *testing.T) {
	tb := newTables()
	for s, l := range tb.scripts {
		if Script(s) == Latin {
			continue
		}
		if l.longest < 4 {
			t.Errorf("script %d: no word of %d units", s, l.longest+1)
		}
		for _, w := range l.all {
			for _, w := range []string{w, strings.ToUpper(w)} {
				if sms.Measure(w).Encoding != sms.UCS2 || len(tokens(w)) != 1 || sms.Measure(w).Units != len([]rune(w)) {
					t.Errorf("script %d: %q is not one UCS-2 word of one unit a character", s, w)
				}
			}
		}
	}
	for _, w := range tb.accentsWide.all {
		if sms.Measure(w).Encoding != sms.UCS2 || sms.Measure(strings.ToUpper(w)).Encoding != sms.UCS2 {
			t.Errorf("%q is GSM-7 in one of its cases", w)
		}
	}
	for _, w := range tb.accents.all {
		if sms.Measure(w).Encoding != sms.GSM7 || sms.Measure(strings.ToUpper(w)).Encoding != sms.GSM7 {
			t.Errorf("%q is UCS-2 in one of its cases", w)
		}
	}
	if tb.fillers.longest < 12 {
		t.Errorf("fillers reach %d units, want 12 at least", tb.fillers.longest)
	}
	for _, c := range tb.contractions {
		if !strings.Contains(c, "'") {
			t.Errorf("%q is no contraction", c)
		}
	}
	for _, list := range [][]string{tb.emojiOne, tb.emojiTwo} {
		for _, e := range list {
			for _, r := range e {
				if unicode.IsLetter(r) || unicode.IsMark(r) || !isEmoji(r) {
					t.Errorf("%q holds a letter or mark", e)
				}
			}
		}
	}
}

// TestNoKeywordAlone asks for short texts of every intent, where a generator most easily writes a keyword.
func TestNoKeywordAlone(t *testing.T) {
	c, err := sms.NewClassifier(sms.Options{})
	if err != nil {
		t.Fatal(err)
	}
	g := New()
	for _, text := range []string{
		"k", "no", "yep", "okay", "sorry", "Thanks", "STOP.", "stop!", "Start.", "help!", "info.", "stop pls", "7", "so?", "SUBSCRIBE", "stop \u200b", "end it now",
	} {
		in := ShapeOf(text)
		for seed := range uint64(500) {
			out := g.Text([2]uint64{seed, 1}, in)
			if kind := c.Classify("twilio", out); kind.IsKeyword() {
				t.Fatalf("seed %d: %q became %q, a keyword of kind %s", seed, text, out, kind)
			}
		}
	}
}

func TestShapeOf(t *testing.T) {
	for _, tc := range []struct {
		text     string
		script   Script
		intent   Intent
		style    Case
		features Features
	}{
		{"Where is my order?", Latin, Order, Sentence, Letters | Question | Spaced},
		{"STOP.", Latin, OptOut, Upper, Letters | FullStop},
		{"start.", Latin, OptIn, Lower, Letters | FullStop},
		{"90210", Latin, Chat, Uncased, Digits},
		{"😀 ❤️", Latin, Chat, Uncased, EmojiOnly | Spaced},
		{"Don’t…", Latin, Chat, Sentence, Letters | Curly | Ellipsis},
		{"see t.co/abc", Latin, Chat, Lower, Letters | Spaced | URL},
		{"ok.thanks", Latin, Love, Lower, Letters},
		{"Где мой заказ?", Cyrillic, Chat, Sentence, Letters | Question | Spaced},
		{"我的订单", Han, Chat, Uncased, Letters},
		{"café", Latin, Chat, Lower, Letters | Accents},
	} {
		s := ShapeOf(tc.text)
		if s.Script != tc.script || s.Intent != tc.intent || s.Case != tc.style || s.Features != tc.features {
			t.Errorf("ShapeOf(%q) = %+v, want script %d, intent %d, case %d, features %b", tc.text, s, tc.script, tc.intent, tc.style, tc.features)
		}
	}
}

// TestFeaturesSurvive asks that what fits is kept.
func TestFeaturesSurvive(t *testing.T) {
	g := New()
	for _, tc := range []struct {
		text string
		want Features
	}{
		{"Where is my order 12?", Letters | Question | Digits},
		{"so nice!!", Letters | Exclaim},
		{"take a look at https://shop.example/abc right now", Letters | URL},
		{"🔥🔥🔥", EmojiOnly},
		{"I don’t think so, sorry", Letters | Curly},
		{"see the café tomorrow", Letters | Accents},
		{"me gustaría más azúcar", Letters | Accents},
		{"12 34", Digits},
		{"Где мой заказ?", Letters | Question},
	} {
		in := ShapeOf(tc.text)
		for seed := range uint64(20) {
			out := ShapeOf(g.Text([2]uint64{seed, 3}, in))
			if !out.Features.Has(tc.want) || out.Script != in.Script || (out.Emojis > 0) != (in.Emojis > 0) {
				t.Errorf("seed %d: %q became %q", seed, tc.text, g.Text([2]uint64{seed, 3}, in))
			}
		}
	}
}

func TestNamesAndPlacesAreInTheVocabulary(t *testing.T) {
	g, vocabulary := New(), vocabularySet()
	for i := range uint64(20_000) {
		seed := [2]uint64{i, 9}
		p := g.Place(seed, "416")
		for _, text := range []string{g.Name(seed), g.FirstName(seed), g.Carrier(seed), g.Product(seed), p.City, p.State, p.StateName, p.Zip, p.Country, p.CountryName, p.Network, g.Word(seed)} {
			if w := foreignWord(vocabulary, text); w != "" {
				t.Fatalf("seed %d: %q holds %q", i, text, w)
			}
		}
	}
}

func TestEveryAreaCodeHasAState(t *testing.T) {
	areas := regionsByArea()
	for pool, i := sms.Strict(), 0; i < pool.Len(); i += 100 {
		code := pool.At(i)[2:5]
		if r := areas[code]; r == nil || r.city == "" || r.name == "" || len(r.zips) == 0 {
			t.Errorf("area code %s is in no state: %+v", code, r)
		}
	}
	for _, tc := range []struct{ area, city, state, zip, country string }{
		{"416", "Toronto", "ON", "M", "CA"},
		{"214", "Dallas", "TX", "752", "US"},
		{"469", "Dallas", "TX", "752", "US"}, // laid over 214
		{"808", "Honolulu", "HI", "968", "US"},
		{"212", "New York", "NY", "100", "US"},
		{"867", "Yellowknife", "NT", "X", "CA"},
	} {
		for i := range uint64(20) {
			p := New().Place([2]uint64{i, 2}, tc.area)
			if p.City != tc.city || p.State != tc.state || !strings.HasPrefix(p.Zip, tc.zip) || p.Country != tc.country {
				t.Errorf("%s is in %+v, want %+v", tc.area, p, tc)
			}
		}
	}
	if a, b := New().Place([2]uint64{1, 2}, ""), New().Place([2]uint64{7, 2}, ""); a == b {
		t.Errorf("whoever has no area code is in %+v", a)
	}
}

// TestGolden holds outputs for fixed seeds: they must not change from release to release, because a person would get
// another name and every text would change.
func TestGolden(t *testing.T) {
	g := New()
	for _, tc := range []struct{ text, want string }{
		{"Where is my order?", "Where is my order?"},
		{"my code BF-2209 doesn’t work 😡", "It’s Me, Ok Hun which Code 1 🛒"},
		{"ЗАКАЗ 123!", "ОЧЕНЬ 654!"},
		{"stop.", "quit."},
	} {
		if got := g.Text([2]uint64{1, 2}, ShapeOf(tc.text)); got != tc.want {
			t.Errorf("Text for %q = %q, want %q", tc.text, got, tc.want)
		}
	}
	if got, want := g.Name([2]uint64{1, 2}), "Lucy Oliver"; got != want {
		t.Errorf("Name = %q, want %q", got, want)
	}
	if got, want := g.Place([2]uint64{1, 2}, "415"), (Place{City: "San Francisco", State: "CA", StateName: "California", Zip: "94104", Country: "US", CountryName: "United States", Network: "310260"}); got != want {
		t.Errorf("Place = %+v, want %+v", got, want)
	}
}

func FuzzText(f *testing.F) {
	for _, text := range corners() {
		f.Add(text, uint64(1))
	}
	vocabulary := vocabularySet()
	f.Fuzz(func(t *testing.T, text string, seed uint64) {
		in := ShapeOf(text)
		out := New().Text([2]uint64{seed, 0}, in)
		if got := sms.Measure(out); got != in.Size {
			t.Errorf("%q of %+v became %q of %+v", text, in.Size, out, got)
		}
		if w := foreignWord(vocabulary, out); w != "" {
			t.Errorf("%q became %q, which holds %q", text, out, w)
		}
	})
}

func BenchmarkText(b *testing.B) {
	g := New()
	s := ShapeOf("Hi, my code BF-2209 does not work at checkout, can you have a look please? Thanks")
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		g.Text([2]uint64{uint64(i), 1}, s)
	}
}

func BenchmarkShapeOf(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		ShapeOf("Hi, my code BF-2209 does not work at checkout, can you have a look please? Thanks")
	}
}

// The version names the release of gofakeit that is linked in.
func TestVersion(t *testing.T) {
	mod, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	_, release, _ := strings.Cut(Version, "gofakeit ")
	if !strings.Contains(string(mod), "github.com/brianvoe/gofakeit/v7 "+release+"\n") {
		t.Errorf("Version is %q, which is not what go.mod requires", Version)
	}
}
