package box

import (
	"fmt"
	"math"
	"math/rand/v2"
	"reprise/capture"
	"reprise/replay/cause"
	"slices"
	"time"
)

// others are further faults of the target. No goal is set for them.
func others() []*fault {
	return []*fault{
		{name: "one recipient slow", whose: cause.OfTarget, from: 0.05, to: 60, wish: usual, set: setRecipient},
		{name: "cold at first", whose: cause.OfTarget, from: 0.05, to: 200, wish: usual, set: setCold, right: namesTime},
		{name: "a leak", whose: cause.OfTarget, from: 0.05, to: 200, wish: usual, set: setLeak, right: namesTime},
		{name: "new connections slow", whose: cause.OfTarget, from: 0.05, to: 60, wish: usual, set: setConnections},
		{name: "large payloads slow", whose: cause.OfTarget, from: 0.05, to: 60, wish: usual, set: setLarge, right: namesSize},
		{name: "first message of a person slow", whose: cause.OfTarget, from: 0.05, to: 60, wish: usual, set: setFirst},
		{name: "ucs2 slow", whose: cause.OfTarget, from: 0.05, to: 60, wish: usual, set: setUCS2},
		{name: "429 above a rate", whose: cause.OfTarget, from: 1, to: 1, wish: usual, set: setRateLimit, right: namesFailingLoad},
		{name: "500 for one kind", whose: cause.OfTarget, from: 1, to: 1, wish: usual, set: setErrors, right: namesFailingKind},
		{name: "one vendor slow", whose: cause.OfTarget, from: 0.05, to: 60, wish: usual, set: setVendor},
		{name: "a lock per recipient", whose: cause.OfTarget, from: 0.05, to: 60, wish: usual, set: setRecipientLock},
		{name: "a kind to one recipient slow", whose: cause.OfTarget, from: 0.05, to: 60, wish: usual, set: setKindTo},
		{name: "a step", whose: cause.OfTarget, from: 0.05, to: 60, wish: usual, set: setStep, right: namesTime},
		{name: "a job every minute", whose: cause.OfTarget, from: 0.05, to: 60, wish: usual, set: setJob, right: namesTime},
		{name: "a pool of connections that is used up", whose: cause.OfTarget, from: 0.2, to: 1.5, wish: usual, set: setPool, right: namesLoad},
		{name: "timeouts of one recipient", whose: cause.OfTarget, from: 1, to: 1, wish: usual, set: setTimeouts},
		{name: "500 in a race of a person", whose: cause.OfTarget, from: 1, to: 1, wish: chatty, set: setRaceErrors, right: namesPerson},
		{name: "work of one kind that is never done", whose: cause.OfTarget, from: 1, to: 1, wish: usual, set: setLost, right: namesKinds},
		{name: "restarts of what leaks", whose: cause.OfTarget, from: 0.05, to: 60, wish: usual, set: setSaw, right: namesTime},
		{name: "pauses of garbage collection", whose: cause.OfTarget, rare: true, from: 0.05, to: 20, wish: usual, set: setPauses, right: namesTime},
	}
}

// those sets a part that is slow for the requests that fit.
func those(p *part, rule func(u *run) []bool) {
	p.play = func(r *rand.Rand, u *run, size float64) {
		met := rule(u)
		u.delay(r, size, func(i int) bool { return met[i] })
	}
	p.ruled = func(u *run) [][]bool { return [][]bool{rule(u)} }
}

// which says of each request whether it fits.
func (d *run) which(fits func(q *request) bool) []bool {
	list := make([]bool, len(d.requests))
	for i := range list {
		list[i] = fits(&d.requests[i])
	}
	return list
}

func setRecipient(r *rand.Rand, d *Draw, p *part) {
	count := make(map[string]int)
	var names []string
	for i := range d.list {
		if to := d.list[i].to; to != "" {
			if count[to] == 0 {
				names = append(names, to)
			}
			count[to]++
		}
	}
	slow := among(r, names, count, len(d.list))
	those(p, func(u *run) []bool { return u.which(func(q *request) bool { return q.to == slow }) })
	p.patterns = []cause.Pattern{cause.SlowRecipient}
}

