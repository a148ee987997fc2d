package cli

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"reprise/anonymize"
	"reprise/anonymize/audit"
	"reprise/capture/dialect/all"
)

// mends are what a policy has to say so that an audit passes: for each vendor and part the fields and their actions, and the
// patterns of paths.
type mends struct {
	rules map[string]map[string]map[string]anonymize.Action // vendor, part, name
	paths []string
	// unread says that something was found that no policy mends.
	unread bool
}

// mend fills in what to do about each place of a report, and gives all of it together.
func mend(rep *audit.Report, policy *anonymize.Policy) mends {
	m := mends{rules: make(map[string]map[string]map[string]anonymize.Action)}
	standard, now := actionsOf(anonymize.DefaultPolicy(all.Table())), actionsOf(policy)
	for i := range rep.Places {
		p := &rep.Places[i]
		switch {
		case p.Check == audit.Fidelity:
		case p.Part == "path":
			m.path(p)
		case p.Part != "" && p.Name != "" && standard.knows(p.Vendor):
			m.field(p, standard, now)
		}
		m.unread = m.unread || p.Mend == ""
	}
	return m
}

// path is for a place in a path: what the policy keeps of it is to be replaced.
func (m *mends) path(p *audit.Place) {
	segments := strings.Split(strings.TrimPrefix(p.Path, "/"), "/")
	if p.Segment < 0 || p.Segment >= len(segments) {
		return
	}
	n := strconv.Itoa(p.Segment + 1)
	if strings.HasPrefix(segments[p.Segment], "{") {
		if p.Check == audit.Paths {
			segments[p.Segment] = "WORD"
			p.Mend = "anonymize again; or, if segment " + n + " is a route's name and tells of nobody, keep it: paths: [" +
				strconv.Quote("/"+strings.Join(segments, "/")) + "], with the segment for WORD"
		}
		return
	}
	segments[p.Segment] = "{" + n + "}"
	pattern := "/" + strings.Join(segments, "/")
	p.Mend = "paths: [" + strconv.Quote(pattern) + "]"
	if !slices.Contains(m.paths, pattern) {
		m.paths = append(m.paths, pattern)
	}
}

// field is for a place in a field or a header that the policy knows: the action that is built in, or none of it stays.
func (m *mends) field(p *audit.Place, standard, now actions) {
	part, name := "fields", p.Name
	switch p.Part {
	case "header":
		part, name = "headers", strings.ToLower(name)
	case "json":
		name = strings.NewReplacer("/", ".", "~1", "/", "~0", "~").Replace(strings.TrimPrefix(name, "/"))
	}
	if name == "" {
		return
	}
	k := actionKey{p.Vendor, part == "headers", name}
	action, ok := standard[k]
	switch {
	case ok && action == now[k] && replaces(action) && isOfPeople(p.Check):
		return // the policy replaces it already: the output was not made by it
	case !ok || action == anonymize.Keep || action == now[k]:
		action = anonymize.Drop
	}
	of := m.rules[p.Vendor]
	if of == nil {
		of = make(map[string]map[string]anonymize.Action)
		m.rules[p.Vendor] = of
	}
	if of[part] == nil {
		of[part] = make(map[string]anonymize.Action)
	}
	of[part][name] = action
	p.Mend = fmt.Sprintf("vendors: {%s: {%s: {%q: %s}}}", p.Vendor, part, name, action)
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

type actions map[actionKey]anonymize.Action

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

// print writes it as a policy file, indented.
func (m *mends) print(w io.Writer) {
	fmt.Fprintf(w, "  version: 1\n")
	if len(m.paths) > 0 {
		fmt.Fprintf(w, "  paths:\n")
		for _, pattern := range m.paths {
			fmt.Fprintf(w, "    - %q\n", pattern)
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
				fmt.Fprintf(w, "        %q: %s\n", name, m.rules[vendor][part][name])
			}
		}
	}
}
