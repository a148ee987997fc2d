package anonymize

import (
	"cmp"
	"hash/maphash"
	"maps"
	"slices"
	"strings"

	"reprise/capture/dialect"
	"reprise/capture/payload"
)

// FieldProposal is a field of payloads that no dialect reads, of which few different values were replaced in many records: they may hold
// structure. It is for the policy's vendor OtherVendor, and none stays before it is there.
type FieldProposal struct {
	// Field is the field's name as a rule has it: data.reason, ?brand.
	Field   string `json:"field"`
	Records int64  `json:"records"`
	Values  int    `json:"values"`
}

// A field is proposed that fromRecords records or more have, and on the average perValue of them for each of at most maxValues values.
const (
	fromRecords = 10
	perValue    = 5
	maxValues   = 16
)

// enums knows fields of payloads that no dialect reads, by name.
type enums map[string]*enum

// enum is what is known of a field: hashes of its values, while they are few.
type enum struct {
	records, last int64
	values        []uint64
	many          bool // there are more values, or one that is no word of a program
}

// add counts a value that was replaced.
func (e enums) add(r *Report, f dialect.Field, seed maphash.Seed) {
	if f.Key || hintsOf(lastKey(f.Name)) != 0 {
		return
	}
	name := f.Name
	if f.Part == payload.InQuery {
		name = "?" + name
	}
	one := e[name]
	switch {
	case one == nil && len(e) >= maxNames:
		return
	case one == nil:
		one = &enum{last: -1}
		e[strings.Clone(name)] = one
	}
	if one.last != r.Records {
		one.last = r.Records
		one.records++
	}
	if one.many = one.many || !LooksLikeEnum(f.Value); !one.many {
		one.value(maphash.String(seed, f.Value))
	}
}

func (e *enum) value(hash uint64) {
	switch {
	case slices.Contains(e.values, hash):
	case len(e.values) == maxValues:
		e.many, e.values = true, nil
	default:
		e.values = append(e.values, hash)
	}
}

// merge adds what another worker met.
func (e enums) merge(o enums) {
	for name, other := range o {
		one := e[name]
		if one == nil {
			if len(e) >= maxNames {
				continue
			}
			one = new(enum)
			e[name] = one
		}
		one.records += other.records
		if one.many = one.many || other.many; one.many {
			continue
		}
		for _, hash := range other.values {
			one.value(hash)
		}
	}
}

// proposals are the fields that may be enumerations, those of the most records first.
func (e enums) proposals() []FieldProposal {
	list := []FieldProposal{}
	for name, one := range e {
		if !one.many && one.records >= max(fromRecords, perValue*int64(len(one.values))) && len(name) <= 80 && longestDigitRun(name) < 7 {
			list = append(list, FieldProposal{name, one.records, len(one.values)})
		}
	}
	slices.SortFunc(list, func(a, b FieldProposal) int {
		return cmp.Or(cmp.Compare(b.Records, a.Records), cmp.Compare(a.Field, b.Field))
	})
	return list[:min(len(list), maxNames)]
}

// sawName takes note of a field of a payload that no dialect reads.
func (r *Report) sawName(f dialect.Field) {
	name := f.Name
	if f.Part == payload.InQuery {
		name = "?" + name
	}
	if _, ok := r.unread[name]; !ok && len(r.unread) < maxNames {
		r.unread[strings.Clone(name)] = true
	}
}

// unreadNames are the names that a rule of OtherVendor could be of.
func (r *Report) unreadNames() []string {
	names := slices.Collect(maps.Keys(r.unread))
	for _, name := range names {
		names = append(names, lastKey(name))
	}
	return names
}
