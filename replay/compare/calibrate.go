package compare

import (
	"context"
	"fmt"
	"strings"
	"time"

	"reprise/replay"
	"reprise/replay/results"
)

// LeftOut is a run that a baseline was not made of.
type LeftOut struct {
	// Run is its id.
	Run string `json:"run"`
	Reason
}

// TooFewError says that too few of the runs that were given are good ones.
type TooFewError struct {
	Good, Given int
	LeftOut     []LeftOut
}

// Error says how many more are needed, and why each of the others was left out.
func (e *TooFewError) Error() string {
	more := "1 more is needed"
	if n := MinProfile - e.Good; n > 1 {
		more = fmt.Sprintf("%d more are needed", n)
	}
	texts := []string{fmt.Sprintf("a baseline takes %d good runs at least, and of the %d given %d can be used: %s.", MinProfile, e.Given, e.Good, more)}
	for _, l := range e.LeftOut {
		texts = append(texts, "Left out: "+l.Text)
	}
	return strings.Join(texts, " ")
}

// Calibrate makes a baseline of those of several runs that are good: of one plan, played to the end, and faithful by the tool. The others
// are in its LeftOut, which says why. The plan is that of most of the runs; of two that are as many, that of the run which was given first.
//
// Where fewer than MinProfile runs are left, the error is a *TooFewError, and the baseline holds those there are: its Judge says of every
// run that it cannot be compared. Each other error is about a run that cannot be read.
func Calibrate(ctx context.Context, runs []Source, opt Options, now time.Time) (*Profile, error) {
	p := &Profile{Schema: ProfileSchema, Created: now.UTC(), WarmUp: opt.WarmUp}
	h := UsualPlan(runs)
	like := Side{Header: h}
	p.Corpus, p.PlanHash, p.Tool, p.Target, p.Machine = h.Corpus, h.PlanHash, h.Tool, h.Target, h.Machine
	p.Engine, p.Settings, p.Labels = h.Engine, h.Settings, h.Labels
	var before []*run
	var shaped shape
	shaped.add(h.Plan)
	for i, src := range runs {
		l, err := load(ctx, src, opt.baselineName(i), "", 0)
		if err != nil {
			return nil, err
		}
		if bad := unfit(&like, before, &l.side); len(bad) > 0 {
			p.LeftOut = append(p.LeftOut, LeftOut{l.side.Header.Run, bad[0]})
			continue
		}
		l.rows = warm(l.rows, opt.WarmUp)
		shaped.add(l.plan)
		m, err := measure(ctx, l, &shaped)
		if err != nil {
			return nil, err
		}
		before = append(before, m)
		p.Runs = append(p.Runs, m.profile(h))
	}
	if p.Steps = shaped.profileSteps(); p.Steps == nil {
		for i := range p.Runs {
			p.Runs[i].Steps = nil
		}
	}
	if len(p.Runs) < MinProfile {
		return p, &TooFewError{len(p.Runs), len(runs), p.LeftOut}
	}
	return p, nil
}

// baselineName is what people call a run of a baseline.
func (o *Options) baselineName(i int) string {
	if i < len(o.Names) && o.Names[i] != "" {
		return o.Names[i]
	}
	return fmt.Sprintf("run %d", i+1)
}

// UsualPlan is the header of the first run of the plan that most runs played; empty of no runs.
func UsualPlan(runs []Source) results.Header {
	if len(runs) == 0 {
		return results.Header{}
	}
	type plan struct{ corpus, hash string }
	counts := make(map[plan]int)
	of := func(s Source) plan { return plan{s.Header().Corpus, s.Header().PlanHash} }
	for _, s := range runs {
		counts[of(s)]++
	}
	best := runs[0]
	for _, s := range runs[1:] {
		if counts[of(s)] > counts[of(best)] {
			best = s
		}
	}
	return best.Header()
}

// unfit says why a run is no part of a baseline; nothing where it is one.
func unfit(like *Side, before []*run, s *Side) (list []Reason) {
	if t := s.Summary.Ledger.Tally; t.OK+t.Failed+t.Shed == 0 {
		list = append(list, Reason{What: "empty", Text: s.Name + " holds no request that was played."})
	}
	list = append(list, headerLost(s)...)
	if s.Summary.Ledger.Failed > 0 && !s.works() {
		list = append(list, Reason{What: "failed", Text: "no request of " + s.Name + " was answered, or all were with errors of the server."})
	}
	for _, r := range planApart(&Comparison{Base: *like, Candidate: *s}, nil, nil) {
		what := "another corpus than"
		if r.What == "plan" {
			what = "another plan of the corpus than"
		}
		list = append(list, Reason{What: r.What, Text: fmt.Sprintf("%s played %s most of the runs.", s.Name, what)})
	}
	list = append(list, repeated(before, s)...)
	if len(s.Damage) > 0 {
		list = append(list, Reason{What: "damaged", Text: s.Name + " is damaged or cut: some of its requests are lost."})
	}
	list = append(list, cutShort(s)...)
	if s.State != "" && s.State != replay.Complete {
		list = append(list, Reason{What: "cut_short", Text: s.Name + " was not played to its end."})
	}
	list = append(list, unfaithful(s)...)
	for i := range list {
		list[i].Run = s.Name
	}
	return list
}

// tooFew is the comparison of a run with a baseline that has too few runs.
func (p *Profile) tooFew(candidate Side, opt Options) *Comparison {
	few := &TooFewError{len(p.Runs), len(p.Runs) + len(p.LeftOut), p.LeftOut}
	return &Comparison{
		Schema: Schema, Verdict: Invalid, Caveat: "There is no baseline to hold the run against.",
		Invalid: []Reason{{What: "baseline", Text: few.Error()}}, Doubts: []Reason{}, Setup: []Difference{}, Differences: []RunDifference{},
		Base: Side{Name: named(opt.BaseName, "baseline"), Header: p.header()}, Candidate: candidate, LeftOut: p.LeftOut,
		Method: Method{Name: profileMethod, Rounds: len(p.Runs), WarmUp: p.WarmUp},
		All:    Kind{Name: kindName(allKinds), Latency: []Latency{}, Errors: Errors{Verdict: Invalid, Why: NotComputed}}, Kinds: []Kind{},
	}
}
