package send

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"time"
)

// CheckTarget says whether a target may be sent to, without a word to it: an error is ErrRefused, ErrUnreachable where
// a name has no address, or ctx's cause. Of the options it reads the guard, which holds to the same rules at every connection, and the proxy:
// with one, it is the proxy's name that is looked up.
func CheckTarget(ctx context.Context, target *url.URL, o Options) error {
	host := target.Hostname()
	if o.Proxy != nil {
		if err := o.Guard.checkBeyond(host); err != nil {
			return err
		}
		host = o.Proxy.host
	}
	if err := o.Guard.checkName(host); err != nil {
		return err
	}
	addresses, err := o.Guard.lookup(ctx, host)
	if err != nil {
		if cause := context.Cause(ctx); cause != nil {
			return cause
		}
		if o.Proxy != nil {
			return fmt.Errorf("%w: no address is known for the proxy %s", ErrUnreachable, host)
		}
		return fmt.Errorf("%w: no address is known for %s", ErrUnreachable, host)
	}
	for _, a := range addresses {
		if err := o.Guard.check(host, a); err != nil {
			return err
		}
	}
	return nil
}

// checkBeyond says whether a host may be sent to that a proxy looks up. What address a name has there, nobody here knows, and
// this machine's own name is the proxy's: the user has to vouch for both.
func (g Guard) checkBeyond(host string) error {
	if g.Local != "" {
		return fmt.Errorf("%w: %s, through a proxy: %s", ErrElsewhere, host, g.Local)
	}
	if err := g.checkName(host); err != nil {
		return err
	}
	a, err := netip.ParseAddr(host)
	switch {
	case err != nil && g.allowed(host):
		return nil
	case err != nil:
		return &UnknownError{host, "behind a proxy only the proxy knows the address of " + host}
	case plainAddress(a).IsLoopback() && !g.allowed(host):
		return &UnknownError{host, "behind a proxy " + host + " is the proxy's own machine"}
	}
	return g.check(host, a)
}

// Probe says whether a target is there: it opens one connection, through the proxy where there is one, and closes it, within Options.Timeout,
// 5 s at least and a minute at most. Where the proxy reads the requests, it is the proxy alone that is connected to. Its errors are those of CheckTarget.
func Probe(ctx context.Context, target *url.URL, o Options) error {
	if err := o.Guard.checkName(target.Hostname()); err != nil {
		return err
	}
	o.Timeout = min(max(o.Timeout, 5*time.Second), time.Minute)
	d := newDialer(target, o)
	d.tls = nil
	c, err := d.open(ctx)
	switch cause := context.Cause(ctx); {
	case err == nil:
		return c.Close()
	case cause != nil:
		return cause
	case errors.Is(err, ErrRefused):
		return err
	}
	if way := (*ProxyError)(nil); errors.As(err, &way) {
		return fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	return fmt.Errorf("%w: connect to %s: %s", ErrUnreachable, net.JoinHostPort(target.Hostname(), port(target)), plainCause(err))
}
