package audit

import "bytes"

// idChannels are the channels that know people by ids, which are no telephone numbers whatever their digits.
var idChannels = [...]string{"messenger", "facebook", "instagram", "telegram", "line", "gbm", "apple", "wechat", "kakaotalk"}

func isIDChannel(name []byte) bool {
	for _, c := range idChannels {
		if string(name) == c {
			return true
		}
	}
	return false
}

// leastID is how long an id is at least that tells itself by its form: letters, digits and joints, a digit among them.
const leastID = 16

// isAddressID says whether a folded address is an id: WhatsApp's of a person ("us.1349…", "us.ent.1181…"), or one long word of letters,
// digits and joints. No vocabulary tells whether it was made; that it is none of the input's is looked up.
func isAddressID(s []byte) bool {
	rest, whatsapp := s, len(s) > 3 && s[2] == '.' && onlyLetters(s[:2])
	if whatsapp {
		rest = bytes.TrimPrefix(s[3:], []byte("ent."))
	}
	digit := false
	for _, c := range rest {
		switch {
		case c-'0' < 10:
			digit = true
		case c-'a' < 26, !whatsapp && (c == '-' || c == '_'):
		default:
			return false
		}
	}
	return digit && (whatsapp || len(s) >= leastID)
}

// shown returns how many digits of a telephone number can be seen, of which a part is masked; ok is false where it is none.
func shown(s []byte) (n int, ok bool) {
	masks, letters := 0, 0
	for i, r := range string(s) {
		switch {
		case r >= '0' && r <= '9':
			n++
		case r == '*', r == '#', r == 'x', r == '\u2022', r == '\u25cf':
			masks++
			if r == 'x' {
				letters++
			}
		case r == '+' && i == 0, r < 0x80 && separators([]byte{byte(r)}):
		default:
			return 0, false
		}
	}
	return n, masks >= 2 && (letters == 0 || masks >= 3)
}

// leastShown is how many digits of a masked number must not stay as they are: fewer may be anybody's.
const leastShown = 4

// gateName checks an address of the output that is no number: it is none of the input's, and unless it is an id or an e-mail address,
// which are not made of words, a generator can have written it. Of a masked number the digits that can be seen are others.
func (s *scanner) gateName(name, value string) {
	p := &s.party
	if n, masked := shown(p.name); masked {
		if in := s.counterpart; in != nil && n >= leastShown && (name == "message.from" && value == in.Message.From || name == "message.to" && value == in.Message.To) {
			s.tell(Gate, field{name: name}, 1)
		}
		return
	}
	s.lookUp(key{domain: address, text: p.name}, field{name: name})
	if p.id || isAddressID(p.name) || bytes.IndexByte(p.name, '@') > 0 { // what an e-mail's domain must be, its detector says
		return
	}
	s.words = s.lexer.words(s.words[:0], bytes.TrimSuffix(p.name, []byte("_agent"))) // of RCS
	s.closed(name)
}
