package audit

import (
	"bytes"
	"strings"

	"reprise/capture"
)

// scanner looks through the records of the output for what the filter holds. It keeps its memory between records.
type scanner struct {
	*auditor
	keys   *keys
	report *Report
	found  candidates
	sifted *filter // where set, takes what passes the filter, and nothing becomes of it
	n      int64   // position of the record
	reader reader
	look   func(field, []byte) // view
	raw    []byte
	// clean holds values that the filter knows nothing of, each in the slot of its hash.
	clean       [cleanSlots]string
	hitCount    int64
	own         own
	ours        [][]byte // the record's values in which digits are no telephone number, folded
	oursRaw     []byte
	brief       []briefValue // the record's values of sort Brief
	briefPlaced bool         // a field that holds one is in places
	briefStayed []string     // those of them that stayed, where places is set
	told        []Check      // what detectors found in the record
	cmp         comparison
	// counterpart is that of the record at hand, nil where there is none.
	counterpart *capture.Record
	out         *capture.Record
	said        string // the text of the record at hand
	cmpOf       int64  // the record whose path cmp.out holds
	// places, where set, is told where everything stands; inParts says that fields are looked through part by part.
	places   *placeTable
	inParts  bool
	placed   []uint64 // what stands in parts of the record at hand
	headers  [64]seenHeader
	hostSeen [16]seenHeader

	words  []word
	hits   []bool // which of words may be of a run
	groups []group
	digits []byte
	folder folder
	party  party
	number []byte
}

// record checks one record of the output against its counterpart, nil where there is none, and against the filter.
func (s *scanner) record(n int64, in, out *capture.Record, m *marks) {
	s.n, s.told = n, s.told[:0]
	s.counterpart, s.out, s.said, s.cmp.linked = in, out, out.Message.Text, false
	s.own.of(in, s.keys)
	s.fidelity(in, out)
	if in != nil {
		s.mark(m, in, out)
		s.paths(in.URL, out.URL)
		s.hosts(in, out)
		s.headerValues(in, out)
		s.method(in, out)
		s.stays(in, out)
	}
	s.excuses(out)
	s.briefStayed = s.briefStayed[:0]
	if in != nil && len(s.brief) > 0 {
		s.briefValues(in)
	}
	if s.places != nil {
		s.placed = s.placed[:0]
		s.briefPlaced = false
		s.parts(out)
		if len(s.briefStayed) > 0 && !s.briefPlaced {
			s.places.add(Values, s.where(bodyField))
		}
	}
	s.reader.views(bodyField, out.Body, s.look)
	eachString(out, s.field)
	s.gateAddress("message.from", out.Message.From)
	s.gateAddress("message.to", out.Message.To)
	s.gateText(out.Message.Text)
}

// excuses takes note of the values of a record in which digits are no telephone number.
func (s *scanner) excuses(out *capture.Record) {
	s.ours, s.oursRaw, s.brief = s.ours[:0], s.oursRaw[:0], s.brief[:0]
	if s.o.Fields == nil {
		return
	}
	at := 0
	s.o.Fields(out, func(sort FieldSort, value []byte) {
		at++
		switch {
		case sort == Personal || sort == Number:
			return
		case sort == Brief:
			s.brief = append(s.brief, briefValue{at, s.keys.hash(value)})
		case sort == Common && len(value) > 0:
			s.report.Stays.Fields++
		}
		from := len(s.oursRaw)
		s.oursRaw = append(s.oursRaw, s.folder.fold(value)...)
		s.ours = append(s.ours, s.oursRaw[from:len(s.oursRaw):len(s.oursRaw)])
	})
}

// field looks through a field, in all its forms. One that is short, has nothing escaped and held nothing that the
// filter knows when it was last seen, such as a header's name, is not looked up again.
func (s *scanner) field(f field, value string) {
	if value == "" {
		return
	}
	s.raw = append(s.raw[:0], value...)
	if len(value) > maxClean {
		s.reader.views(f, s.raw, s.look)
		return
	}
	slot := &s.clean[s.keys.hash(s.raw)%cleanSlots]
	if *slot == value {
		if s.own.id != nil && len(value) >= len(s.own.id) {
			s.ownID(f, s.folder.fold(s.raw))
		}
		return
	}
	before := s.hitCount
	s.reader.views(f, s.raw, s.look)
	if s.hitCount == before && isConstant(s.raw) && !bytes.Contains(s.raw, []byte("://")) {
		*slot = strings.Clone(value)
	}
}

const (
	cleanSlots = 1 << 10
	maxClean   = 128 // bytes
)

// isConstant says whether a value may be remembered as clean: nothing is escaped in it, and it has too few digits
// for a number.
func isConstant(value []byte) bool {
	digits := 0
	for _, c := range value {
		switch {
		case c == '%' || c == '\\' || c >= 0x80:
			return false
		case c-'0' < 10:
			digits++
		}
	}
	return digits < minPhone
}

func (s *scanner) ownID(f field, text []byte) {
	if bytes.Contains(text, s.own.id) {
		s.met(s.own.idKey, f).confirm(IDs, 0)
	}
}

// view looks through one form of one field.
func (s *scanner) view(f field, text []byte) {
	s.words = s.lexer.words(s.words[:0], text)
	s.hits = s.hits[:0]
	some := false
	for i, w := range s.words {
		hit := false
		if w.foreign {
			place := s.filter.place(w.hash)
			if w.end-w.start >= minAnchor && place.has(bits(w.hash, anchorWord)) {
				s.secrets(f, text, i)
			}
			hit = place.has(bits(w.hash, runWord))
			some = some || hit
		}
		s.hits = append(s.hits, hit)
	}
	if some {
		s.runs(f, text)
	}
	s.numbers(f, text)
	s.detect(f, text)
	if s.own.id != nil && len(text) >= len(s.own.id) {
		s.ownID(f, text)
	}
}

