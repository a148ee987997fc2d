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
	// The first interrupt asks the verb to finish what it has begun; the second ends the process.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	os.Exit(cli.Run(ctx, os.Args[1:], cli.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}))
}
