package sms

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"reprise/capture"
)

// maxKeyword is the longest keyword in bytes, upper-cased: longer texts are not looked up.
const maxKeyword = 64

// Options are the choices of a Classifier. Its zero value is Twilio's rules.
type Options struct {
	// Profile is ProfileTwilio, which is also what empty means, or ProfileVendor.
	Profile string
	// Vendors are the words that vendors take for keywords themselves, by the vendor's name. They count under ProfileVendor; a
	// vendor that is not listed has DefaultWords.
	Vendors map[string]Words
	// Keywords are words of the brand's own: those of kind CustomKeyword, and any it added to the other kinds of
	// keyword. They go before the profile's, so that a word may be given another kind than the profile gives it.
	// Case and white space around a word do not matter.
	Keywords map[capture.Kind][]string
}

// Classifier says of which kind a text is. It is not changed once made.
type Classifier struct {
	vendors  map[string]map[string]capture.Kind
	fallback map[string]capture.Kind
}

// NewClassifier returns a Classifier; an error says which option cannot be used.
func NewClassifier(o Options) (*Classifier, error) {
	own, err := ownWords(o.Keywords)
	if err != nil {
		return nil, err
	}
	c := &Classifier{fallback: wordMap(DefaultWords(), own)}
	switch o.Profile {
	case "", ProfileTwilio:
		return c, nil
	case ProfileVendor:
		c.vendors = make(map[string]map[string]capture.Kind)
		for name, words := range o.Vendors {
			c.vendors[name] = wordMap(words, own)
		}
		return c, nil
	}
	return nil, fmt.Errorf("no keyword profile is called %q: it is %s or %s", o.Profile, ProfileTwilio, ProfileVendor)
}

// ownWords puts the brand's words in the form that Classify looks up.
func ownWords(words map[capture.Kind][]string) (map[string]capture.Kind, error) {
	own := make(map[string]capture.Kind)
	for _, kind := range slices.Sorted(maps.Keys(words)) {
		if !kind.IsKeyword() {
			return nil, fmt.Errorf("keywords of kind %s: a keyword cannot make a message of this kind", kind)
		}
		for i, word := range words[kind] {
			var buf [maxKeyword]byte
			key, ok := upper(&buf, strings.TrimSpace(word))
			switch {
			case !ok:
				return nil, fmt.Errorf("keyword %d of kind %s is not 1 to %d bytes of UTF-8", i+1, kind, maxKeyword)
			case own[string(key)] != capture.Other && own[string(key)] != kind:
				return nil, fmt.Errorf("keyword %q is of kind %s and of kind %s", key, own[string(key)], kind)
			}
			own[string(key)] = kind
		}
	}
	return own, nil
}

// wordMap joins a profile's words and the brand's, which win.
func wordMap(w Words, own map[string]capture.Kind) map[string]capture.Kind {
	m := make(map[string]capture.Kind)
	for kind, words := range w.kinds() {
		for _, word := range words {
			m[word] = kind
		}
	}
	maps.Copy(m, own)
	return m
}

// Knows says whether there is a keyword, of any vendor, that makes a message one of that kind.
func (c *Classifier) Knows(kind capture.Kind) bool {
	has := func(words map[string]capture.Kind) bool {
		for _, k := range words {
			if k == kind {
				return true
			}
		}
		return false
	}
	return has(c.fallback) || slices.ContainsFunc(slices.Collect(maps.Values(c.vendors)), has)
}

// Words returns every keyword that the classifier knows, of any vendor, in upper case and in order.
func (c *Classifier) Words() []string {
	all := maps.Clone(c.fallback)
	for _, m := range c.vendors {
		maps.Copy(all, m)
	}
	return slices.Sorted(maps.Keys(all))
}

// Classify says of which kind an inbound message is, given the name of the vendor that delivered it: Reaction for
// what ParseReaction takes; a keyword's kind where the whole text, white space around it trimmed and in any case,
// is that keyword; Unrecognized for all else, an empty text included. It does not allocate.
func (c *Classifier) Classify(vendor, text string) capture.Kind {
	if _, _, ok := findReaction(text); ok {
		return capture.Reaction
	}
	text = strings.TrimSpace(text)
	if len(text) > maxKeyword {
		return capture.Unrecognized
	}
	words := c.fallback
	if c.vendors != nil {
		if own, ok := c.vendors[vendor]; ok {
			words = own
		}
	}
	var buf [maxKeyword]byte
	if key, ok := upper(&buf, text); ok {
		if kind, ok := words[string(key)]; ok {
			return kind
		}
	}
	return capture.Unrecognized
}

// upper writes text in upper case into buf; ok is false where it is empty, too long or not UTF-8.
func upper(buf *[maxKeyword]byte, text string) (key []byte, ok bool) {
	if len(text) == 0 || len(text) > maxKeyword {
		return nil, false
	}
	for i := range len(text) {
		b := text[i]
		if b >= utf8.RuneSelf {
			return upperRunes(buf, text)
		}
		if 'a' <= b && b <= 'z' {
			b -= 'a' - 'A'
		}
		buf[i] = b
	}
	return buf[:len(text)], true
}

func upperRunes(buf *[maxKeyword]byte, text string) (key []byte, ok bool) {
	key = buf[:0]
	for i, r := range text {
		if r == utf8.RuneError {
			if _, size := utf8.DecodeRuneInString(text[i:]); size == 1 {
				return nil, false
			}
		}
		r = unicode.ToUpper(r)
		if len(key)+utf8.RuneLen(r) > maxKeyword {
			return nil, false
		}
		key = utf8.AppendRune(key, r)
	}
	return key, true
}
