package cli

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net/url"
	"os"
	"strings"

	"github.com/spf13/pflag"

	"reprise/replay/send"
)

// wayFlags say how a target is reached: by which proxy, and with which certificates.
type wayFlags struct {
	proxyURL, proxyAuth string
	caCert              string
	cert, key           string
	insecure            bool

	proxy       *send.Proxy
	cas         *x509.CertPool
	certificate *tls.Certificate
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

// parseWay reads the files that --cacert, --cert and --key name, and finds the proxy.
func (o *replayOptions) parseWay(ctx context.Context) error {
	if o.caCert != "" {
		pem, err := os.ReadFile(o.caCert)
		if err != nil {
			return misuse("--cacert: %v", err)
		}
		if o.cas, err = send.LoadCAs(pem); err != nil {
			return misuse("--cacert %s: %v", o.caCert, err)
		}
	}
	if err := o.parseCertificate(ctx); err != nil {
		return err
	}
	if err := o.parseProxy(ctx); err != nil {
		return err
	}
	return o.proxiedHost()
}

func (o *replayOptions) parseCertificate(ctx context.Context) error {
	switch {
	case o.cert == "" && o.key == "":
		return nil
	case o.cert == "":
		return misuse("--key is the key of a client certificate: give --cert too")
	case o.target != "" && o.url.Scheme != "https":
		return misuse("--cert is shown in TLS alone, and the target is an http:// one")
	}
	key := o.key
	if key == "" {
		key = o.cert
	}
	pem, err := os.ReadFile(o.cert)
	if err != nil {
		return misuse("--cert: %v", err)
	}
	private, err := readPrivate(ctx, key)
	if err != nil {
		return misuse("--key: %w", err)
	}
	if o.certificate, err = send.LoadCertificate(pem, private); err != nil {
		return misuse("--cert %s --key %s: %v", o.cert, key, err)
	}
	return nil
}

// parseProxy finds the proxy. One that the environment names and nobody asked for is not used, and that is said.
func (o *replayOptions) parseProxy(ctx context.Context) (err error) {
	switch o.proxyURL {
	case "":
		if o.proxyAuth != "" {
			return misuse("--proxy-auth is for a proxy: give --proxy URL too")
		}
		if _, variable, _ := send.ProxyFromEnvironment(o.url); variable != "" {
			o.warn("%s is set and not used: --proxy env uses it, --proxy URL another", variable)
		}
		return nil
	case "env":
		if o.proxy, _, err = send.ProxyFromEnvironment(o.url); err != nil {
			return misuse("--proxy env: %v", err)
		}
	default:
		if o.proxy, err = send.ParseProxy(o.proxyURL); err != nil {
			return misuse("--proxy: %v", err)
		}
		if o.proxy.Authorized() {
			o.warn("--proxy: the credentials stand on the command line, where every user of this machine can read them: give --proxy-auth @FILE")
		}
	}
	return o.parseProxyAuth(ctx)
}

func (o *replayOptions) parseProxyAuth(ctx context.Context) error {
	if o.proxyAuth == "" {
		return nil
	}
	name, ok := strings.CutPrefix(o.proxyAuth, "@")
	if !ok || name == "" {
		return misuse("--proxy-auth: write @FILE: the credentials are read from a file that holds USER:PASSWORD")
	}
	text, err := readPrivate(ctx, name)
	if err != nil {
		return secretError("--proxy-auth", err, false)
	}
	user, password, ok := strings.Cut(strings.TrimSpace(string(text)), ":")
	if !ok || user == "" || strings.ContainsAny(user+password, "\r\n\x00") {
		return misuse("--proxy-auth: %s does not hold USER:PASSWORD", name)
	}
	if o.proxy != nil {
		o.proxy.Authorize(user, password)
	}
	return nil
}

// proxiedHost sets the Host that a proxy which reads requests puts there anyway, so that what is signed is what arrives.
func (o *replayOptions) proxiedHost() error {
	if !o.proxy.Rewrites(o.url, o.http2) {
		return nil
	}
	host, from := o.host, "--host"
	for _, h := range o.edits {
		if strings.EqualFold(h.Name, "Host") {
			host, from = h.Value, "--header Host"
		}
	}
	if host != "" && host != o.url.Host {
		return withHint(misuse("%s %s: an HTTP proxy sends an http:// target its own name, %s, as Host (RFC 9112)", from, host, o.url.Host),
			"leave it out and give --sign-url for what is signed; a socks5:// proxy, or an https:// target, leaves Host alone")
	}
	o.host = o.url.Host
	return nil
}

// parseTarget reads --target.
func (o *replayOptions) parseTarget() (err error) {
	if o.url = noTarget(); o.target == "" {
		return nil
	}
	if o.url, err = send.ParseTarget(o.target); err == nil {
		return nil
	}
	err = misuse("--target: %v", err)
	if u, wrong := url.Parse(o.target); wrong == nil && u.User != nil {
		return withHint(err, "give them as --header 'Authorization: Basic @FILE', the file holding USER:PASSWORD")
	}
	return err
}

// settle adds to a run's settings how the target was reached, without a secret.
func (w *wayFlags) settle(m map[string]string) {
	if w.proxy != nil {
		m["proxy"] = w.proxy.String()
	}
	if w.certificate != nil {
		m["cert"] = "yes"
	}
}

// sayWarnings says what a command line should rather not hold, before the first run.
func (o *replayOptions) sayWarnings(w io.Writer) {
	for _, text := range o.warnings {
		o.notes.say(w, text)
	}
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
