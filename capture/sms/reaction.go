package sms

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// ReactionParts are the pieces of a reaction's text: Before+Quote+After is the text.
type ReactionParts struct {
	// Before is the reaction itself, up to and with the opening quotation mark: "Loved “". It holds fixed words of
	// some language, white space and at most one emoji.
	Before string
	// Quote is what is reacted to, as far as the phone quoted it; empty for "Loved an image".
	Quote string
	// After begins with the ellipsis that shortened the quote, if any, and with the closing quotation mark.
	After string
}

// ParseReaction reads the text that a phone sends in place of a reaction when the other side is not on the same
// service: “Loved “See you there””. The whole text must be of one of the forms that iPhones (reactionForms) and
// Google Messages write, white space around it allowed; ok is false for any other, such as "Loved the shoes".
func ParseReaction(text string) (parts ReactionParts, ok bool) {
	open, end, ok := findReaction(text)
	if !ok {
		return ReactionParts{}, false
	}
	return ReactionParts{Before: text[:open], Quote: text[open:end], After: text[end:]}, true
}

// findReaction says where in text the quote stands.
func findReaction(text string) (open, end int, ok bool) {
	if len(text) == 0 {
		return 0, 0, false
	}
	if strings.HasPrefix(text, hairSpace) || strings.HasPrefix(text, zeroWidth) || strings.HasSuffix(text, hairSpace) {
		if open, end, ok = findGoogle(text); ok {
			return open, end, true
		}
	}
	s := strings.TrimSpace(text)
	if len(s) == 0 {
		return 0, 0, false
	}
	open, end, ok = findForm(s)
	if !ok {
		return 0, 0, false
	}
	lead := len(text) - len(strings.TrimLeftFunc(text, unicode.IsSpace))
	return open + lead, end + lead, true
}

// findForm looks for s among the iPhone's forms.
func findForm(s string) (open, end int, ok bool) {
	first, forms := s[0], formIndex()
	for i := range forms.byFirst[first] {
		f := &forms.byFirst[first][i]
		if strings.HasPrefix(s, f.before) {
			if open, end, ok = f.match(s); ok {
				return open, end, true
			}
		}
	}
	if first >= utf8.RuneSelf || first == '"' || isDigit(first) {
		for i := range forms.open {
			if open, end, ok = forms.open[i].match(s); ok {
				return open, end, true
			}
		}
	}
	return 0, 0, false
}

// form is a reaction's sentence, taken apart at its placeholders: before, then an emoji and mid where emojiFirst,
// then the quote, then mid and an emoji where emojiLast, then after.
type form struct {
	before, mid, after    string
	emojiFirst, emojiLast bool
	objects               []string // what may stand in the quote's place: "an image"
}

// match finds the quote in s, which begins with f.before.
func (f *form) match(s string) (open, end int, ok bool) {
	if !strings.HasSuffix(s, f.after) || len(s) < len(f.before)+len(f.after) {
		return 0, 0, false
	}
	start, stop := len(f.before), len(s)-len(f.after)
	switch {
	case f.emojiFirst:
		n := emojiLen(s[start:stop])
		if n == 0 || !strings.HasPrefix(s[start+n:stop], f.mid) {
			return 0, 0, false
		}
		start += n + len(f.mid)
	case f.emojiLast:
		at := strings.LastIndex(s[start:stop], f.mid)
		if at < 0 {
			return 0, 0, false
		}
		emoji := s[start+at+len(f.mid) : stop]
		if n := emojiLen(emoji); n == 0 || n != len(emoji) {
			return 0, 0, false
		}
		stop = start + at
	}
	target := s[start:stop]
	for _, o := range f.objects {
		if target == o {
			return stop, stop, true
		}
	}
	opening, closing, ok := quotation(target)
	return start + opening, stop - closing, ok
}

// quotation says how many bytes at the start and at the end of s are quotation marks, the spaces that belong to
// them, and an ellipsis that shortened the quote; ok is false where s is not one quotation.
func quotation(s string) (opening, closing int, ok bool) {
	left, n := utf8.DecodeRuneInString(s)
	right, m := utf8.DecodeLastRuneInString(s)
	if n+m > len(s) || !quotes(left, right) || separateQuotations(s[n:len(s)-m], left, right) {
		return 0, 0, false
	}
	inner := s[n : len(s)-m]
	trimmed := strings.TrimLeft(inner, markSpaces)
	opening = n + len(inner) - len(trimmed)
	trimmed = strings.TrimRight(trimmed, markSpaces)
	trimmed = strings.TrimSuffix(trimmed, "…")
	return opening, len(s) - opening - len(trimmed), true
}

// markSpaces are the spaces that stand between a quotation mark and what it quotes; U+0020 is not: it may be quoted.
const markSpaces = "\u00a0\u202f\u200a"

// quotes says whether left and right are a pair of quotation marks in some language.
func quotes(left, right rune) bool {
	switch left {
	case '“', '”':
		return right == '”'
	case '„':
		return right == '“' || right == '”'
	case '"':
		return right == '"'
	case '«':
		return right == '»'
	case '»':
		return right == '«'
	case '「':
		return right == '」'
	case '『':
		return right == '』'
	case '‘':
		return right == '’'
	}
	return false
}

// separateQuotations says whether what stands between the outer marks shows that they are not a pair, as in
// “this” and “that”: inside, the first mark closes and the last one opens.
func separateQuotations(inner string, left, right rune) bool {
	if left != right {
		closes := strings.IndexRune(inner, right)
		return closes >= 0 && closes < strings.LastIndex(inner, string(left)) && !strings.ContainsRune(inner[:closes], left)
	}
	mark := string(left)
	first, last := strings.Index(inner, mark), strings.LastIndex(inner, mark)
	return first > 0 && first < last && inner[first-1] != ' ' && strings.HasPrefix(inner[first+len(mark):], " ") &&
		inner[last-1] == ' '
}
