package report

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"reprise/capture/wording"
	"reprise/replay/cause"
	"reprise/replay/compare"
)

// causeLines say in a sentence a group for whom the candidate was slower, for whom it was faster and of whom more failed.
func causeLines(c *compare.Comparison) (out []string) {
	d := c.Causes
	if d == nil {
		return aloneSays(c)
	}
	if !saidByKinds(c) {
		for i := range d.Slower {
			out = append(out, shiftSays(&d.Slower[i], "Slower"))
		}
		for i := range d.Faster {
			out = append(out, shiftSays(&d.Faster[i], "Faster"))
		}
		if rest := restSays(c); rest != "" {
			out = append(out, rest)
		}
	}
	for i := range d.Failing {
		out = append(out, failingSays(&d.Failing[i]))
	}
	return out
}

// saidByKinds says whether for whom it changed is one group, of the very kinds that the first sentence names.
func saidByKinds(c *compare.Comparison) bool {
	list := slices.Concat(c.Causes.Slower, c.Causes.Faster)
	covers := c.Covers()
	if len(list) != 1 || len(covers) != 1 || len(list[0].Where) != 1 || len(list[0].Same) > 0 {
		return false
	}
	where := list[0].Where[0]
	return where.Attribute == cause.Kind && slices.Equal(slices.Sorted(slices.Values(where.Values)), slices.Sorted(slices.Values(covers[0].Kinds)))
}

// aloneSays is where to look where runs cannot be compared: at the candidate alone.
func aloneSays(c *compare.Comparison) []string {
	if c.Verdict != compare.Invalid || !drawn(c) || !strings.HasSuffix(c.Candidate.Name, ".rpr") {
		return nil
	}
	return []string{"So it is not told for whom the candidate was slower. What its slow requests have in common by themselves: reprise why " + shellWord(c.Candidate.Name)}
}

// shiftSays is one group whose time changed: "Slower for requests of a person who had texted less than 1 s before: +180 ms …".
func shiftSays(c *cause.Change, what string) string {
	part, by := "in the middle", c.With.P50
	if out := c.Without.P50; (by - out).Abs() < (c.With.P90-c.Without.P90).Abs()/2 {
		part, by = "or more for a tenth of them", c.With.P90
	}
	text := fmt.Sprintf("%s for requests %s: %s %s (p50 %s to %s, p90 %s to %s), %s (%s)", what, rulePhrase(c.Where), signedDuration(by), part,
		wording.Duration(c.Base.P50), wording.Duration(c.Candidate.P50), wording.Duration(c.Base.P90), wording.Duration(c.Candidate.P90),
		countOf(c.Requests, "request", "requests"), share(c.Share))
	if c.Whose == cause.OfTool {
		text += "; that is the tool's own, whose lag or stops grew in them"
	}
	text += "."
	if same := toldApart(&cause.Finding{Same: c.Same}); same != "" {
		text += " " + same
	}
	return text
}

// restSays is what is left: nobody else, or by how much all others changed; "" where there is nothing to tell of anybody. That all
// are slower alike is told only where the comparison counts it: run-to-run noise is alike for all, too.
func restSays(c *compare.Comparison) string {
	d := c.Causes
	told, moved := len(d.Slower)+len(d.Faster) > 0, d.RestShift.P50.Abs() >= d.Floor
	switch {
	case told && moved:
		return fmt.Sprintf("All others: %s in the middle.", signedDuration(d.RestShift.P50))
	case told:
		return fmt.Sprintf("Nobody else: the other %s differ by less than %s in the middle.", countOf(d.Rest, "request", "requests"), wording.Duration(d.Floor.Round(10*time.Microsecond)))
	case moved && d.RestShift.P50 > 0 && c.Verdict == compare.Regressed:
		return "Slower for all alike: nothing that is known of a request goes with it."
	case moved && d.RestShift.P50 < 0 && c.Verdict == compare.Improved:
		return "Faster for all alike: nothing that is known of a request goes with it."
	}
	return ""
}

func failingSays(c *cause.Change) string {
	return fmt.Sprintf("Failing more for requests %s: %s to %s, the others %s to %s; %s (%s).", rulePhrase(c.Where), share(c.FailedBase), share(c.FailedCandidate),
		share(c.RestBase), share(c.RestCandidate), countOf(c.Requests, "request", "requests"), share(c.Share))
}

// causesPart lists the groups with their figures.
func causesPart(c *compare.Comparison) part {
	t := &table{Head: cells("for whom", "what", "requests", "share", "difference p50", "p90", "the rest p50", "p90", "explains"), Left: 2}
	if c.Causes == nil {
		return part{Table: t}
	}
	for _, g := range []struct {
		what string
		list []cause.Change
	}{{"slower", c.Causes.Slower}, {"faster", c.Causes.Faster}} {
		for i := range g.list {
			x := &g.list[i]
			t.Rows = append(t.Rows, cells("requests "+rulePhrase(x.Where), g.what, count(x.Requests), share(x.Share), signedDuration(x.With.P50), signedDuration(x.With.P90),
				signedDuration(x.Without.P50), signedDuration(x.Without.P90), share(x.Explained)))
		}
	}
	return part{Title: "For whom it changed", Table: t, After: []string{
		"difference: candidate less base, request by request, of service time; explains: the part of all time that was added or saved.",
	}}
}

