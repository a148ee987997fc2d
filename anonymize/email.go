package anonymize

import (
	"strings"

	"reprise/capture/keyed"
)

// mailHost is the domain of every fake address; RFC 2606 reserves it.
const mailHost = "example.com"

// The lengths of a fake address's local part: short enough for RFC 5321 (64 bytes), long enough that no two people share one.
const minLocal, maxLocal = 10, 64

// email returns what stands for a field that holds e-mail addresses: each becomes another one at example.com, the same wherever it
// occurs and whatever its case, and as long as the original where that has 22 bytes or more. mailto: before it stays, and so do the
// asterisks of one that is masked; a name beside it goes. What holds no address becomes a text of its shape.
func (k *keys) email(old string) string {
	address := strings.TrimSpace(old)
	scheme := ""
	if len(address) > len(mailScheme) && strings.EqualFold(address[:len(mailScheme)], mailScheme) {
		scheme, address = address[:len(mailScheme)], address[len(mailScheme):]
	}
	if isEmail(address) {
		return scheme + k.mailbox(address)
	}
	var list []string
	for word := range strings.FieldsFuncSeq(address, betweenAddresses) {
		if isEmail(word) {
			list = append(list, k.mailbox(word))
		}
	}
	switch {
	case len(list) > 0:
		return scheme + strings.Join(list, ", ")
	case isToken(old): // the hash of an address
		return keyed.FreshID(k.ids, old)
	}
	return k.reshape(old)
}

const mailScheme = "mailto:"

func betweenAddresses(r rune) bool { return strings.ContainsRune(" \t\r\n,;<>()\"", r) }

// isEmail says whether a text is one e-mail address, and nothing else.
func isEmail(s string) bool {
	at := strings.LastIndexByte(s, '@')
	return at > 0 && at+1 < len(s) && !strings.ContainsFunc(s, betweenAddresses) && !strings.ContainsAny(s, "/?:")
}

// mailbox returns the fake of one address.
func (k *keys) mailbox(old string) string {
	old = strings.ToLower(old)
	local := old[:strings.LastIndexByte(old, '@')]
	masked := strings.Contains(local, "*")
	size := min(max(len(old)-len("@"+mailHost), minLocal), maxLocal)
	if masked {
		size = len(local)
	}
	out := make([]byte, 0, size+len("@"+mailHost))
	var block [16]byte
	for i := range size {
		if i%len(block) == 0 {
			block = k.place.sum("email", old, string(rune('a'+i/len(block))))
		}
		if masked && local[i] == '*' {
			out = append(out, '*')
			continue
		}
		out = append(out, 'a'+block[i%len(block)]%26)
	}
	return string(append(out, "@"+mailHost...))
}
