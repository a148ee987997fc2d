package texts

import (
	"maps"
	"slices"
	"strings"

	"github.com/brianvoe/gofakeit/v7/data"
)

// tables are the word lists in the form that the generator reads. They are not changed once made.
type tables struct {
	phrases      [intentCount][]template
	short        [intentCount][][]string // phrases without slots, by length
	near         [intentCount][][]string // keywords that are written with punctuation only, by length
	fillers      *lexicon
	accents      *lexicon
	accentsWide  *lexicon
	scripts      [scriptCount]*lexicon
	paths        *lexicon
	contractions []string
	products     []string
	cities       []string
	carriers     []string
	emojiOne     []string
	emojiTwo     []string
	numberWords  []string
	orders       [7][]string
	areas        map[string]*region
	areaCodes    []string // of areas, in order
}

// lexicon is a list of words, also by their length in UTF-16 units: exact[n] is not empty for 1 <= n <= longest.
type lexicon struct {
	all     []string
	exact   [][]string
	longest int
}

func newLexicon(words []string) *lexicon {
	l := &lexicon{all: words, exact: byLength(words)}
	for l.longest+1 < len(l.exact) && len(l.exact[l.longest+1]) > 0 {
		l.longest++
	}
	return l
}

func byLength(words []string) [][]string {
	var exact [][]string
	for _, w := range words {
		n := utf16Len(w)
		for len(exact) <= n {
			exact = append(exact, nil)
		}
		exact[n] = append(exact[n], w)
	}
	return exact
}

// template is a phrase cut at its slots.
type template []templatePart

type templatePart struct {
	text string
	slot byte // 'p' product, 'n' first name, 'c' city; 0 for text
}

func parseTemplate(phrase string) (t template) {
	for phrase != "" {
		at := strings.IndexByte(phrase, '{')
		if at < 0 {
			return append(t, templatePart{text: phrase})
		}
		if at > 0 {
			t = append(t, templatePart{text: phrase[:at]})
		}
		t = append(t, templatePart{slot: phrase[at+1]})
		phrase = phrase[at+3:]
	}
	return t
}

func newTables() *tables {
	t := &tables{
		fillers: newLexicon(fillerList()), accents: newLexicon(accentGSM()), accentsWide: newLexicon(accentWide()),
		paths: newLexicon(LinkWords()), contractions: contractionList(), products: products(), cities: cities(), carriers: carrierNames(),
		emojiOne: emojiNarrow(), emojiTwo: emojiWide(), numberWords: numberWordList(), orders: orderNumbers(),
		areas: regionsByArea(),
	}
	t.areaCodes = slices.Sorted(maps.Keys(t.areas))
	for in, list := range phraseLists() {
		var plain []string
		for _, phrase := range list {
			t.phrases[in] = append(t.phrases[in], parseTemplate(phrase))
			if !strings.Contains(phrase, "{") {
				plain = append(plain, phrase)
			}
		}
		t.short[in] = byLength(plain)
	}
	for in, list := range nearKeywords() {
		t.near[in] = byLength(list)
	}
	for s, words := range scriptWords() {
		t.scripts[s] = newLexicon(words)
	}
	return t
}

// products returns what gofakeit and this package know that a person may order, in plain lower-case ASCII.
func products() []string {
	list := productWords()
	for _, p := range data.Product["name"] {
		if len(p) <= 12 && plainASCII(p) && strings.Count(p, " ") <= 1 {
			list = append(list, p)
		}
	}
	return list
}

// cities returns gofakeit's cities that are written without punctuation.
func cities() []string {
	var list []string
	for _, c := range data.Address["city"] {
		if plainASCII(c) {
			list = append(list, c)
		}
	}
	return list
}

func plainASCII(s string) bool {
	for i := range len(s) {
		if c := s[i] | 0x20; c != ' ' && (c < 'a' || c > 'z') {
			return false
		}
	}
	return true
}
