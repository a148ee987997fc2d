package anonymize

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"

	"reprise/capture/dialect"
	"reprise/capture/payload"
)

// Action is what becomes of a field.
type Action string

// The actions.
const (
	Keep    Action = "keep"    // it stays: an enum, a version, a time; the audit looks at it all the same
	Keyword Action = "keyword" // a keyword stays; anything else becomes the first word of the generated text
	Phone   Action = "phone"   // the person's, or the business's, fake number
	ID      Action = "id"      // another id of the same shape, the same one wherever it occurs
	Text    Action = "text"    // a generated text of the same kind and shape
	Geo     Action = "geo"     // the place that the fake number is from
	Name    Action = "name"    // the fake person's name, or a carrier's
	Email   Action = "email"   // an address at example.com, the same one wherever it occurs
	Link    Action = "link"    // a URL under example.com
	Blank   Action = "blank"   // nothing: "", 0 or false
	Drop    Action = "drop"    // a header, or a field of the body or the query, goes, name and all
)

// Actions returns all of them.
func Actions() []Action {
	return []Action{Keep, Keyword, Phone, ID, Text, Geo, Name, Email, Link, Blank, Drop}
}

// Policy says, by vendor, what becomes of each field and header. A field that no rule names is blanked and counted; one
// whose name ends in # stands for all that end in a number there.
type Policy struct {
	name    string
	vendors map[string]*rules
	routes  Routes
	keeps   []string // headers that a rule was set to keep
}

type rules struct {
	fields, headers map[string]Action
	path            bool // a rule is of the parts of paths
}

// DefaultPolicy returns what the vendors' tables say.
func DefaultPolicy(table dialect.Table) *Policy {
	p := &Policy{name: PolicyName, vendors: make(map[string]*rules), routes: Routes{Words: table.RouteWords()}}
	for _, d := range table.All() {
		r := &rules{fields: make(map[string]Action), headers: make(map[string]Action)}
		d.Schema().Each(func(part payload.Part, name string, class dialect.Class) {
			if part == payload.InHeader {
				r.headers[name] = actionOf(class, Drop)
			} else {
				r.fields[name] = actionOf(class, Blank)
			}
		})
		p.vendors[d.Name] = r
	}
	other := &rules{fields: make(map[string]Action), headers: make(map[string]Action)}
	for _, key := range StructureKeys() {
		other.fields[key] = Keep
	}
	p.vendors[OtherVendor] = other
	return p
}

// actionOf is the action of a class; remove is that of what must go.
func actionOf(class dialect.Class, remove Action) Action {
	switch class {
	case dialect.Keep, dialect.Time, dialect.Encoding, dialect.Segments:
		return Keep
	case dialect.TextWord:
		return Keyword
	case dialect.Person, dialect.Business:
		return Phone
	case dialect.ID, dialect.Account:
		return ID
	case dialect.Text:
		return Text
	case dialect.Place:
		return Geo
	case dialect.Name:
		return Name
	case dialect.Email:
		return Email
	case dialect.Link:
		return Link
	}
	return remove
}

// Set changes what becomes of one field, or of one header where header is true. The error says what is not known.
func (p *Policy) Set(vendor string, header bool, name string, action Action) error {
	r := p.vendors[vendor]
	switch {
	case r == nil:
		return fmt.Errorf("no vendor is called %q; known are %s", vendor, strings.Join(slices.Sorted(maps.Keys(p.vendors)), ", "))
	case !slices.Contains(Actions(), action):
		return fmt.Errorf("no action is called %q; the actions are %s", action, actionList())
	case name == "":
		return fmt.Errorf("a field without a name")
	}
	of := r.fields
	if header {
		of, name = r.headers, strings.ToLower(name)
		if action == Keep && of[name] != Keep {
			p.keeps = append(p.keeps, name)
		}
	}
	if of[name] != action {
		of[name], p.name = action, "custom"
	}
	return nil
}

// KeptHeaders returns the names, in lower case, of headers that a rule was set to keep, whatever they say.
func (p *Policy) KeptHeaders() []string { return slices.Clone(p.keeps) }

func actionList() string {
	var names []string
	for _, a := range Actions() {
		names = append(names, string(a))
	}
	return strings.Join(names, ", ")
}

// Each calls f for every rule, in the order of vendors and names, fields before headers.
func (p *Policy) Each(f func(vendor string, header bool, name string, action Action)) {
	for _, vendor := range slices.Sorted(maps.Keys(p.vendors)) {
		r := p.vendors[vendor]
		for _, name := range slices.Sorted(maps.Keys(r.fields)) {
			f(vendor, false, name, r.fields[name])
		}
		for _, name := range slices.Sorted(maps.Keys(r.headers)) {
			f(vendor, true, name, r.headers[name])
		}
	}
}

