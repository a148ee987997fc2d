package box

import (
	"errors"
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"reprise/replay/cause"
	"strings"
	"time"
)

// fault is one of the box: how its draws are made, and which answers count as right.
type fault struct {
	name  string
	whose cause.Owner
	// rare says that it can be had on less than 1 % of requests.
	rare bool
	// wish is the traffic that it wants.
	wish func(r *rand.Rand, s strength) wish
	// set draws everything but the fault's size.
	set func(r *rand.Rand, d *Draw, p *part)
	// from and to are between which sizes the one is searched that gives the effect.
	from, to float64
	// right says whether a finding is one of the answers; one that names the same requests as a rule of the part always is.
	right func(p *part, f *cause.Finding) bool
	// anyEffect takes a draw whatever it does.
	anyEffect bool
}

// Draw is a run in which it is known what was the matter.
type Draw struct {
	strength strength
	seed     uint64
	about    string // the traffic and what was drawn, for people
	parts    []*part

	run    *run
	health health // what the receiver is like without a fault
	list   []request
	// opens says which requests need a new connection; nil is none but those for which there are too few.
	opens func(i int) bool
	natural
}

// part is a fault in a draw: most draws have one.
type part struct {
	*fault
	effect effect
	size   float64
	hit    []bool
	// play has the fault, of a size, act on a run.
	play func(r *rand.Rand, d *run, size float64)
	// sink does the same by the sink's simulation; nil where it knows no such fault.
	sink func(r *rand.Rand, d *run, size float64)
	// after says that it acts after the answer, so that completion is judged.
	after bool
	// ruled says which sets of requests a right answer may name, once the run is made; rules are these.
	ruled    func(d *run) [][]bool
	rules    [][]bool
	kinds    map[string]int // requests of those kinds that are slow, where kinds are
	patterns []cause.Pattern
	within   time.Duration
	failing  bool // it makes requests fail: its effect is their share
	// other says whether a finding names what only goes with the cause.
	other func(p *part, f *cause.Finding) bool
}

// natural is what the traffic was like before a test changed it.
type natural struct {
	people              int64
	topPerson, sameKind float64
}

var errNoDraw = errors.New("no draw of that strength was found")

// of makes a draw of faults: the same seed, the same draw. What does not have the effect that its strength asks for is drawn again.
func (t *Traffic) of(s strength, seed uint64, faults ...*fault) (*Draw, error) {
	for try := range uint64(100) {
		d, err := t.attempt(s, seed, try, faults)
		if err == nil || !errors.Is(err, errNoDraw) {
			return d, err
		}
	}
	return nil, fmt.Errorf("%s, %s, seed %d: %w", faults[0].name, s, seed, errNoDraw)
}

func (t *Traffic) attempt(s strength, seed, try uint64, faults []*fault) (*Draw, error) {
	r := rand.New(rand.NewPCG(seedOf(faults, s, seed), try))
	var w wish
	for _, f := range faults {
		w = w.and(f.wish(r, s))
	}
	name, list, err := t.draw(r, w)
	if err != nil {
		return nil, err
	}
	d := &Draw{strength: s, seed: seed, list: list, natural: naturalOf(list)}
	d.health = health{median: spreadTime(r, 4*time.Millisecond, 80*time.Millisecond), completing: r.IntN(4) == 0}
	d.about = fmt.Sprintf("%s; %d requests, %.0f/s", name, len(list), meanRate(list))
	for _, f := range faults {
		own := *f // a draw may say more of its own
		p := &part{fault: &own}
		d.parts = append(d.parts, p)
		f.set(r, d, p)
		if p.sink != nil && seed%3 != 0 {
			p.play = p.sink
			d.about += " (sink)"
		}
	}
	d.run = healthy(r, d.list, d.health)
	for _, p := range d.parts {
		b, aim := s.band(r, p.rare)
		without := d.run.judged(p)
		d.fit(p, aim, without)
		if p.effect, p.hit = d.with(p, p.size, without); !p.is(b) {
			return nil, errNoDraw
		}
		if p.ruled != nil {
			p.rules = p.ruled(d.run)
		}
		d.about += fmt.Sprintf("; size %.3g: %v", p.size, p.effect)
	}
	if len(d.parts) > 1 {
		d.run.reset()
		for _, p := range d.parts {
			p.play(d.second(), d.run, p.size)
		}
	}
	return d, nil
}

// name is that of its faults.
func (d *Draw) name() string {
	var names []string
	for _, p := range d.parts {
		names = append(names, p.name)
	}
	return strings.Join(names, " + ")
}

// is says whether a part has the effect that its draw is to have.
func (p *part) is(b band) bool {
	switch {
	case p.anyEffect:
		return true
	case p.failing:
		return p.effect.share >= 0.03 && p.effect.share <= 0.5
	}
	return b.has(p.effect)
}

// second is the source of what happens while a fault plays: the same for each size.
func (d *Draw) second() *rand.Rand { return rand.New(rand.NewPCG(d.seed, 1<<40)) }

// judged are the times by which a part is judged.
func (d *run) judged(p *part) []time.Duration {
	if p.after {
		return d.completion()
	}
	return d.latency()
}

// with plays a run with one part, of a size.
func (d *Draw) with(p *part, size float64, without []time.Duration) (effect, []bool) {
	d.run.reset()
	p.play(d.second(), d.run, size)
	e, hit := effectOf(d.run.judged(p), without)
	if p.failing {
		e, hit = d.run.failures()
	}
	d.run.reset()
	if len(d.parts) == 1 {
		p.play(d.second(), d.run, size)
	}
	return e, hit
}

// fit searches the size with the ratio that is aimed at, which grows with it. Whether it was reached is seen after.
func (d *Draw) fit(p *part, aim float64, without []time.Duration) {
	low, high := p.from, p.to
	if aim == 0 {
		return
	}
	ratio := func(size float64) float64 {
		e, _ := d.with(p, size, without)
		return e.ratio
	}
	if p.size = high; low == high || ratio(high) < aim {
		return
	}
	for range 14 {
		p.size = math.Sqrt(low * high)
		got := ratio(p.size)
		if math.Abs(got/aim-1) < 0.03 {
			return
		}
		if got < aim {
			low = p.size
		} else {
			high = p.size
		}
	}
}

// seedOf is one that no other faults and strength have.
func seedOf(faults []*fault, s strength, seed uint64) uint64 {
	h := fnv.New64a()
	for _, f := range faults {
		fmt.Fprint(h, f.name, " ")
	}
	fmt.Fprint(h, s, seed)
	return h.Sum64()
}

func naturalOf(list []request) natural {
	count := make(map[string]int)
	same, most := 0, 0
	for i := range list {
		count[list[i].person]++
		most = max(most, count[list[i].person])
		if i > 0 && list[i].kind == list[i-1].kind {
			same++
		}
	}
	n := float64(max(len(list), 2))
	return natural{int64(len(count)), float64(most) / n, float64(same) / (n - 1)}
}
