package garbage

import (
	"syscall"
	"unsafe"
)

const (
	grown = 16 << 20 // what the heap grows by; a replay's first request takes less
	chunk = 4 << 20  // what it grows by as a rule
)

// hugePages has the next memory of the heap be of huge pages, where the system gives those to who asks: 512 page faults, which cost more than
// most of that memory is used for, are one. The heap grows when memory is asked for, and what a stack had of it is free again when its goroutine
// ends, without a collection. So a goroutine asks for a stack of that size, and touches one page of it.
func hugePages() {
	within := make(chan uintptr)
	go func() {
		at, _ := stack(nil)
		within <- at
	}()
	at := <-within &^ (chunk - 1)
	// The stack, and the chunk before it, of which most is free, lie there. Where nothing is, the advice does nothing.
	_, _, _ = syscall.Syscall(syscall.SYS_MADVISE, at-grown-chunk, grown+2*chunk, syscall.MADV_HUGEPAGE)
}

// stack is an address within its goroutine's stack, which has room for what would be handed on, twice.
//
//go:noinline
func stack(large *[grown / 4]byte) (at uintptr, last byte) {
	if large != nil {
		return 0, lastOf(*large)
	}
	return uintptr(unsafe.Pointer(&last)), 0
}

//go:noinline
func lastOf(large [grown / 4]byte) byte { return large[len(large)-1] }
