package replay

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"reprise/capture"
	"reprise/replay/pace"
)

// MaxLiveTimes is how many times the planned volume a run can be set to while it is going.
const MaxLiveTimes = 64

// MinLiveTimes is the least part of the planned volume that a run can be set to: pause sends nothing at all.
const MinLiveTimes = 1e-3

// ErrNobodyNew is what Control.Volume returns where a run has no new people to send as.
var ErrNobodyNew = errors.New("replay: this run has no new people to send as")

// CheckVolume says what is wrong with a volume that is set while a run is going.
func CheckVolume(volume float64) error {
	if !(volume > 0 && volume <= pace.MaxVolume) {
		return fmt.Errorf("volume %v is not above 0 and at most %v", volume, pace.MaxVolume)
	}
	return nil
}

// liveVolume is what a Control knows of the volume.
type liveVolume struct {
	base   float64 // the schedule's
	now    float64
	wanted float64 // asked for, and not applied yet; 0 for none
	most   float64 // how many times the planned one there are people for; 0 where that is not known
	failed string  // why the last one that was asked for was not applied
}

// Volume sets the volume from now on: 3 sends three times what was recorded, in the same time, as new people where that is more than
// planned. In a shape it multiplies what the shape says. What is less than planned leaves requests out, which count as unsent. The first
// time it is above the plan the corpus is looked through for people, and waits says that it applies when that is done.
func (c *Control) Volume(volume float64) (waits bool, err error) {
	if err := CheckVolume(volume); err != nil {
		return false, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.going(); err != nil {
		return false, err
	}
	v := &c.mu.volume
	times := volume / v.base
	switch {
	case c.mu.series != nil:
		return false, ErrSearching
	case times > MaxLiveTimes:
		return false, fmt.Errorf("volume %v is more than %d times the planned %v", volume, MaxLiveTimes, v.base)
	case times < MinLiveTimes:
		return false, fmt.Errorf("volume %v is less than %v of the planned %v: pause sends nothing", volume, MinLiveTimes, v.base)
	case times <= 1 || v.most > 0:
		return false, c.applyVolume(volume)
	case c.mu.run.o.Grow == nil:
		return false, ErrNobodyNew
	}
	v.wanted, v.failed = volume, ""
	poke(c.mu.run.wanted)
	return true, nil
}

// applyVolume has the feeder play at a volume. The caller holds mu.
func (c *Control) applyVolume(volume float64) error {
	v, r := &c.mu.volume, c.mu.run
	times := volume / v.base
	if times > 1 && times > v.most {
		return fmt.Errorf("volume %v needs more new people than there are numbers for: at most %v", volume, v.most*v.base)
	}
	v.now, v.wanted, v.failed = volume, 0, ""
	r.times.Store(math.Float64bits(times))
	if r.o.Plan != nil {
		r.halt.peak.Store(int64(math.Ceil(float64(r.o.Plan.Peak) * times)))
	}
	c.mu.changes = append(c.mu.changes, Change{At: c.moment(r.now()), What: fmt.Sprintf("volume %v", volume)})
	return nil
}

// grew applies what waited for new people.
func (c *Control) grew(most float64, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	v := &c.mu.volume
	if err == nil {
		v.most = most
	}
	if v.wanted == 0 || c.mu.ended {
		return
	}
	volume := v.wanted
	if err == nil {
		err = c.applyVolume(volume)
	}
	if err != nil {
		v.wanted, v.failed = 0, fmt.Sprintf("volume %v is not applied: %v", volume, err)
	}
}

// says is what there is to say of the volume.
func (v *liveVolume) says() string {
	if v.wanted > 0 {
		return fmt.Sprintf("volume %v begins when the corpus has been looked through for people", v.wanted)
	}
	return v.failed
}

// grow finds new people when they are asked for, until ctx ends.
func (r *run) grow(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-r.wanted:
		}
		most, err := r.o.Grow(ctx)
		r.o.Control.grew(most, err)
	}
}

// multiplier plays what a live volume adds to the plan.
type multiplier struct {
	later laterHeap
	free  []*later
	added AddedIn
}

// AddedInStep says how many requests a volume above the plan's added to a step, by kind.
type AddedInStep struct {
	Step  int              `json:"step"`
	Kinds map[string]int64 `json:"kinds"`
}

// AddedIn has an entry for each step that something was added to.
type AddedIn []AddedInStep

// Count adds requests of a kind to a step; what is of no step is left out.
func (a *AddedIn) Count(step int, kind string, n int64) {
	if step == 0 {
		return
	}
	i := len(*a) - 1 // the last, mostly
	for i >= 0 && (*a)[i].Step != step {
		i--
	}
	if i < 0 {
		*a, i = append(*a, AddedInStep{step, make(map[string]int64)}), len(*a)
	}
	(*a)[i].Kinds[kind] += n
}

// Plus adds all that another counted.
func (a *AddedIn) Plus(o AddedIn) {
	for _, s := range o {
		for kind, n := range s.Kinds {
			a.Count(s.Step, kind, n)
		}
	}
}

