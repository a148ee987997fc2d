package report

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"reprise/capture/wording"
	"reprise/replay/compare"
)

// mostDifferences is how many a line of the lead tells; the others are in the table.
const mostDifferences = 4

// differenceLines say, above all else, in what two runs were not run alike that a person should know of, and which builds are compared.
func differenceLines(c *compare.Comparison) (lines []string) {
	var sides, within, labels []string
	for i := range c.Differences {
		d := &c.Differences[i]
		switch {
		case d.Means == compare.MeansLabel && d.Within == "":
			labels = append(labels, fmt.Sprintf("%s %s and %s", strings.TrimPrefix(d.Name, "label "), valueOf(d, d.Base), valueOf(d, d.Candidate)))
		case d.Expected() || refused(c, d) || d.Means == compare.MeansLabel && len(c.Rounds) == 0: // each night's run has labels of its own
		case d.Within == "":
			sides = append(sides, fmt.Sprintf("%s %s and %s: %s", nameOf(d), valueOf(d, d.Base), valueOf(d, d.Candidate), meaning(d)))
		default:
			within = append(within, fmt.Sprintf("%s had %s %s, not %s: %s", runOf(c, d), nameOf(d), valueOf(d, d.Candidate), valueOf(d, d.Base), meaning(d)))
		}
	}
	line := func(begin string, list []string) {
		if n := len(list); n > mostDifferences {
			list = append(list[:mostDifferences:mostDifferences], "and "+wording.Count(n-mostDifferences, "more difference"))
		}
		if len(list) > 0 {
			lines = append(lines, begin+strings.Join(list, "; ")+".")
		}
	}
	line("Mind: the runs were not run alike: ", sides)
	line("Mind: runs of one side were not run alike: ", within)
	line("Compared: ", labels)
	return lines
}

// refused says whether the reason why the runs cannot be compared tells of a difference already.
func refused(c *compare.Comparison, d *compare.RunDifference) bool {
	return slices.ContainsFunc(c.Invalid, func(r compare.Reason) bool { return r.What == string(d.Means) })
}

// differenceParts are the tables of all that differed: between the sides, and between the runs of one side.
func differenceParts(c *compare.Comparison) []part {
	sides := &table{Head: cells("what", "base", "candidate", "what it means"), Left: 4}
	within := &table{Head: cells("run", "what", "in the first run", "in this run", "what it means"), Left: 5}
	for i := range c.Differences {
		d := &c.Differences[i]
		if d.Within == "" {
			sides.Rows = append(sides.Rows, cells(nameOf(d), valueOf(d, d.Base), valueOf(d, d.Candidate), meaning(d)))
			continue
		}
		within.Rows = append(within.Rows, cells(runOf(c, d), nameOf(d), valueOf(d, d.Base), valueOf(d, d.Candidate), meaning(d)))
	}
	return []part{{Title: "What differed in how they ran", Table: sides}, {Title: "What differed between runs of one side", Table: within}}
}

// runOf names the run of a side that was run otherwise than its first one.
func runOf(c *compare.Comparison, d *compare.RunDifference) string {
	if d.Within == "base" && len(c.Rounds) == 0 {
		return fmt.Sprintf("run %d of the baseline", d.Round)
	}
	return fmt.Sprintf("the %s of round %d", d.Within, d.Round)
}

func nameOf(d *compare.RunDifference) string {
	if d.Name == "tool" {
		return "reprise"
	}
	return d.Name
}

// valueOf is a value as it is told: a hash by its first digits.
func valueOf(d *compare.RunDifference, value string) string {
	const hashDigits, longest = 12, 60
	switch {
	case value == "" && (d.Means == compare.MeansLabel || strings.HasPrefix(d.Name, "--")):
		return "(not set)"
	case value == "":
		return "(not known)"
	case d.Name != "--seed":
		value = hash.ReplaceAllStringFunc(value, func(h string) string { return h[:hashDigits] })
	}
	if r := []rune(value); len(r) > longest {
		return string(r[:longest-1]) + "…"
	}
	return value
}

var hash = regexp.MustCompile(`\b[0-9a-f]{16,}\b`)

// meaning says what a difference comes to.
func meaning(d *compare.RunDifference) string {
	if d.Within != "" && (d.Means == compare.MeansTarget || d.Means == compare.MeansLabel) {
		return "make sure that it is the same build"
	}
	return cmp.Or(meanings()[d.Means], "it may be part of latency")
}

func meanings() map[compare.Meaning]string {
	return map[compare.Meaning]string{
		compare.MeansCorpus:   "other messages: the runs cannot be compared",
		compare.MeansPlan:     "another plan: the runs cannot be compared",
		compare.MeansTarget:   "this is what is compared",
		compare.MeansTool:     "another version of reprise: its own cost differs",
		compare.MeansMachine:  "another kind of machine: latency is not comparable",
		compare.MeansGo:       "reprise was built with another Go: its own cost may differ",
		compare.MeansLabel:    "this is what is compared",
		compare.MeansEngine:   "another way to send: its own cost differs",
		compare.MeansConnect:  "connection set-up is part of latency",
		compare.MeansRoute:    "another way to the target is part of latency",
		compare.MeansPlaces:   "it decides what waits as lag, or is dropped",
		compare.MeansTimeout:  "slow answers become failures at another time",
		compare.MeansPacing:   "moments are not kept equally well",
		compare.MeansRequests: "the target is asked for something else",
		compare.MeansEnding:   "one of the runs may end earlier",
		compare.MeansFlag:     "it may be part of latency",
	}
}
