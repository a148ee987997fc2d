package box

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// Options say how many draws to make. Wants lets only some faults through; nil all.
type Options struct {
	Short   bool
	Workers int
	Wants   func(name string) bool
	// Seed is added to all seeds: other draws of the same box.
	Seed uint64
	// Notes is a file that gets a line of each draw whose first finding is not right; "" is none.
	Notes string
	// Further has the notes tell of the further faults too.
	Further bool
}

// Measure makes the draws, has them judged, prints the scores, and fails where a goal is not met.
func Measure(t *Traffic, judge Judge, o Options, out io.Writer) error {
	if o.Wants == nil {
		o.Wants = func(string) bool { return true }
	}
	b := &box{Options: o, traffic: t, judge: judge, out: out}
	var failed error
	for _, measure := range []func() error{b.tenFaults, b.healthyRuns, b.roughRuns, b.shortStalls, b.twoCauses, b.correlated, b.furtherFaults} {
		failed = errors.Join(failed, measure(), b.writeNotes())
	}
	return failed
}

type box struct {
	Options
	traffic *Traffic
	judge   Judge
	out     io.Writer
	notes   strings.Builder
}

func (b *box) title(head, about string) {
	fmt.Fprintf(b.out, "\n## %s\n\n%s\n\n", head, about)
	fmt.Fprintf(&b.notes, "\n## %s\n\n", head)
}

// wanted are jobs of the faults that Wants lets through, with so many of each strength.
func (b *box) wanted(list [][]*fault, each [3]int) (jobs []job) {
	for _, faults := range list {
		if !slices.ContainsFunc(faults, func(f *fault) bool { return b.Wants(f.name) }) {
			continue
		}
		for s, n := range each {
			for i := range n {
				jobs = append(jobs, job{strength(s), b.Seed + uint64(i), faults})
			}
		}
	}
	return jobs
}

func alone(faults []*fault) (list [][]*fault) {
	for _, f := range faults {
		list = append(list, []*fault{f})
	}
	return list
}

func (b *box) tenFaults() error {
	jobs := b.wanted(alone(faults()), choose(b.Short, [3]int{2, 1, 1}, [3]int{8, 8, 6}))
	if len(jobs) == 0 {
		return nil
	}
	results, err := b.traffic.score(jobs, b.judge, b.Workers)
	if err != nil {
		return err
	}
	b.title("Ten faults", "Plain: the requests hit take 5 times the median or more and are 3 % or more of the traffic. Middling: about 2 times. Faint: 1.2 to 1.4 times, or less than 1 %.")
	missed := printScores(b.out, results)
	for i := range results {
		if results[i].verdict != right {
			b.notes.WriteString(results[i].line())
		}
	}
	return goalsMissed(missed)
}

func goalsMissed(missed []string) error {
	if len(missed) == 0 {
		return nil
	}
	return errors.New("box: " + strings.Join(missed, "; "))
}

func (b *box) healthyRuns() error {
	if !b.Wants("healthy") {
		return nil
	}
	jobs := healthyJobs(choose(b.Short, 15, 100))
	for i := range jobs {
		jobs[i].seed += b.Seed
	}
	results, err := b.traffic.score(jobs, b.judge, b.Workers)
	if err != nil {
		return err
	}
	b.title("Nothing the matter", "One run of five is by a test of one sender, batches by kind or repeated ids, which this receiver does not mind.")
	n := 0
	for i := range results {
		if accused(results[i].report) {
			n++
			b.notes.WriteString(accusedLine(&results[i]))
		}
	}
	fmt.Fprintf(b.out, "%d of %d runs accused.\n", n, len(results))
	if n > goalAccused {
		return fmt.Errorf("box: %d of %d runs in which nothing is the matter were accused, more than %d", n, len(results), goalAccused)
	}
	return nil
}

