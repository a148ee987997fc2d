package anonymize

import (
	"slices"
	"strings"
	"unicode"

	"reprise/anonymize/texts"
	"reprise/capture"
	"reprise/capture/sms"
)

// attempts is how many texts are generated until one is of the kind that it must be.
const attempts = 32

// newText returns what stands for a text: a keyword as it is, a reaction around a generated quote, and a generated text
// of the same shape and kind for all else. A person who writes the same twice does so again.
func (a *Anonymizer) newText(old string) string {
	kind := a.classifier.Classify(a.cur.vendor, old)
	switch {
	case kind.IsKeyword() && a.isKeyword(old):
		a.report.Keywords++
		return old
	case kind == capture.Reaction:
		if parts, ok := sms.ParseReaction(old); ok {
			a.report.Reactions++
			return a.newReaction(old, parts)
		}
	}
	a.report.Texts++
	shape := texts.ShapeOf(old)
	return a.generate(old, func(seed [2]uint64) string { return a.texts.Text(seed, shape) }, func(text string) bool {
		return a.classifier.Classify(a.cur.vendor, text) == kind && !keepsOfLink(text, old)
	})
}

// keepsOfLink says whether a link of a generated text has in its path a word of the old text, which would look as if it had stayed.
func keepsOfLink(made, old string) bool {
	_, link, ok := strings.Cut(made, "://")
	if !ok || !strings.Contains(old, "://") {
		return false
	}
	link, _, _ = strings.Cut(link, " ")
	_, path, _ := strings.Cut(link, "/")
	isNotPart := func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }
	words := strings.FieldsFunc(strings.ToLower(old), isNotPart)
	return slices.ContainsFunc(strings.FieldsFunc(path, isNotPart), func(w string) bool { return slices.Contains(words, w) })
}

// generate returns the first text that is fit, from seeds that depend on the person and the old text.
func (a *Anonymizer) generate(old string, text func(seed [2]uint64) string, fit func(string) bool) (made string) {
	seed := a.keys.body.seed("text", string(a.cur.person.who[:]), old)
	for range attempts {
		if made = text(seed); fit(made) {
			return made
		}
		seed[0]++
	}
	return made
}

// isKeyword says whether a text is, but for case and the white space around it, a word of the classifier's table, and so
// may stay as it is.
func (a *Anonymizer) isKeyword(text string) bool {
	_, ok := a.keywords[strings.ToUpper(strings.TrimSpace(text))]
	return ok
}

// newReaction keeps a reaction's form, language and emoji, and quotes a generated text.
func (a *Anonymizer) newReaction(old string, parts sms.ReactionParts) string {
	size := sms.Measure(old)
	before, after := a.formWords(parts.Before, size.Encoding), a.formWords(parts.After, size.Encoding)
	shape := texts.ShapeWithin(parts.Quote, size.Encoding)
	return a.generate(old, func(seed [2]uint64) string {
		if seed[0]%4 == 3 {
			shape.Emojis = 0 // a quote whose emoji always fall across a border of parts
		}
		return before + a.texts.Text(seed, shape) + after
	}, func(text string) bool {
		return sms.Measure(text) == size && a.classifier.Classify(a.cur.vendor, text) == capture.Reaction
	})
}

// formWords returns what stands around a reaction's quote. The words of the forms that are known stay; in any other
// place, which Google's reactions leave room for, a generated word stands for a word.
func (a *Anonymizer) formWords(s string, whole sms.Encoding) string {
	isPart := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r) }
	var b strings.Builder
	for s != "" {
		start := strings.IndexFunc(s, isPart)
		if start < 0 {
			break
		}
		b.WriteString(s[:start])
		s = s[start:]
		end := strings.IndexFunc(s, func(r rune) bool { return !isPart(r) })
		if end < 0 {
			end = len(s)
		}
		b.WriteString(a.formWord(s[:end], whole))
		s = s[end:]
	}
	b.WriteString(s)
	return b.String()
}

func (a *Anonymizer) formWord(word string, whole sms.Encoding) string {
	if _, ok := a.reactions[strings.ToLower(word)]; ok || strings.IndexFunc(word, unicode.IsLetter) < 0 {
		return word
	}
	return a.texts.Text(a.keys.body.seed("form", word, ""), texts.ShapeWithin(word, whole))
}
