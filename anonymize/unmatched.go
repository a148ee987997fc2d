package anonymize

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"reprise/capture/dialect"
	"reprise/capture/payload"
)

// Unmatched is a rule of the policy that met no field, of a vendor who sent records, and that no table lists either.
type Unmatched struct {
	Vendor string
	Header bool
	Name   string
	// Nearest is what there is instead, by its name.
	Nearest string
}

// Unmatched returns those rules, after everything was rewritten. Most are misspelled.
func (a *Anonymizer) Unmatched() []Unmatched {
	var list []Unmatched
	standard := DefaultPolicy(a.table)
	for _, vendor := range slices.Sorted(maps.Keys(a.rules)) {
		if !a.report.named[vendor] {
			continue // without records nothing can be told
		}
		of, known := a.rules[vendor], standard.vendors[vendor]
		for _, header := range []bool{false, true} {
			rules, listed := of.fields, known.fields
			if header {
				rules, listed = of.headers, known.headers
			}
			for _, name := range slices.Sorted(maps.Keys(rules)) {
				if a.report.used[ruleName{vendor, header, name}] || a.isListed(listed, header, name) {
					continue
				}
				list = append(list, Unmatched{vendor, header, name, nearest(name, a.namesOf(vendor, header, listed))})
			}
		}
	}
	return list
}

// pathParts are the names of rules of the parts of paths.
func pathParts() []string {
	return []string{pathRule + payload.PathNumber, pathRule + payload.PathID, pathRule + payload.PathOther}
}

// isListed says whether a table, or what every vendor's requests have, knows a name.
func (a *Anonymizer) isListed(listed map[string]Action, header bool, name string) bool {
	_, ok := listed[strings.TrimPrefix(name, "?")]
	return ok || header && a.table.HeaderClass(name) != dialect.Unknown || !header && slices.Contains(pathParts(), name)
}

// namesOf are the names that a rule could be of: those of the tables, and those that the records have besides.
func (a *Anonymizer) namesOf(vendor string, header bool, listed map[string]Action) []string {
	names := slices.Collect(maps.Keys(listed))
	if header {
		return append(names, slices.Collect(maps.Keys(a.report.Dropped))...)
	}
	for name := range a.report.Unknown {
		if own, ok := strings.CutPrefix(name, vendor+"."); ok {
			names = append(names, own)
		}
	}
	if vendor == OtherVendor {
		names = append(names, a.report.unreadNames()...)
	}
	return append(names, pathParts()...)
}

// UnusedPaths returns the patterns of the policy that no path was like.
func (a *Anonymizer) UnusedPaths() []string {
	a.tellPaths()
	var list []string
	for _, patterns := range a.router.patterns {
		for _, segments := range patterns {
			if pattern := "/" + strings.Join(segments, "/"); !a.report.paths[pattern] {
				list = append(list, pattern)
			}
		}
	}
	slices.Sort(list)
	return list
}

// NearestPath returns the form of a path of the records that is the most like a pattern, with {id} for each segment that is no
// route: what tells of someone is never in it.
func (a *Anonymizer) NearestPath(pattern string) string {
	a.tellPaths()
	segments := strings.Split(pattern, "/")
	for i, s := range segments {
		if _, replaced := variable(s); replaced {
			segments[i] = "{id}"
		}
	}
	forms := slices.DeleteFunc(slices.Collect(maps.Keys(a.report.forms)), func(form string) bool { return form == more })
	return nearest(strings.Join(segments, "/"), forms)
}

// nearest returns the name that takes the fewest changes to become another, whatever the case.
func nearest(name string, names []string) string {
	if len(names) == 0 {
		return ""
	}
	return slices.MinFunc(names, func(a, b string) int {
		return cmp.Or(cmp.Compare(changes(name, a), changes(name, b)), cmp.Compare(a, b))
	})
}

// changes counts the letters that have to be put in, taken out or replaced to make b of a (Levenshtein's distance).
func changes(a, b string) int {
	a, b = strings.ToLower(a), strings.ToLower(b)
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		corner := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			corner, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, corner+cost)
		}
	}
	return row[len(b)]
}
