package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"reprise/capture/wording"
	"reprise/replay/cause"
)

// Why is why requests of a run were slow, and what its words need beside it.
type Why struct {
	*cause.Report
	// Left counts the requests beyond those that were looked at.
	Left int64
	// Run is the run's file, as the user wrote it; "" is one that was not kept.
	Run string
	// Again plays it once more.
	Again Again
	Named Named
	// Test is the experiment that was played for one of the causes; nil for none.
	Test *Tested
}

// WriteWhy writes why requests of a run were slow.
func WriteWhy(w io.Writer, f Format, y *Why) error {
	switch f {
	case Text:
		return writeText(w, y.document())
	case Markdown:
		return writeMarkdown(w, y.document())
	case JSON:
		return writeJSON(w, y.json())
	case HTML:
		return writeHTML(w, y.document())
	}
	return fmt.Errorf("report: why has no %s format", f)
}

func (y *Why) document() *document {
	d := &document{Title: strings.TrimSpace("why " + orElse(y.Run, "this run") + " was slow")}
	d.Parts = y.parts()
	n := int64(len(d.Parts))
	switch {
	case n > 0:
		d.Verdict, d.Mood = wording.Count(n, "cause"), "bad"
		if !slices.ContainsFunc(y.Findings, func(f cause.Finding) bool { return f.Whose == cause.OfTarget }) {
			d.Mood = "unsure"
		}
	case y.WhyNot != nil && y.WhyNot.Reason == cause.NothingSlow:
		d.Verdict, d.Mood = "nothing slow", "good"
	default:
		d.Verdict, d.Mood = "cannot be told", "unsure"
	}
	if n == 0 {
		d.Lead = append(d.Lead, y.notSays())
	}
	d.Lead = append(d.Lead, y.untold()...)
	d.Parts = append(append(d.Parts, y.figurePart()...), y.loadPart()...)
	if y.Test == nil {
		d.More = y.testable()
	} else {
		d.Parts = append(d.Parts, y.Test.part(y.Findings))
	}
	if notes := y.unknown(); len(notes) > 0 {
		d.Parts = append(d.Parts, part{Title: "What was not looked at", Notes: notes})
	}
	return d
}

// lead is what a run's summary says of it: a sentence or two a cause, at most three causes. tail says that the slowest hundredth stands
// out, so that something has to be said.
func (y *Why) lead(tail bool) (out []string) {
	if y == nil {
		return nil
	}
	const most = 3
	more := 0
	own := make(map[cause.Pattern]bool) // what is the tool's or the test's own is said once, of whichever measure
	for i := range y.Findings {
		f := &y.Findings[i]
		p, isOwn := ownPattern(f)
		switch {
		case isOwn && own[f.Pattern]:
			continue
		case isOwn:
			own[f.Pattern] = true
		default:
			p = patternOf(f)
		}
		if len(out) == most {
			more++
			continue
		}
		out = append(out, fmt.Sprintf("why (%s): %s %s", whoseWords(f.Whose), findingSays(f, y.Requests), p.usually))
	}
	switch n := len(y.Findings); {
	case more > 0:
		out = append(out, fmt.Sprintf("why: %s.", wording.Count(int64(more), "more cause")))
	case n == 0 && y.WhyNot != nil && (tail || y.WhyNot.Reason == cause.NoPattern):
		out = append(out, "why: "+y.notSays())
	}
	return append(append(out, y.untold()...), y.loadLead()...)
}

// untold says what is left unexplained beside what is told.
func (y *Why) untold() (out []string) {
	if y == nil {
		return nil
	}
	if n := y.Untold.Failed; n > 0 {
		out = append(out, "Why "+countOf(n, "request", "requests")+" failed cannot be told: nothing that is known of them goes with it.")
	}
	if n := y.Untold.Slow; n > 0 {
		out = append(out, "Why "+countOf(n, "request", "requests")+" took five times as long as the middle or longer cannot be told: what the tool did does not explain it, and nothing else that is known of them goes with it.")
	}
	return out
}

// more names what has the evidence.
func (y *Why) more() string {
	if y == nil || len(y.Findings) == 0 || y.Run == "" {
		return ""
	}
	return "The evidence, and what would confirm or refute it: " + y.command()
}

