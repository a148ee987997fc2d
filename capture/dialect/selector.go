package dialect

import (
	"fmt"
	"strconv"
	"strings"
)

// Selector says for which of a vendor's requests a key is. It is written VENDOR, VENDOR:ACCOUNT, VENDOR/PATH or VENDOR:ACCOUNT/PATH, and
// @SHARE% behind it leaves the rest of those requests to other keys: "twilio", "twilio:AC0123", "twilio/hooks/eu", "twilio@30%".
type Selector struct {
	Vendor string
	// Account is the value of one of the fields that name an account, application or profile (class Account); empty is any.
	Account string
	// Path is the beginning of the path as it is sent, in whole segments and without a slash at its end: "/hooks/eu" is for /hooks/eu
	// and /hooks/eu/sms, not for /hooks/europe. Empty is any.
	Path string
	// Share is the part of the requests, above 0 to 1; 0 is all that no other share takes.
	Share float64
}

// ParseSelector reads a selector.
func ParseSelector(text string) (s Selector, err error) {
	rest := text
	if i := strings.LastIndexByte(text, '@'); i >= 0 && strings.HasSuffix(text, "%") {
		percent, err := strconv.ParseFloat(text[i+1:len(text)-1], 64)
		if err != nil || !(percent > 0 && percent <= 100) {
			return Selector{}, fmt.Errorf("%s: a share is above 0%% and at most 100%%, as in VENDOR@30%%", text)
		}
		rest, s.Share = text[:i], percent/100
	}
	end := strings.IndexAny(rest, ":/")
	if end < 0 {
		end = len(rest)
	}
	s.Vendor, rest = rest[:end], rest[end:]
	account, is := strings.CutPrefix(rest, ":")
	if is {
		account, rest, is = strings.Cut(account, "/")
		if s.Account = account; account == "" {
			return Selector{}, fmt.Errorf("%s: no account stands behind the colon, as in VENDOR:ACCOUNT", text)
		}
		if is {
			rest = "/" + rest
		}
	}
	s.Path = strings.TrimRight(rest, "/")
	switch {
	case s.Vendor == "":
		return Selector{}, fmt.Errorf("%s: write VENDOR, VENDOR:ACCOUNT or VENDOR/PATH", text)
	case rest != "" && s.Path == "":
		return Selector{}, fmt.Errorf("%s: a path of / is every path: leave it out", text)
	case strings.ContainsAny(s.Path, "?#"):
		return Selector{}, fmt.Errorf("%s: a path has no query", text)
	}
	return s, nil
}

// String is the selector as ParseSelector reads it.
func (s Selector) String() string {
	text := s.whole()
	if s.Share > 0 {
		text += "@" + strconv.FormatFloat(s.Share*100, 'g', 6, 64) + "%"
	}
	return text
}

// whole is the selector without its share.
func (s *Selector) whole() string {
	if s.Account != "" {
		return s.Vendor + ":" + s.Account + s.Path
	}
	return s.Vendor + s.Path
}

// isUnder says whether a request's target is at the selector's path or below it.
func (s *Selector) isUnder(target string) bool {
	rest, ok := strings.CutPrefix(target, s.Path)
	return ok && (rest == "" || s.Path == "" || rest[0] == '/' || rest[0] == '?')
}
