package profile

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"reprise/capture"
	"reprise/capture/payload"
	"reprise/capture/sms"
)

// ErrNothingToLearn says that a corpus holds no record of an unknown vendor.
var ErrNothingToLearn = errors.New("profile: every record is of a vendor that is known, or holds no field")

// The bounds of what Learn looks at.
const (
	maxLearned   = 10_000 // records
	maxNames     = 1_000
	maxDistinct  = 64 // values of a field that are told apart
	fewValues    = 8  // an enum has at most so many
	enumLength   = 32
	leastForEnum = 4 // records
)

// Learn proposes a profile from those records of src that no vendor knows: up to 10,000 of them, in flat memory. The proposal is
// YAML with comments, for a person to review: what a field holds is guessed from its name and from what its values look like. It
// quotes no value but those of fields that look like the type of an event.
func Learn(ctx context.Context, src capture.Source, name string) (string, error) {
	if !isName(name) {
		return "", &Error{Field: "name", Reason: nameRule}
	}
	l := learner{fields: make(map[string]*seen), headers: make(map[string]*seen)}
	var r capture.Record
	for l.records < maxLearned {
		switch err := src.Next(ctx, &r); {
		case errors.Is(err, io.EOF):
			return l.proposal(name)
		case err != nil:
			return "", err
		}
		if r.Vendor == "" {
			l.take(&r)
		}
	}
	return l.proposal(name)
}

// learner counts what fields hold.
type learner struct {
	records         int
	fields, headers map[string]*seen
	json            bool
}

// seen is what the values of one field looked like.
type seen struct {
	name    string
	records int // in which it was
	last    int // the last of them
	values  map[string]int
	many    bool // more values than are told apart
	n       int
	long    int // bytes of all values
	// How many of the values looked like what.
	numbers, ids, times, links, mails, texts, words, literals int
}

func (l *learner) take(r *capture.Record) {
	l.records++
	var s payload.Scanner
	for s.Reset(r); s.Next(); {
		if name := string(s.Name()); name != "" && name != "#" {
			l.see(l.fields, name, s.Value(), !s.IsString(), r)
		}
	}
	l.json = l.json || payload.IsJSON(r)
	for i := range r.Headers {
		if name := strings.ToLower(r.Headers[i].Name); strings.HasPrefix(name, "x-") || strings.Contains(name, "signature") {
			l.see(l.headers, name, r.Headers[i].Value, false, r)
		}
	}
}

func (l *learner) see(in map[string]*seen, name, value string, literal bool, r *capture.Record) {
	f := in[name]
	if f == nil {
		if len(in) == maxNames {
			return
		}
		f = &seen{name: name, values: make(map[string]int)}
		in[name] = f
	}
	if f.last != l.records {
		f.last = l.records
		f.records++
	}
	if value == "" {
		return
	}
	f.n++
	f.long += len(value)
	if _, known := f.values[value]; known || len(f.values) < maxDistinct {
		f.values[value]++
	} else {
		f.many = true
	}
	_, class := sms.Canonical(value)
	_, isTime := payload.AppendMoved(nil, []byte(value), r.Time, 0)
	switch {
	case isTime:
		f.times++
	case literal && class != sms.E164:
		f.literals++
	case class == sms.E164, class == sms.ShortCode && !literal && strings.Trim(value, "0123456789") == "": // 1.50 is an amount
		f.numbers++
	case strings.HasPrefix(value, "http://"), strings.HasPrefix(value, "https://"):
		f.links++
	case strings.Contains(value, "@") && !strings.ContainsAny(value, " \n"):
		f.mails++
	case looksLikeID(value):
		f.ids++
	case isWord(value):
		f.words++
	default:
		f.texts++
	}
}

// looksLikeID says whether a value is one long word of digits and letters, as ids are.
func looksLikeID(value string) bool {
	digits := 0
	for _, c := range value {
		switch {
		case c >= '0' && c <= '9':
			digits++
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c == '-', c == '_':
		default:
			return false
		}
	}
	return len(value) >= 8 && digits >= 2
}

// isWord says whether a value is one such as programs have for a type or a state.
func isWord(value string) bool {
	return len(value) <= enumLength && strings.Trim(value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") == ""
}

// mostly says whether n of the field's values are nearly all.
func (f *seen) mostly(n int) bool { return f.n > 0 && 10*n >= 9*f.n }

// isEnum says whether the field has few values, all of them words.
func (f *seen) isEnum() bool {
	return f.n >= leastForEnum && f.mostly(f.words) && !f.many && len(f.values) <= min(fewValues, f.n/2)
}

// called says whether the last step of the field's name has one of the words in it.
func (f *seen) called(words ...string) bool {
	step := strings.ToLower(f.name[strings.LastIndexByte(f.name, '.')+1:])
	return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(step, w) })
}

