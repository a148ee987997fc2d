package box

import (
	"fmt"
	"math/rand/v2"
	"reprise/capture"
	"reprise/fixtures/sink"
	"reprise/replay/cause"
	"slices"
	"time"
)

// usual is the traffic of most faults.
func usual(*rand.Rand, strength) wish {
	return wish{least: 2000, most: 20_000, shortest: 40 * time.Second}
}

// faults are the ten of the box: six of the target, three of the test, one of the tool.
func faults() []*fault {
	return []*fault{
		{name: "same-person race", whose: cause.OfTarget, rare: true, from: 0.05, to: 60, set: setRace, wish: func(r *rand.Rand, s strength) wish {
			w := usual(r, s)
			w.talk = choose(s == faint, spread(r, 0.01, 0.2), spread(r, 0.12, 0.5))
			return w
		}, right: namesPerson},
		{name: "one kind behind n consumers", whose: cause.OfTarget, from: 0.2, to: 3, wish: usual, set: setConsumers, right: namesKinds},
		{name: "saturated classifier", whose: cause.OfTarget, from: 0.2, to: 3, wish: usual, set: setClassifier, right: namesKinds},
		{name: "repeated subscribe", whose: cause.OfTarget, rare: true, from: 0.05, to: 60, set: setResubscribe, wish: func(r *rand.Rand, s strength) wish {
			w := usual(r, s)
			w.repeatSubscribe = choose(s == faint, spread(r, 0.02, 0.5), spread(r, 0.3, 0.95))
			return w
		}, right: namesRepeat},
		{name: "shared CPU", whose: cause.OfTarget, from: 0.2, to: 1.5, wish: usual, set: setCPU, right: namesLoad},
		{name: "stalling writes", whose: cause.OfTarget, rare: true, from: 0.05, to: 20, wish: usual, set: setStalls, right: namesTime},
		{name: "one sender", whose: cause.OfTest, from: 0.05, to: 60, wish: usual, set: setOneSender},
		{name: "batches by kind", whose: cause.OfTest, from: 0.05, to: 1.2, wish: usual, set: setBatches},
		{name: "repeated ids", whose: cause.OfTest, rare: true, from: 0.05, to: 60, wish: usual, set: setRepeatedIDs},
		{name: "starved tool", whose: cause.OfTool, from: 0.05, to: 20, wish: usual, set: setStarved},
	}
}

func isLoad(c cause.Condition) bool {
	switch c.Attribute {
	case cause.InFlight, cause.Burst100ms, cause.Burst1s, cause.Burst10s, cause.KindBurst100ms, cause.KindBurst1s, cause.KindBurst10s:
		return true
	}
	return false
}

func choose[T any](first bool, a, b T) T {
	if first {
		return a
	}
	return b
}

// setRace: who writes within T of their last message waits.
func setRace(r *rand.Rand, d *Draw, p *part) {
	within := spreadTime(r, 300*time.Millisecond, 5*time.Second)
	d.about += fmt.Sprintf("; within %v", within.Round(time.Millisecond))
	p.within = within
	rule := func(u *run) []bool { return u.follows(within, func(q *request) string { return q.person }) }
	p.play = func(r *rand.Rand, u *run, size float64) {
		met := rule(u)
		u.delay(r, size, func(i int) bool { return met[i] })
	}
	p.bySink(slower(sink.Fault{When: sink.SamePerson, Within: within}))
	p.ruled = func(u *run) [][]bool { return [][]bool{rule(u)} }
}

// kindOf draws a kind that has such a share of the requests, at least.
func kindOf(r *rand.Rand, list []request, share float64) capture.Kind {
	var count [capture.KindCount]int
	for i := range list {
		count[list[i].kind.Known()]++
	}
	for {
		k := capture.Kind(r.IntN(capture.KindCount))
		if float64(count[k]) >= share*float64(len(list)) {
			return k
		}
	}
}