// among draws a name that has between 1 of 30 and a half of all.
func among(r *rand.Rand, names []string, count map[string]int, all int) string {
	names = slices.DeleteFunc(names, func(n string) bool { return count[n]*30 < all || count[n]*2 > all })
	if len(names) == 0 {
		return "nobody"
	}
	return names[r.IntN(len(names))]
}

// setCold: what is slow at first gets faster by half again and again.
func setCold(r *rand.Rand, d *Draw, p *part) {
	end := d.list[len(d.list)-1].due
	half := time.Duration(spread(r, 0.02, 0.08) * float64(end))
	d.about += fmt.Sprintf("; half in %v", half.Round(time.Millisecond))
	p.play = func(_ *rand.Rand, u *run, size float64) {
		for i := range u.service {
			u.service[i] += time.Duration(size * float64(u.median) * math.Exp2(-float64(u.at[i])/float64(half)))
		}
	}
	p.patterns = []cause.Pattern{cause.ColdStart, cause.Drift, cause.Step}
}

// setLeak: from some moment on it takes longer and longer, evenly or faster and faster.
func setLeak(r *rand.Rand, d *Draw, p *part) {
	end := d.list[len(d.list)-1].due
	from, power := time.Duration(r.Float64()*0.5*float64(end)), 1+r.Float64()
	p.play = func(_ *rand.Rand, u *run, size float64) {
		for i := range u.service {
			if t := float64(u.at[i]-from) / float64(end-from); t > 0 {
				u.service[i] += time.Duration(size * float64(u.median) * math.Pow(t, power))
			}
		}
	}
	p.patterns = []cause.Pattern{cause.Drift, cause.Step}
}

// setConnections: the target closes connections, so that new ones are opened, and each costs.
func setConnections(r *rand.Rand, d *Draw, p *part) {
	share := spread(r, 0.04, 0.3)
	seed := r.Uint64()
	d.opens = func(i int) bool { return float64(mix(seed, uint64(i))>>11)/(1<<53) < share }
	those(p, func(u *run) []bool {
		list := make([]bool, len(u.requests))
		for i := range list {
			list[i] = d.opens(i)
		}
		return list
	})
}

