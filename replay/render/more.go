package render

import (
	"errors"
	"math"
)

// errPoolFull: the pool has no number for anybody new.
var errPoolFull = errors.New("the pool has no numbers left for new people")

// Grow lets plays have more persons than Options.Copies, who are nobody that used marks. It returns how many persons a record can have then, the
// recorded one among them. It may be called while another goroutine renders.
func (r *Renderer) Grow(used *Used) (persons int, err error) {
	if r.o.Copies <= 1 { // else they are marked
		for _, number := range r.o.Recipients {
			used.Mark(number)
		}
	}
	marked := max(used.Count(), 1)
	most := min((used.pool.Len()-marked)/marked, math.MaxInt32)
	if most < max(r.o.Copies, 1) {
		return 0, errPoolFull
	}
	people, err := newPeople(used, most, [32]byte(key(r.o.Seed, "people", 0)))
	if err != nil {
		return 0, err
	}
	r.more.Store(people)
	return most + 1, nil
}

// grown takes over the new people, in the goroutine that renders, for a play of one of them.
func (r *Renderer) grown(person int) bool {
	if person < max(r.o.Copies, 1) {
		return false
	}
	if more := r.more.Load(); r.sender.more != more {
		r.sender.more, r.sender.raw = more, ""
	}
	return r.sender.more != nil
}
