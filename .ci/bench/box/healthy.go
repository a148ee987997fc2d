package box

import (
	"fmt"
	"math/rand/v2"
	"reprise/replay/cause"
)

// wells are receivers without a fault: most by ordinary traffic, some by a test that does what would matter at another receiver.
func wells() []*fault {
	nothing := func(_ *rand.Rand, _ *Draw, p *part) { p.play = func(*rand.Rand, *run, float64) {} }
	odd := func(set func(*rand.Rand, *Draw, *part)) func(*rand.Rand, *Draw, *part) {
		return func(r *rand.Rand, d *Draw, p *part) {
			set(r, d, p)
			p.after = false
			nothing(r, d, p)
		}
	}
	return []*fault{
		{name: "healthy", set: nothing, wish: usual},
		{name: "healthy, one sender", set: odd(setOneSender), wish: usual},
		{name: "healthy, batches by kind", set: odd(setBatches), wish: usual},
		{name: "healthy, repeated ids", set: odd(setRepeatedIDs), wish: usual},
	}
}

// healthyJobs are n: four of five are of ordinary traffic.
func healthyJobs(n int) (jobs []job) {
	all := wells()
	for i := range n {
		f := all[0]
		if i%5 == 4 {
			f = all[1+i/5%3]
		}
		jobs = append(jobs, job{none, uint64(i), []*fault{f}})
	}
	return jobs
}

// rough is a receiver without a fault in an environment that is noisier than the box's.
func rough() *fault {
	f := wells()[0]
	set := f.set
	f.name = "healthy, rough"
	f.set = func(r *rand.Rand, d *Draw, p *part) {
		set(r, d, p)
		d.health.rough = true
	}
	return f
}

func accusedLine(s *scored) string {
	text := fmt.Sprintf("%s, seed %d: accused\n    drawn: %s\n", s.draw.parts[0].name, s.draw.seed, s.draw.about)
	for i := range s.report.Findings {
		text += "    told:  " + describe(&s.report.Findings[i]) + "\n"
	}
	return text
}

// accused says whether anything is told.
func accused(rep *cause.Report) bool { return len(rep.Findings) > 0 }