// counted counts the requests of kinds.
func counted(list []request, kinds ...capture.Kind) map[string]int {
	n := make(map[string]int)
	for _, k := range kinds {
		n[k.String()] = 0
	}
	for i := range list {
		if k := list[i].kind.String(); slices.Contains(kinds, list[i].kind) {
			n[k]++
		}
	}
	return n
}

func ofKinds(u *run, kinds ...capture.Kind) []bool {
	fits := make([]bool, len(u.requests))
	for i := range fits {
		fits[i] = slices.Contains(kinds, u.requests[i].kind)
	}
	return fits
}

// setConsumers: after the answer, a kind waits for one of n consumers.
func setConsumers(r *rand.Rand, d *Draw, p *part) {
	k, n := kindOf(r, d.list, 0.05), 1+r.IntN(4)
	d.about += fmt.Sprintf("; %s behind %d", k, n)
	d.health.completing, p.after = true, true
	p.play = func(r *rand.Rand, u *run, size float64) {
		u.queue(r, n, size, true, func(i int) bool { return u.requests[i].kind == k })
	}
	p.bySink(behind(n, true, true, []capture.Kind{k}))
	p.ruled = func(u *run) [][]bool { return [][]bool{ofKinds(u, k)} }
	p.kinds = counted(d.list, k)
}

// setClassifier: the kinds that are no keywords share a pool, before the answer or after it.
func setClassifier(r *rand.Rand, d *Draw, p *part) {
	kinds := []capture.Kind{capture.Unrecognized, capture.Reaction}
	if r.IntN(2) == 0 {
		kinds = append(kinds, capture.CustomKeyword)
	}
	after, n := r.IntN(2) == 0, 2+r.IntN(14)
	if after {
		d.health.completing, p.after = true, true
	}
	d.about += fmt.Sprintf("; %v behind %d, after the answer: %v", kinds, n, after)
	p.play = func(r *rand.Rand, u *run, size float64) {
		u.queue(r, n, size, after, func(i int) bool { return slices.Contains(kinds, u.requests[i].kind) })
	}
	p.bySink(behind(n, after, true, kinds))
	p.ruled = func(u *run) [][]bool { return [][]bool{ofKinds(u, kinds...)} }
	p.kinds = counted(d.list, kinds...)
	p.patterns = []cause.Pattern{cause.SharedPool, cause.Queue}
}

// setResubscribe: who subscribes and is subscribed already takes longer.
func setResubscribe(_ *rand.Rand, d *Draw, p *part) {
	rule := func(u *run) []bool {
		subscribed := make(map[string]bool)
		met := make([]bool, len(u.requests))
		for _, i := range u.order {
			if q := &u.requests[i]; q.kind == capture.Subscribe {
				met[i] = subscribed[q.person]
				subscribed[q.person] = true
			}
		}
		return met
	}
	p.play = func(r *rand.Rand, u *run, size float64) {
		met := rule(u)
		u.delay(r, size, func(i int) bool { return met[i] })
	}
	p.bySink(slower(sink.Fault{When: sink.Repeat}, capture.Subscribe))
	p.ruled = func(u *run) [][]bool { return [][]bool{rule(u)} }
	p.patterns = []cause.Pattern{cause.RepeatSlow}
}

// meanRate is in requests a second.
func meanRate(list []request) float64 {
	return float64(len(list)) / max(list[len(list)-1].due.Seconds(), 1)
}

// setCPU: all requests share processors; there is work for two and more.
func setCPU(r *rand.Rand, d *Draw, p *part) {
	work := spread(r, 1.2, 8)
	d.health.median = seconds(min(work/meanRate(d.list), 0.5))
	p.bySink(busy(max(1, int(work))))
	p.play = func(_ *rand.Rand, u *run, size float64) { u.share(size) }
	p.patterns = []cause.Pattern{cause.SharedCPU, cause.Queue}
}

