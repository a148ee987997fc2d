//go:build unix

package session

import (
	"math"

	"golang.org/x/sys/unix"
)

// openFiles is how many files this process may have open, 0 where that is not known. Go has raised the limit as far as it may
// when the process began.
func openFiles() int {
	var limit unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_NOFILE, &limit) != nil {
		return 0
	}
	return int(min(limit.Cur, math.MaxInt32))
}
