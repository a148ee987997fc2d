package audit

import (
	"bytes"
	"encoding/base64"
	"hash/maphash"
	"math"
	"strings"
	"unicode/utf8"

	"reprise/capture"
	"reprise/capture/sms"
)

// key is something of the input that the output must not hold.
type key struct {
	domain domain
	check  Check
	hash   uint64
	// whose is the same for all spellings of one number.
	whose uint64
	// text is the folded text that words lie in, or the digits or the name itself; valid during the call.
	text   []byte
	words  []word
	anchor int // of a secret: which of words is its longest
}

// spelling returns what two equal keys of one domain have in common.
func (k *key) spelling() string {
	if k.words != nil {
		return spell(k.text, k.words)
	}
	return string(k.text)
}

const (
	// minSecret is the shortest secret, in bytes, and minAnchor the shortest longest word of one: what is shorter
	// may stand anywhere by chance.
	minSecret, minAnchor = 8, 6
	// maxSecretWords is how many words of a secret are compared, around its longest.
	maxSecretWords = 8
	// runLength is how many words in a row are a leak.
	runLength = 3
)

// keys makes the keys of a record. It keeps its memory between records.
type keys struct {
	lexer  *lexer
	safe   safe
	folder folder
	reader reader
	words  []word
	party  party
	number []byte
	spell  [20]byte
	bytes  []byte
	names  map[string]sort // of headers, as many as maxNames
	routes *routes         // what its words say is no value of anyone
	fields func(r *capture.Record, f func(sort FieldSort, value []byte))
	// records is how many the input has; 0 while they are counted.
	records int64
}

// sort is what a header's value can be.
type sort uint8

const (
	harmless sort = iota
	credential
	id
)

// maxNames is how many headers' names are remembered.
const maxNames = 1 << 10

// sort says what the value of a header of that name is.
func (k *keys) sort(name string) sort {
	s, known := k.names[name]
	if known {
		return s
	}
	switch {
	case isSecretName(name):
		s = credential
	case len(name) > 3 && strings.EqualFold(name[len(name)-3:], "-id"):
		s = id
	}
	if k.names == nil {
		k.names = make(map[string]sort)
	}
	if len(k.names) < maxNames {
		k.names[strings.Clone(name)] = s
	}
	return s
}

// of calls emit for every key of r.
func (k *keys) of(r *capture.Record, emit func(key)) {
	k.address(r.Message.From, emit)
	k.address(r.Message.To, emit)
	k.explicit(r.Body, emit)
	k.bytes = append(k.bytes[:0], r.URL...)
	k.explicit(k.bytes, emit)
	if !k.guessable(r.Message.ID) {
		k.secret(IDs, r.Message.ID, emit)
	}
	for i := range r.Headers {
		switch value := r.Headers[i].Value; k.sort(r.Headers[i].Name) {
		case credential:
			k.credential(value, emit)
		case id:
			if strong(value) && !k.guessable(value) {
				k.secret(IDs, value, emit)
			}
		}
	}
	k.query(r.URL, emit)
	if k.fields != nil {
		k.fields(r, func(sort FieldSort, value []byte) {
			switch sort {
			case Personal:
				k.secretBytes(Values, value, emit)
			case Made:
				if !k.guessable(string(value)) {
					k.secretBytes(Values, value, emit)
				}
			case Number:
				k.address(string(value), emit)
			case Common, Brief:
			}
		})
	}
	k.text(r.Message.Text, emit)
	k.emails(r, emit)
}

func (k *keys) fold(s string) []byte {
	k.bytes = append(k.bytes[:0], s...)
	return k.folder.fold(k.bytes)
}

// address emits a sender or recipient.
func (k *keys) address(s string, emit func(key)) {
	if s == "" {
		return
	}
	k.party.parse(k.fold(s))
	switch p := &k.party; {
	case p.isPhone():
		k.number = p.full(k.number)
		k.phone(emit)
	case p.isShort() && k.safe.given(p.digits):
	case p.isShort() && p.digits[0] < '2':
		// No real short code begins with 0 or 1: it reaches nobody.
	case p.isShort():
		k.whole(p.digits, emit)
	case len(p.digits) > maxPhone:
		k.whole(p.digits, emit)
	case len(p.name) > 0:
		if _, masked := shown(p.name); masked {
			return // many people's numbers look like it
		}
		k.words = k.lexer.words(k.words[:0], p.name)
		if hasForeign(k.words) {
			k.whole(p.name, emit)
		}
	}
}

