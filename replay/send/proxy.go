package send

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strings"

	"golang.org/x/net/http/httpproxy"
)

// Proxy is a host through which a target is reached. Its own name is looked up here, the target's name by the proxy.
//
// An http target is asked for in absolute form by an http or https proxy, which puts the target's own name in the Host header
// (RFC 9112, section 3.2.2): requests are to be rendered with that Host. Everything else goes through a tunnel: CONNECT, or SOCKS5.
type Proxy struct {
	scheme, host, port string
	user, password     string
	known              bool // there are credentials
}

var errProxy = errors.New("a proxy is written http://host:port, https://host:port or socks5://host:port")

// ParseProxy reads a proxy as users write it. Its errors quote nothing of s, which may hold a password.
func ParseProxy(s string) (*Proxy, error) {
	if !strings.Contains(s, "://") {
		s = "http://" + s
	}
	u, err := url.Parse(s)
	if err != nil || u.Hostname() == "" || u.Opaque != "" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" {
		return nil, errProxy
	}
	p := &Proxy{scheme: strings.ToLower(u.Scheme), host: u.Hostname(), port: u.Port()}
	standard, ok := map[string]string{"http": "80", "https": "443", "socks5": "1080", "socks5h": "1080"}[p.scheme]
	if !ok {
		return nil, errProxy
	}
	if p.port == "" {
		p.port = standard
	}
	if u.User != nil {
		p.user, p.known = u.User.Username(), true
		p.password, _ = u.User.Password()
	}
	return p, nil
}

// ProxyFromEnvironment returns the proxy that HTTP_PROXY, HTTPS_PROXY and ALL_PROXY, or their lower-case forms, name for a target, and
// which of them did; nil where there is none, or NO_PROXY leaves the target out. Loopback never goes through a proxy.
func ProxyFromEnvironment(target *url.URL) (p *Proxy, variable string, err error) {
	names := []string{strings.ToUpper(target.Scheme) + "_PROXY", target.Scheme + "_proxy", "ALL_PROXY", "all_proxy"}
	value := ""
	for _, name := range names {
		if value = os.Getenv(name); value != "" {
			variable = name
			break
		}
	}
	if value == "" {
		return nil, "", nil
	}
	not := os.Getenv("NO_PROXY")
	if not == "" {
		not = os.Getenv("no_proxy")
	}
	// What it makes of the value does not matter: only whether the target is left out.
	c := httpproxy.Config{HTTPProxy: "http://proxy", HTTPSProxy: "http://proxy", NoProxy: not}
	if through, err := c.ProxyFunc()(target); err != nil || through == nil {
		return nil, "", nil //nolint:nilerr // there is no other error than of the value
	}
	if p, err = ParseProxy(value); err != nil {
		return nil, variable, fmt.Errorf("%s: %w", variable, err)
	}
	return p, variable, nil
}

// Authorize gives the proxy credentials in place of those of its URL.
func (p *Proxy) Authorize(user, password string) { p.user, p.password, p.known = user, password, true }

// Authorized says whether there are credentials for the proxy.
func (p *Proxy) Authorized() bool { return p != nil && p.known }

// String is the proxy without its credentials.
func (p *Proxy) String() string { return p.scheme + "://" + net.JoinHostPort(p.host, p.port) }

// Name is the proxy's own name or address.
func (p *Proxy) Name() string { return p.host }

// Rewrites says whether requests for a target are in absolute form: the proxy reads them, and sets their Host to the target's.
func (p *Proxy) Rewrites(target *url.URL, http2 bool) bool {
	return p != nil && (p.scheme == "http" || p.scheme == "https") && target.Scheme == "http" && !http2
}

// authorization is the value of Proxy-Authorization; empty without credentials.
func (p *Proxy) authorization() string {
	if !p.known {
		return ""
	}
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(p.user+":"+p.password))
}

// kind is how an engine's name tells of a proxy.
func (p *Proxy) kind() string {
	if p == nil {
		return ""
	}
	return ", " + strings.TrimSuffix(p.scheme, "h") + " proxy"
}

// ProxyError says that a proxy, not the target, stands in the way.
type ProxyError struct {
	// Proxy is the proxy without its credentials.
	Proxy string
	// Status is what an HTTP proxy answered to CONNECT; 0 where it is none or did not answer.
	Status int
	text   string
	cause  error
}

// Error never quotes what the proxy sent.
func (e *ProxyError) Error() string { return "the proxy " + e.Proxy + " " + e.text }

// Unwrap returns what became of the connection to the proxy, if it was that.
func (e *ProxyError) Unwrap() error { return e.cause }

// plainCause leaves out what the net package puts before a cause: the addresses are told already.
func plainCause(err error) string {
	var op *net.OpError
	var dns *net.DNSError
	switch {
	case errors.As(err, &dns):
		return "no address is known for it"
	case isTimeout(err):
		return "it took too long"
	case errors.As(err, &op):
		return strings.TrimPrefix(op.Err.Error(), "connect: ")
	}
	return err.Error()
}