// comparisonJSON is a comparison with what its report says first, and with for whom the candidate was slower.
type comparisonJSON struct {
	*compare.Comparison
	// Says are the sentences above the tables, and Covers what those that cover changes are made of.
	Says   []string        `json:"says"`
	Covers []compare.Cover `json:"covers"`
	// StepCovers are the same of steps.
	StepCovers []compare.Cover `json:"step_covers,omitempty"`
	// Capacities hold what two searches found beside one another.
	Capacities *compare.Capacities `json:"capacities,omitempty"`
	// Apart are the stretches of run time in which the two were apart.
	Apart []compare.Divergence `json:"apart,omitempty"`
	// FailOn is what a gate fails on, and Fails what of that holds; CouldSee what could have been seen.
	FailOn   []compare.Condition `json:"fail_on"`
	Fails    []compare.Condition `json:"fails"`
	CouldSee compare.Sight       `json:"could_see"`

	Causes *causesJSON `json:"causes,omitempty"`
}

type causesJSON struct {
	Slower  []changeJSON `json:"slower"`
	Faster  []changeJSON `json:"faster"`
	Failing []changeJSON `json:"failing"`
	// Rest are the requests that no group has.
	Rest restJSON `json:"rest"`
	// Pairs is how many requests had a good answer in both runs, Missing what is not known of them.
	Pairs   int64         `json:"pairs"`
	Floor   time.Duration `json:"floor_ns"`
	Missing []missingJSON `json:"missing,omitempty"`
}

type restJSON struct {
	Requests int64     `json:"requests"`
	Added    shiftJSON `json:"added"`
}

// shiftJSON are nanoseconds that requests took longer, below 0 where they took less.
type shiftJSON struct {
	P50 time.Duration `json:"p50"`
	P90 time.Duration `json:"p90"`
}

type changeJSON struct {
	Where     map[string]any   `json:"where"`
	Same      []map[string]any `json:"same,omitempty"`
	Whose     cause.Owner      `json:"whose"`
	Requests  int64            `json:"requests"`
	Share     float64          `json:"share"`
	With      *shiftJSON       `json:"with,omitempty"`
	Without   *shiftJSON       `json:"without,omitempty"`
	Base      *quantilesJSON   `json:"base,omitempty"`
	Candidate *quantilesJSON   `json:"candidate,omitempty"`
	Failed    *failedJSON      `json:"failed,omitempty"`
	Explained float64          `json:"explained"`
	P         float64          `json:"p"`
	Says      string           `json:"says"`
}

// failedJSON are the shares that failed of a group, and of the rest.
type failedJSON struct {
	Base          float64 `json:"base"`
	Candidate     float64 `json:"candidate"`
	RestBase      float64 `json:"rest_base"`
	RestCandidate float64 `json:"rest_candidate"`
}

func comparedJSON(c *compare.Comparison) comparisonJSON {
	if c.Differences == nil { // a list, also where nothing differed
		whole := *c
		whole.Differences = []compare.RunDifference{}
		c = &whole
	}
	out := comparisonJSON{
		Comparison: c, Says: comparisonLead(c), Capacities: c.Capacities(), Covers: c.Covers(), StepCovers: c.StepCovers(), FailOn: c.FailOn.List(), Fails: c.Fails(), CouldSee: c.CouldSee(),
	}
	if out.Covers == nil { // a list, also where nothing changed
		out.Covers = []compare.Cover{}
	}
	if c.Verdict != compare.Invalid { // what is apart there may be the tool, or other messages
		out.Apart = c.Apart()
	}
	d := c.Causes
	if d == nil {
		return out
	}
	out.Causes = &causesJSON{
		Slower: []changeJSON{}, Faster: []changeJSON{}, Failing: []changeJSON{}, Pairs: d.Pairs, Floor: d.Floor,
		Rest: restJSON{d.Rest, shiftJSON(d.RestShift)},
	}
	for i := range d.Slower {
		out.Causes.Slower = append(out.Causes.Slower, changedJSON(&d.Slower[i], shiftSays(&d.Slower[i], "Slower")))
	}
	for i := range d.Faster {
		out.Causes.Faster = append(out.Causes.Faster, changedJSON(&d.Faster[i], shiftSays(&d.Faster[i], "Faster")))
	}
	for i := range d.Failing {
		out.Causes.Failing = append(out.Causes.Failing, changedJSON(&d.Failing[i], failingSays(&d.Failing[i])))
	}
	for _, m := range d.Missing {
		out.Causes.Missing = append(out.Causes.Missing, missingJSON{m.Attribute.String(), missingCode(m.Why)})
	}
	return out
}

func changedJSON(c *cause.Change, says string) changeJSON {
	out := changeJSON{
		Where: ruleJSON(c.Where), Whose: c.Whose, Requests: c.Requests, Share: finite(c.Share), Explained: finite(c.Explained), P: finite(c.P), Says: says,
	}
	for _, rule := range c.Same {
		out.Same = append(out.Same, ruleJSON(rule))
	}
	if c.Measure == cause.Failing {
		out.Failed = &failedJSON{c.FailedBase, c.FailedCandidate, c.RestBase, c.RestCandidate}
		return out
	}
	with, without := shiftJSON(c.With), shiftJSON(c.Without)
	out.With, out.Without = &with, &without
	out.Base = &quantilesJSON{P50: c.Base.P50, P90: c.Base.P90, P99: c.Base.P99}
	out.Candidate = &quantilesJSON{P50: c.Candidate.P50, P90: c.Candidate.P90, P99: c.Candidate.P99}
	return out
}