// mix is a hash of a number.
func mix(seed, n uint64) uint64 {
	x := (seed ^ n) * 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

func setLarge(r *rand.Rand, d *Draw, p *part) {
	var sizes []int
	for i := range d.list {
		sizes = append(sizes, d.list[i].bytes)
	}
	slices.Sort(sizes)
	least := quantileOf(sizes, 1-spread(r, 0.05, 0.25))
	those(p, func(u *run) []bool { return u.which(func(q *request) bool { return q.bytes >= least }) })
	p.patterns = []cause.Pattern{cause.LargePayload}
}

func quantileOf[T any](sorted []T, q float64) T {
	return sorted[min(int(q*float64(len(sorted))), len(sorted)-1)]
}

// namesSize: from some size on.
func namesSize(_ *part, f *cause.Finding) bool {
	c, ok := condition(f, cause.BodyBytes)
	return ok && !math.IsNaN(c.From) && math.IsNaN(c.To)
}

func setFirst(_ *rand.Rand, _ *Draw, p *part) {
	those(p, func(u *run) []bool {
		met := make(map[string]bool)
		list := make([]bool, len(u.requests))
		for i := range u.requests { // in order of due, as the attribute is
			list[i] = !met[u.requests[i].person]
			met[u.requests[i].person] = true
		}
		return list
	})
	p.patterns = []cause.Pattern{cause.FirstSeen}
}

func setUCS2(_ *rand.Rand, _ *Draw, p *part) {
	those(p, func(u *run) []bool { return u.which(func(q *request) bool { return q.ucs2 }) })
}

// setRateLimit: a bucket of tokens, which refuses 3 to 20 % of what comes.
func setRateLimit(r *rand.Rand, _ *Draw, p *part) {
	burst, over := spread(r, 5, 60), 1+0.4*r.Float64()
	p.play = func(_ *rand.Rand, u *run, _ float64) {
		rate := meanRate(u.requests) * over
		tokens, last := burst, time.Duration(0)
		for _, i := range u.order {
			tokens = min(tokens+rate*(u.at[i]-last).Seconds(), burst)
			last = u.at[i]
			if tokens < 1 {
				u.status[i], u.service[i] = 429, 2*time.Millisecond
				continue
			}
			tokens--
		}
	}
	p.failing = true
}

func namesFailingLoad(p *part, f *cause.Finding) bool {
	return f.Measure == cause.Failing && (namesLoad(p, f) || namesTime(p, f))
}

func setErrors(r *rand.Rand, d *Draw, p *part) {
	k, share := kindOf(r, d.list, 0.05), spread(r, 0.2, 1)
	d.about += fmt.Sprintf("; %.0f %% of %s", 100*share, k)
	p.play = func(r *rand.Rand, u *run, _ float64) {
		for i := range u.requests {
			if u.requests[i].kind == k && r.Float64() < share {
				u.status[i] = 500
			}
		}
	}
	p.failing = true
	p.kinds = counted(d.list, k)
}

func namesFailingKind(p *part, f *cause.Finding) bool {
	return f.Measure == cause.Failing && namesKinds(p, f)
}

// setPauses: everything stands still for a moment, at moments that have no period.
func setPauses(r *rand.Rand, d *Draw, p *part) {
	length := spreadTime(r, 30*time.Millisecond, 400*time.Millisecond)
	end, share := d.list[len(d.list)-1].due, spread(r, 0.03, 0.1)
	d.health.median = choose(d.strength == plain, time.Duration(float64(length)/spread(r, 10, 30)), time.Duration(float64(length)/spread(r, 1, 4)))
	d.health.median = max(d.health.median, 2*time.Millisecond)
	d.about += fmt.Sprintf("; about %v, %.0f %% of the time", length.Round(time.Millisecond), 100*share)
	var at []time.Duration
	for t := time.Duration(0); t < end; t += 2 * length {
		t += seconds(r.ExpFloat64() * length.Seconds() / share)
		at = append(at, t)
	}
	var met []bool
	p.play = func(_ *rand.Rand, u *run, size float64) {
		var list []stretch
		for _, from := range at {
			list = append(list, stretch{from, from + time.Duration(min(size, 1.9)*float64(length))})
		}
		met = u.stall(list, func(int) bool { return true })
	}
	p.ruled = func(*run) [][]bool { return [][]bool{met} }
	p.patterns = []cause.Pattern{cause.Stall, cause.Periodic}
}

// setRareStalls: everything stands still for 0.2 to 0.4 s about every 45 s, as it does at many receivers. That is real, and may be told.
func setRareStalls(r *rand.Rand, d *Draw, p *part) {
	end := d.list[len(d.list)-1].due
	var at []stretch
	for t := seconds(spread(r, 5, 45)); t < end; t += seconds(45 * (0.7 + 0.6*r.Float64())) {
		at = append(at, stretch{t, t + spreadTime(r, 200*time.Millisecond, 400*time.Millisecond)})
	}
	var met []bool
	p.play = func(_ *rand.Rand, u *run, _ float64) { met = u.stall(at, func(int) bool { return true }) }
	p.ruled = func(*run) [][]bool { return [][]bool{met} }
	p.patterns = []cause.Pattern{cause.Stall, cause.Periodic}
}

// rareStalls are no fault of the box, but what many runs have beside one.
func rareStalls() *fault {
	return &fault{name: "a short stall every 45 s", whose: cause.OfTarget, from: 1, to: 1, wish: usual, set: setRareStalls, right: namesTime, anyEffect: true}
}

// slowKind is a kind that takes longer whenever it comes: a part of what two causes do, and of correlates.
func setSlowKind(r *rand.Rand, d *Draw, p *part) {
	k := kindOf(r, d.list, 0.05)
	d.about += fmt.Sprintf("; %s slow", k)
	slowKind(d, p, k)
}

func slowKind(d *Draw, p *part, k capture.Kind) {
	those(p, func(u *run) []bool { return ofKinds(u, k) })
	p.kinds = counted(d.list, k)
}
