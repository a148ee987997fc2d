package inputs

import (
	"context"
	"io/fs"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

const (
	// waitingGrace is how long a verb that was interrupted has to end by itself.
	waitingGrace = 300 * time.Millisecond
	// waitingAgain is between two tries: a verb may open a file more than once.
	waitingAgain = 20 * time.Millisecond
)

// EndWaiting lets a verb end that still waits for somebody to write to a named pipe of its command line when ctx ends: such an opening
// cannot be cancelled, whatever file a verb reads. A writer that comes and goes at once ends it, and the verb finds an empty file. The
// function that is returned ends the watch; it says whether somebody waited, so that what the verb then said of an empty file is for nothing.
func EndWaiting(ctx context.Context, args []string) (waited func() bool) {
	var woken atomic.Bool
	over, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		select {
		case <-over:
			return
		case <-ctx.Done():
		}
		pipes := pipesOf(args)
		for wait := waitingGrace; ; wait = waitingAgain {
			select {
			case <-over:
				return
			case <-time.After(wait):
			}
			for _, name := range pipes {
				if wake(name) {
					woken.Store(true)
				}
			}
		}
	}()
	return func() bool {
		close(over)
		<-ended
		return woken.Load()
	}
}

// wake ends the opening of a pipe's reader that waits for a writer, and says whether there was a reader.
func wake(name string) bool {
	f, err := os.OpenFile(name, os.O_WRONLY|syscall.O_NONBLOCK, 0) // fails at once where nobody reads
	if err != nil {
		return false
	}
	_ = f.Close() // nothing was written
	return true
}

// pipesOf are the named pipes that a command line names: alone, or in a flag's value such as @FILE, twilio=@FILE or FILE:COLUMN.
func pipesOf(args []string) (pipes []string) {
	for _, arg := range args {
		_, value, _ := strings.Cut(arg, "=")
		names := append(strings.FieldsFunc(arg, func(r rune) bool { return strings.ContainsRune("=@:, ", r) }), value)
		for _, name := range append(names, arg) {
			if info, err := os.Stat(name); err == nil && info.Mode()&fs.ModeNamedPipe != 0 {
				pipes = append(pipes, name)
			}
		}
	}
	return pipes
}
