package sms

import (
	"regexp"
	"strings"
	"testing"

	"github.com/nyaruka/phonenumbers"

	"reprise/capture"
)

const (
	freeText = "Hi, can you tell me when my order ships? I ordered two of the blue ones on Monday"
	longText = freeText + ". " + freeText + ". " + freeText
)

// BenchmarkClassify measures each road through a Classifier, and two baselines: the cheapest look-up there could be,
// and one of the regular expressions that a reaction would take.
func BenchmarkClassify(b *testing.B) {
	c, err := NewClassifier(Options{Keywords: map[capture.Kind][]string{capture.CustomKeyword: {"VIP"}}})
	if err != nil {
		b.Fatal(err)
	}
	for _, bc := range []struct {
		name, text string
		want       capture.Kind
	}{
		{"keyword", "STOP", capture.Unsubscribe},
		{"keyword lower case with spaces", " unsubscribe \n", capture.Unsubscribe},
		{"short text", "Loved the shoes", capture.Unrecognized},
		{"text", freeText, capture.Unrecognized},
		{"long text", longText, capture.Unrecognized},
		{"emoji", "🔥🔥 love it", capture.Unrecognized},
		{"reaction", "Loved “" + freeText + "”", capture.Reaction},
		{"reaction with emoji", "Reacted 🔥 to “" + freeText + "”", capture.Reaction},
		{"reaction in Chinese", "對「" + freeText + "」做出 👍 反應", capture.Reaction},
		{"reaction of Google", "\u200a\u200b👍\u200b to “\u200a" + freeText + "\u200a”\u200a", capture.Reaction},
	} {
		b.Run(bc.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if got := c.Classify("twilio", bc.text); got != bc.want {
					b.Fatalf("Classify = %v, want %v", got, bc.want)
				}
			}
		})
	}
	b.Run("baseline map of upper case", func(b *testing.B) {
		words := map[string]capture.Kind{"STOP": capture.Unsubscribe}
		for b.Loop() {
			if words[strings.ToUpper(strings.TrimSpace("stop"))] != capture.Unsubscribe {
				b.Fatal("no match")
			}
		}
	})
	b.Run("baseline regexp of one form", func(b *testing.B) {
		re := regexp.MustCompile(`(?s)^(?:Loved|Liked|Disliked|Laughed at|Emphasized|Questioned) “(.*)”$`)
		text := "Loved “" + freeText + "”"
		for b.Loop() {
			if !re.MatchString(text) {
				b.Fatal("no match")
			}
		}
	})
}

// BenchmarkCanonical measures each spelling of a number against libphonenumber's parser.
func BenchmarkCanonical(b *testing.B) {
	for _, bc := range []struct{ name, raw, want string }{
		{"plus", "+14155551234", "+14155551234"},
		{"bare", "14155551234", "+14155551234"},
		{"channel", "whatsapp:+14155551234", "+14155551234"},
		{"short code", "28572", "28572"},
		{"punctuation", "(415) 555-1234", "+14155551234"},
	} {
		b.Run(bc.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if got, _ := Canonical(bc.raw); got != bc.want {
					b.Fatalf("Canonical = %q, want %q", got, bc.want)
				}
			}
		})
	}
	b.Run("baseline phonenumbers", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			n, err := phonenumbers.Parse("+14155551234", "US")
			if err != nil || phonenumbers.Format(n, phonenumbers.E164) != "+14155551234" {
				b.Fatal("not parsed")
			}
		}
	})
}

// BenchmarkMeasure measures texts of each encoding against a bare walk over the runes.
func BenchmarkMeasure(b *testing.B) {
	for _, bc := range []struct {
		name, text string
		want       Size
	}{
		{"gsm", freeText, Size{GSM7, len(freeText), 1}},
		{"gsm in parts", longText, Size{GSM7, len(longText), 2}},
		{"ucs-2", freeText + "’s 🔥", Size{UCS2, len(freeText) + 5, 2}},
	} {
		b.Run(bc.name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(bc.text)))
			for b.Loop() {
				if got := Measure(bc.text); got != bc.want {
					b.Fatalf("Measure = %+v, want %+v", got, bc.want)
				}
			}
		})
	}
	b.Run("baseline range", func(b *testing.B) {
		b.SetBytes(int64(len(freeText)))
		for b.Loop() {
			n := 0
			for range freeText {
				n++
			}
			if n != len(freeText) {
				b.Fatal("miscounted")
			}
		}
	})
}

func BenchmarkPool(b *testing.B) {
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		n := i % Wide().Len()
		if j, ok := Wide().Index(Wide().At(n)); !ok || j != n {
			b.Fatal("Index is not the inverse of At")
		}
	}
}
