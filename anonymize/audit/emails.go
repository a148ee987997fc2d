package audit

import (
	"bytes"
	"unicode/utf8"

	"reprise/capture"
)

// emails emits the e-mail addresses that a record holds anywhere, but for one that is in the text of a keyword: that stays.
func (k *keys) emails(r *capture.Record, emit func(key)) {
	var spoken []byte
	if r.Kind.IsKeyword() {
		spoken = bytes.Clone(k.fold(r.Message.Text))
	}
	look := func(_ field, text []byte) {
		eachEmail(text, func(whole, _ []byte) {
			if !bytes.Contains(spoken, whole) {
				emit(key{domain: email, check: Emails, hash: k.hash(whole), text: whole})
			}
		})
	}
	if mayHoldEmail(r.Body) {
		k.reader.views(bodyField, r.Body, look)
	}
	eachString(r, func(f field, value string) {
		k.bytes = append(k.bytes[:0], value...)
		if mayHoldEmail(k.bytes) {
			k.reader.views(f, bytes.Clone(k.bytes), look)
		}
	})
}

// mayHoldEmail is a quick test: an @, as it is or escaped.
func mayHoldEmail(s []byte) bool {
	return bytes.IndexByte(s, '@') >= 0 || bytes.Contains(s, []byte("%40")) || bytes.Contains(s, []byte("%2540")) || bytes.Contains(s, []byte("u0040"))
}

// emails reports addresses of a domain that is not reserved (RFC 2606), and looks the others up: those of the input are of people
// all the same, whatever words they are made of.
func (s *scanner) emails(f field, text []byte) {
	eachEmail(text, func(whole, domain []byte) {
		if dot := bytes.LastIndexByte(domain, '.'); dot > 0 && len(domain)-dot > 2 && !reserved(domain) {
			s.detected(Emails, f)
			return
		}
		s.lookUp(key{domain: email, text: whole}, f)
	})
}

// eachEmail calls f for each e-mail address in a folded text, and with its domain.
func eachEmail(text []byte, f func(whole, domain []byte)) {
	for at := 0; ; {
		i := bytes.IndexByte(text[at:], '@')
		if i < 0 {
			return
		}
		i += at
		from, to := i, i+1
		for from > at {
			r, n := utf8.DecodeLastRune(text[at:from])
			if wordRune(text[from-n:from]) == 0 && (r >= utf8.RuneSelf || bytes.IndexByte([]byte("._%+-'"), byte(r)) < 0) {
				break
			}
			from -= n
		}
		for to < len(text) {
			n := wordRune(text[to:])
			if n == 0 && (text[to] == '-' || text[to] == '.') {
				n = 1
			}
			if n == 0 {
				break
			}
			to += n
		}
		local, domain := bytes.Trim(text[from:i], "._%+-'"), bytes.TrimRight(text[i+1:to], ".-")
		if at = i + 1; len(local) > 0 && len(domain) > 0 {
			whole := text[from:i]
			whole = text[from+bytes.Index(whole, local) : i+1+len(domain)]
			f(whole, domain)
		}
	}
}
