package session

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"

	"reprise/capture/source/open"
	"reprise/replay/send"
)

// Way says how a target is reached, by the names of files.
type Way struct {
	// CACert is a PEM file of authorities to trust in place of the system's; Cert one of a client certificate, with those between it
	// and its authority; Key one of its key, "" where that is in Cert.
	CACert, Cert, Key string
	// Proxy is the URL of a proxy, or "env" for the one that the environment names; ProxyAuth is @FILE, which holds USER:PASSWORD.
	Proxy, ProxyAuth string
}

// ErrProxiedHost: an HTTP proxy sends a target in clear its own name as Host, so that no other can be sent.
var ErrProxiedHost = errors.New("an HTTP proxy sends an http:// target its own name as Host (RFC 9112)")

// Reach puts a way to a target into the options; a nil target stands for one that is not known yet. Its errors are *OptionErrors; warnings are what a command line should rather not hold.
func (o *Options) Reach(ctx context.Context, target *url.URL, w Way) (warnings []string, err error) {
	if w.CACert != "" {
		pem, err := os.ReadFile(w.CACert)
		if err != nil {
			return nil, o.bad("CACert", err)
		}
		if o.Engine.RootCAs, err = send.LoadCAs(pem); err != nil {
			return nil, o.badFile("CACert", w.CACert, err)
		}
	}
	if err := o.readCertificate(ctx, target != nil && target.Scheme != "https", w); err != nil {
		return nil, err
	}
	if target == nil {
		target = nowhere()
	}
	if warnings, err = o.findProxy(ctx, target, w); err != nil {
		return nil, err
	}
	return warnings, o.proxiedHost(target)
}

// unnamed is the error for options that it names itself.
func (o *Options) unnamed(option, format string, args ...any) error {
	return &OptionError{Option: option, Err: fmt.Errorf(format, args...)}
}

func (o *Options) readCertificate(ctx context.Context, inClear bool, w Way) error {
	switch {
	case w.Cert == "" && w.Key == "":
		return nil
	case w.Cert == "":
		return o.unnamed("Key", "%s is the key of a client certificate: give %s too", o.name("Key"), o.name("Cert"))
	case inClear:
		return o.unnamed("Cert", "%s is shown in TLS alone, and the target is an http:// one", o.name("Cert"))
	}
	key := cmp.Or(w.Key, w.Cert)
	pem, err := os.ReadFile(w.Cert)
	if err != nil {
		return o.bad("Cert", err)
	}
	private, err := open.Private(ctx, key)
	if err != nil {
		return o.bad("Key", err)
	}
	if o.Engine.Certificate, err = send.LoadCertificate(pem, private); err != nil {
		return o.unnamed("Cert", "%s %s %s %s: %w", o.name("Cert"), w.Cert, o.name("Key"), key, err)
	}
	return nil
}

// findProxy finds the proxy. One that the environment names and nobody asked for is not used, and that is said.
func (o *Options) findProxy(ctx context.Context, target *url.URL, w Way) (warnings []string, err error) {
	name := o.name("Proxy")
	switch w.Proxy {
	case "":
		if w.ProxyAuth != "" {
			return nil, o.unnamed("ProxyAuth", "%s is for a proxy: give %s URL too", o.name("ProxyAuth"), name)
		}
		if _, variable, _ := send.ProxyFromEnvironment(target); variable != "" {
			warnings = append(warnings, fmt.Sprintf("%s is set and not used: %s env uses it, %s URL another", variable, name, name))
		}
		return warnings, nil
	case "env":
		if o.Engine.Proxy, _, err = send.ProxyFromEnvironment(target); err != nil {
			return nil, o.unnamed("Proxy", "%s env: %w", name, err)
		}
	default:
		if o.Engine.Proxy, err = send.ParseProxy(w.Proxy); err != nil {
			return nil, o.bad("Proxy", err)
		}
		if o.Engine.Proxy.Authorized() {
			warnings = append(warnings, fmt.Sprintf("%s: the credentials stand on the command line, where every user of this machine can read them: give %s @FILE",
				name, o.name("ProxyAuth")))
		}
	}
	return warnings, o.authorize(ctx, w.ProxyAuth)
}

// authorize reads the proxy's credentials.
func (o *Options) authorize(ctx context.Context, auth string) error {
	if auth == "" {
		return nil
	}
	file, ok := strings.CutPrefix(auth, "@")
	if !ok || file == "" {
		return o.bad("ProxyAuth", errors.New("write @FILE: the credentials are read from a file that holds USER:PASSWORD"))
	}
	text, err := open.Private(ctx, file)
	if err != nil {
		return o.bad("ProxyAuth", err)
	}
	user, password, ok := strings.Cut(strings.TrimSpace(string(text)), ":")
	if !ok || user == "" || strings.ContainsAny(user+password, "\r\n\x00") {
		return o.bad("ProxyAuth", fmt.Errorf("%s does not hold USER:PASSWORD", file))
	}
	if o.Engine.Proxy != nil {
		o.Engine.Proxy.Authorize(user, password)
	}
	return nil
}

// proxiedHost sets the Host that a proxy which reads requests puts there anyway, so that what is signed is what arrives.
func (o *Options) proxiedHost(target *url.URL) error {
	if !o.Engine.Proxy.Rewrites(target, o.Engine.HTTP2) {
		return nil
	}
	host, from := o.Host, o.name("Host")
	for _, h := range o.Headers {
		if strings.EqualFold(h.Name, "Host") {
			host, from = h.Value, o.name("Headers")+" Host"
		}
	}
	if host != "" && host != target.Host {
		return o.unnamed("Host", "%s %s: %w, %s", from, host, ErrProxiedHost, target.Host)
	}
	o.Host = target.Host
	return nil
}