// phone emits k.number in its spellings, unless it reaches nobody.
func (k *keys) phone(emit func(key)) {
	if k.safe.has(k.number) {
		return
	}
	whose := k.hash(k.number)
	forms(k.number, &k.spell, func(digits []byte) {
		emit(key{domain: number, check: Numbers, hash: k.hash(digits), whose: whose, text: digits})
	})
}

func (k *keys) whole(name []byte, emit func(key)) {
	emit(key{domain: address, check: Numbers, hash: k.hash(name), text: name})
}

func (k *keys) hash(b []byte) uint64 { return maphash.Bytes(k.lexer.seed, b) }

// safe are the telephone numbers that an output may hold.
type safe struct {
	pool sms.Pool
	more map[string]struct{}
}

func newSafe(pool sms.Pool, numbers []string) safe {
	s := safe{pool: pool, more: make(map[string]struct{}, len(numbers))}
	for _, n := range numbers {
		s.more[n] = struct{}{}
	}
	return s
}

// has says whether the digits, with their country code, are one of them.
func (s *safe) has(digits []byte) bool {
	var buf [maxSpelled + 1]byte
	if len(digits) >= len(buf) {
		return false
	}
	buf[0] = '+'
	number := buf[:1+copy(buf[1:], digits)]
	if _, ok := s.more[string(number)]; ok {
		return true
	}
	return s.pool.Contains(string(number))
}

// given says whether a short code is one that the output may hold.
func (s *safe) given(digits []byte) bool {
	_, ok := s.more[string(digits)]
	return ok
}

// explicit emits the other numbers that a record holds, such as those of a group, where they are written in
// full with a plus sign.
func (k *keys) explicit(s []byte, emit func(key)) {
	for at := 0; ; {
		i := bytes.IndexByte(s[at:], '+')
		if i < 0 {
			break
		}
		at += i + 1
		k.plus(s[at:], emit)
	}
	for at := 0; ; {
		i := bytes.Index(s[at:], []byte("%2"))
		if i < 0 {
			break
		}
		at += i + 2
		if at < len(s) && s[at]|0x20 == 'b' {
			k.plus(s[at+1:], emit)
		}
	}
}

// plus emits the number that s begins with, if it is one for certain.
func (k *keys) plus(s []byte, emit func(key)) {
	n := 0
	for n < len(s) && n <= maxPhone && s[n]-'0' < 10 {
		n++
	}
	if n < minNational || n > maxPhone || s[0] == '0' {
		return
	}
	k.number = append(k.number[:0], s[:n]...)
	k.phone(emit)
}

// secret emits an id or a credential.
func (k *keys) secret(check Check, s string, emit func(key)) {
	k.bytes = append(k.bytes[:0], s...)
	k.secretBytes(check, k.bytes, emit)
}

func (k *keys) secretBytes(check Check, s []byte, emit func(key)) {
	if len(s) < minSecret {
		return
	}
	text := k.folder.fold(s)
	k.words = k.lexer.words(k.words[:0], text)
	anchor, longest := -1, minAnchor-1
	for i, w := range k.words {
		if w.foreign && w.end-w.start > longest {
			anchor, longest = i, w.end-w.start
		}
	}
	if anchor < 0 || check == Values && k.routes.speaks(k.words) {
		return
	}
	words := k.words
	if len(words) > maxSecretWords {
		from := min(max(0, anchor-maxSecretWords/2), len(words)-maxSecretWords)
		words, anchor = words[from:from+maxSecretWords], anchor-from
	}
	emit(key{domain: secret, check: check, hash: sequence(words), text: text, words: words, anchor: anchor})
}

