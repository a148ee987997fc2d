package box

import (
	"fmt"
	"io"
	"reprise/replay/cause"
	"slices"
	"strings"
	"sync"
	"time"
)

// Judge says why a run was slow.
type Judge func(*cause.Table) (*cause.Report, error)

// verdict is what a draw's first finding is.
type verdict int

const (
	right verdict = iota
	wrong
	cannotTell
)

func (v verdict) String() string { return [...]string{"right", "wrong", "cannot tell"}[v] }

// scored is a draw that was judged.
type scored struct {
	draw    *Draw
	verdict verdict
	report  *cause.Report
	took    time.Duration
	table   *cause.Table
}

// verdictOf looks at what is told first, beside one part or several.
func (d *Draw) verdictOf(rep *cause.Report, t *cause.Table) verdict {
	if len(rep.Findings) == 0 {
		return cannotTell
	}
	if slices.ContainsFunc(d.parts, func(p *part) bool { return p.accepts(&rep.Findings[0], t) }) {
		return right
	}
	return wrong
}

// line is what went wrong with a draw, for whoever works on the search. No figure here is of a person.
func (s *scored) line() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s, %s, seed %d: %s (%v)\n    drawn: %s\n", s.draw.name(), s.draw.strength, s.draw.seed, s.verdict, s.took.Round(time.Millisecond), s.draw.about)
	for i := range s.report.Findings {
		if i == 4 {
			break
		}
		fmt.Fprintf(&b, "    told:  %s\n", describe(&s.report.Findings[i]))
	}
	if s.report.WhyNot != nil {
		fmt.Fprintf(&b, "    told:  nothing, for reason %d, %d needed\n", s.report.WhyNot.Reason, s.report.WhyNot.Needed)
	}
	return b.String()
}

// describe is a finding in one line.
func describe(f *cause.Finding) string {
	where := func(list []cause.Condition) string {
		var parts []string
		for _, c := range list {
			if len(c.Values) > 0 {
				parts = append(parts, fmt.Sprintf("%s=%s", c.Attribute, strings.Join(c.Values, "|")))
			} else {
				parts = append(parts, fmt.Sprintf("%s in [%.4g, %.4g)", c.Attribute, c.From, c.To))
			}
		}
		return strings.Join(parts, " and ")
	}
	text := fmt.Sprintf("%s's, measure %d, pattern %d, %s: %d requests, tail %.2f, excess %.2f, p %.4f, median %v beside %v", f.Whose, f.Measure, f.Pattern, where(f.Where), f.Requests,
		f.TailExplained, f.ExcessExplained, f.P, f.With.P50.Round(100*time.Microsecond), f.Without.P50.Round(100*time.Microsecond))
	if f.Span != (cause.Span{}) || f.Period != 0 {
		text += fmt.Sprintf(", from %v to %v, every %v", f.Span.From, f.Span.To, f.Period)
	}
	for _, s := range f.Same {
		text += "; same: " + where(s)
	}
	return text
}

// job is a draw to be made and judged.
type job struct {
	strength strength
	seed     uint64
	faults   []*fault
}

// score makes and judges draws, as many at a time as there are processors for; the results are in the order of jobs.
func (t *Traffic) score(jobs []job, judge Judge, workers int) ([]scored, error) {
	results, errs := make([]scored, len(jobs)), make([]error, len(jobs))
	next := make(chan int) // unbuffered: this function is its owner
	var wait sync.WaitGroup
	for range workers {
		wait.Go(func() {
			for i := range next {
				results[i], errs[i] = t.scoreOne(jobs[i], judge)
			}
		})
	}
	for i := range jobs {
		next <- i
	}
	close(next)
	wait.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return results, nil
}

func (t *Traffic) scoreOne(j job, judge Judge) (scored, error) {
	d, err := t.of(j.strength, j.seed, j.faults...)
	if err != nil {
		return scored{}, err
	}
	table := d.table()
	begin := time.Now()
	rep, err := judge(table)
	if err != nil {
		return scored{}, err
	}
	s := scored{draw: d, report: rep, took: time.Since(begin), verdict: d.verdictOf(rep, table), table: table}
	return s, nil
}

