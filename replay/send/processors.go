package send

import (
	"runtime"
	"sync"
)

// Processors adds processors to Go's scheduler while engines send: a thread of an engine holds one while it spins, so that the
// goroutines beside it would be held up. GOMAXPROCS is the process's, and an engine leaves it alone unless it is given a
// Processors: a program makes one and gives it to every engine, and what engines that send at once add and take away then sums up.
type Processors struct {
	mu    sync.Mutex
	added int
	own   int // GOMAXPROCS before the first was added
}

// add adds n until what it returns is called. A nil Processors adds none.
func (p *Processors) add(n int) (remove func()) {
	if p == nil {
		return func() {}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.added == 0 {
		p.own = runtime.GOMAXPROCS(0)
	}
	p.set(p.added + n)
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.set(p.added - n)
	}
}

func (p *Processors) set(added int) {
	p.added = added
	runtime.GOMAXPROCS(p.own + added)
}
