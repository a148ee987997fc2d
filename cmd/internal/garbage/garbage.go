// Package garbage says how much garbage the program leaves lying. What packages make as the program begins is kept to its end, and
// so is most of what the first moments of a replay make: collecting takes longer than making it.
//
// It imports nothing but the runtime's packages, so that it is begun as early as the names of packages let it, long before main. Its functions may
// be called from any goroutine.
package garbage

import (
	"runtime"
	"runtime/debug"
	"sync"
)

// Percent of what is in use.
const (
	usual = 100 // where the environment does not say how much
	first = 8 * usual
	then  = 4 * usual
	few   = usual / 2
)

// said is how much it would have been.
var said = begin()

func begin() int {
	hugePages()
	return debug.SetGCPercent(first)
}

// Usual has as much left as the environment says.
func Usual() { debug.SetGCPercent(said) }

// Little has half the usual garbage left, where the environment does not say how much. It is for verbs that pack: what they keep is tens of
// megabytes with few pointers in them, which are collected in milliseconds.
func Little() {
	if said == usual {
		debug.SetGCPercent(few)
	}
}

// Leave has eight times the usual garbage left until the first collection, and four times as much from then on, until over is called. What the
// environment says counts before that.
func Leave() (over func()) {
	if said != usual {
		return func() {}
	}
	var mu sync.Mutex
	ended := false
	set := func(percent int, end bool) {
		mu.Lock()
		defer mu.Unlock()
		if !ended {
			ended = end
			debug.SetGCPercent(percent)
		}
	}
	set(first, false)
	runtime.AddCleanup(new(sentinel), func(percent int) { set(percent, false) }, then)
	return sync.OnceFunc(func() { set(usual, true) })
}

// sentinel is collected by the first collection; it is no part of any other object.
type sentinel struct{ _ [32]byte }
