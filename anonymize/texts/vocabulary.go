package texts

import (
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/brianvoe/gofakeit/v7/data"
)

// Vocabulary returns, in order, every lower-case word that a Generator can ever write: in texts, names, places,
// carriers, products and links. The package comment says what a word is.
func Vocabulary() []string {
	v := make(vocabulary)
	t := sharedTables()
	for _, list := range phraseLists() {
		for _, phrase := range list {
			for _, part := range parseTemplate(phrase) {
				v.add(part.text)
			}
		}
	}
	for _, list := range nearKeywords() {
		v.addAll(list)
	}
	for _, list := range [][]string{
		t.fillers.all, t.accents.all, t.accentsWide.all, t.paths.all, t.contractions, t.products, t.cities, t.numberWords,
		t.carriers, data.Person["first"], data.Person["last"], data.Product["name"],
		{linkScheme + linkHost, "order"},
	} {
		v.addAll(list)
	}
	for _, l := range t.scripts {
		v.addAll(l.all)
	}
	for _, list := range t.orders {
		v.addAll(list)
	}
	for i := range 1000 {
		v.add(strconv.Itoa(i))
	}
	for n := 1; n <= MaxSenderLength; n++ {
		for i := range SenderNames(n) {
			v.add(SenderName(n, i))
		}
	}
	v.add(networkCode)
	v.add("United States Canada USA CAN")
	for _, r := range t.areas {
		v.add(r.city + " " + r.state + " " + r.name + " " + r.country)
		v.addAll(r.zips)
	}
	return v.sorted()
}

type vocabulary map[string]struct{}

func (v vocabulary) addAll(list []string) {
	for _, text := range list {
		v.add(text)
	}
}

// add takes the words of a text: as they lower-case from either case, and with either apostrophe.
func (v vocabulary) add(text string) {
	for _, w := range tokens(strings.ToLower(text)) {
		for _, w := range []string{w, strings.ToLower(strings.ToUpper(w))} {
			v[w] = struct{}{}
			v[strings.ReplaceAll(w, "'", "’")] = struct{}{}
		}
	}
}

func (v vocabulary) sorted() []string {
	list := make([]string, 0, len(v))
	for w := range v {
		list = append(list, w)
	}
	slices.Sort(list)
	return list
}

// tokens cuts a text into words, by the rule of the package comment.
func tokens(text string) []string {
	words := strings.FieldsFunc(text, func(r rune) bool {
		return r != '\'' && r != '’' && !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.IsDigit(r)
	})
	list := words[:0]
	for _, w := range words {
		if w = strings.Trim(w, "'’"); w != "" {
			list = append(list, w)
		}
	}
	return list
}
