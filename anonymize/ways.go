package anonymize

import (
	"strings"

	"reprise/capture/keyed"
	"reprise/capture/sms"
)

// way is what an address is: one person may be known in several ways.
type way uint8

// The ways. Those from byNumber up to but not including ways tell one person for certain, and may be united; see unite.
const (
	byName     way = iota // a sender's name, or what is nothing else
	byCode                // a short code
	byMask                // a telephone number of which a part is hidden
	byNumber              // a telephone number
	byUserID              // WhatsApp's id of a person in one business's scope: "US.13491208655302741918"
	byParentID            // and in the scope of all businesses of one owner: "US.ENT.11815799212886844830"
	byID                  // any other id, such as Messenger's
	byEmail               // an e-mail address
	ways
)

// wayOf says what an address is, by its canonical form.
func wayOf(canonical string, class sms.Class) way {
	switch {
	case class == sms.E164:
		return byNumber
	case class == sms.ShortCode:
		return byCode
	}
	if rest, ok := cutUserID(canonical); ok {
		if strings.HasPrefix(rest, parentMark) {
			return byParentID
		}
		return byUserID
	}
	switch {
	case class == sms.Alphanumeric:
		return byName
	case sms.IsMasked(canonical):
		return byMask
	case isEmail(canonical):
		return byEmail
	case isChannelID(canonical):
		return byID
	case manyDigits(canonical):
		return byNumber
	}
	return byName
}

// The form of WhatsApp's ids of people: the country's two letters, a dot, and up to 128 letters and digits
// (https://developers.facebook.com/documentation/business-messaging/whatsapp/business-scoped-user-ids/).
const (
	maxUserID  = 128
	parentMark = "ENT."
)

// cutUserID returns what stands behind the country of one of WhatsApp's ids. Without any digit it might be a name, and is none.
func cutUserID(s string) (rest string, ok bool) {
	if len(s) < len("US.1") || s[2] != '.' || s[0] < 'A' || s[0] > 'Z' || s[1] < 'A' || s[1] > 'Z' {
		return "", false
	}
	rest = s[3:]
	id := strings.TrimPrefix(rest, parentMark)
	digit := false
	for i := range len(id) {
		if !isDigit(id[i]) && !isLetter(id[i]) {
			return "", false
		}
		digit = digit || isDigit(id[i])
	}
	return rest, digit && len(id) <= maxUserID
}

// isChannelID says whether an address is an id of a channel: it stands behind the prefix of one that has no numbers, or it has more
// digits than a number, or it is one word of letters and digits as long as ids are.
func isChannelID(s string) bool {
	prefix, id := sms.CutChannel(s)
	return prefix != "" && id != "" || isToken(s)
}

// madeID returns what stands for an id: one of the same form and length, without the prefix of its channel.
func (k *keys) madeID(canonical string, is way) string {
	switch is {
	case byEmail:
		return k.email(canonical)
	case byUserID, byParentID:
		country, rest := canonical[:3], canonical[3:]
		if rest, ok := strings.CutPrefix(rest, parentMark); ok {
			return country + parentMark + k.reshape(rest)
		}
		return country + k.reshape(rest)
	}
	_, canonical = sms.CutChannel(canonical)
	if len(canonical) == len("00000000-0000-0000-0000-000000000000") && strings.Count(canonical, "-") == 4 {
		return keyed.FreshID(k.ids, canonical)
	}
	made := k.reshape(canonical)
	if made[0] == '0' { // with which no JSON number begins, but numbers that are dialled do
		made = "1" + made[1:]
	}
	return made
}

// agentMark is what ends the names of agents of RCS, as Google gives them: acme_k2x1_agent.
const agentMark = "_agent"

// unite makes one person of the ways in which a record names its person, where it names no two people in one of them. Whom an
// earlier record named in one way keeps the name that it has there: of several, the one with the number. Who was met in two ways, in
// records of which none had both, is one person from the first record on that has.
func (a *Anonymizer) unite() {
	var of [ways]*address
	count := 0
	for i := range a.met {
		ad := &a.met[i]
		if !ad.person || ad.way < byNumber {
			continue
		}
		switch other := of[ad.way]; {
		case other == nil:
			of[ad.way] = ad
			count++
		case other.canonical != ad.canonical:
			return
		}
	}
	if count < 2 {
		return
	}
	if err := a.roll.unite(&of); err != nil {
		a.fail(err)
		return
	}
	for i := range a.met {
		ad := &a.met[i]
		if one := of[ad.way]; one != nil && one.canonical == ad.canonical {
			ad.who = one.who
		}
	}
}

// unite makes the addresses one person, and tells each who that is.
func (l *roll) unite(of *[ways]*address) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	var first *address
	for _, ad := range of {
		if ad != nil && (first == nil || first.fresh && !ad.fresh) {
			first = ad
		}
	}
	who := l.people.who(first.tag)
	for _, ad := range of {
		if ad == nil {
			continue
		}
		if err := l.people.same(ad.tag, who); err != nil {
			return err
		}
		ad.who = l.people.who(ad.tag)
	}
	return nil
}

// unmask gives the numbers of which a part is hidden their fakes: that of the one number of the record which it can be, or one that
// depends on what can be seen alone.
func (a *Anonymizer) unmask() {
	for i := range a.met {
		ad := &a.met[i]
		if ad.way != byMask || len(a.met) > maxCompared {
			continue
		}
		var is *address
		several := false
		for j := range a.met {
			if o := &a.met[j]; o.way == byNumber && o.person == ad.person && sms.FitsMask(ad.canonical, o.canonical) {
				several = several || is != nil && is.canonical != o.canonical
				is = o
			}
		}
		if is != nil && !several {
			ad.fake, ad.who = is.fake, is.who
		}
	}
}

// maxCompared is how many addresses of a record are compared with each other.
const maxCompared = 64

// hidden returns a number of the pool for what can be seen of one: in its zone, where the area code can be seen.
func (a *Anonymizer) hidden(masked string) string {
	zone := sms.Zone(0)
	digits := strings.TrimPrefix(strings.TrimSpace(masked), "+")
	if area := areaOf(digits); area != "" {
		zone = zoneOf("+1" + area + "5550100")
	}
	pool := a.roll.people.pool
	if int(zone) >= pool.Zones() {
		zone = 0
	}
	seed := a.keys.tag.seed("masked", plainMask(masked), "")
	number := ""
	for round := range uint64(maxRounds) {
		if round == maxRounds/2 { // a zone of one area code
			zone = sms.Zone((int(zone) + 1) % pool.Zones())
		}
		number = pool.AtZone(zone, int((seed[0]+round*seed[1])%uint64(pool.ZoneLen(zone))))
		if sms.Mask(masked, number, false) != masked {
			break
		}
	}
	return number
}

// areaOf returns the area code that digits begin with, behind a 1 or without: "" where it cannot be seen.
func areaOf(digits string) string {
	digits = strings.TrimLeft(strings.TrimPrefix(digits, "1"), "- (")
	if len(digits) < 3 || !isDigit(digits[0]) || !isDigit(digits[1]) || !isDigit(digits[2]) {
		return ""
	}
	return digits[:3]
}

// plainMask writes a masked number with asterisks and without what parts digits, so that what differs in nothing else is one.
func plainMask(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9', r == '+':
			return r
		case strings.ContainsRune(" -.()/", r):
			return -1
		}
		return '*'
	}, s)
}

// writtenMasked masks a fake as the original is masked. Where no number of the pool looks another, all digits are hidden.
func writtenMasked(raw, fake string) string {
	made := sms.Mask(raw, fake, false)
	return sms.Mask(raw, fake, made == raw)
}