// setStalls: writes stand still for 0.15 to 2 s again and again. How long a healthy request takes follows from what ratio that is to give.
func setStalls(r *rand.Rand, d *Draw, p *part) {
	length := spreadTime(r, 150*time.Millisecond, 2*time.Second)
	share := choose(d.strength == faint && r.IntN(2) == 0, spread(r, 0.002, 0.009), spread(r, 0.03, 0.15))
	end := d.list[len(d.list)-1].due
	period := min(time.Duration(float64(length)/share), end/4)
	d.health.median = choose(d.strength == plain, time.Duration(float64(length)/spread(r, 10, 40)), time.Duration(float64(length)/spread(r, 1, 4)))
	d.about += fmt.Sprintf("; about %v every %v", length.Round(time.Millisecond), period.Round(time.Millisecond))
	at := every(r, period, length, end)
	windows := func(size float64) (list []stretch) {
		for _, s := range at {
			list = append(list, stretch{s.from, s.from + time.Duration(size*float64(length))})
		}
		return list
	}
	p.patterns = []cause.Pattern{cause.Stall, cause.Periodic}
	var met []bool
	p.play = func(_ *rand.Rand, u *run, size float64) {
		met = u.stall(windows(size), func(int) bool { return true })
	}
	p.bySink(func(_ *run, size float64) (with, without sink.Behaviour) {
		held := min(time.Duration(size*float64(length)), period-1)
		with.Default.Stall = sink.Stall{Every: period, For: held, Jitter: (period - held) / 20}
		return with, without
	})
	p.ruled = func(*run) [][]bool { return choose(met == nil, nil, [][]bool{met}) }
}

// setOneSender: the test gives nearly all requests to one person or few, and the target lets a person's requests wait for each other, or is slow
// within T.
func setOneSender(r *rand.Rand, d *Draw, p *part) {
	share, people := choose(r.IntN(2) == 0, 1, 0.8+0.2*r.Float64()), 1+r.IntN(3)
	for i := range d.list {
		if r.Float64() < share {
			d.list[i].person = fmt.Sprintf("sender %d", r.IntN(people))
		}
	}
	key := func(q *request) string { return q.person }
	rate := meanRate(d.list) * share / float64(people)
	if r.IntN(2) == 0 {
		within := seconds(spread(r, 0.3, 4) / rate)
		d.about += fmt.Sprintf("; %d senders of %.0f %%, slow within %v", people, 100*share, within.Round(time.Millisecond))
		p.play = func(r *rand.Rand, u *run, size float64) {
			met := u.follows(within, key)
			u.delay(r, size, func(i int) bool { return met[i] })
		}
		p.bySink(slower(sink.Fault{When: sink.SamePerson, Within: within}))
		return
	}
	d.about += fmt.Sprintf("; %d senders of %.0f %%, one at a time", people, 100*share)
	p.play = func(r *rand.Rand, u *run, size float64) {
		for p := range people {
			name := fmt.Sprintf("sender %d", p)
			u.queue(r, 1, min(size, 3), false, func(i int) bool { return u.requests[i].person == name })
		}
	}
}

// setBatches: the test sends kinds in blocks, and one kind or each has a queue of its own, which is enough for the mix.
func setBatches(r *rand.Rand, d *Draw, p *part) {
	block := int(spread(r, 300, max(float64(len(d.list)), 600)))
	for from := 0; from < len(d.list); from += block {
		part := d.list[from:min(from+block, len(d.list))]
		sorted := slices.Clone(part)
		first := capture.Kind(r.IntN(capture.KindCount))
		slices.SortStableFunc(sorted, func(a, b request) int { return int((a.kind-first)&15) - int((b.kind-first)&15) })
		for i := range part {
			sorted[i].due = part[i].due
		}
		copy(part, sorted)
	}
	kinds := []capture.Kind{kindOf(r, d.list, 0.05)}
	if r.IntN(2) == 0 {
		kinds = capture.Kinds()
	}
	after, n := r.IntN(2) == 0, 1+r.IntN(6)
	if after {
		d.health.completing, p.after = true, true
	}
	d.about += fmt.Sprintf("; blocks of %d, %d kinds behind %d each, after the answer: %v", block, len(kinds), n, after)
	p.play = func(r *rand.Rand, u *run, size float64) {
		for _, k := range kinds {
			u.queue(r, n, size, after, func(i int) bool { return u.requests[i].kind == k })
		}
	}
	p.bySink(behind(n, after, false, kinds))
}