// command asks for why once more.
func (y *Why) command() string {
	text := "reprise why " + orElse(y.Run, "RUN.rpr")
	if y.Again.Corpus != "" {
		text += " " + y.Named.of("Corpus") + " " + shellWord(y.Again.Corpus)
	}
	for _, word := range y.Again.Given {
		text += " " + shellWord(word)
	}
	return text
}

// testable says how to have a cause tested: the first that can be; "" where no replay tells of any.
func (y *Why) testable() string {
	for i := range y.Findings {
		switch command := y.test(i); {
		case command == "":
		case len(y.Findings) > 1:
			return "To have one tested: " + command
		default:
			return "To have it tested: " + command
		}
	}
	return ""
}

// told is what a run's summary says in place of there being no bottlenecks, "" for nothing else.
func (y *Why) told(stands tail) string {
	if y != nil && slices.ContainsFunc(y.Findings, func(f cause.Finding) bool { return f.Whose == cause.OfTarget }) {
		return "see why, above."
	}
	if stands.times == 0 {
		return ""
	}
	text := fmt.Sprintf("the slowest hundredth%s took %s times as long as the middle, and ", stands.of, count(int64(stands.times)))
	switch {
	case y == nil:
		return text + "why was not looked for: reprise why RUN.rpr does."
	case slices.ContainsFunc(y.Findings, func(f cause.Finding) bool { return f.Whose == cause.OfTest }):
		return text + "why is said above."
	case slices.ContainsFunc(y.Findings, func(f cause.Finding) bool { return f.Measure != cause.Lag }):
		return text + "it cannot be told whether that is the target's: see above."
	}
	return text + "it cannot be told why."
}

// brief are the parts for the report of a run, whose text has said them in its lead.
func (y *Why) brief() []part {
	if y == nil {
		return nil
	}
	out := append(y.parts(), y.figurePart()...)
	for i := range out {
		out[i].Brief = true
	}
	return out
}

// CauseNumber is the number under which a finding is told, counted from 1: users name it by that. What is the tool's or the test's own is
// told once, of whichever measure.
func CauseNumber(list []cause.Finding, i int) int {
	number, own := 0, make(map[cause.Pattern]int)
	for at := range list[:i+1] {
		f := &list[at]
		_, isOwn := ownPattern(f)
		if isOwn && own[f.Pattern] > 0 {
			if at == i {
				return own[f.Pattern]
			}
			continue
		}
		if number++; isOwn {
			own[f.Pattern] = number
		}
	}
	return number
}

// CauseAt is the first finding that is told under a number, and how many numbers there are.
func CauseAt(list []cause.Finding, number int) (at, numbers int) {
	at = -1
	for i := range list {
		n := CauseNumber(list, i)
		if numbers = max(numbers, n); n == number && at < 0 {
			at = i
		}
	}
	return at, numbers
}

// parts tell each finding with its evidence, under its number.
func (y *Why) parts() (out []part) {
	own := make(map[cause.Pattern]int) // the places of parts that tell what is the tool's or the test's own, of whichever measure
	for i := range y.Findings {
		f := &y.Findings[i]
		p, isOwn := ownPattern(f)
		if at, told := own[f.Pattern]; told && isOwn {
			out[at].After = append([]string{findingSays(f, y.Requests)}, out[at].After...)
			continue
		}
		if !isOwn {
			p = patternOf(f)
		} else {
			own[f.Pattern] = len(out)
		}
		t := part{
			Title: fmt.Sprintf("Cause %d, %s: %s", CauseNumber(y.Findings, i), whoseWords(f.Whose), p.title),
			Notes: []string{findingSays(f, y.Requests) + " " + p.usually},
			Table: evidence(f, y.Requests), After: proof(f), Bars: barsOf(f),
		}
		if e := y.confirm(i); e.command != "" {
			t.After, t.Command = append(t.After, "To confirm or refute it, "+e.says+":"), e.command
		}
		if same := toldApart(f); same != "" {
			t.Notes = append(t.Notes, same)
		}
		out = append(out, t)
	}
	return out
}

