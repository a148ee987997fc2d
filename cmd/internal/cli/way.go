package cli

import (
	"cmp"
	"context"
	"errors"
	"net/url"
	"os"
	"strings"

	"github.com/spf13/pflag"

	"reprise/capture/source/open"
	"reprise/replay/send"
	"reprise/replay/session"
)

// wayFlags say how a target is reached: by which proxy, and with which certificates.
type wayFlags struct {
	proxyURL, proxyAuth string
	caCert              string
	cert, key           string
	insecure            bool
}

func (w *wayFlags) add(f *pflag.FlagSet) {
	f.StringVar(&w.proxyURL, "proxy", "", "reach the target through this `URL`: http://, https:// or socks5://HOST:PORT; or env, for HTTP_PROXY, HTTPS_PROXY, "+
		"ALL_PROXY and NO_PROXY. The proxy looks the target's name up, so that --allow-host must name it; latency is that of the whole way")
	f.StringVar(&w.proxyAuth, "proxy-auth", "", "credentials for the proxy, `@FILE` holding USER:PASSWORD")
	f.StringVar(&w.caCert, "cacert", "", "trust the certificate authorities in this PEM `FILE`")
	f.BoolVar(&w.insecure, "insecure", false, "do not check the target's certificate")
	f.StringVar(&w.cert, "cert", "", "show the target this client certificate: PEM `FILE`, with those between it and its authority")
	f.StringVar(&w.key, "key", "", "the key of --cert: PEM `FILE` that you alone can read (default: in --cert's file)")
}

// parseWay reads the files that --cacert, --cert and --key name, and finds the proxy. given says that there is a target.
func (o *replayOptions) parseWay(ctx context.Context, given bool, target *url.URL, s *session.Options) error {
	if s.Engine.Insecure = o.insecure; o.caCert != "" {
		pem, err := os.ReadFile(o.caCert)
		if err != nil {
			return misuse("--cacert: %v", err)
		}
		if s.Engine.RootCAs, err = send.LoadCAs(pem); err != nil {
			return misuse("--cacert %s: %v", o.caCert, err)
		}
	}
	if err := o.parseCertificate(ctx, given && target.Scheme != "https", s); err != nil {
		return err
	}
	if err := o.parseProxy(ctx, target, s); err != nil {
		return err
	}
	return o.proxiedHost(target, s)
}

func (o *replayOptions) parseCertificate(ctx context.Context, inClear bool, s *session.Options) error {
	switch {
	case o.cert == "" && o.key == "":
		return nil
	case o.cert == "":
		return misuse("--key is the key of a client certificate: give --cert too")
	case inClear:
		return misuse("--cert is shown in TLS alone, and the target is an http:// one")
	}
	key := cmp.Or(o.key, o.cert)
	pem, err := os.ReadFile(o.cert)
	if err != nil {
		return misuse("--cert: %v", err)
	}
	private, err := open.Private(ctx, key)
	if err != nil {
		return misuse("--key: %w", err)
	}
	if s.Engine.Certificate, err = send.LoadCertificate(pem, private); err != nil {
		return misuse("--cert %s --key %s: %v", o.cert, key, err)
	}
	return nil
}

// parseProxy finds the proxy. One that the environment names and nobody asked for is not used, and that is said.
func (o *replayOptions) parseProxy(ctx context.Context, target *url.URL, s *session.Options) (err error) {
	switch o.proxyURL {
	case "":
		if o.proxyAuth != "" {
			return misuse("--proxy-auth is for a proxy: give --proxy URL too")
		}
		if _, variable, _ := send.ProxyFromEnvironment(target); variable != "" {
			o.warn("%s is set and not used: --proxy env uses it, --proxy URL another", variable)
		}
		return nil
	case "env":
		if s.Engine.Proxy, _, err = send.ProxyFromEnvironment(target); err != nil {
			return misuse("--proxy env: %v", err)
		}
	default:
		if s.Engine.Proxy, err = send.ParseProxy(o.proxyURL); err != nil {
			return misuse("--proxy: %v", err)
		}
		if s.Engine.Proxy.Authorized() {
			o.warn("--proxy: the credentials stand on the command line, where every user of this machine can read them: give --proxy-auth @FILE")
		}
	}
	return o.parseProxyAuth(ctx, s.Engine.Proxy)
}

func (o *replayOptions) parseProxyAuth(ctx context.Context, proxy *send.Proxy) error {
	if o.proxyAuth == "" {
		return nil
	}
	name, ok := strings.CutPrefix(o.proxyAuth, "@")
	if !ok || name == "" {
		return misuse("--proxy-auth: write @FILE: the credentials are read from a file that holds USER:PASSWORD")
	}
	text, err := open.Private(ctx, name)
	if err != nil {
		return secretError("--proxy-auth", err, false)
	}
	user, password, ok := strings.Cut(strings.TrimSpace(string(text)), ":")
	if !ok || user == "" || strings.ContainsAny(user+password, "\r\n\x00") {
		return misuse("--proxy-auth: %s does not hold USER:PASSWORD", name)
	}
	if proxy != nil {
		proxy.Authorize(user, password)
	}
	return nil
}

// proxiedHost sets the Host that a proxy which reads requests puts there anyway, so that what is signed is what arrives.
func (o *replayOptions) proxiedHost(target *url.URL, s *session.Options) error {
	if !s.Engine.Proxy.Rewrites(target, o.http2) {
		return nil
	}
	host, from := o.host, "--host"
	for _, h := range s.Headers {
		if strings.EqualFold(h.Name, "Host") {
			host, from = h.Value, "--header Host"
		}
	}
	if host != "" && host != target.Host {
		return withHint(misuse("%s %s: an HTTP proxy sends an http:// target its own name, %s, as Host (RFC 9112)", from, host, target.Host),
			"leave it out and give --sign-url for what is signed; a socks5:// proxy, or an https:// target, leaves Host alone")
	}
	s.Host = target.Host
	return nil
}

// parseTarget reads a target; without one, a dry run's stands for it.
func parseTarget(text string) (*url.URL, error) {
	if text == "" {
		return &url.URL{Scheme: "http", Host: "127.0.0.1:9000"}, nil
	}
	u, err := send.ParseTarget(text)
	if err == nil {
		return u, nil
	}
	err = misuse("--target: %v", err)
	if u, wrong := url.Parse(text); wrong == nil && u.User != nil {
		return nil, withHint(err, "give them as --header 'Authorization: Basic @FILE', the file holding USER:PASSWORD")
	}
	return nil, err
}

// hintWay advises on what kept a run from its target, beside TLS itself.
func hintWay(err error) error {
	var way *send.ProxyError
	var certificate *send.CertificateError
	switch {
	case errors.As(err, &certificate) && certificate.Given:
		return withHint(err, "the target knows another authority than that of --cert: ask whoever runs it for a certificate and its key")
	case errors.As(err, &certificate):
		return withHint(err, "give the certificate that the target knows, and its key: --cert FILE --key FILE")
	case !errors.As(err, &way):
		return err
	}
	switch way.Status {
	case 407:
		return withHint(err, "give the proxy's credentials: --proxy-auth @FILE, the file holding USER:PASSWORD")
	case 403, 405:
		return withHint(err, "the proxy does not let this host or port pass: ask whoever runs it")
	case 502, 503, 504:
		return withHint(err, "the proxy answers and does not get through to the target: is its name right, and does it run?")
	}
	return err
}