// setRepeatedIDs: the test sends ids again, of single messages or of the first half of the run, and the target takes longer for what it knows.
func setRepeatedIDs(r *rand.Rand, d *Draw, p *part) {
	share := spread(r, 0.04, 0.5)
	if d.strength == faint {
		share = spread(r, 0.004, 0.3)
	}
	if half := len(d.list) / 2; r.IntN(3) == 0 {
		d.about += "; the second half is a copy of the first, ids and all"
		d.list = d.list[:half*2]
		span := d.list[half].due - d.list[0].due
		for i := range half {
			c := d.list[i]
			c.due += span
			c.copied = true
			d.list[half+i] = c
		}
		slices.SortStableFunc(d.list, func(a, b request) int { return int(a.due - b.due) })
	} else {
		d.about += fmt.Sprintf("; %.1f %% of ids again", 100*share)
		for i := 1; i < len(d.list); i++ {
			if from := &d.list[r.IntN(i)]; r.Float64() < share && d.list[i].kind != capture.Status && from.kind != capture.Status {
				d.list[i].id, d.list[i].retry = from.id, false
			}
		}
	}
	p.play = func(r *rand.Rand, u *run, size float64) {
		met := u.repeats()
		u.delay(r, size, func(i int) bool { return met[i] })
	}
	p.bySink(slower(sink.Fault{When: sink.RepeatedID}))
}

// repeats says which requests have an id that came before; receipts have that of their message.
func (d *run) repeats() []bool {
	seen := make(map[string]bool)
	met := make([]bool, len(d.requests))
	for _, i := range d.order {
		q := &d.requests[i]
		if q.kind == capture.Status || q.id == "" {
			continue
		}
		met[i] = seen[q.id]
		seen[q.id] = true
	}
	return met
}

// setStarved: the tool stands still for 20 to 300 ms again and again, in bad minutes or all the time.
func setStarved(r *rand.Rand, d *Draw, p *part) {
	length := spreadTime(r, 20*time.Millisecond, 300*time.Millisecond)
	d.health.median = choose(d.strength == plain, time.Duration(float64(length)/spread(r, 10, 30)), time.Duration(float64(length)/spread(r, 1, 4)))
	d.health.median = max(d.health.median, 2*time.Millisecond)
	share, end := spread(r, 0.04, 0.4), d.list[len(d.list)-1].due
	d.about += fmt.Sprintf("; stops of about %v, %.0f %% of the time", length.Round(time.Millisecond), 100*share)
	var at []time.Duration
	var lengths []float64
	bad := true
	turn := seconds(spread(r, 5, 60))
	for t := time.Duration(0); t < end; {
		t += seconds(r.ExpFloat64() * length.Seconds() / share)
		if t > turn {
			bad, turn = !bad, t+seconds(spread(r, 5, 60))
		}
		if bad {
			at, lengths = append(at, t), append(lengths, spread(r, 0.5, 2))
		}
		t += 2 * length
	}
	lag := []time.Duration(nil)
	p.play = func(_ *rand.Rand, u *run, size float64) {
		if lag == nil {
			lag = slices.Clone(u.lag)
		}
		copy(u.lag, lag)
		var list []stretch
		for i := range at {
			to := at[i] + time.Duration(size*lengths[i]*float64(length))
			if i+1 < len(at) {
				to = min(to, at[i+1]-time.Millisecond)
			}
			list = append(list, stretch{at[i], max(to, at[i])})
		}
		u.starve(list)
	}
}
