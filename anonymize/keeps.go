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
	return func(r *capture.Record, f func(string)) {
		rules := changed[r.Vendor]
		d, ok := table.Named(r.Vendor)
		if rules == nil || !ok {
			return
		}
		var told []string
		_ = d.Rewrite(r.Clone(), func(field dialect.Field) (string, dialect.Op) { // what cannot be read keeps nothing
			action, name, ok := rules.of(field)
			if !ok || action != Keep || field.Value == "" {
				return "", dialect.Leave
			}
			if field.Part == payload.InHeader {
				name = "header " + name
			}
			if name = r.Vendor + "." + name; !slices.Contains(told, name) {
				told = append(told, name)
				f(name)
			}
			return "", dialect.Leave
		})
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
