package sms

import (
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestFiller(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, tc := range []struct {
		length, parts int
		encoding      Encoding
		fits          bool
	}{
		{1, 1, GSM7, true},
		{4, 1, GSM7, true},
		{160, 1, GSM7, true},
		{161, 2, GSM7, true},
		{459, 3, GSM7, true},
		{71, 2, UCS2, true},
		{134, 2, UCS2, true},
		{135, 3, UCS2, true},
		{140, 2, GSM7, true}, // with characters that count twice
		{300, 0, GSM7, true},
		{10, 3, GSM7, false},
		{1000, 1, GSM7, false},
	} {
		text, fits := Filler(random, tc.length, tc.parts)
		size := Measure(text)
		if utf8.RuneCountInString(text) != tc.length || fits != tc.fits || tc.fits && (size.Encoding != tc.encoding || tc.parts > 0 && size.Parts != tc.parts) {
			t.Errorf("%d characters in %d parts: %d, %+v, fits %v", tc.length, tc.parts, utf8.RuneCountInString(text), size, fits)
		}
	}
	for parts := 1; parts <= 10; parts++ {
		for range 50 {
			if text, fits := Filler(random, 0, parts); !fits || Measure(text).Parts != parts || text == "" {
				t.Errorf("a text of %d parts has %+v", parts, Measure(text))
			}
		}
	}
	if text, _ := Filler(random, 0, 0); text != "" {
		t.Errorf("a text of nothing is %q", text)
	}
}

// TestFillerIsNoKeyword generates texts of the lengths of keywords.
func TestFillerIsNoKeyword(t *testing.T) {
	words := DefaultWords()
	var all []string
	all = append(append(append(append(all, words.Stop...), words.Start...), words.Help...), words.Info...)
	random := rand.New(rand.NewPCG(3, 4))
	for range 20000 {
		text, _ := Filler(random, 2+random.IntN(10), 1)
		for _, w := range all {
			if strings.EqualFold(text, w) {
				t.Fatalf("a generated text is a keyword: %s", text)
			}
		}
	}
}
