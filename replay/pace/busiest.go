package pace

import (
	"fmt"
	"math/bits"
	"time"
)

// Parts is how many steps a window is cut into when the busiest is looked for: the answer is the busiest of all windows
// that begin on a step, so that one hour is found to the second.
const Parts = 3600

// Window is a stretch of recorded time, from Start up to but not including Start + Length.
type Window struct {
	Start  time.Duration
	Length time.Duration
	// Count is the number of records in it.
	Count int64
}

// Busiest finds the window of a given length that holds the most records, in one pass and 29 kB however long the input is.
// Of equals the earliest wins.
type Busiest struct {
	length time.Duration
	ring   [Parts]int64
	newest int64 // the step of the last record
	begun  bool
	count  int64 // records in the ring
	best   Window
}

// NewBusiest returns a finder for windows of a length of at least a millisecond.
func NewBusiest(length time.Duration) (*Busiest, error) {
	if length < time.Millisecond {
		return nil, fmt.Errorf("a window of %v is shorter than 1ms", length)
	}
	return &Busiest{length: length}, nil
}

// Add takes the next record's time since a fixed origin. Times must not be negative; one that is before the last counts
// with the last.
func (b *Busiest) Add(at time.Duration) { b.AddMany(at, 1) }

// AddMany takes n records that are all in the step of a time since the origin.
func (b *Busiest) AddMany(at time.Duration, n int64) {
	step := b.step(max(at, 0))
	if !b.begun {
		b.begun, b.newest = true, step
	}
	b.forget(step)
	b.ring[b.newest%Parts] += n
	b.count += n
	if b.count > b.best.Count {
		b.best = Window{Start: b.start(b.newest), Length: b.length, Count: b.count}
	}
}

// forget moves the ring on to a step, dropping the steps that leave the window.
func (b *Busiest) forget(step int64) {
	if step-b.newest >= Parts {
		b.ring, b.count, b.newest = [Parts]int64{}, 0, step
	}
	for b.newest < step {
		b.newest++
		b.count -= b.ring[b.newest%Parts]
		b.ring[b.newest%Parts] = 0
	}
}

// step is the step that holds a moment: at · Parts / length, in 128 bits.
func (b *Busiest) step(at time.Duration) int64 {
	hi, lo := bits.Mul64(uint64(at), Parts)
	q, _ := bits.Div64(hi%uint64(b.length), lo, uint64(b.length))
	return int64(q)
}

// start is the beginning of the window whose last step is given: the first moment of its first step.
func (b *Busiest) start(last int64) time.Duration {
	first := max(last-Parts+1, 0)
	hi, lo := bits.Mul64(uint64(first), uint64(b.length))
	lo, carry := bits.Add64(lo, Parts-1, 0)
	q, _ := bits.Div64(hi+carry, lo, Parts)
	return time.Duration(q)
}

// Best returns the busiest window so far; ok is false before the first record.
func (b *Busiest) Best() (w Window, ok bool) { return b.best, b.begun }

// Peak counts the plays in the busiest second of a run, seconds counted from its start. Its zero value is ready.
type Peak struct {
	second time.Duration
	count  int64
	best   int64
}

// Add takes the next deadline; deadlines must not decrease.
func (p *Peak) Add(deadline time.Duration) {
	if s := deadline.Truncate(time.Second); s != p.second {
		p.second, p.count = s, 0
	}
	p.count++
	p.best = max(p.best, p.count)
}

// Best returns the number of plays in the busiest second so far.
func (p *Peak) Best() int64 { return p.best }
