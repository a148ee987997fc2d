package box

import (
	"fmt"
	"io"
	"math/rand/v2"
	"reprise/capture"
	"reprise/replay/cause"
	"slices"
	"time"
)

// pairs are two faults in one run.
func pairs() [][]*fault {
	by := make(map[string]*fault)
	for _, f := range append(faults(), others()...) {
		by[f.name] = f
	}
	slow := &fault{name: "slow kind", whose: cause.OfTarget, from: 0.05, to: 60, wish: usual, set: setSlowKind, right: namesKinds}
	return [][]*fault{
		{by["same-person race"], slow},
		{by["same-person race"], by["stalling writes"]},
		{slow, by["large payloads slow"]},
		{by["shared CPU"], by["one kind behind n consumers"]},
		{by["repeated subscribe"], by["one recipient slow"]},
		{by["same-person race"], by["one kind behind n consumers"]},
		{by["same-person race"], rareStalls()},
		{slow, rareStalls()},
	}
}

// campaign has a kind come in bursts alone, in the seconds after a few moments, as replies to a campaign do. The rest of the traffic goes on.
func campaign(r *rand.Rand, d *Draw) (k capture.Kind) {
	k = capture.CustomKeyword
	end := d.list[len(d.list)-1].due
	moments := make([]time.Duration, 6+r.IntN(20))
	for i := range moments {
		moments[i] = time.Duration(r.Float64() * float64(end))
	}
	length := spreadTime(r, time.Second, end/time.Duration(3*len(moments))+2*time.Second)
	for i := range d.list {
		if d.list[i].kind == k {
			d.list[i].due = moments[r.IntN(len(moments))] + time.Duration(r.Float64()*float64(length))
		}
	}
	slices.SortStableFunc(d.list, func(a, b request) int { return int(a.due - b.due) })
	d.about += fmt.Sprintf("; %s in %d bursts of %v", k, len(moments), length.Round(time.Millisecond))
	d.natural = naturalOf(d.list) // it is how it was recorded
	return k
}

// correlates are faults that go with something that is not the cause.
func correlates() []*fault {
	return []*fault{
		{name: "a kind that comes in bursts is slow", whose: cause.OfTarget, from: 0.05, to: 60, wish: usual, right: namesKinds, set: func(r *rand.Rand, d *Draw, p *part) {
			slowKind(d, p, campaign(r, d))
			p.other = namesLoad
		}},
		{name: "the load of a kind's bursts is slow", whose: cause.OfTarget, from: 0.2, to: 1.5, wish: usual, right: namesLoad, set: func(r *rand.Rand, d *Draw, p *part) {
			k := campaign(r, d)
			setCPU(r, d, p)
			p.other = func(_ *part, f *cause.Finding) bool { return namesKinds(&part{kinds: counted(d.list, k)}, f) }
		}},
		{name: "those who wrote before have larger payloads, and are slow", whose: cause.OfTarget, from: 0.05, to: 60, right: namesPerson, wish: func(r *rand.Rand, s strength) wish {
			w := usual(r, s)
			w.talk = spread(r, 0.12, 0.4)
			return w
		}, set: func(r *rand.Rand, d *Draw, p *part) {
			setRace(r, d, p)
			last := make(map[string]time.Duration)
			for i := range d.list {
				q := &d.list[i]
				if before, ok := last[q.person]; ok && q.due-before < p.within && r.Float64() < 0.8 {
					q.bytes = q.bytes*2 + 200
				}
				last[q.person] = q.due
			}
			p.other = namesSize
		}},
	}
}

// told says which parts are told, and how many findings are of none.
func (s *scored) told() (told []bool, strange int) {
	told = make([]bool, len(s.draw.parts))
	for i := range s.report.Findings {
		known := false
		for j, p := range s.draw.parts {
			if p.accepts(&s.report.Findings[i], s.table) {
				told[j], known = true, true
			}
		}
		if !known {
			strange++
		}
	}
	return told, strange
}

// both says what was told of a draw with two causes.
func (s *scored) both() string {
	told, strange := s.told()
	n := 0
	for _, t := range told {
		if t {
			n++
		}
	}
	switch {
	case len(s.report.Findings) == 0:
		return "cannot tell"
	case s.verdict == wrong:
		return "wrong first"
	case n == 2 && strange > 0:
		return "both, and more"
	case n == 2:
		return "both"
	}
	return "one"
}

// apart says what was told of a draw with a correlate.
func (s *scored) apart() string {
	p := s.draw.parts[0]
	names := func(list [][]cause.Condition, f func(*part, *cause.Finding) bool) bool {
		return slices.ContainsFunc(list, func(w []cause.Condition) bool { return f(p, &cause.Finding{Where: w}) })
	}
	switch {
	case len(s.report.Findings) == 0:
		return "cannot tell"
	case s.verdict == wrong:
		return "wrong first"
	case names(s.report.Findings[0].Same, p.other) || names([][]cause.Condition{s.report.Findings[0].Where}, p.other):
		return "said not to be told apart"
	case slices.ContainsFunc(s.report.Findings[1:], func(f cause.Finding) bool { return p.other(p, &f) }):
		return "told twice"
	}
	return "told apart"
}

// printWords prints how often each word was said of the draws of a name.
func printWords(out io.Writer, results []scored, columns []string, word func(*scored) string) {
	fmt.Fprint(out, "| fault |")
	for _, c := range columns {
		fmt.Fprintf(out, " %s |", c)
	}
	fmt.Fprint(out, "\n|---|")
	for range columns {
		fmt.Fprint(out, "---|")
	}
	fmt.Fprintln(out)
	var names []string
	count := make(map[string]map[string]int)
	for i := range results {
		name := results[i].draw.name()
		if count[name] == nil {
			count[name] = make(map[string]int)
			names = append(names, name)
		}
		count[name][word(&results[i])]++
	}
	for _, name := range names {
		fmt.Fprintf(out, "| %s |", name)
		for _, c := range columns {
			fmt.Fprintf(out, " %d |", count[name][c])
		}
		fmt.Fprintln(out)
	}
}
