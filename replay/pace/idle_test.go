package pace

import (
	"testing"
	"time"
)

// TestIdleOfAllLoops holds that what a bound on gaps leaves out is counted in each loop.
func TestIdleOfAllLoops(t *testing.T) {
	s, err := New(Options{MaxGap: time.Second, Loops: 2})
	if err != nil {
		t.Fatal(err)
	}
	for loop := range 2 {
		s.Add(Arrival{At: 0})
		s.Add(Arrival{At: 5 * time.Second})
		if want := time.Duration(loop+1) * 4 * time.Second; s.Idle() != want {
			t.Errorf("after loop %d: %v, want %v", loop+1, s.Idle(), want)
		}
		s.Again()
	}
}
