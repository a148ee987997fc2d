package dialect

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"reprise/capture"
	"reprise/capture/payload"
)

// Fields says of each field of a vendor's payload what it holds. The key is the field's name as Field.Name
// spells it, with # for a number at its end: "MediaUrl#" is MediaUrl0, MediaUrl1 and so on. A field that is
// listed as Unknown is known to the vendor, and withheld for what it may hold.
type Fields map[string]Class

// Class returns what the field of that name holds, and Unknown where it is not listed.
func (f Fields) Class(name string) Class {
	if c, ok := f[name]; ok {
		return c
	}
	stem := strings.TrimRight(name, "0123456789")
	if len(stem) == len(name) || stem == "" {
		return Unknown
	}
	return f[stem+"#"]
}

// HeaderClass returns what a header of that name holds whoever sent it: Keep for the headers that say how to
// read a request, Secret for those that prove who sent it, what a vendor says of its own that tell it by their name alone, and
// Unknown for all others.
func (t Table) HeaderClass(name string) Class {
	lower := appendLower(nil, name)
	if class, ok := t.shared()[string(lower)]; ok {
		return class
	}
	return headerClass(lower)
}

// ListsHeader says whether a vendor has a header of that name, as its tables or its signatures say. Such a name tells of nobody.
func (t Table) ListsHeader(name string) bool {
	lower := string(appendLower(nil, name))
	for _, v := range t.vendors {
		_, own := v.Layout.Headers[lower]
		_, shared := v.Layout.Shared[lower]
		if own || shared || slices.ContainsFunc(v.carriers.headers, func(header string) bool { return capture.SameName(header, lower) }) {
			return true
		}
	}
	return false
}

// headerClass is HeaderClass for a name in lower case that no vendor shares.
func headerClass(lower []byte) Class {
	switch string(lower) {
	case "content-type", "content-length", "host", "user-agent", "accept", "accept-encoding", "connection",
		"transfer-encoding":
		return Keep
	}
	for _, sign := range [...]string{
		"authorization", "cookie", "signature", "nonce", "token", "secret", "api-key", "apikey", "hmac", "password",
	} {
		if bytes.Contains(lower, []byte(sign)) {
			return Secret
		}
	}
	return Unknown
}

func appendLower(dst []byte, name string) []byte {
	for i := 0; i < len(name); i++ {
		c := name[i]
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		dst = append(dst, c)
	}
	return dst
}

// PathClass returns the class of a path field. A number in a path is the one that the webhook was
// configured for, and an id names the account or the tenant: the same in every replay.
func PathClass(name string) Class {
	switch name {
	case payload.PathNumber:
		return Business
	case payload.PathID:
		return Account
	}
	return Unknown
}

// classNames are the names of the classes, as a field map spells them.
func classNames() [TextJSON + 1]string {
	return [...]string{
		Unknown: "unknown", Keep: "keep", Person: "person", Business: "business", ID: "id", Account: "account",
		Text: "text", TextWord: "text_word", Place: "place", Name: "name", Link: "link", Time: "time",
		Secret: "secret", Encoding: "encoding", Segments: "segments", JSON: "json", Email: "email",
		TextJSON: "text_json",
	}
}

// String returns the class's name as a field map spells it, such as "text_word".
func (c Class) String() string {
	if names := classNames(); int(c) < len(names) {
		return names[c]
	}
	return fmt.Sprintf("class(%d)", uint8(c))
}

// ParseClass is the inverse of Class.String.
func ParseClass(name string) (Class, error) {
	for c, n := range classNames() {
		if n == name {
			return Class(c), nil
		}
	}
	return Unknown, fmt.Errorf("no class of field is called %q", name)
}
