package replay

import (
	"testing"
	"time"
)

func TestClock(t *testing.T) {
	const s = time.Second
	c := newClock(0, 0)
	check := func(what string, deadline, want time.Duration) {
		t.Helper()
		if got := c.Due(deadline); got != want {
			t.Errorf("%s: %v is due at %v, want %v", what, deadline, got, want)
		}
	}
	check("untouched", 7*s, 7*s)
	c.change(10*s, 0)
	check("paused, it was late", 9*s, Forever)
	check("paused, still to come", 11*s, Forever)
	c.change(60*s, 1)
	check("resumed, was late before", 9*s, 60*s)
	check("resumed, no burst: the distance is kept", 12*s, 62*s)
	c.change(70*s, 2) // position 20 s
	check("twice as fast", 30*s, 75*s)
	check("late by its old tempo", 15*s, 65*s)
	c.change(72*s, 0.5) // position 24 s
	check("half as fast", 30*s, 84*s)
	check("two tempos ago", 15*s, 65*s)
	if got := c.Position(74 * s); got != 25*s {
		t.Errorf("position %v at 74s, want 25s", got)
	}
	for i := range 20 {
		c.change(time.Duration(100+i)*s, 1+float64(i%2))
	}
	n := 0
	for p := c.now.Load(); p != nil; p = p.before {
		n++
	}
	if n > remembered+1 {
		t.Errorf("the clock remembers %d stretches", n)
	}
}
