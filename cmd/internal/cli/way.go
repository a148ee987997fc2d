package cli

import (
	"context"
	"errors"
	"net/url"

	"github.com/spf13/pflag"

	"reprise/cmd/internal/exit"
	"reprise/replay/send"
	"reprise/replay/session"
)

// wayFlags say how a target is reached: by which proxy, and with which certificates.
type wayFlags struct {
	session.Way
	insecure bool
}

func (w *wayFlags) add(f *pflag.FlagSet) {
	f.StringVar(&w.Proxy, "proxy", "", "reach the target through this `URL`: http://, https:// or socks5://HOST:PORT; or env, for HTTP_PROXY, HTTPS_PROXY, "+
		"ALL_PROXY and NO_PROXY. The proxy looks the target's name up, so that --allow-host must name it; latency is that of the whole way")
	f.StringVar(&w.ProxyAuth, "proxy-auth", "", "credentials for the proxy, `@FILE` holding USER:PASSWORD")
	f.StringVar(&w.CACert, "cacert", "", "trust the certificate authorities in this PEM `FILE`")
	f.BoolVar(&w.insecure, "insecure", false, "do not check the target's certificate")
	f.StringVar(&w.Cert, "cert", "", "show the target this client certificate: PEM `FILE`, with those between it and its authority")
	f.StringVar(&w.Key, "key", "", "the key of --cert: PEM `FILE` that you alone can read (default: in --cert's file)")
}

// parseWay reads the files that --cacert, --cert and --key name, and finds the proxy.
func (o *replayOptions) parseWay(ctx context.Context, target *url.URL, s *session.Options) error {
	s.Engine.Insecure = o.insecure
	warnings, err := s.Reach(ctx, target, o.Way)
	for _, text := range warnings {
		o.warn("%s", text)
	}
	if errors.Is(err, session.ErrProxiedHost) {
		return exit.Hint(exit.Misuse("%w", err), "leave it out and give --sign-url for what is signed; a socks5:// proxy, or an https:// target, leaves Host alone")
	}
	return o.explain(err, nil)
}

// parseTarget reads a target; nil is none.
func parseTarget(text string) (*url.URL, error) {
	if text == "" {
		return nil, nil
	}
	u, err := send.ParseTarget(text)
	if err == nil {
		return u, nil
	}
	err = exit.Misuse("--target: %v", err)
	if u, wrong := url.Parse(text); wrong == nil && u.User != nil {
		return nil, exit.Hint(err, "give them as --header 'Authorization: Basic @FILE', the file holding USER:PASSWORD")
	}
	return nil, err
}

// hintWay advises on what kept a run from its target, beside TLS itself.
func hintWay(err error) error {
	var way *send.ProxyError
	var certificate *send.CertificateError
	switch {
	case errors.As(err, &certificate) && certificate.Given:
		return exit.Hint(err, "the target knows another authority than that of --cert: ask whoever runs it for a certificate and its key")
	case errors.As(err, &certificate):
		return exit.Hint(err, "give the certificate that the target knows, and its key: --cert FILE --key FILE")
	case !errors.As(err, &way):
		return err
	}
	switch way.Status {
	case 407:
		return exit.Hint(err, "give the proxy's credentials: --proxy-auth @FILE, the file holding USER:PASSWORD")
	case 403, 405:
		return exit.Hint(err, "the proxy does not let this host or port pass: ask whoever runs it")
	case 502, 503, 504:
		return exit.Hint(err, "the proxy answers and does not get through to the target: is its name right, and does it run?")
	}
	return err
}
