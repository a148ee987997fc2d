package report

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"reprise/anonymize"
	"reprise/anonymize/audit"
	"reprise/anonymize/publish"
	"reprise/capture/corpus"
	"reprise/capture/dialect"
	"reprise/capture/wording"
)

// maxTold is how many fields a refusal prints; the report has more.
const maxTold = 10

// WriteFindings writes what an audit of the corpus called in found, where, and what to do, without a value. It fills in the report's
// mends; policy is the one that the output was made by, and vendors are those that it is about, all where that is the zero value.
func WriteFindings(w io.Writer, rep *audit.Report, policy *anonymize.Policy, vendors dialect.Table, in string) {
	for _, check := range audit.Checks() {
		if n := rep.Counts.Of(check); n > 0 {
			fmt.Fprintf(w, "reprise: audit: %s: %s\n", check, wording.Count(n, "finding"))
		}
	}
	m := publish.Mend(rep, policy, vendors)
	for i := range rep.Places[:min(len(rep.Places), maxTold)] {
		sayPlace(w, &rep.Places[i])
	}
	if more := int64(max(0, len(rep.Places)-maxTold)) + rep.MorePlaces; more > 0 {
		fmt.Fprintf(w, "reprise: audit: and %s; --json lists them\n", wording.Count(more, "more field"))
	}
	if !m.Empty() {
		fmt.Fprintf(w, "to mend it, give --policy a file with these lines; where yours says otherwise, change it:\n")
		m.Write(w)
	}
	sayRecords(w, rep, in, m.Unmended)
}

// WriteKeywords says of two corpora of these names and headers that their records were not told apart by the same keywords, where that is so.
func WriteKeywords(w io.Writer, in, out string, was, is corpus.Header) {
	if was.State == "" || is.State == "" || maps.EqualFunc(was.Keywords, is.Keywords, slices.Equal) {
		return
	}
	fmt.Fprintf(w, "reprise: audit: %s and %s were captured with different --keywords, so that kinds differ\n", in, out)
}

func sayPlace(w io.Writer, p *audit.Place) {
	vendor := ""
	if p.Vendor != "" {
		vendor = " of " + p.Vendor
	}
	fmt.Fprintf(w, "reprise: audit: %s: %s%s: %s (%s): %s\n", p.Check, p.Field, vendor, wording.Count(p.Records, "record"), recordList(p.First, p.Records, 5), p.What)
}

// recordList writes the first of count records.
func recordList(first []int64, count int64, most int) string {
	shown := first[:min(len(first), most)]
	var parts []string
	for _, n := range shown {
		parts = append(parts, strconv.FormatInt(n, 10))
	}
	text := strings.Join(parts, ", ")
	if int64(len(shown)) < count {
		text += ", …"
	}
	return text
}

// sayRecords prints how to see the records, and how to go on without them where no policy helps.
func sayRecords(w io.Writer, rep *audit.Report, in string, unread bool) {
	var list corpus.Ranges
	all := rep.MorePlaces == 0
	for i := range rep.Places {
		p := &rep.Places[i]
		if p.Lacking() {
			continue // to leave out what the input lacks would mend nothing
		}
		all = all && p.Records == int64(len(p.First))
		for _, n := range p.First {
			list = append(list, corpus.Range{From: n, To: n})
		}
	}
	if len(list) == 0 {
		return
	}
	list = list.Merged()
	if in == "-" {
		in = "IN.rpz"
	}
	fmt.Fprintf(w, "to see them: reprise cat %s --record %s\n", in, list[:min(len(list), maxTold)])
	switch {
	case all:
		fmt.Fprintf(w, "to go on without them: reprise cat %s --skip-record %s -o rest.rpz\n", in, list)
	case unread:
		fmt.Fprintf(w, "to go on without them: reprise cat %s --skip-record …, or --skip-path, -o rest.rpz; --json lists the first of each field\n", in)
	}
}

// WritePassed says what an output has of its input, and what by design.
func WritePassed(w io.Writer, rep *audit.Report) {
	fmt.Fprintf(w, "audit passed: %s compared, no number, name, id, credential, link or text of the input is in the output%s\n", wording.Count(rep.Records, "record"), butPolicy(rep))
	if kept := staysList(&rep.Stays); kept != "" {
		fmt.Fprintf(w, "what stays by design: %s\n", kept)
	}
}

// butPolicy says that a policy keeps something of it.
func butPolicy(rep *audit.Report) string {
	if len(rep.Stays.PolicyFields) > 0 {
		return " but what your policy keeps"
	}
	return ""
}

// staysList writes what is in both, the most first.
func staysList(s *audit.Stays) string {
	kinds := []struct {
		n    int64
		name string
	}{
		{s.Times, "times"},
		{s.Answers, "recorded answers"},
		{s.Fields, "enumerations, versions and vendors' times"},
		{s.Keywords, "keyword texts"},
		{s.Reactions, "frames of reactions"},
		{s.Routes, "path segments that are route words"},
		{s.PolicyPaths, "path segments of the policy"},
		{s.Headers, "headers of programs"},
		{s.Policy, "headers of the policy"},
		{s.Hosts, "reserved host names"},
	}
	var parts []string
	slices.SortStableFunc(kinds, func(a, b struct {
		n    int64
		name string
	},
	) int {
		return int(min(1, max(-1, b.n-a.n)))
	})
	for _, k := range kinds {
		if k.n > 0 {
			parts = append(parts, fmt.Sprintf("%s: %d", k.name, k.n))
		}
	}
	if kept := policyFields(s); kept != "" {
		parts = append(parts, kept)
	}
	return strings.Join(parts, ", ")
}