// evidence sets the requests of a finding beside the others.
func evidence(f *cause.Finding, all int64) *table {
	shares := isShare(f.Measure)
	t := &table{Head: cells("requests", "count", "share"), Left: 1}
	row := func(name string, n int64, of float64, q cause.Quantiles, failed float64) {
		c := cells(name, count(n), share(of))
		if shares {
			c = append(c, share(failed))
		}
		if f.With != (cause.Quantiles{}) {
			c = append(c, durations(q != (cause.Quantiles{}), q.P50, q.P90, q.P99)...)
		}
		t.Rows = append(t.Rows, c)
	}
	if shares {
		t.Head = append(t.Head, strings.TrimPrefix(measureOf(f.Measure).verb, "were "))
	}
	if f.With != (cause.Quantiles{}) {
		t.Head = append(t.Head, "p50", "p90", "p99")
	}
	if f.Requests == 0 || f.With == (cause.Quantiles{}) && !shares {
		return nil
	}
	name := "those hit"
	if len(f.Where) > 0 {
		name = rulePhrase(f.Where)
	} else if groupOf(f) == "requests due then" {
		name = "due " + stretchOfRun(f.Span)
	}
	row(name, f.Requests, f.Share, f.With, f.FailedWith)
	if rest := judged(f, all) - f.Requests; rest > 0 {
		row("the others", rest, 1-f.Share, f.Without, f.FailedWithout)
	}
	return t
}

// proof says how sure a finding is.
func proof(f *cause.Finding) (out []string) {
	var parts []string
	if f.ExcessExplained >= 0.005 && !isShare(f.Measure) {
		parts = append(parts, share(f.ExcessExplained)+" of the time above the others' middle is theirs.")
	}
	if c := chance(f.P); c != "" {
		parts = append(parts, "By chance: "+c+".")
	}
	if len(parts) > 0 {
		out = append(out, strings.Join(parts, " "))
	}
	return out
}

// notSays says why no cause is told.
func (y *Why) notSays() string {
	if y.WhyNot == nil {
		return ""
	}
	n := y.WhyNot.Needed
	switch y.WhyNot.Reason {
	case cause.NothingSlow:
		return "Nothing is slow enough beside the middle to ask for a cause."
	case cause.TooFew:
		if n > 0 {
			return fmt.Sprintf("It cannot be told from %s: about %s are needed.", countOf(y.Requests, "request", "requests"), count(roundedUp(n)))
		}
		return fmt.Sprintf("It cannot be told from %s.", countOf(y.Requests, "request", "requests"))
	case cause.NoAnswers:
		return failedAlike(y.WhyNot)
	case cause.ToolDisturbed:
		return "It cannot be told: the tool itself was disturbed, so that times say nothing of the target. Play it again from a machine that has nothing else to do."
	}
	text := "It cannot be told: some requests are slow, and nothing that is known of them goes with it."
	if n > 0 {
		text += fmt.Sprintf(" With about %s requests there would be more to see.", count(roundedUp(n)))
	}
	return text
}

// roundedUp has two digits of a number that is an estimate.
func roundedUp(n int64) int64 {
	unit := int64(1)
	for n/unit >= 100 {
		unit *= 10
	}
	return (n + unit - 1) / unit * unit
}

// failedAlike says that nearly all requests failed, and how.
func failedAlike(n *cause.WhyNot) string {
	text := "It cannot be told: nearly all requests failed, and not in one way."
	if n.Class != "" {
		text = "It cannot be told: all requests failed alike (" + n.Class + ")."
	}
	if n.Answered {
		return text + " The target did answer: see first, there, why it refuses them."
	}
	return text + " See first that the target answers."
}

// countOf is a count with its noun and a comma between thousands.
func countOf(n int64, one, several string) string {
	return count(n) + " " + wording.Choose(n, one, several)
}

// unknown says which requests and attributes were not looked at, and why.
func (y *Why) unknown() (out []string) {
	if y.Left > 0 {
		out = append(out, fmt.Sprintf("%s requests beyond the first %s: so many are looked at.", count(y.Left), count(y.Requests)))
	}
	for _, why := range []struct {
		cause.Why
		says string
	}{
		{cause.NoCorpus, "not known without the corpus (" + y.Named.of("Corpus") + " CORPUS.rpz)"},
		{cause.OldRun, "not in this run file, which an older reprise wrote"},
		{cause.CutRun, "not in this run file, which is cut or damaged"},
		{cause.NotInIt, "not in this corpus"},
		{cause.OneValue, "the same for all requests"},
	} {
		var names []string
		for _, m := range y.Missing {
			if m.Why == why.Why && !slices.Contains(names, m.Attribute.String()) {
				names = append(names, m.Attribute.String())
			}
		}
		if len(names) > 0 {
			out = append(out, capital(why.says)+": "+strings.Join(names, ", ")+".")
		}
	}
	return out
}
