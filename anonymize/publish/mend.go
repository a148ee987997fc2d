package publish

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"reprise/anonymize"
	"reprise/anonymize/audit"
	"reprise/capture/dialect"
	"reprise/capture/dialect/all"
)

// Mends are what a policy has to say so that an audit passes: for each vendor and part the fields and their actions, and the
// patterns of paths.
type Mends struct {
	rules map[string]map[string]map[string]ruleLine // vendor, part, name
	paths []pathLine
	// Unmended says that something was found that no policy mends.
	Unmended bool
}

// Empty says that there is nothing that a policy could say.
func (m *Mends) Empty() bool { return len(m.rules)+len(m.paths) == 0 }

// ruleLine and pathLine are lines of a policy; about, where there is something, is told beside them.
type (
	ruleLine struct {
		action anonymize.Action
		about  string
	}
	pathLine struct{ pattern, about string }
)

// KeepPath adds a pattern of paths that are to stay, once, with a comment that may be empty.
func (m *Mends) KeepPath(pattern, about string) {
	if !slices.ContainsFunc(m.paths, func(p pathLine) bool { return p.pattern == pattern }) {
		m.paths = append(m.paths, pathLine{pattern, about})
	}
}

// Mend fills in what to do about each place of a report, and gives all of it together. Policy is the one that the output was
// made by; the zero value of vendors is all of them.
func Mend(rep *audit.Report, policy *anonymize.Policy, vendors dialect.Table) Mends {
	m := Mends{rules: make(map[string]map[string]map[string]ruleLine)}
	if len(vendors.All()) == 0 {
		vendors = all.Table()
	}
	standard, now := actionsOf(anonymize.DefaultPolicy(vendors)), actionsOf(policy)
	for i := range rep.Places {
		p := &rep.Places[i]
		switch {
		case p.Check == audit.Fidelity:
		case p.Part == "path":
			m.path(p)
		case p.Part != "" && standard.knows(policyVendor(p)):
			m.field(p, standard, now)
		}
		m.Unmended = m.Unmended || p.Mend == ""
	}
	return m
}

// path is for a place in a path: what the policy keeps of it is to be replaced.
func (m *Mends) path(p *audit.Place) {
	segments := strings.Split(strings.TrimPrefix(p.Path, "/"), "/")
	if p.Segment < 0 || p.Segment >= len(segments) {
		return
	}
	n := strconv.Itoa(p.Segment + 1)
	if strings.HasPrefix(segments[p.Segment], "{") {
		if p.Check == audit.Paths {
			segments[p.Segment] = "WORD"
			pattern := "/" + strings.Join(segments, "/")
			p.Mend = "paths: [" + strconv.Quote(pattern) + "]"
			m.KeepPath(pattern, "only if segment "+n+" is a route's name and tells of nobody: put it for WORD; otherwise anonymize again")
		}
		return
	}
	segments[p.Segment] = "{" + n + "}"
	pattern := "/" + strings.Join(segments, "/")
	p.Mend = "paths: [" + strconv.Quote(pattern) + "]"
	m.KeepPath(pattern, "")
}

// field is for a place in a field or a header that the policy knows: the action that is built in, or none of it stays.
func (m *Mends) field(p *audit.Place, standard, now actions) {
	part, about := "fields", ""
	vendor := policyVendor(p)
	k := actionKey{vendor: vendor, header: p.Part == "header"}
	names := spellings(p)
	if k.header {
		part = "headers"
	}
	if len(names) == 0 {
		if p.Part == "json" {
			return // which member it is, its name would tell
		}
		names, about = []string{"NAME"}, "the name tells of someone: put it for NAME, as reprise cat shows it"
		if p.Part == "query" {
			names[0] = "?NAME"
		}
	}
	k.name = names[0]
	action, ok := standard.first(k, names)
	if i := now.which(k, names); i >= 0 {
		was, had := standard[k.named(names[i])]
		if own := now[k.named(names[i])]; !had || own != was {
			k.name, about = names[i], "your policy says "+string(own)+": change that line"
		}
	}
	applies, _ := now.first(k, names)
	switch {
	case ok && action == applies && replaces(action) && isOfPeople(p.Check):
		return // the policy replaces it already: the output was not made by it
	case !ok || action == anonymize.Keep || action == applies:
		action = anonymize.Drop
	}
	m.rule(vendor, part, k.name, ruleLine{action, about})
	p.Mend = fmt.Sprintf("vendors: {%s: {%s: {%q: %s}}}", vendor, part, k.name, action)
}

