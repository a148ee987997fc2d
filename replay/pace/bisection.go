package pace

import (
	"slices"
	"strconv"
)

// Bisection decides which tempo a search plays next: it doubles until a step breaks, halves the interval until that is under
// FoundWithin of its lower end, and has the answer played once more. Ask Next, play, tell Took, and so on until Next says that it is over.
type Bisection struct {
	next      float64
	over      bool
	confirm   bool      // the step to come plays the answer once more
	held      []float64 // the tempos that held and have not broken since, in order
	broke     float64   // the lowest tempo that broke; 0 for none
	confirmed bool
	lost      int // how often an answer broke when it was played once more
	steps     int
}

const (
	// FoundWithin is the width of the interval, as a share of its lower end, that is narrow enough.
	FoundWithin = 0.05
	// MaxLost is how often an answer may break when it is played once more: after that, the search ends.
	MaxLost = 3
	// MaxSearchSteps bounds the steps of a search.
	MaxSearchSteps = 100
)

// NewBisection begins at a tempo.
func NewBisection(from float64) *Bisection { return &Bisection{next: from} }

// Next returns the tempo to play; ok is false when the search is over.
func (b *Bisection) Next() (tempo float64, ok bool) { return b.next, !b.over }

// Confirming says that the step to come plays an answer once more.
func (b *Bisection) Confirming() bool { return b.confirm && !b.over }

// Took says whether the step that Next gave held.
func (b *Bisection) Took(held bool) {
	if b.over {
		return
	}
	b.steps++
	switch {
	case held && b.confirm:
		b.confirmed, b.over = true, true
		return
	case held:
		b.held = append(b.held, b.next)
		slices.Sort(b.held)
	default:
		b.breaks()
	}
	b.confirm = false
	b.choose()
}

// breaks takes a tempo that broke: it and all above it hold no more.
func (b *Bisection) breaks() {
	if b.confirm {
		b.lost++
	}
	b.broke = b.next
	b.held = slices.DeleteFunc(b.held, func(t float64) bool { return t >= b.next })
}

// choose decides which tempo is next.
func (b *Bisection) choose() {
	low := b.Low()
	switch {
	case low == 0, b.lost >= MaxLost, b.steps >= MaxSearchSteps:
		b.over = true
	case b.broke == 0:
		b.next = 2 * low
		b.over = b.next > MaxTimeScale
	case b.broke-low < FoundWithin*low:
		b.next, b.confirm = low, true
	default:
		b.next = typed(low + (b.broke-low)/2)
	}
}

// typed rounds a tempo to what somebody would type to have it again: 2.0125, not 2.0124999999999997.
func typed(tempo float64) float64 {
	t, err := strconv.ParseFloat(strconv.FormatFloat(tempo, 'g', 12, 64), 64)
	if err != nil {
		return tempo
	}
	return t
}

// Low is the highest tempo that held, below all that broke; 0 where none did.
func (b *Bisection) Low() float64 {
	if len(b.held) == 0 {
		return 0
	}
	return b.held[len(b.held)-1]
}

// High is the lowest tempo that broke; 0 where none did.
func (b *Bisection) High() float64 { return b.broke }

// Lost is how often an answer broke when it was played once more.
func (b *Bisection) Lost() int { return b.lost }

// Found says that the answer was found: it held, and held once more.
func (b *Bisection) Found() bool { return b.confirmed }
