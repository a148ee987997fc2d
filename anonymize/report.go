package anonymize

import (
	"maps"
	"slices"
	"strings"

	"reprise/anonymize/texts"
	"reprise/capture/dialect"
	"reprise/capture/payload"
)

// Report says what was done to how much. It holds no value of any record.
type Report struct {
	Records int64            `json:"records"`
	Kinds   map[string]int64 `json:"kinds"`
	// Senders counts the people who sent something.
	Senders int64 `json:"senders"`
	// Numbers counts the telephone numbers that were mapped to the pool, senders and recipients; Countries says where
	// they were from: the fakes are all of the United States and Canada.
	Numbers     int64            `json:"numbers"`
	Countries   map[string]int64 `json:"countries"`
	ShortCodes  int64            `json:"short_codes"`
	SenderNames int64            `json:"sender_names"`
	// UserIDs counts the ids and e-mail addresses by which people are known; TollFree those of Numbers that were toll-free, and became
	// ordinary ones. Masked counts the numbers of which a part was hidden, once in each record, and Redacted the messages whose text
	// the vendor had taken out.
	UserIDs  int64 `json:"user_ids"`
	TollFree int64 `json:"toll_free_numbers"`
	Masked   int64 `json:"masked_numbers"`
	Redacted int64 `json:"redacted_texts"`
	// Texts were generated; Keywords were kept, and Reactions kept around a generated quote.
	Texts     int64 `json:"texts"`
	Keywords  int64 `json:"keywords"`
	Reactions int64 `json:"reactions"`
	// Shaped counts the records whose payload no dialect could read, and of which every value was replaced by one of its class. Opaque
	// counts those of which the body was replaced as a whole, because it is neither JSON nor a form that can be read.
	Shaped int64 `json:"shaped"`
	Opaque int64 `json:"opaque"`
	// Unmoved counts the times in a form that is not known, which were blanked because the others moved.
	Unmoved int64 `json:"unmoved_times"`
	// KindChanged counts the records that are of another kind than before; it should be 0.
	KindChanged int64 `json:"kind_changed"`
	// Unknown counts, by vendor and field, the values that were blanked because the vendor's dialect does not know them.
	Unknown map[string]int64 `json:"unknown_fields"`
	// Kept is what stayed of paths, hosts and headers; Segments counts the segments of paths that were replaced, and Proposed
	// are lines of a policy that would keep some of them.
	Kept     Kept           `json:"kept"`
	Segments int64          `json:"path_segments_replaced"`
	Proposed []PathProposal `json:"proposed_paths"`
	// ProposedFields are lines of a policy that would keep what may be enumerations of payloads that no dialect could read.
	ProposedFields []FieldProposal `json:"proposed_fields"`
	// Dropped counts, by name, the headers that were left out.
	Dropped map[string]int64 `json:"dropped_headers"`
	Pool    string           `json:"pool"`
	Policy  string           `json:"policy"`
	// Generator says what wrote the texts and names: the same key gives the same ones under the same generator.
	Generator string `json:"generator"`
	// KeyFingerprint names the key without telling anything of it.
	KeyFingerprint string `json:"key_fingerprint"`

	shared sharing           // of segments that were replaced
	used   map[ruleName]bool // rules of the policy that met a field
	paths  map[string]bool   // patterns of the policy that met a path
	forms  map[string]int64  // of paths, with {id} for what is no route
	named  map[string]bool   // vendors of whom there was a record
	enums  enums             // of payloads that no dialect could read
	unread map[string]bool   // names of fields of those
}

func newReport() Report {
	return Report{
		Kinds: make(map[string]int64), Countries: make(map[string]int64), Unknown: make(map[string]int64),
		Dropped: make(map[string]int64), Kept: newKept(), Proposed: []PathProposal{},
		shared: make(sharing), used: make(map[ruleName]bool), paths: make(map[string]bool), forms: make(map[string]int64), named: make(map[string]bool),
		ProposedFields: []FieldProposal{}, enums: make(enums), unread: make(map[string]bool),
	}
}

// Report returns what was done so far.
func (a *Anonymizer) Report() Report {
	a.tell()
	r := newReport()
	r.Pool, r.Policy, r.Generator = a.report.Pool, a.report.Policy, texts.Version
	r.add(&a.report)
	a.roll.mu.Lock()
	r.add(&a.roll.counts)
	a.roll.mu.Unlock()
	r.KeyFingerprint = a.keys.fingerprint
	r.Proposed, r.ProposedFields = r.shared.proposals(), r.enums.proposals()
	r.shared, r.used, r.paths, r.forms, r.named, r.enums, r.unread = nil, nil, nil, nil, nil, nil, nil
	return r
}

// tell puts into the report what was counted elsewhere for speed.
func (a *Anonymizer) tell() {
	a.tellPaths()
	a.tellHeaders()
}

// add adds what another worker did.
func (r *Report) add(o *Report) {
	r.Records += o.Records
	r.Senders += o.Senders
	r.Numbers += o.Numbers
	r.ShortCodes += o.ShortCodes
	r.SenderNames += o.SenderNames
	r.UserIDs += o.UserIDs
	r.TollFree += o.TollFree
	r.Masked += o.Masked
	r.Redacted += o.Redacted
	r.Texts += o.Texts
	r.Keywords += o.Keywords
	r.Reactions += o.Reactions
	r.Shaped += o.Shaped
	r.Opaque += o.Opaque
	r.Unmoved += o.Unmoved
	r.KindChanged += o.KindChanged
	r.Segments += o.Segments
	r.shared.merge(o.shared)
	maps.Copy(r.used, o.used)
	maps.Copy(r.paths, o.paths)
	maps.Copy(r.named, o.named)
	r.enums.merge(o.enums)
	for name := range o.unread {
		if len(r.unread) < maxNames {
			r.unread[name] = true
		}
	}
	for _, m := range [...]struct{ to, from map[string]int64 }{
		{r.Kinds, o.Kinds},
		{r.forms, o.forms},
		{r.Countries, o.Countries},
		{r.Unknown, o.Unknown},
		{r.Dropped, o.Dropped},
		{r.Kept.Segments, o.Kept.Segments},
		{r.Kept.Hosts, o.Kept.Hosts},
		{r.Kept.Headers, o.Kept.Headers},
	} {
		for _, name := range slices.Sorted(maps.Keys(m.from)) {
			countNames(m.to, name, m.from[name])
		}
	}
}

// maxNames bounds the names that each of the report's tables lists; what is beyond goes under "(more)".
const maxNames = 1000

func (r *Report) unknown(vendor string, f dialect.Field) {
	name := f.Name
	switch f.Part {
	case payload.InQuery:
		name = "?" + name
	}
	countName(r.Unknown, vendor+"."+name)
}

func (r *Report) droppedHeader(name string) { countName(r.Dropped, strings.ToLower(name)) }

// countName counts under a name, unless the name itself looks like data.
func countName(m map[string]int64, name string) {
	if len(name) > 80 || longestDigitRun(name) >= 7 {
		name = "(unusual)"
	}
	countNames(m, name, 1)
}

func countNames(m map[string]int64, name string, n int64) {
	if _, ok := m[name]; !ok && len(m) >= maxNames {
		name = more
	}
	m[name] += n
}