// pointer is the name as a profile writes it.
func (l *learner) pointer(f *seen) string {
	if !l.json {
		return inYAML(f.name)
	}
	return inYAML("/" + strings.ReplaceAll(strings.NewReplacer("~", "~0", "/", "~1").Replace(f.name), ".", "/"))
}

// inYAML writes a text as YAML takes it for that text, also within a list.
func inYAML(text string) string {
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./*~"
	if text == "null" || strings.Trim(text, plain) != "" || strings.ContainsAny(text[:1], "-.*~") {
		return strconv.Quote(text)
	}
	return text
}

// proposal writes what was learned.
func (l *learner) proposal(name string) (string, error) {
	if l.records == 0 || len(l.fields) == 0 {
		return "", ErrNothingToLearn
	}
	all := make([]*seen, 0, len(l.fields))
	for _, f := range l.fields {
		all = append(all, f)
	}
	slices.SortFunc(all, func(a, b *seen) int { return cmp.Compare(a.name, b.name) })
	g := l.guess(all)
	var b strings.Builder
	fmt.Fprintf(&b, "# A proposal, from %d requests that no vendor knows. Review every line: it is guessed from names and from what values look like.\n"+
		"# reprise template dialect explains all keys; reprise vendors --dialect FILE checks a file.\nname: %s\n", l.records, name)
	l.writeDetection(&b, &g)
	l.writeMessage(&b, &g)
	l.writeClasses(&b, all, &g)
	l.writeHeaders(&b)
	return b.String(), nil
}

// guess is which field is what.
type guess struct{ kind, id, sender, recipient, text *seen }

func (l *learner) guess(all []*seen) (g guess) {
	better := func(to **seen, f *seen, score int, best *int) {
		if score > *best {
			*to, *best = f, score
		}
	}
	var kind, id, sender, recipient, text int
	for _, f := range all {
		distinct := len(f.values)
		common := 4 * f.records / l.records
		if f.isEnum() && f.called("type", "event", "evt", "kind", "topic", "action") { // its values are quoted
			better(&g.kind, f, 1+common, &kind)
		}
		named := f.called("id", "uuid", "sid", "guid", "ref") && !f.many && f.n >= leastForEnum && distinct == f.n // also m-1, m-2, …
		if (f.mostly(f.ids) || named) && distinct > 1 {
			score := common + 4*distinct/max(min(f.n, maxDistinct), 1)
			if f.called("id", "uuid", "sid", "guid", "ref") {
				score += 4
			}
			if f.called("message", "msg", "sms") {
				score += 2
			}
			better(&g.id, f, score, &id)
		}
		if f.mostly(f.numbers) {
			from, to := common, common
			switch {
			case f.called("from", "sender", "source", "src", "msisdn", "origin", "phone", "mobile", "customer"):
				from += 10
			case f.called("to", "recipient", "dest", "dst", "receiver", "short", "service", "inbox"):
				to += 10
			default:
				from += 4 * distinct / max(1, min(f.n, maxDistinct)) // people are many, the platform's numbers few
			}
			better(&g.sender, f, from, &sender)
			better(&g.recipient, f, to, &recipient)
		}
		if f.texts > 0 && f.mostly(f.texts+f.words+f.numbers+f.literals) && !f.isEnum() {
			score := common + 10*f.texts/f.n
			if f.called("text", "body", "content", "message", "msg") {
				score += 10
			}
			better(&g.text, f, score, &text)
		}
	}
	if g.recipient == g.sender {
		g.recipient = nil
		for _, f := range all {
			if f != g.sender && f.mostly(f.numbers) {
				g.recipient = f
			}
		}
	}
	return g
}

func (l *learner) writeDetection(b *strings.Builder, g *guess) {
	var parts []string
	if g.kind != nil {
		values := make([]string, 0, len(g.kind.values))
		for v := range g.kind.values {
			values = append(values, inYAML(v))
		}
		slices.Sort(values)
		parts = append(parts, fmt.Sprintf("%s: [%s]", l.pointer(g.kind), strings.Join(values, ", ")))
	}
	for _, f := range []*seen{g.sender, g.id} {
		if f != nil && (len(parts) < 2 || f == g.sender) {
			parts = append(parts, l.pointer(f)+`: "*"`)
		}
	}
	fmt.Fprintf(b, "detect:\n  fields: {%s}\n", strings.Join(parts, ", "))
}

func (l *learner) writeMessage(b *strings.Builder, g *guess) {
	b.WriteString("message:\n")
	if g.kind != nil {
		fmt.Fprintf(b, "  # when: {%s: WHICH}   # and a receipt: with a when of its own, if the vendor sends receipts\n", l.pointer(g.kind))
	}
	for _, p := range []struct {
		key string
		f   *seen
	}{{"id", g.id}, {"sender", g.sender}, {"recipient", g.recipient}, {"text", g.text}} {
		if p.f == nil {
			fmt.Fprintf(b, "  # %s: not found\n", p.key)
			continue
		}
		fmt.Fprintf(b, "  %s: %s   # in %d of %d requests, %s\n", p.key, l.pointer(p.f), p.f.records, l.records, p.f.distinct())
	}
}

func (f *seen) distinct() string {
	if f.many {
		return fmt.Sprintf("more than %d values", maxDistinct)
	}
	if len(f.values) == 1 {
		return "1 value"
	}
	return fmt.Sprintf("%d values", len(f.values))
}

func (l *learner) writeClasses(b *strings.Builder, all []*seen, g *guess) {
	classes := map[string][]string{}
	var unknown []string
	for _, f := range all {
		if f == g.id || f == g.sender || f == g.recipient || f == g.text || f == g.kind {
			continue
		}
		class := f.class()
		if class == "" {
			unknown = append(unknown, fmt.Sprintf("%s (%s)", l.pointer(f), f.distinct()))
			continue
		}
		classes[class] = append(classes[class], l.pointer(f))
	}
	if len(classes) > 0 {
		b.WriteString("fields:\n")
	}
	for _, class := range []string{"person", "id", "account", "text", "place", "name", "email", "link", "time"} {
		if len(classes[class]) > 0 {
			fmt.Fprintf(b, "  %s: [%s]\n", class, strings.Join(classes[class], ", "))
		}
	}
	if len(unknown) > 0 {
		b.WriteString("# Not listed, and so blanked by anonymize. What tells nothing of anyone (a type, a state, a count) goes under keep:\n")
		for _, line := range unknown {
			fmt.Fprintf(b, "#   %s\n", line)
		}
	}
}

// class is what a field holds by the looks of it; "" where it does not tell.
func (f *seen) class() string {
	switch {
	case f.mostly(f.times):
		return "time"
	case f.mostly(f.numbers):
		return "person"
	case f.mostly(f.links):
		return "link"
	case f.mostly(f.mails):
		return "email"
	case f.called("name") && f.texts+f.words > 0:
		return "name"
	case f.called("city", "state", "zip", "postal", "country", "region") && f.mostly(f.texts+f.words):
		return "place"
	case f.mostly(f.ids) && !f.many && len(f.values) <= max(1, f.n/10):
		return "account"
	case f.mostly(f.ids):
		return "id"
	case f.mostly(f.texts):
		return "text"
	}
	return ""
}

func (l *learner) writeHeaders(b *strings.Builder) {
	var ids []string
	for _, name := range slices.Sorted(maps.Keys(l.headers)) {
		f := l.headers[name]
		if f.isSignature() {
			fmt.Fprintf(b, "# A signature may stand in the header %s%s. See signature: in reprise template dialect.\n", name, f.hash())
		} else if f.mostly(f.ids) && f.n == f.records && (f.many || len(f.values) == f.n) {
			ids = append(ids, inYAML(name))
		}
	}
	if len(ids) > 0 {
		fmt.Fprintf(b, "headers:\n  id: [%s]\n", strings.Join(ids, ", "))
	}
}

// isSignature says whether a header may hold one, by its name.
func (f *seen) isSignature() bool {
	name := strings.ToLower(f.name)
	return strings.Contains(name, "signature") || strings.Contains(name, "hmac") || strings.HasSuffix(name, "-sig") && f.hash() != ""
}

// hash guesses a hash by the length of its values.
func (f *seen) hash() string {
	for value := range f.values {
		bare := value[strings.LastIndexByte(value, ',')+1:]
		if i := strings.IndexByte(bare, '='); i >= 0 && i < 8 && i < len(bare)-2 {
			bare = bare[i+1:]
		}
		isHex := strings.Trim(bare, "0123456789abcdefABCDEF") == ""
		switch n := len(bare); {
		case isHex && n == 64:
			return ": SHA-256 in hex"
		case isHex && n == 40:
			return ": SHA-1 in hex"
		case isHex && n == 128:
			return ": SHA-512 in hex"
		case n == 44 || n == 43:
			return ": SHA-256 in base64"
		case n == 28 || n == 27:
			return ": SHA-1 in base64"
		case n == 88 || n == 86:
			return ": SHA-512, or Ed25519, in base64"
		}
	}
	return ""
}