// secrets looks up every sequence of words that holds word i and may be a secret.
func (s *scanner) secrets(f field, text []byte, i int) {
	for from := max(0, i-maxSecretWords+1); from <= i; from++ {
		for to := i + 1; to <= min(len(s.words), from+maxSecretWords); to++ {
			s.lookUp(key{domain: secret, text: text, words: s.words[from:to]}, f)
		}
	}
}

// runs looks up the runs of a text's words that a hit is part of. A run of fewer than three was a whole text: it
// counts where it may be a whole value, not as a piece of a UUID.
func (s *scanner) runs(f field, text []byte) {
	for i := range s.words {
		for n := 1; n <= runLength && i+n <= len(s.words); n++ {
			words := s.words[i : i+n]
			if !anyOf(s.hits[i:i+n]) || n < runLength && f != textField && !standsAlone(text, words) {
				continue
			}
			s.lookUp(key{domain: run, text: text, words: words}, f)
		}
	}
}

func anyOf(hits []bool) bool {
	for _, h := range hits {
		if h {
			return true
		}
	}
	return false
}

// minAlone is the shortest text, in bytes, that is looked for outside of texts.
const minAlone = 3

func standsAlone(text []byte, words []word) bool {
	from, to := words[0].start, words[len(words)-1].end
	joins := func(i int) bool { return i >= 0 && i < len(text) && bytes.IndexByte([]byte("-_.%\\"), text[i]) >= 0 }
	return to-from >= minAlone && !joins(from-1) && !joins(to)
}

// method reports one that stayed and is none that programs know: at most seventeen capital letters and joints.
func (s *scanner) method(in, out *capture.Record) {
	if in.Method != out.Method {
		return
	}
	known := len(in.Method) <= 2*8+1
	for i := range len(in.Method) {
		known = known && (in.Method[i]-'A' < 26 || in.Method[i] == '-' && i > 0)
	}
	if !known {
		s.tell(Values, field{name: "method"}, 1)
	}
}

// numbers looks up every run of digits that may be a whole number, and the counterpart's own numbers
// wherever they stand.
func (s *scanner) numbers(f field, text []byte) {
	s.groups = groups(s.groups[:0], text)
	if len(s.groups) == 0 {
		return
	}
	s.digits = spelled(text, s.groups, s.digits, func(digits []byte) {
		s.lookUp(key{domain: number, text: digits}, f)
	})
	if len(s.own.numbers) == 0 {
		return
	}
	for i := 0; i < len(s.groups); {
		first, count := i, 0
		for ; i < len(s.groups) && (i == first || s.groups[i].chained); i++ {
			count += s.groups[i].end - s.groups[i].start
		}
		if count >= minPhone {
			s.ownNumber(f, text, s.groups[first:i])
		}
	}
}

// ownNumber looks for the counterpart's numbers in the digits of a chain of groups.
func (s *scanner) ownNumber(f field, text []byte, chain []group) {
	s.digits = s.digits[:0]
	for _, g := range chain {
		s.digits = append(s.digits, text[g.start:g.end]...)
	}
	for _, own := range s.own.numbers {
		if bytes.Contains(s.digits, own.text) && (len(own.text) >= minNational || len(own.text) == len(s.digits)) {
			s.met(&key{domain: number, hash: own.hash, text: own.text}, f).confirm(Numbers, own.whose)
			return
		}
	}
}

// lookUp makes a candidate of a key that the filter knows.
func (s *scanner) lookUp(k key, f field) {
	if k.words != nil {
		k.hash = sequence(k.words)
	} else {
		k.hash = s.keys.hash(k.text)
	}
	if s.filter.has(k.hash, k.domain) && !(k.domain == number && s.isBrief(k.hash)) {
		s.hitCount++
		if s.sifted != nil {
			s.sifted.set(k.hash, k.domain)
			return
		}
		s.met(&k, f)
	}
}

// met makes a candidate of a key; where fields are told apart, what was confirmed is placed instead.
func (s *scanner) met(k *key, f field) *candidate {
	switch {
	case s.sifted != nil: // a counterpart's own, which needs no filter
		return new(candidate)
	case s.places == nil:
		return s.found.add(k, s.n, f)
	}
	s.place(k, f)
	return new(candidate)
}

// own is what the counterpart of a record told: it is looked for at any place, also inside other words.
type own struct {
	numbers []key
	buffers [8][]byte
	id      []byte
	idKey   *key
	idText  []byte
	words   []word
	key     key
}

// of takes the numbers and the id of a record, which may be nil.
func (o *own) of(r *capture.Record, k *keys) {
	o.numbers, o.id = o.numbers[:0], nil
	if r == nil {
		return
	}
	add := func(k key) {
		if k.domain == number && len(o.numbers) < len(o.buffers) {
			b := &o.buffers[len(o.numbers)]
			*b = append((*b)[:0], k.text...)
			k.text = *b
			o.numbers = append(o.numbers, k)
		}
	}
	k.address(r.Message.From, add)
	k.address(r.Message.To, add)
	k.secret(IDs, r.Message.ID, func(k key) {
		o.idText = append(o.idText[:0], k.text...)
		o.words = append(o.words[:0], k.words...)
		o.key = k
		o.key.text, o.key.words = o.idText, o.words
		o.id, o.idKey = o.idText, &o.key
	})
}
