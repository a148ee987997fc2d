package report

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"reprise/capture/wording"
	"reprise/replay/cause"
)

// clauses says in a clause each why requests were slow, or that it cannot be told. tail is how many times the middle the slowest
// hundredth took, 0 where that is little; run is the run's file, "" where it was not kept.
func (y *Why) clauses(tail float64, run string) (out []string) {
	switch {
	case y == nil && run == "":
		return []string{"not looked for: the run was not kept"}
	case y == nil:
		return []string{"not looked for: reprise why does, of the run's file"}
	}
	if unlike := y.unlike(); len(unlike) > 0 { // first, as what is slow by it cannot be told from what the target does
		out = append(out, string(cause.OfTest)+": "+strings.Join(unlike, ", "))
	}
	own := make(map[cause.Pattern]bool)
	for i := range y.Findings {
		f := &y.Findings[i]
		if _, isOwn := ownPattern(f); isOwn {
			if own[f.Pattern] {
				continue
			}
			own[f.Pattern] = true
		}
		out = append(out, causeClause(f))
	}
	if len(y.Findings) == 0 {
		out = append(out, y.notClause(tail > 0))
	}
	if n := y.Untold.Failed; n > 0 {
		out = append(out, "cannot tell why "+count(n)+" failed")
	}
	if n := y.Untold.Slow; n > 0 {
		out = append(out, "cannot tell why "+count(n)+" were slow")
	}
	return out
}

// unlike names what of the load is unlike recorded traffic, where no cause says that it is the test's own.
func (y *Why) unlike() (out []string) {
	if slices.ContainsFunc(y.Findings, func(f cause.Finding) bool { return f.Whose == cause.OfTest }) {
		return nil
	}
	for _, u := range y.load() {
		out = append(out, patternOf(&cause.Finding{Pattern: u.Pattern}).title)
	}
	return out
}

// causeClause says one cause: whose it is, who is hit and by how much, and what that usually is where there is room for it.
func causeClause(f *cause.Finding) string {
	p := patternOf(f)
	text := briefEffect(f)
	if len(f.Where) == 0 {
		text = join(p.happens, ": ", text)
	}
	if text == "" {
		text = p.title
	}
	text = string(f.Whose) + ": " + small(text)
	if len(f.Steps) == 1 {
		if in := text + ", in " + calledStep(f.Steps[0].Number, f.Steps[0].Called); utf8.RuneCountInString(in) <= briefWidth-briefLabel {
			text = in
		}
	}
	if with := text + " (" + p.title + ")"; p.title != "" && utf8.RuneCountInString(with) <= briefWidth-briefLabel {
		return with
	}
	return text
}

// briefEffect is effect in fewer words: "requests of kind help took 300 ms, others 10.5 ms".
func briefEffect(f *cause.Finding) string {
	if isShare(f.Measure) || f.With == (cause.Quantiles{}) {
		return effect(f, groupOf(f))
	}
	m, group := measureOf(f.Measure), groupOf(f)
	part, with, without := tellingQuantile(f)
	if part != "" {
		group = "the " + m.extreme + " " + part + " of " + group
	}
	text := group + " " + m.verb + " " + wording.Duration(with) + m.after
	if without > 0 {
		text += ", others " + wording.Duration(without)
	}
	return text
}

// join puts words between two texts, where there are both.
func join(a, between, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + between + b
}

// small begins a clause.
func small(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToLower(r)) + s[n:]
}

// notClause says why no cause is told. stands says that the slowest hundredth stands out.
func (y *Why) notClause(stands bool) string {
	if y.WhyNot == nil {
		return "no cause was found"
	}
	switch y.WhyNot.Reason {
	case cause.NothingSlow:
		if stands {
			return "cannot tell: too few requests are slow"
		}
		return "nothing is slow enough beside the middle to ask for a cause"
	case cause.TooFew:
		if n := y.WhyNot.Needed; n > 0 {
			return "cannot tell from " + countOf(y.Requests, "request", "requests") + ": about " + count(roundedUp(n)) + " are needed"
		}
		return "cannot tell from " + countOf(y.Requests, "request", "requests")
	case cause.NoAnswers:
		if y.WhyNot.Class != "" {
			return "cannot tell: all requests failed alike (" + y.WhyNot.Class + ")"
		}
		return "cannot tell: nearly all requests failed"
	case cause.ToolDisturbed:
		return "cannot tell: the tool itself was disturbed, so that times say nothing of the target"
	}
	return "cannot tell: some requests are slow, and nothing that is known of them goes with it"
}

// commandOf asks for why once more, of a run that was not searched too. One whose file holds what was completed need not be told again.
func (y *Why) commandOf(run string, holds bool) string {
	if y == nil {
		return "reprise why " + shellWord(run)
	}
	again := *y
	if holds {
		again.Again.Given = nil
	}
	return again.command()
}
