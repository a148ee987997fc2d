package ingest

import (
	"context"
	"errors"
	"net"

	"reprise/capture"
	"reprise/capture/source/proxy"
)

// Proxy passes on what comes to the listener, and records it, until ctx ends. Name stands for the proxy in problems. It returns what Run
// does, joined with the listener's error.
func (r *Recorder) Proxy(ctx context.Context, name string, p *proxy.Proxy, l net.Listener) (*Result, error) {
	served := make(chan error, 1) // owned by the goroutine below, which sends once
	go func() { served <- p.Serve(ctx, l) }()
	got, err := r.Run(context.WithoutCancel(ctx), name, func(account *capture.Account, onServer func(string)) Traffic {
		return p.Source(name, account, onServer)
	})
	return got, errors.Join(err, <-served)
}
