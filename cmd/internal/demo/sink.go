package demo

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"time"

	"reprise/fixtures/sink"
)

// startSink runs a sink beside the demo, which is then the target.
func (d *demo) startSink(ctx context.Context) (stop func(), err error) {
	fmt.Fprintf(d.Out, "$ reprise sink --listen 127.0.0.1:0 --latency 5ms --jitter 2ms --log %s --quiet &\n", d.file("sink.log"))
	log, err := os.Create(d.file("sink.log"))
	if err != nil {
		return nil, err
	}
	k, err := sink.New(sink.Options{
		Behaviour: (&sink.Simple{Latency: 5 * time.Millisecond, Jitter: 2 * time.Millisecond}).Behaviour(), Log: log, Seed: 1,
	})
	if err != nil {
		return nil, errors.Join(err, log.Close())
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, errors.Join(err, log.Close())
	}
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan error, 1) // the goroutine below sends once
	go func() { done <- k.Serve(ctx, l) }()
	d.target = "http://" + l.Addr().String()
	fmt.Fprintln(d.Out, d.target)
	return func() {
		cancel()
		<-done
		log.Close()
	}, nil
}
