package cli

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"reprise/anonymize"
	"reprise/anonymize/audit"
	"reprise/anonymize/publish"
)

// policyError says of a policy which of its rules met nothing.
func (o *anonymizeOptions) policyError(e *publish.PolicyError) error {
	var lines []string
	for _, u := range e.Unmatched {
		part := "fields"
		if u.Header {
			part = "headers"
		}
		lines = append(lines, fmt.Sprintf("vendors.%s.%s: no record has %q; the nearest that there is is %q", u.Vendor, part, u.Name, u.Nearest))
	}
	if len(lines) > 0 {
		return misuse("--policy %s: %s", o.policyFile, strings.Join(lines, "; "))
	}
	for _, p := range e.Paths {
		lines = append(lines, fmt.Sprintf("paths: no record has a path like %s; the nearest that there is is %s", p.Pattern, p.Nearest))
	}
	return withHint(misuse("--policy %s: %s", o.policyFile, strings.Join(lines, "; ")),
		"if the policy is right and meant for other corpora, leave its paths out for this one; where one of them fits, the others are only said")
}

// sayPaths prints what became of the segments of paths.
func (o *anonymizeOptions) sayPaths(w io.Writer, rep anonymizeReport) {
	if rep.Segments > 0 {
		fmt.Fprintf(w, "%s of paths replaced\n", plural(rep.Segments, "segment"))
	}
	if len(rep.Proposed) > 0 {
		fmt.Fprintln(w, "many people share a segment of a path that was replaced; to keep those that are routes, give --policy a file with their lines of these:")
		var m publish.Mends
		for _, p := range rep.Proposed[:min(len(rep.Proposed), shownProposals)] {
			m.KeepPath(p.Path, fmt.Sprintf("%s, %s", atMost(p.People, "person", "people"), plural(p.Records, "record")))
		}
		m.Write(w)
		if n := len(rep.Proposed) - shownProposals; n > 0 {
			fmt.Fprintf(w, "and %s more that many people share: --json lists them\n", plural(int64(n), "path"))
		}
	}
	for _, pattern := range rep.UnusedPaths {
		fmt.Fprintf(w, "the policy's path %s is like none of the corpus; the nearest that there is is %s\n", pattern, rep.NearestPaths[pattern])
	}
}

// shownProposals is how many lines for a policy the text has.
const shownProposals = 3

func atMost(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	if n == anonymize.MaxSharing {
		return fmt.Sprintf("%d %s or more", n, many)
	}
	return fmt.Sprintf("%d %s", n, many)
}

// staysByDesign says what of the input an output has all the same, so that nobody takes it for none.
func staysByDesign(rep anonymizeReport) string {
	parts := []string{"when each message was sent, its kind and the vendor's own words for it"}
	add := func(n int64, text string) {
		if n > 0 {
			parts = append(parts, text)
		}
	}
	add(rep.Keywords, plural(rep.Keywords, "text")+" that "+isOrAre(rep.Keywords)+" keywords alone")
	add(rep.Reactions, "the words around the quotes of "+plural(rep.Reactions, "reaction"))
	add(int64(len(rep.Kept.Segments)), "routes in paths ("+mostOften(rep.Kept.Segments)+")")
	add(int64(len(rep.Kept.Hosts)), "hosts that are nobody's ("+mostOften(rep.Kept.Hosts)+")")
	add(int64(len(rep.Kept.Headers)), fmt.Sprintf("what programs say of themselves in %s", plural(int64(len(rep.Kept.Headers)), "header value")))
	if kept := policyFields(&rep.Audit.Stays); kept != "" {
		parts = append(parts, kept)
	}
	return strings.Join(parts, "; ")
}

// policyFields names all that a policy keeps, and in how many records; "" where it keeps nothing.
func policyFields(s *audit.Stays) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(s.PolicyFields)) {
		parts = append(parts, fmt.Sprintf("%s in %s", name, plural(s.PolicyFields[name], "record")))
	}
	if len(parts) == 0 {
		return ""
	}
	return "values that your policy keeps (" + strings.Join(parts, ", ") + ")"
}

func isOrAre(n int64) string {
	if n == 1 {
		return "is"
	}
	return "are"
}

// mostOften names the few that stayed most often, and how many more there are.
func mostOften(counts map[string]int64) string {
	const few = 5
	names := slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b))
	})
	var parts []string
	for _, name := range names[:min(few, len(names))] {
		parts = append(parts, fmt.Sprintf("%s %d", name, counts[name]))
	}
	if more := len(names) - few; more > 0 {
		parts = append(parts, fmt.Sprintf("%d more in --json", more))
	}
	return strings.Join(parts, ", ")
}
