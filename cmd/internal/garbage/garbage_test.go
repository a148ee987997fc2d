package garbage

import (
	"runtime/debug"
	"testing"
)

// percent is how much garbage is left now.
func percent() int {
	now := debug.SetGCPercent(usual)
	debug.SetGCPercent(now)
	return now
}

// More is left from the start on and while a start asks for it, and as much as the environment says at any other time.
func TestLeave(t *testing.T) {
	defer debug.SetGCPercent(percent())
	if said != usual {
		Little()
		if got := percent(); got != said {
			t.Errorf("%d %% where little is to be left; the environment says %d", got, said)
		}
		Usual()
		over := Leave()
		defer over()
		if got := percent(); got != said {
			t.Errorf("%d %%; the environment says %d", got, said)
		}
		return
	}
	if got := percent(); got != first {
		t.Errorf("%d %% at the start", got)
	}
	Usual()
	if got := percent(); got != usual {
		t.Errorf("%d %% as usual", got)
	}
	over := Leave()
	if got := percent(); got != first && got != then { // somebody may have collected
		t.Errorf("%d %% while it is left", got)
	}
	over()
	over()
	if got := percent(); got != usual {
		t.Errorf("%d %% after it", got)
	}
	Little()
	if got := percent(); got != few {
		t.Errorf("%d %% where little is to be left", got)
	}
}
