package box

import (
	"fmt"
	"math/rand/v2"
	"reprise/replay/cause"
	"time"
)

// chatty is traffic in which many write several times in a row.
func chatty(r *rand.Rand, s strength) wish {
	w := usual(r, s)
	w.talk = spread(r, 0.12, 0.5)
	return w
}

// counts how often each value of a request occurs.
func countBy(list []request, of func(*request) string) (names []string, count map[string]int) {
	count = make(map[string]int)
	for i := range list {
		if v := of(&list[i]); v != "" {
			if count[v] == 0 {
				names = append(names, v)
			}
			count[v]++
		}
	}
	return names, count
}

func setVendor(r *rand.Rand, d *Draw, p *part) {
	names, count := countBy(d.list, func(q *request) string { return q.vendor })
	slow := among(r, names, count, len(d.list))
	d.about += "; " + slow
	those(p, func(u *run) []bool { return u.which(func(q *request) bool { return q.vendor == slow }) })
}

// setRecipientLock: a message waits where another to the same recipient came shortly before.
func setRecipientLock(r *rand.Rand, d *Draw, p *part) {
	within := seconds(spread(r, 0.5, 3) / meanRate(d.list))
	d.about += fmt.Sprintf("; within %v", within.Round(time.Millisecond))
	those(p, func(u *run) []bool { return u.follows(within, func(q *request) string { return q.to }) })
	p.right = func(_ *part, f *cause.Finding) bool {
		c, ok := condition(f, cause.SameRecipientWithin)
		return ok && c.To > float64(within)/5 && c.To < float64(within)*5
	}
}

func setKindTo(r *rand.Rand, d *Draw, p *part) {
	names, count := countBy(d.list, func(q *request) string { return q.kind.String() + " to " + q.to })
	slow := among(r, names, count, len(d.list))
	those(p, func(u *run) []bool {
		return u.which(func(q *request) bool { return q.kind.String()+" to "+q.to == slow })
	})
}

// setStep: from some moment on everything takes longer.
func setStep(r *rand.Rand, d *Draw, p *part) {
	from := time.Duration((0.2 + 0.6*r.Float64()) * float64(d.list[len(d.list)-1].due))
	those(p, func(u *run) []bool { return u.which(func(q *request) bool { return q.due >= from }) })
	p.patterns = []cause.Pattern{cause.Step, cause.Drift}
}

// setJob: in some seconds of each period everything takes longer, and does not stand still.
func setJob(r *rand.Rand, d *Draw, p *part) {
	end := d.list[len(d.list)-1].due
	period := min(time.Minute, end/4)
	length := time.Duration(spread(r, 0.05, 0.2) * float64(period))
	at := time.Duration(r.Float64() * float64(period))
	d.about += fmt.Sprintf("; %v of every %v", length.Round(time.Millisecond), period.Round(time.Millisecond))
	those(p, func(u *run) []bool { return u.which(func(q *request) bool { return (q.due+at)%period < length }) })
	p.patterns = []cause.Pattern{cause.Periodic, cause.Stall}
}

// setPool: all requests wait for one of n connections to a database.
func setPool(r *rand.Rand, d *Draw, p *part) {
	n := 3 + r.IntN(18)
	d.about += fmt.Sprintf("; %d of them", n)
	p.play = func(r *rand.Rand, u *run, size float64) { u.queue(r, n, size, false, func(int) bool { return true }) }
	p.patterns = []cause.Pattern{cause.Queue, cause.SharedCPU, cause.SharedPool}
}

// setTimeouts: half of the messages to a recipient are not answered in time.
func setTimeouts(r *rand.Rand, d *Draw, p *part) {
	names, count := countBy(d.list, func(q *request) string { return q.to })
	slow := among(r, names, count, len(d.list))
	rule := func(u *run) []bool { return u.which(func(q *request) bool { return q.to == slow }) }
	p.play = func(r *rand.Rand, u *run, _ float64) {
		for i, fits := range rule(u) {
			if fits && r.IntN(2) == 0 {
				u.service[i], u.status[i] = 2*timeout, 504
			}
		}
	}
	p.ruled = func(u *run) [][]bool { return [][]bool{rule(u)} }
	p.failing = true
}

// setRaceErrors: who writes shortly after their last message is answered 500.
func setRaceErrors(r *rand.Rand, d *Draw, p *part) {
	setRace(r, d, p)
	p.sink = nil
	share := spread(r, 0.3, 1)
	p.play = func(r *rand.Rand, u *run, _ float64) {
		for i, met := range u.follows(p.within, func(q *request) string { return q.person }) {
			if met && r.Float64() < share {
				u.status[i] = 500
			}
		}
	}
	p.failing = true
}

// setLost: some of the work of a kind is never done.
func setLost(r *rand.Rand, d *Draw, p *part) {
	k, share := kindOf(r, d.list, 0.06), spread(r, 0.2, 1)
	d.about += fmt.Sprintf("; %.0f %% of %s", 100*share, k)
	d.health.completing, p.after, p.anyEffect = true, true, true
	p.play = func(r *rand.Rand, u *run, _ float64) {
		for i := range u.requests {
			if u.requests[i].kind == k && r.Float64() < share {
				u.finish[i] = never
			}
		}
	}
	p.kinds = counted(d.list, k)
}

// setSaw: it takes longer and longer, until a restart.
func setSaw(r *rand.Rand, d *Draw, p *part) {
	end := d.list[len(d.list)-1].due
	period := time.Duration(spread(r, 0.1, 0.35) * float64(end))
	d.about += fmt.Sprintf("; a restart every %v", period.Round(time.Millisecond))
	p.play = func(_ *rand.Rand, u *run, size float64) {
		for i := range u.service {
			u.service[i] += time.Duration(size * float64(u.median) * float64(u.at[i]%period) / float64(period))
		}
	}
	p.patterns = []cause.Pattern{cause.Drift, cause.Periodic}
}
