package pace

import (
	"errors"
	"fmt"
	"math"
	"time"
)

// Options shape a schedule. The zero value plays every record once at its recorded tempo.
type Options struct {
	// TimeScale divides the time between records: 2 plays in half the time, 0.5 in twice. 0 means 1.
	TimeScale float64
	// Volume multiplies the number of requests in the same time: 2 sends every record and gives every person a double
	// with messages like his. Below 1 it keeps each record with that probability; of a fraction above 1, as in 1.5, it is
	// the probability that a person has one more. 0 means 1.
	Volume float64
	// Limit ends the schedule after so many requests, copies among them. 0 means no limit.
	Limit int64
	// Until ends the schedule before the first request that is due so long after the start. 0 means no limit.
	Until time.Duration `json:",omitempty"`
	// Seed decides what is random: thinning, fractions and the places of copies.
	Seed uint64
	// Ramp lets the tempo grow evenly from nothing to its full measure during the run's first stretch of this length,
	// which holds half as many arrivals as it would without. Nothing is left out. 0 means none.
	Ramp time.Duration
	// MaxRate is the most requests in a second: those that would come sooner are shifted, and shift what follows, until
	// the schedule has caught up. 0 means no limit.
	MaxRate float64
	// Loops is how often the arrivals are played, one loop after another. 0 means once.
	Loops int
	// Shape bends the curve by steps. TimeScale and Volume are the tempo before its first step.
	Shape Shape `json:",omitzero"`
	// MostFactor says that each arrival has a factor of its own on the volume, and what that can be at most. 0 means none has.
	MostFactor float64 `json:",omitzero"`
	// MaxGap is the longest time between two arrivals that is played, in recorded time: what a longer one has more is left out, and
	// all that follows moves up. 0 means no limit.
	MaxGap time.Duration `json:",omitempty"`
	// Exact plays an exact number of requests, once and without another volume.
	Exact *Exact `json:",omitempty"`
	// Outages hold what is due in them, in order of time. A schedule says of its plays which are held and by what; they come out when
	// they would be due without outages, and a Queue says when they are sent. MaxRate is left to a Limiter then, for all in that order.
	Outages []Outage `json:",omitempty"`
}

// The extremes of the options.
const (
	MaxTimeScale = 1e9
	MinTimeScale = 1e-6
	// MaxVolume also bounds a volume multiplied by the factors of arrivals.
	MaxVolume  = 10_000
	MaxMaxRate = 1e9
	MinMaxRate = 1e-6
	MaxRamp    = 30 * 24 * time.Hour
	MaxLoops   = 1_000_000
)

func (o *Options) fill() {
	if o.TimeScale == 0 {
		o.TimeScale = 1
	}
	if o.Volume == 0 {
		o.Volume = 1
	}
	if o.Loops == 0 {
		o.Loops = 1
	}
}

func (o *Options) check() error {
	switch {
	case !(o.TimeScale >= MinTimeScale && o.TimeScale <= MaxTimeScale):
		return fmt.Errorf("time-scale %v is not between %v and %v", o.TimeScale, MinTimeScale, MaxTimeScale)
	case !(o.Volume > 0 && o.Volume <= MaxVolume):
		return fmt.Errorf("volume %v is not above 0 and at most %v", o.Volume, MaxVolume)
	case o.Until < 0:
		return fmt.Errorf("until %v is negative", o.Until)
	case o.Limit < 0:
		return fmt.Errorf("limit %d is negative", o.Limit)
	case o.Ramp < 0 || o.Ramp > MaxRamp:
		return fmt.Errorf("ramp %v is not between 0s and %v", o.Ramp, MaxRamp)
	case !(o.MostFactor >= 0):
		return fmt.Errorf("a factor of %v is negative", o.MostFactor)
	case o.MaxRate != 0 && o.Shape.Cap != 0:
		return errors.New("max-rate and the cap of the shape are the same: one of the two can be given")
	case o.MaxRate != 0 && !(o.MaxRate >= MinMaxRate && o.MaxRate <= MaxMaxRate):
		return fmt.Errorf("max-rate %v is not between %v and %v a second", o.MaxRate, MinMaxRate, MaxMaxRate)
	case o.MaxGap < 0:
		return fmt.Errorf("max-gap %v is negative", o.MaxGap)
	case o.Loops < 0 || o.Loops > MaxLoops:
		return fmt.Errorf("loop %d is not between 1 and %d", o.Loops, MaxLoops)
	case len(o.Shape.Steps) > 0 && (o.Ramp > 0 || o.Limit > 0):
		return errors.New("a shape says itself how the tempo grows and how many requests are sent: it takes no ramp and no limit")
	}
	if err := o.Shape.check(); err != nil {
		return err
	}
	if most := o.most(); !(most <= MaxVolume) {
		return fmt.Errorf("its factors make the volume %v, more than %v", most, MaxVolume)
	}
	if err := o.checkExact(); err != nil {
		return err
	}
	return o.checkOutages()
}

// most is the greatest volume that any arrival can have.
func (o *Options) most() float64 {
	if o.Exact != nil && o.Exact.Recorded > 0 {
		return float64(o.Exact.copies())
	}
	if o.MostFactor > 0 {
		return o.Shape.MostVolume(o.Volume) * o.MostFactor
	}
	return o.Shape.MostVolume(o.Volume)
}

// copies is the largest number of plays that one arrival can have.
func (o *Options) copies() int { return max(int(math.Ceil(o.most())), 1) }
