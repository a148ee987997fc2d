package report

import (
	"fmt"
	"slices"

	"reprise/replay/cause"
)

// unlikeJSON is something of the load as a whole that is unlike recorded traffic.
type unlikeJSON struct {
	Pattern string `json:"pattern"`
	Says    string `json:"says"`
	Try     string `json:"try"`
}

// load is what of the load is unlike recorded traffic, where something is slow that may be by it.
func (y *Why) load() []cause.Unlike {
	if len(y.Findings) == 0 && (y.WhyNot == nil || y.WhyNot.Reason == cause.NothingSlow) {
		return nil
	}
	return y.Load
}

// loadPart tells of the load, after the causes.
func (y *Why) loadPart() (out []part) {
	for _, u := range y.load() {
		p := part{Title: "The test itself: " + patternOf(&cause.Finding{Pattern: u.Pattern}).title, Notes: []string{y.unlikeSays(u)}}
		if e := y.Again.experimentOf(&cause.Finding{Pattern: u.Pattern, Try: u.Try}, y.Named); e.command != "" {
			p.After, p.Command = []string{"To see what is the target's, " + e.says + ":"}, e.command
		}
		out = append(out, p)
	}
	return out
}

// loadLead is what a run's summary says of the load, where no finding says that it is the test's own.
func (y *Why) loadLead() (out []string) {
	if slices.ContainsFunc(y.Findings, func(f cause.Finding) bool { return f.Whose == cause.OfTest }) {
		return nil
	}
	for _, u := range y.load() {
		out = append(out, "why ("+whoseWords(cause.OfTest)+"): "+y.unlikeSays(u))
	}
	return out
}

// unlikeSays says in two sentences what of the load is unlike recorded traffic, and what follows.
func (y *Why) unlikeSays(u cause.Unlike) string {
	t := y.Traffic
	switch u.Pattern {
	case cause.TooFewSenders:
		recorded := ""
		if t.RecordedPeople > 0 {
			recorded = fmt.Sprintf("; in the corpus there are %s, and the most of one is %s", count(t.RecordedPeople), share(t.RecordedTopPerson))
		}
		sent := "one person sent everything"
		if t.People > 1 {
			sent = fmt.Sprintf("%s sent everything, one of them %s of it", countOf(t.People, "person", "people"), share(t.TopPerson))
		}
		return capital(sent) + recorded + ". " + "Messages of one person may collide that real traffic spreads over many: " +
			"what is slow may be a race that no customer sees, and it cannot be told from a slow kind."
	case cause.KindsInBatches:
		return fmt.Sprintf("Kinds come in batches: the next request is of the same kind %s of the time, and would be %s of the time in random order. "+
			"What is slow then may be a kind, or the moment at which it came, or a queue that real traffic would not fill.", share(t.SameKindNext), share(t.SameKindByChance))
	}
	return fmt.Sprintf("%s have a message id that was sent before in this run. The target may answer them from what it knows, or refuse them: "+
		"real messages have ids of their own.", countOf(t.RepeatedIDs, "request", "requests"))
}