// Of is what was added to a step, by kind.
func (a AddedIn) Of(step int) map[string]int64 {
	for _, s := range a {
		if s.Step == step {
			return s.Kinds
		}
	}
	return nil
}

// later is a play that was added, and comes later than the one that it doubles.
type later struct {
	pace.Play
	rec capture.Record
}

// laterShift bounds by how much a new person's messages come later than those of the person whom they double. Each has a constant of
// their own, so that they keep their distances, and do not come in pairs.
const laterShift = 500 * time.Millisecond

// What is drawn for one person is independent of what else is drawn for them.
const (
	saltTimes = 0xa54ff53a5f1d36f1
	saltLater = 0x510e527fade682d1
)

// visit plays what is planned at the volume in force, after what was added before it.
func (f *feeder) visit(ctx context.Context, rec *capture.Record, p pace.Play) error {
	if err := f.giveAdded(ctx, p.Deadline); err != nil {
		return err
	}
	if f.times.Load() == 0 || !f.o.Share.has(rec) || f.o.Resume != nil && f.o.Resume.Done(p.Seq, p.Copy) {
		return f.give(ctx, rec, p)
	}
	if f.leaves(&p) {
		// What is left out takes its time too: the volume may be another by then, and the run is not over before its plan.
		if err := f.await(ctx, p.Deadline); err != nil {
			return err
		}
		if f.leaves(&p) {
			f.feedBook.Of(rec.Kind).Unsent++
			f.thinned++
			return nil
		}
	}
	times := math.Float64frombits(f.times.Load())
	if err := f.give(ctx, rec, p); err != nil {
		return err
	}
	f.multiply(rec, &p, times)
	return nil
}

// leaves says whether the volume in force leaves a play out.
func (f *feeder) leaves(p *pace.Play) bool {
	times := math.Float64frombits(f.times.Load())
	return times < 1 && pace.Chance(f.schedule.Options().Seed^saltTimes, uint64(p.Seq), p.Copy) >= times
}

// multiply adds the plays of new people who have the messages of the person of a play.
func (f *feeder) multiply(rec *capture.Record, p *pace.Play, times float64) {
	o, copies := f.schedule.Options(), f.schedule.Copies()
	id := Person(rec)
	if id == 0 {
		id = uint64(p.Seq)<<1 | 1
	}
	for i := 1; float64(i) < times; i++ {
		person := p.Person + i*copies
		if times < float64(i+1) && pace.Chance(o.Seed^saltTimes, id, person) >= times-float64(i) {
			break
		}
		l := f.more.take()
		l.Play = *p
		l.Person, l.Copy = person, p.Copy+i*maxAttempts*f.stride()
		l.Deadline += 1 + time.Duration(pace.Chance(o.Seed^saltLater, id, person)*float64(laterShift))
		copyRecord(&l.rec, rec)
		f.more.later.push(l)
		f.feedBook.Again(rec.Kind)
		f.more.added.Count(p.Step, rec.Kind.String(), 1)
	}
}

// giveAdded plays what was added and comes before a deadline.
func (f *feeder) giveAdded(ctx context.Context, before time.Duration) error {
	for m := &f.more; len(m.later) > 0 && m.later[0].Deadline < before; {
		l := m.later.pop()
		if err := f.give(ctx, &l.rec, l.Play); err != nil {
			f.feedBook.Of(l.rec.Kind).Unsent++
			return err
		}
		m.free = append(m.free, l)
	}
	return nil
}

// endAdded plays what was added and comes after all that was planned, or counts it as unsent.
func (f *feeder) endAdded(ctx context.Context) {
	if f.feedErr == nil {
		f.feedErr = f.giveAdded(ctx, Forever)
	}
	for _, l := range f.more.later {
		f.feedBook.Of(l.rec.Kind).Unsent++
	}
	f.more.later = nil
}

func (m *multiplier) take() *later {
	n := len(m.free)
	if n == 0 {
		return new(later)
	}
	l := m.free[n-1]
	m.free = m.free[:n-1]
	return l
}

// laterHeap holds plays that were added, the earliest first.
type laterHeap []*later

func (h *laterHeap) push(l *later) {
	*h = append(*h, l)
	s := *h
	for i := len(s) - 1; i > 0; {
		up := (i - 1) / 2
		if s[up].Deadline <= s[i].Deadline {
			return
		}
		s[up], s[i] = s[i], s[up]
		i = up
	}
}

func (h *laterHeap) pop() *later {
	s := *h
	top, n := s[0], len(s)-1
	s[0], s[n] = s[n], nil
	s = s[:n]
	*h = s
	for i := 0; ; {
		low := i
		for child := 2*i + 1; child <= 2*i+2 && child < n; child++ {
			if s[child].Deadline < s[low].Deadline {
				low = child
			}
		}
		if low == i {
			return top
		}
		s[low], s[i] = s[i], s[low]
		i = low
	}
}
