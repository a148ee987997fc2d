//go:build unix

package main

import (
	"os"
	"syscall"
)

// stderr gives stderr by another descriptor: a write to 2 ends the process where nobody reads any more (package os/signal, SIGPIPE), as in
// `reprise replay … 2>&1 | head`, and what a verb does is not for its progress.
func stderr() *os.File {
	fd, err := syscall.Dup(syscall.Stderr)
	if err != nil {
		return os.Stderr
	}
	syscall.CloseOnExec(fd)
	return os.NewFile(uintptr(fd), os.Stderr.Name())
}