// policyVendor is the vendor that a policy's rules are under for a place.
func policyVendor(p *audit.Place) string {
	if p.Vendor == "" {
		return anonymize.OtherVendor
	}
	return p.Vendor
}

// KeepField adds a field of a vendor that is to stay, with a comment that may be empty.
func (m *Mends) KeepField(vendor, name, about string) {
	if m.rules == nil {
		m.rules = make(map[string]map[string]map[string]ruleLine)
	}
	m.rule(vendor, "fields", name, ruleLine{anonymize.Keep, about})
}

// rule adds a line for a vendor's field or header.
func (m *Mends) rule(vendor, part, name string, line ruleLine) {
	of := m.rules[vendor]
	if of == nil {
		of = make(map[string]map[string]ruleLine)
		m.rules[vendor] = of
	}
	if of[part] == nil {
		of[part] = make(map[string]ruleLine)
	}
	of[part][name] = line
}

// spellings are the names that rules have for the field of a place, the one that goes first first; none where its name is not told.
func spellings(p *audit.Place) []string {
	name := p.Name
	switch {
	case name == "":
		return nil
	case p.Part == "header":
		return []string{strings.ToLower(name)}
	case p.Part == "json":
		name = strings.NewReplacer("/", ".", "~1", "/", "~0", "~").Replace(strings.TrimPrefix(name, "/"))
	}
	names := []string{name}
	if stem := strings.TrimRight(name, "0123456789"); stem != name {
		names = append(names, stem+"#")
	}
	if p.Part == "query" {
		for i := range len(names) {
			names = slices.Insert(names, i, "?"+names[2*i])
		}
	}
	return names
}

// replaces says whether an action puts something else in the place of a value.
func replaces(a anonymize.Action) bool {
	return a != anonymize.Keep && a != anonymize.Blank && a != anonymize.Drop
}

// isOfPeople says whether a check is about what records are told apart by: without it they would be others.
func isOfPeople(c audit.Check) bool {
	switch c {
	case audit.Numbers, audit.IDs, audit.Texts, audit.Vocabulary, audit.Gate, audit.Digits:
		return true
	}
	return false
}

// actionKey names a rule of a policy.
type actionKey struct {
	vendor string
	header bool
	name   string
}

func (k actionKey) named(name string) actionKey { return actionKey{k.vendor, k.header, name} }

type actions map[actionKey]anonymize.Action

// which says which of some names the first rule has; -1 where there is none.
func (a actions) which(k actionKey, names []string) int {
	return slices.IndexFunc(names, func(name string) bool {
		_, ok := a[k.named(name)]
		return ok
	})
}

// first returns the action of the first rule that has one of some names.
func (a actions) first(k actionKey, names []string) (action anonymize.Action, ok bool) {
	if i := a.which(k, names); i >= 0 {
		return a[k.named(names[i])], true
	}
	return "", false
}

func actionsOf(p *anonymize.Policy) actions {
	a := make(actions)
	p.Each(func(vendor string, header bool, name string, action anonymize.Action) {
		a[actionKey{vendor, header, name}] = action
	})
	return a
}

func (a actions) knows(vendor string) bool {
	for k := range a {
		if k.vendor == vendor {
			return true
		}
	}
	return false
}

// Write writes it as a policy file, indented: one block, which can be pasted as it is.
func (m *Mends) Write(w io.Writer) {
	fmt.Fprintf(w, "  version: 1\n")
	if len(m.paths) > 0 {
		fmt.Fprintf(w, "  paths:\n")
		for _, p := range m.paths {
			fmt.Fprintf(w, "    - %q%s\n", p.pattern, remark(p.about))
		}
	}
	if len(m.rules) == 0 {
		return
	}
	fmt.Fprintf(w, "  vendors:\n")
	for _, vendor := range slices.Sorted(maps.Keys(m.rules)) {
		fmt.Fprintf(w, "    %s:\n", vendor)
		for _, part := range slices.Sorted(maps.Keys(m.rules[vendor])) {
			fmt.Fprintf(w, "      %s:\n", part)
			for _, name := range slices.Sorted(maps.Keys(m.rules[vendor][part])) {
				line := m.rules[vendor][part][name]
				fmt.Fprintf(w, "        %q: %s%s\n", name, line.action, remark(line.about))
			}
		}
	}
}

// remark writes a comment.
func remark(about string) string {
	if about == "" {
		return ""
	}
	return "   # " + about
}
