package anonymize

import (
	"slices"
	"strings"

	"reprise/capture"
	"reprise/capture/dialect"
	"reprise/capture/payload"
)

// Keeps returns a function that calls f with the name of each field and header of a record that a rule was set to keep, as in
// twilio.?brand or twilio.header x-tenant, and that is not empty; nil where no rule was. It may be used by several goroutines at once.
func (p *Policy) Keeps(table dialect.Table) func(r *capture.Record, f func(name string)) {
	changed := p.changes(table)
	for vendor, r := range changed {
		if !r.keeps() {
			delete(changed, vendor)
		}
	}
	if len(changed) == 0 {
		return nil
	}
	nobody := table.Unread()
	return func(r *capture.Record, f func(string)) {
		if changed[r.Vendor] == nil && changed[OtherVendor] == nil {
			return
		}
		k := keeper{rules: changed, vendor: r.Vendor, f: f}
		d, known := table.Named(r.Vendor)
		switch {
		case !known || !Reads(d, r):
			alone := *r
			_ = nobody.RewriteUnread(&alone, k.unread)
		case changed[r.Vendor] != nil:
			_ = d.Rewrite(r.Clone(), k.field) // what cannot be read keeps nothing
		}
	}
}

// keeper tells the names of the fields of one record that rules keep, each once.
type keeper struct {
	rules  map[string]*rules
	vendor string
	told   []string
	f      func(name string)
}

func (k *keeper) field(f dialect.Field) (string, dialect.Op) {
	action, name, ok := k.rules[k.vendor].of(f)
	k.tell(k.vendor, f, action, name, ok)
	return "", dialect.Leave
}

func (k *keeper) unread(f dialect.Field) (string, dialect.Op) {
	if f.Part == payload.InHeader && k.vendor != "" {
		return k.field(f)
	}
	action, name, vendor, ok := ruleUnread(k.rules, k.vendor, f)
	k.tell(vendor, f, action, name, ok)
	return "", dialect.Leave
}

func (k *keeper) tell(vendor string, f dialect.Field, action Action, name string, ok bool) {
	if !ok || action != Keep || f.Value == "" {
		return
	}
	if f.Part == payload.InHeader {
		name = "header " + name
	}
	if name = vendor + "." + name; !slices.Contains(k.told, name) {
		k.told = append(k.told, name)
		k.f(name)
	}
}

// KeepsUnread returns a function that says whether a rule was set to keep a field of a payload that no dialect reads, of a record that
// counts as of that vendor. It may be used by several goroutines at once.
func (p *Policy) KeepsUnread(table dialect.Table) func(vendor string, f dialect.Field) bool {
	changed := p.changes(table)
	return func(vendor string, f dialect.Field) bool {
		action, _, _, ok := ruleUnread(changed, vendor, f)
		return ok && action == Keep
	}
}

// keeps says whether a rule keeps something.
func (r *rules) keeps() bool {
	for name, action := range r.fields {
		if action == Keep && !strings.HasPrefix(name, pathRule) {
			return true
		}
	}
	for _, action := range r.headers {
		if action == Keep {
			return true
		}
	}
	return false
}