// Name is "default" or, where a rule was set, "custom"; then @ and 16 hex digits of a SHA-256 over all rules.
func (p *Policy) Name() string {
	h := sha256.New()
	p.Each(func(vendor string, header bool, name string, action Action) {
		fmt.Fprintf(h, "%q %v %q %q\n", vendor, header, name, action)
	})
	for _, pattern := range p.routes.Paths {
		fmt.Fprintf(h, "path %q\n", pattern)
	}
	return p.name + "@" + hex.EncodeToString(h.Sum(nil)[:8])
}

// changes returns the rules of a vendor that differ from the default ones; nil where none does.
func (p *Policy) changes(table dialect.Table) map[string]*rules {
	changed := make(map[string]*rules)
	standard := DefaultPolicy(table)
	p.Each(func(vendor string, header bool, name string, action Action) {
		was := standard.vendors[vendor]
		if was == nil || header && was.headers[name] == action || !header && was.fields[name] == action {
			return
		}
		r := changed[vendor]
		if r == nil {
			r = &rules{fields: make(map[string]Action), headers: make(map[string]Action)}
			changed[vendor] = r
		}
		r.path = r.path || !header && strings.HasPrefix(name, pathRule)
		if header {
			r.headers[name] = action
		} else {
			r.fields[name] = action
		}
	})
	return changed
}

// phones says whether a rule makes numbers of fields.
func (r *rules) phones() bool {
	if r == nil {
		return false
	}
	for _, m := range [...]map[string]Action{r.fields, r.headers} {
		for _, action := range m {
			if action == Phone {
				return true
			}
		}
	}
	return false
}

// ruleName names a rule.
type ruleName struct {
	vendor string
	header bool
	name   string
}

// rule returns what a rule of the policy says of a field, and takes note that there was such a field.
func (a *Anonymizer) rule(f dialect.Field) (Action, bool) {
	vendor := a.cur.vendor
	if vendor == "" {
		vendor = OtherVendor
	}
	r := a.rules[vendor]
	if r == nil {
		return "", false
	}
	a.report.named[vendor] = true
	action, name, ok := r.of(f)
	if ok {
		a.report.used[ruleName{vendor, f.Part == payload.InHeader, name}] = true
	}
	return action, ok
}

// of returns the rule for a field, where there is one, and its name. Of a field of the query a rule may say ?name or name, of a part
// of the path path:name.
func (r *rules) of(f dialect.Field) (action Action, name string, ok bool) {
	switch {
	case r == nil || f.Part == payload.InPath && !r.path:
		return "", "", false
	case f.Part == payload.InPath:
		name = pathRule + f.Name
		action, ok = r.fields[name]
		return action, name, ok
	case f.Part == payload.InHeader:
		name = strings.ToLower(f.Name)
		action, ok = r.headers[name]
		return action, name, ok
	}
	stem := strings.TrimRight(f.Name, "0123456789")
	if f.Part == payload.InQuery {
		if action, name, ok = r.field("?"+f.Name, "?"+stem); ok {
			return action, name, ok
		}
	}
	return r.field(f.Name, stem)
}

// field returns the rule for a field of that name, or for those that begin with stem and end in a number.
func (r *rules) field(name, stem string) (Action, string, bool) {
	action, ok := r.fields[name]
	if !ok && len(stem) < len(name) {
		name = stem + "#"
		action, ok = r.fields[name]
	}
	return action, name, ok
}

// apply does to a field what its rule says.
func (a *Anonymizer) apply(f dialect.Field, action Action) (value string, op dialect.Op) {
	switch action {
	case Keep:
		if f.Part == payload.InHeader {
			a.keptName(f)
		}
		return "", dialect.Leave
	case Drop:
		return "", dialect.Remove
	case Blank:
		if f.Part == payload.InHeader {
			return "", dialect.Set
		}
		return "", dialect.Drop
	}
	if f.Value == "" || f.Literal && f.Value == f.Blank() {
		return "", dialect.Leave
	}
	switch action {
	case Keyword:
		if a.isKeyword(f.Value) {
			return "", dialect.Leave
		}
		f.Class = dialect.TextWord
	case Phone:
		f.Class = dialect.Person
	case ID:
		f.Class = dialect.ID
	case Text:
		f.Class = dialect.Text
	case Geo:
		f.Class = dialect.Place
	case Name:
		f.Class = dialect.Name
	case Email:
		f.Class = dialect.Email
	case Link:
		f.Class = dialect.Link
	}
	value = a.replace(f)
	if f.Literal && !isNumber(value) {
		return "", dialect.Drop
	}
	return value, dialect.Set
}
