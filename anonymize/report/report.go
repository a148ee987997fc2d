// Package report words what anonymize did and what its audit found: text for people, and the document that --json prints. It
// holds no value of any record. Begin with [New] for what was done, and with [WriteFindings] for what an audit found.
package report

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"reprise/anonymize"
	"reprise/anonymize/audit"
	"reprise/anonymize/publish"
	"reprise/capture/corpus"
	"reprise/capture/wording"
)

// Document is what was done and found, as JSON.
type Document struct {
	publish.Report
	// Standing says what the output is in law: pseudonymised data (GDPR, recital 26), and why.
	Standing string `json:"standing"`
}

// New makes a document of a report. Linked says that a key and a ledger were kept.
func New(rep *publish.Report, linked bool) *Document {
	return &Document{Report: *rep, Standing: standing(rep.Audit.Unique, linked)}
}

// standing is what can be told of people from an output.
func standing(u audit.Unique, linked bool) string {
	kept := "who texts when is kept, since that is the traffic"
	if u.People > 0 {
		kept += fmt.Sprintf(": %.1f %% of %s people have times between messages, and %.1f %% a sequence of kinds, that nobody else has",
			100*u.ByGaps, wording.Number(u.People), 100*u.ByKinds)
	}
	if linked {
		kept += "; the key and the ledger tell who was who"
	}
	return "pseudonymised: " + kept
}

// WriteJSON writes the document as one line.
func (d *Document) WriteJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e.Encode(d)
}

// Write writes what was done as text.
func (d *Document) Write(w io.Writer) {
	fmt.Fprintf(w, "%s of %s anonymized; texts generated %s\n", wording.Count(d.Records, "record"), wording.Count(d.Senders, "sender"), wording.Number(d.Texts))
	for _, country := range slices.Sorted(maps.Keys(d.Countries)) {
		if country != "US" && country != "CA" {
			fmt.Fprintf(w, "%s of %s became North American ones\n", wording.Count(d.Countries[country], "number"), country)
		}
	}
	d.writePeople(w)
	d.WriteUnknown(w)
	d.writeUnread(w)
	d.writePaths(w)
	fmt.Fprintf(w, "audit passed: %s records compared; nothing of the input survives but what stays by design: %s\n", wording.Number(d.Audit.Records), d.staysByDesign())
	fmt.Fprintf(w, "%s\n", d.Standing)
}

// writePeople writes what became of addresses that are no ordinary numbers, and what the vendors had taken out already.
func (d *Document) writePeople(w io.Writer) {
	for _, line := range [...]struct {
		n    int64
		text string
	}{
		{d.TollFree, wording.Count(d.TollFree, "toll-free number") + " became " + wording.Choose(d.TollFree, "an ordinary one", "ordinary ones")},
		{d.UserIDs, wording.CountOf(d.UserIDs, "address that is an id or e-mail", "addresses that are ids or e-mail") + " became " + wording.Choose(d.UserIDs, "another", "others") + " of the same form"},
		{d.Masked, wording.Count(d.Masked, "masked number") + " kept " + wording.Choose(d.Masked, "its mask", "their masks") + ", with other digits"},
		{d.Redacted, wording.Count(d.Redacted, "text") + " that the vendor had taken out stayed empty"},
	} {
		if line.n > 0 {
			fmt.Fprintln(w, line.text)
		}
	}
}

// WriteUnknown writes which fields no vendor documents.
func (d *Document) WriteUnknown(w io.Writer) {
	for _, field := range slices.Sorted(maps.Keys(d.Unknown)) {
		fmt.Fprintf(w, "unknown field blanked: %s (%s times)\n", wording.InLine(field), wording.Number(d.Unknown[field]))
	}
}

// writeUnread writes what became of the payloads that no dialect reads, and which of their fields may be kept.
func (d *Document) writeUnread(w io.Writer) {
	if n := d.Shaped; n > 0 {
		fmt.Fprintf(w, "%s that no vendor is known for: names and structure stay, every value became another one of its class\n", wording.Count(n, "payload"))
	}
	if n := d.Opaque; n > 0 {
		fmt.Fprintf(w, "%s that cannot be read (neither JSON nor a form, or damaged) %s replaced as a whole\n", wording.Count(n, "payload"), wording.Choose(n, "was", "were"))
	}
	if len(d.ProposedFields) == 0 {
		return
	}
	fmt.Fprintln(w, "fields of these payloads have few values; to keep those that are no person's, give --policy a file with their lines of these:")
	var m publish.Mends
	for _, p := range d.ProposedFields[:min(len(d.ProposedFields), shownFields)] {
		m.KeepField(anonymize.OtherVendor, p.Field, fmt.Sprintf("%s in %s", wording.Count(p.Values, "value"), wording.Count(p.Records, "record")))
	}
	m.Write(w)
	if n := len(d.ProposedFields) - shownFields; n > 0 {
		fmt.Fprintf(w, "and %s more: --json lists them\n", wording.Count(n, "field"))
	}
}

