package texts

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"reprise/capture/sms"
)

// Shape is what of a text is worth keeping when every word of it is replaced. It is comparable and holds no part
// of the text but the white space around it. Size, Lead, Trail and Newlines are kept exactly by Generator.Text;
// the rest as far as it fits the size.
type Shape struct {
	Size sms.Size
	// Lead and Trail are the white space around the text, verbatim. A text of nothing else has it all in Lead.
	Lead, Trail string
	// Newlines counts U+000A between Lead and Trail.
	Newlines int
	// Emojis counts them, up to 3.
	Emojis uint8
	Script Script
	// Extra is a second script that occurs in the text; Latin where none does.
	Extra    Script
	Intent   Intent
	Case     Case
	Features Features
}

// Features are things that a text has or has not.
type Features uint16

// The features.
const (
	Letters   Features = 1 << iota // at least one letter
	Digits                         // at least one decimal digit
	Question                       // ?
	Exclaim                        // !
	URL                            // something that phones make a link of
	EmojiOnly                      // nothing but emoji and white space
	Curly                          // a curly quote or apostrophe
	Ellipsis                       // U+2026
	Accents                        // a Latin letter beyond ASCII
	Spaced                         // white space inside
	FullStop                       // ends in a full stop
)

// Has says whether all of want are set.
func (f Features) Has(want Features) bool { return f&want == want }

// Case is how a text uses capitals.
type Case uint8

// The case styles. Uncased also stands for scripts without capitals.
const (
	Uncased Case = iota
	Lower
	Upper
	Sentence // begins with a capital, mostly lower
	Mixed    // anything else
)

// ShapeOf extracts a text's shape. It accepts anything, also invalid UTF-8.
func ShapeOf(text string) Shape {
	s := Shape{Size: sms.Measure(text)}
	core := strings.TrimLeftFunc(text, unicode.IsSpace)
	s.Lead = text[:len(text)-len(core)]
	trimmed := strings.TrimRightFunc(core, unicode.IsSpace)
	s.Trail = core[len(trimmed):]
	if trimmed == "" {
		return s
	}
	var v survey
	v.run(trimmed)
	v.finish(&s, trimmed)
	return s
}

// survey gathers, in one pass, what ShapeOf asks of a text.
type survey struct {
	scripts      [scriptCount]int
	upper, lower int
	firstUpper   bool
	newlines     int
	emojis       int
	others       int // neither emoji, white space nor a letter
	features     Features
	intents      [intentCount]int
	word         [16]byte // the ASCII word that is being read, lower-cased
	wordLen      int
	dotted       bool // the word follows a full stop that follows a word
}

func (v *survey) run(text string) {
	last := rune(0)
	for i, r := range text {
		if r < utf8.RuneSelf {
			v.ascii(byte(r), last)
		} else {
			v.endWord(text[i:])
			v.wide(r)
		}
		last = r
	}
	v.endWord("")
}

func (v *survey) ascii(c byte, last rune) {
	switch {
	case c >= 'a' && c <= 'z':
		v.letter(last)
		v.lower++
		v.put(c)
		return
	case c >= 'A' && c <= 'Z':
		v.letter(last)
		v.upper++
		if v.upper+v.lower == 1 {
			v.firstUpper = true
		}
		v.put(c | 0x20)
		return
	case c == '\'':
		v.others++
		return // "don't" is looked up as "dont"
	}
	v.endWord(string(rune(c)))
	switch {
	case c >= '0' && c <= '9':
		v.features |= Digits
		v.others++
	case c == '?':
		v.features |= Question
		v.others++
	case c == '!':
		v.features |= Exclaim
		v.others++
	case c == '\n':
		v.newlines++
		v.features |= Spaced
	case c == ' ' || c >= '\t' && c <= '\r':
		v.features |= Spaced
	default:
		v.others++
	}
}

func (v *survey) letter(last rune) {
	if v.wordLen == 0 {
		v.dotted = v.dotted && last == '.'
	}
	v.features |= Letters
	v.scripts[Latin]++
}

func (v *survey) put(c byte) {
	if v.wordLen < len(v.word) {
		v.word[v.wordLen] = c
	}
	v.wordLen++
}

// endWord looks the finished word up; rest begins with what follows it.
func (v *survey) endWord(rest string) {
	if v.wordLen == 0 {
		v.dotted = false
		return
	}
	if v.wordLen <= len(v.word) {
		word := v.word[:v.wordLen]
		if in, ok := intentWords[string(word)]; ok {
			v.intents[in]++
		}
		if isLinkWord(string(word), v.dotted, rest) {
			v.features |= URL
		}
	}
	v.wordLen = 0
	v.dotted = rest == "."
}