// credential emits a header's secret: of an authorization the credentials behind the scheme, and the password
// in them; of cookies each value.
func (k *keys) credential(value string, emit func(key)) {
	for part := range strings.FieldsFuncSeq(value, func(r rune) bool { return r == ';' || r == ' ' || r == ',' }) {
		if name, v, ok := strings.Cut(part, "="); ok && v != "" && strings.Trim(v, "=") != "" && len(name) < 32 {
			if strings.EqualFold(name, "algorithm") || isStamp(name, v) { // of a signature, or of Digest: its name is nobody's
				continue
			}
			part = v
		}
		if !strong(part) {
			continue
		}
		k.secret(Credentials, part, emit)
		if plain, err := base64.StdEncoding.DecodeString(part); err == nil && utf8.Valid(plain) {
			if _, password, ok := strings.Cut(string(plain), ":"); ok && strong(password) {
				k.secret(Credentials, password, emit)
			}
		}
	}
}

// isStamp says whether part of a signature is when it was made, in seconds or milliseconds since 1970, as "t=1764237600": the payload's
// own times are often the same.
func isStamp(name, value string) bool {
	switch strings.ToLower(name) {
	case "t", "ts", "timestamp", "created":
		return (len(value) == 10 || len(value) == 13) && strings.Trim(value, "0123456789") == ""
	}
	return false
}

// query emits the secrets among a URL's parameters.
func (k *keys) query(url string, emit func(key)) {
	_, query, _ := strings.Cut(url, "?")
	for query != "" {
		var pair string
		pair, query, _ = strings.Cut(query, "&")
		if name, value, _ := strings.Cut(pair, "="); isSecretName(name) && strong(value) {
			plain, _ := decode(nil, []byte(value))
			if plain != nil {
				value = string(plain)
			}
			k.secret(Credentials, value, emit)
		}
	}
}

// guessable says whether an id is one of so few that among all records a made one is another's by chance, as of m-120000 and all that
// are counted so: such an id is looked for in its own record alone.
func (k *keys) guessable(id string) bool {
	const spare = 12 // bits: by chance is once in some thousand corpora
	return k.records > 0 && idBits(id) < 2*math.Log2(float64(k.records))+spare
}

// idBits is the logarithm of how many ids there are of the form of one. Letters count where digits stand among them; a word, as "msg"
// before a number, says what all ids are. What is no id has more than any.
func idBits(id string) (total float64) {
	const digitBits, letterBits = 3.3, 4
	for word := range strings.FieldsFuncSeq(id, func(r rune) bool { return r == '-' || r == '_' || r == '.' || r == ':' }) {
		digits, letters := 0, 0
		for _, c := range []byte(word) {
			switch {
			case c-'0' < 10:
				digits++
			case c|0x20 >= 'a' && c|0x20 <= 'z':
				letters++
			default:
				return math.Inf(1)
			}
		}
		if total += digitBits * float64(digits); digits > 0 {
			total += letterBits * float64(letters)
		}
	}
	return total
}

// strong says whether a value can be a secret: long, or with a digit in it. A word alone, such as a cookie's
// "production", is none.
func strong(s string) bool {
	return len(s) >= 2*minSecret || len(s) >= minSecret && strings.ContainsAny(s, "0123456789")
}

// isSecretName says whether a header or parameter of that name holds a secret.
func isSecretName(name string) bool {
	name = strings.ToLower(name)
	for _, suffix := range []string{"algorithm", "version", "method", "timestamp"} {
		if strings.HasSuffix(name, suffix) {
			return false
		}
	}
	for _, part := range []string{
		"authorization", "cookie", "signature", "token", "secret", "nonce", "password", "jwt", "session", "credential",
		"api-key", "apikey", "api_key", "access_key", "hmac",
	} {
		if strings.Contains(name, part) {
			return true
		}
	}
	return name == "sig" || name == "key" || name == "auth"
}

// text emits the runs of words of a text that hold a word from outside the vocabulary.
func (k *keys) text(s string, emit func(key)) {
	if s == "" {
		return
	}
	text := k.fold(s)
	k.words = k.lexer.words(k.words[:0], text)
	textRuns(k.words, func(words []word) {
		emit(key{domain: run, check: Texts, hash: sequence(words), text: text, words: words})
	})
}

// textRuns calls f for each run of a text's words that tells something: three in a row, or all of fewer.
func textRuns(words []word, f func([]word)) {
	n := min(len(words), runLength)
	for i := 0; n > 0 && i+n <= len(words); i++ {
		if hasForeign(words[i : i+n]) {
			f(words[i : i+n])
		}
	}
}

func hasForeign(words []word) bool {
	for _, w := range words {
		if w.foreign {
			return true
		}
	}
	return false
}
