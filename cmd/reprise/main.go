// Command reprise records webhook traffic, makes it safe, plays it back at any tempo and compares the runs.
package main

import (
	"context"
	"io"
	"log"
	"os"
	"os/signal"
	"syscall"

	"reprise/cmd/internal/cli"
)

func main() {
	log.SetOutput(io.Discard) // net/http tells there what an endpoint sent unasked, and that may be anyone's number
	// The first interrupt asks the verb to finish what it has begun; the second ends the process, also in the background of a script, whose
	// shell had it ignored. A terminal that goes away asks too, often twice in a row, and is no second wish; under nohup it asks nothing.
	ignored := signal.Ignored(os.Interrupt)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	if !signal.Ignored(syscall.SIGHUP) {
		hungUp, end := context.WithCancel(ctx)
		asks := make(chan os.Signal, 1)
		signal.Notify(asks, syscall.SIGHUP) // to the end: one that comes while its handling is taken back would end the process
		go func() {
			for range asks {
				end()
			}
		}()
		ctx = hungUp
	}
	context.AfterFunc(ctx, func() {
		if !ignored {
			stop()
			return
		}
		again := make(chan os.Signal, 1)
		signal.Notify(again, os.Interrupt) // before stop, which would have one ignored that comes now
		stop()
		<-again
		os.Exit(128 + int(syscall.SIGINT)) // as a shell says of what an interrupt ends
	})
	os.Exit(cli.Run(ctx, os.Args[1:], cli.Streams{In: os.Stdin, Out: os.Stdout, Err: stderr()}))
}
