// Command reprise records webhook traffic, makes it safe, plays it back at any tempo and compares the runs.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"reprise/cmd/internal/cli"
)

func main() {
	// The first interrupt asks the verb to finish what it has begun; the second ends the process. A terminal that goes
	// away asks too, often twice in a row, and is no second wish; under nohup it asks nothing.
	asks := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) {
		asks = append(asks, syscall.SIGHUP)
	}
	ctx, stop := signal.NotifyContext(context.Background(), asks...)
	context.AfterFunc(ctx, func() {
		signal.Ignore(syscall.SIGHUP)
		stop()
	})
	os.Exit(cli.Run(ctx, os.Args[1:], cli.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}))
}
