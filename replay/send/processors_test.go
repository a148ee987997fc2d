package send

import (
	"runtime"
	"testing"
)

// Engines that send at once each have their processors, in whatever order they end, and the last leaves what there was.
func TestProcessorsAddUp(t *testing.T) {
	own := runtime.GOMAXPROCS(0)
	var p Processors
	first := p.add(2)
	second := p.add(1)
	if got := runtime.GOMAXPROCS(0); got != own+3 {
		t.Errorf("%d processors beside %d, want 3", got-own, own)
	}
	first()
	if got := runtime.GOMAXPROCS(0); got != own+1 {
		t.Errorf("%d processors beside %d, want 1", got-own, own)
	}
	second()
	if got := runtime.GOMAXPROCS(0); got != own {
		t.Errorf("GOMAXPROCS is %d, want %d", got, own)
	}
	(*Processors)(nil).add(1)()
	if got := runtime.GOMAXPROCS(0); got != own {
		t.Errorf("GOMAXPROCS is %d, want %d", got, own)
	}
}
