package sms

import "strings"

// ReactionParts are the pieces of a reaction's text: Before+Quote+After is the text.
type ReactionParts struct {
	// Before is the reaction itself, up to and with the opening quotation mark.
	Before string
	// Quote is what is reacted to, as far as it was quoted; empty for "Loved an image".
	Quote string
	// After begins with an ellipsis that shortened the quote, if any, and with the closing quotation mark.
	After string
}

// ParseReaction reads the text that a phone sends in place of a reaction when the other side is not on the same
// service: "Loved “See you there”". ok is false for any other text.
func ParseReaction(text string) (parts ReactionParts, ok bool) {
	for _, verb := range [...]string{"Loved ", "Liked ", "Disliked ", "Laughed at ", "Emphasized ", "Questioned "} {
		if rest, ok := strings.CutPrefix(text, verb+"“"); ok && strings.HasSuffix(rest, "”") {
			q := strings.TrimSuffix(rest, "”")
			return ReactionParts{text[:len(verb)+3], q, "”"}, true
		}
	}
	return ReactionParts{}, false
}

func isReaction(text string) bool {
	_, ok := ParseReaction(text)
	return ok
}