// shownFields is how many fields for a policy the text has.
const shownFields = 10

// WriteOldPaths says of a corpus of that name that its paths may name people, where it was anonymized before they were held to routes.
func WriteOldPaths(w io.Writer, name string, h corpus.Header) {
	if h.State == corpus.Anonymized && h.PathRule < anonymize.PathRule {
		fmt.Fprintf(w, "reprise: %s: paths were kept by an older rule: anonymize again\n", wording.InLine(name))
	}
}

// ShortLedger says what can be done about a ledger of that name of which a part is gone.
func ShortLedger(name string) string {
	return "put the whole ledger back; or, to go on with what is left, delete " + anonymize.CountFile(name) +
		": whoever is missing in it becomes someone else from then on"
}

// PolicyProblem says which rules of a policy met nothing.
func PolicyProblem(e *publish.PolicyError) string {
	var lines []string
	for _, u := range e.Unmatched {
		part := "fields"
		if u.Header {
			part = "headers"
		}
		lines = append(lines, fmt.Sprintf("vendors.%s.%s: no record has %q; the nearest is %q", u.Vendor, part, u.Name, u.Nearest))
	}
	for _, p := range e.Paths {
		lines = append(lines, fmt.Sprintf("paths: no record has a path like %s; the nearest is %s", p.Pattern, p.Nearest))
	}
	return strings.Join(lines, "; ")
}

// writePaths writes what became of the segments of paths.
func (d *Document) writePaths(w io.Writer) {
	rep := &d.Report
	if rep.Segments > 0 {
		fmt.Fprintf(w, "%s of paths replaced\n", wording.Count(rep.Segments, "segment"))
	}
	if len(rep.Proposed) > 0 {
		fmt.Fprintln(w, "many people share a segment of a path that was replaced; to keep those that are routes, give --policy a file with their lines of these:")
		var m publish.Mends
		for _, p := range rep.Proposed[:min(len(rep.Proposed), shownProposals)] {
			m.KeepPath(p.Path, fmt.Sprintf("%s, %s", atMost(p.People, "person", "people"), wording.Count(p.Records, "record")))
		}
		m.Write(w)
		if n := len(rep.Proposed) - shownProposals; n > 0 {
			fmt.Fprintf(w, "and %s more that many people share: --json lists them\n", wording.Count(n, "path"))
		}
	}
	for _, pattern := range rep.UnusedPaths {
		fmt.Fprintf(w, "the policy's path %s is like none of the corpus; the nearest is %s\n", pattern, rep.NearestPaths[pattern])
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
func (d *Document) staysByDesign() string {
	rep := &d.Report
	parts := []string{"when each message was sent, its kind and the vendor's own words for it"}
	add := func(n int64, text string) {
		if n > 0 {
			parts = append(parts, text)
		}
	}
	add(rep.Keywords, wording.Count(rep.Keywords, "text")+" that "+wording.Choose(rep.Keywords, "is", "are")+" keywords alone")
	add(rep.Reactions, "the words around the quotes of "+wording.Count(rep.Reactions, "reaction"))
	add(int64(len(rep.Kept.Segments)), "routes in paths ("+mostOften(rep.Kept.Segments)+")")
	add(int64(len(rep.Kept.Hosts)), "hosts that are nobody's ("+mostOften(rep.Kept.Hosts)+")")
	add(int64(len(rep.Kept.Headers)), fmt.Sprintf("what programs say of themselves in %s", wording.Count(len(rep.Kept.Headers), "header value")))
	if kept := policyFields(&rep.Audit.Stays); kept != "" {
		parts = append(parts, kept)
	}
	return strings.Join(parts, "; ")
}

// policyFields names all that a policy keeps, and in how many records; "" where it keeps nothing.
func policyFields(s *audit.Stays) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(s.PolicyFields)) {
		parts = append(parts, fmt.Sprintf("%s in %s", name, wording.Count(s.PolicyFields[name], "record")))
	}
	if len(parts) == 0 {
		return ""
	}
	return "values that your policy keeps (" + strings.Join(parts, ", ") + ")"
}

// mostOften names the few that stayed most often, and how many more there are.
func mostOften(counts map[string]int64) string {
	const few = 5
	names := slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b))
	})
	var parts []string
	for _, name := range names[:min(few, len(names))] {
		parts = append(parts, name+" "+wording.Number(counts[name]))
	}
	if more := len(names) - few; more > 0 {
		parts = append(parts, fmt.Sprintf("%d more in --json", more))
	}
	return strings.Join(parts, ", ")
}