// counts are verdicts.
type counts [3]int

func (c counts) all() int { return c[right] + c[wrong] + c[cannotTell] }

func (c counts) part(v verdict) float64 { return float64(c[v]) / float64(max(c.all(), 1)) }

// Goals of the box: right ones first of plain and middling draws, and wrong ones first of all.
const (
	goalPlain    = 0.95
	goalMiddling = 0.8
	goalWrong    = 0.02
	// goalAccused is how many of 100 runs without a fault may be accused.
	goalAccused = 1
)

// meets says whether at least so many of all are enough, one miss always being allowed to few draws.
func meets(c counts, goal float64) bool {
	return c.part(right) >= goal || c.all() < 20 && c.all()-c[right] <= 1
}

// table prints verdicts by fault and strength, and says what goals are not met.
func printScores(out io.Writer, results []scored) (missed []string) {
	byFault, names := make(map[string]*[3]counts), []string(nil)
	var total [3]counts
	var all counts
	var slowest, sum time.Duration
	for i := range results {
		s := &results[i]
		name := s.draw.name()
		if byFault[name] == nil {
			byFault[name] = new([3]counts)
			names = append(names, name)
		}
		byFault[name][s.draw.strength][s.verdict]++
		total[s.draw.strength][s.verdict]++
		all[s.verdict]++
		slowest, sum = max(slowest, s.took), sum+s.took
	}
	fmt.Fprint(out, "Right first, wrong first, cannot tell.\n\n| fault | plain | middling | faint |\n|---|---|---|---|\n")
	for _, name := range names {
		fmt.Fprintf(out, "| %s | %s |\n", name, cells(byFault[name]))
	}
	fmt.Fprintf(out, "| **all** | %s |\n\n", cells(&total))
	fmt.Fprintf(out, "%d draws: right first in %.1f %% of plain and %.1f %% of middling ones, wrong first in %.1f %% of all. A search took %v on average, %v at most.\n",
		all.all(), 100*total[plain].part(right), 100*total[middling].part(right), 100*all.part(wrong), (sum / time.Duration(max(len(results), 1))).Round(time.Millisecond), slowest.Round(time.Millisecond))
	beside := 0
	for i := range results {
		if _, strange := results[i].told(); strange > 0 && results[i].verdict == right {
			beside++
		}
	}
	fmt.Fprintf(out, "In %d of those that are right something is told further down that is no answer to the fault.\n", beside)
	small := 0
	for i := range results {
		small += results[i].small()
	}
	fmt.Fprintf(out, "%d findings in all are of less than a tenth of the median or 1 ms, at each of their quantiles.\n", small)
	if !meets(total[plain], goalPlain) {
		missed = append(missed, fmt.Sprintf("right first in less than %.0f %% of plain draws", 100*goalPlain))
	}
	if !meets(total[middling], goalMiddling) {
		missed = append(missed, fmt.Sprintf("right first in less than %.0f %% of middling draws", 100*goalMiddling))
	}
	if all.part(wrong) > goalWrong && all[wrong] > 1 {
		missed = append(missed, fmt.Sprintf("wrong first in more than %.0f %% of draws", 100*goalWrong))
	}
	return missed
}

// small counts findings of times that are too little to be told: at no quantile are the requests that it names slower by a tenth of the median
// of the rest and by 1 ms.
func (s *scored) small() (n int) {
	for i := range s.report.Findings {
		f := &s.report.Findings[i]
		if f.Measure == cause.Failing || f.Measure == cause.NeverCompleted {
			continue
		}
		most := max(f.With.P50-f.Without.P50, f.With.P90-f.Without.P90, f.With.P99-f.Without.P99)
		if most < max(f.Without.P50/10, time.Millisecond) {
			n++
		}
	}
	return n
}

func cells(by *[3]counts) string {
	var list []string
	for _, c := range by {
		list = append(list, fmt.Sprintf("%d, %d, %d", c[right], c[wrong], c[cannotTell]))
	}
	return strings.Join(list, " | ")
}