// isLinkWord says whether a word makes a link of the text: a scheme, "www", or a common top-level domain after a
// dot.
func isLinkWord(word string, dotted bool, rest string) bool {
	switch word {
	case "http", "https":
		return rest == ":"
	case "www":
		return rest == "."
	case "com", "net", "org", "io", "co", "ly", "uk", "fr", "au", "shop", "biz", "gl":
		return dotted
	}
	return false
}

func (v *survey) wide(r rune) {
	switch {
	case isEmoji(r):
		if !isJoiner(r) {
			v.emojis++
		}
	case unicode.IsSpace(r):
		v.features |= Spaced
	case unicode.IsLetter(r):
		v.features |= Letters
		v.countWide(r)
	case unicode.IsMark(r):
		// Counted with the letter that it belongs to.
	case unicode.IsDigit(r):
		v.features |= Digits
		v.others++
	default:
		v.features |= markOf(r)
		v.others++
	}
}

func (v *survey) countWide(r rune) {
	script := scriptOf(r)
	v.scripts[script]++
	if script == Latin {
		v.features |= Accents
	}
	switch {
	case unicode.IsUpper(r):
		v.upper++
		if v.upper+v.lower == 1 {
			v.firstUpper = true
		}
	case unicode.IsLower(r):
		v.lower++
	}
}

// markOf returns the feature that a punctuation mark beyond ASCII stands for.
func markOf(r rune) Features {
	switch r {
	case '\u2018', '\u2019', '\u201c', '\u201d':
		return Curly
	case '\u2026':
		return Ellipsis
	case '\uff1f', '\u061f', '\u00bf':
		return Question
	case '\uff01', '\u00a1':
		return Exclaim
	}
	return 0
}

func (v *survey) finish(s *Shape, core string) {
	s.Newlines = v.newlines
	s.Emojis = uint8(min(v.emojis, 3))
	s.Features = v.features
	if strings.HasSuffix(core, ".") {
		s.Features |= FullStop
	}
	if v.emojis > 0 && v.others == 0 && !v.features.Has(Letters) {
		s.Features |= EmojiOnly
	}
	s.Script, s.Extra = v.mainScript()
	s.Case = v.caseStyle()
	s.Intent = v.intent(core)
}

// mainScript returns the script of most letters, and the most frequent other one.
func (v *survey) mainScript() (main, extra Script) {
	for i := range v.scripts {
		if v.scripts[i] > v.scripts[main] {
			main = Script(i)
		}
	}
	for i := range v.scripts {
		if Script(i) != main && v.scripts[i] > 0 && (extra == Latin || v.scripts[i] > v.scripts[extra]) {
			extra = Script(i)
		}
	}
	return main, extra
}

func (v *survey) caseStyle() Case {
	switch {
	case v.upper+v.lower == 0:
		return Uncased
	case v.upper == 0:
		return Lower
	case v.lower == 0:
		return Upper
	case v.firstUpper && v.upper*4 <= v.lower+4:
		return Sentence
	}
	return Mixed
}

func (v *survey) intent(core string) Intent {
	best := Chat
	for i := range v.intents {
		if v.intents[i] > v.intents[best] || best == Chat && v.intents[i] > 0 {
			best = Intent(i)
		}
	}
	if len(core) > longestOf(best) {
		return Chat
	}
	return best
}

// longestOf returns how many bytes a text may have for its words to speak for an intent: a long text that holds "hi" or
// "start" is not about that.
func longestOf(in Intent) int {
	switch in {
	case OptIn, AskHelp:
		return 16
	case Greeting:
		return 40
	}
	return 1 << 20
}

// ShapeWithin is ShapeOf for a text that stands inside a longer one of that encoding: its units are counted as the
// longer text counts them, and where the borders of parts fall is left open.
func ShapeWithin(text string, whole sms.Encoding) Shape {
	s := ShapeOf(text)
	if whole == sms.UCS2 && s.Size.Encoding == sms.GSM7 {
		s.Size.Units = utf8.RuneCountInString(text)
		s.Lead = strings.ReplaceAll(s.Lead, "\f", " ") // two septets there, one unit here
		s.Trail = strings.ReplaceAll(s.Trail, "\f", " ")
	}
	single, part := partUnits(s.Size.Encoding)
	s.Size.Parts = 1
	if s.Size.Units > single {
		s.Size.Parts = (s.Size.Units + part - 1) / part
	}
	return s
}