func (b *box) twoCauses() error {
	jobs := b.wanted(pairs(), choose(b.Short, [3]int{1, 0, 0}, [3]int{3, 2, 0}))
	results, err := b.traffic.score(jobs, b.judge, b.Workers)
	if err != nil || len(jobs) == 0 {
		return err
	}
	b.title("Two causes at once", "Told both, or one of them; more: something that is neither was told beside them.")
	printWords(b.out, results, []string{"both", "both, and more", "one", "wrong first", "cannot tell"}, (*scored).both)
	for i := range results {
		if results[i].both() != "both" {
			b.notes.WriteString(results[i].line())
		}
	}
	return nil
}

func (b *box) correlated() error {
	jobs := b.wanted(alone(correlates()), choose(b.Short, [3]int{1, 0, 0}, [3]int{6, 6, 0}))
	results, err := b.traffic.score(jobs, b.judge, b.Workers)
	if err != nil || len(jobs) == 0 {
		return err
	}
	b.title("A cause and what goes with it", "Told twice: the cause first, and what only goes with it as a cause of its own.")
	printWords(b.out, results, []string{"told apart", "said not to be told apart", "told twice", "wrong first", "cannot tell"}, (*scored).apart)
	for i := range results {
		if results[i].apart() != "told apart" {
			b.notes.WriteString(results[i].line())
		}
	}
	return nil
}

// shortStalls are runs without a fault but for stalls that are real: nothing else may be told.
func (b *box) shortStalls() error {
	jobs := b.wanted(alone([]*fault{rareStalls()}), choose(b.Short, [3]int{1, 0, 0}, [3]int{20, 0, 0}))
	results, err := b.traffic.score(jobs, b.judge, b.Workers)
	if err != nil || len(jobs) == 0 {
		return err
	}
	var c counts
	for i := range results {
		c[results[i].verdict]++
		if results[i].verdict == wrong {
			b.notes.WriteString(results[i].line())
		}
	}
	b.title("A stall of 0.2 to 0.4 s about every 45 s", "It may be told or not: it hits about 1 of 100 requests.")
	fmt.Fprintf(b.out, "The stall first %d times, something else first %d times, nothing %d times.\n", c[right], c[wrong], c[cannotTell])
	return nil
}

// furtherFaults are not in the notes: whoever works on the search is not to know them one by one.
func (b *box) furtherFaults() error {
	jobs := b.wanted(alone(others()), choose(b.Short, [3]int{0, 0, 0}, [3]int{5, 5, 0}))
	results, err := b.traffic.score(jobs, b.judge, b.Workers)
	if err != nil || len(jobs) == 0 {
		return err
	}
	b.title("Further faults", "No goal is set for these.")
	printScores(b.out, results)
	for i := range results {
		if results[i].verdict != right && b.Further {
			b.notes.WriteString(results[i].line())
		}
	}
	return nil
}

// roughRuns have no goal: they show how far the goal of healthy runs is from not being met.
func (b *box) roughRuns() error {
	var jobs []job
	for i := range choose(b.Short, 0, 50) {
		jobs = append(jobs, job{none, b.Seed + uint64(i), []*fault{rough()}})
	}
	if len(jobs) == 0 || !b.Wants("healthy, rough") {
		return nil
	}
	results, err := b.traffic.score(jobs, b.judge, b.Workers)
	if err != nil {
		return err
	}
	n := 0
	for i := range results {
		if accused(results[i].report) {
			n++
			b.notes.WriteString(accusedLine(&results[i]))
		}
	}
	b.title("Nothing the matter, in a rougher environment", "Noise of 20 % with a memory of 30 s, in place of 10 % and 10 s. No goal is set.")
	fmt.Fprintf(b.out, "%d of %d runs accused.\n", n, len(results))
	return nil
}

func (b *box) writeNotes() error {
	if b.Notes == "" {
		return nil
	}
	return os.WriteFile(b.Notes, []byte(b.notes.String()), 0o600)
}
