package proxy

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"time"
)

// newTransport is the way to the upstream.
func newTransport(o Options) *http.Transport {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(!o.HTTP2)
	protocols.SetHTTP2(true)
	protocols.SetUnencryptedHTTP2(o.HTTP2)
	return &http.Transport{
		DialContext:         (&net.Dialer{Timeout: dialTime}).DialContext,
		TLSClientConfig:     o.UpstreamTLS.Clone(),
		TLSHandshakeTimeout: handshakeTime,
		Protocols:           protocols,
		DisableCompression:  true, // nothing is asked for that the client did not ask for
		MaxIdleConnsPerHost: o.Connections,
		IdleConnTimeout:     idleUpstream, ExpectContinueTimeout: continueTime,
	}
}

// buffers are those that answers are copied through.
type buffers struct{ sync.Pool }

const bufferSize = 32 << 10

// Get implements httputil.BufferPool.
func (b *buffers) Get() []byte {
	if p, ok := b.Pool.Get().(*[bufferSize]byte); ok {
		return p[:]
	}
	return make([]byte, bufferSize)
}

// Put implements httputil.BufferPool.
func (b *buffers) Put(p []byte) {
	if len(p) == bufferSize {
		b.Pool.Put((*[bufferSize]byte)(p))
	}
}

func (p *Proxy) newReverse() *httputil.ReverseProxy {
	prefix := strings.TrimSuffix(p.o.Upstream.EscapedPath(), "/")
	return &httputil.ReverseProxy{
		Transport:     p.transport,
		FlushInterval: -1, // what comes is passed on at once
		BufferPool:    &p.buffers,
		ErrorLog:      log.New(io.Discard, "", 0), // it would name targets; what matters is counted
		Rewrite:       func(r *httputil.ProxyRequest) { p.rewrite(r, prefix) },
		ModifyResponse: func(r *http.Response) error {
			exchangeOf(r.Request).answered(r.StatusCode)
			return nil
		},
		ErrorHandler: func(_ http.ResponseWriter, r *http.Request, err error) { exchangeOf(r).failed(r.Context(), err) },
	}
}

// rewrite makes the upstream's request of the client's: the same, but for what is between two neighbours alone.
func (p *Proxy) rewrite(r *httputil.ProxyRequest, prefix string) {
	r.Out.URL = target(p.o.Upstream, prefix, r.In)
	r.Out.Trailer = r.In.Trailer // which fills when the body has been read
	for _, name := range []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto"} {
		if values, ok := r.In.Header[name]; ok { // ReverseProxy has taken them off
			r.Out.Header[name] = values
		}
	}
	if p.o.Forwarded {
		r.SetXForwarded()
		if c, ok := connOf(r.In); ok && c.secure {
			r.Out.Header.Set("X-Forwarded-Proto", "https")
		}
	}
}

// target is the URL to ask, whose path and query are written as the client wrote them.
func target(upstream *url.URL, prefix string, in *http.Request) *url.URL {
	path, query, asks := strings.Cut(in.RequestURI, "?")
	u := &url.URL{Scheme: upstream.Scheme, Host: upstream.Host, Opaque: prefix + path, RawQuery: query, ForceQuery: asks && query == ""}
	switch {
	case !strings.HasPrefix(path, "/"): // "*", or a URL as proxies are asked for
		u.Opaque = path
	case strings.HasPrefix(u.Opaque, "//"): // which would be taken for a host
		u.Opaque, u.Path, u.RawPath = "", in.URL.Path, in.URL.RawPath
	}
	return u
}

// failed answers for an upstream that did not. The body is read first, so that the request can be recorded, as far as there is one.
func (x *exchange) failed(ctx context.Context, err error) {
	if ctx.Err() == nil {
		_ = http.NewResponseController(x.w).SetReadDeadline(time.Now().Add(restTime))
		_, _ = io.Copy(io.Discard, x)
		_ = http.NewResponseController(x.w).SetReadDeadline(time.Time{})
	}
	x.mu.Lock()
	x.gone = errors.Is(err, context.Canceled)
	x.mu.Unlock()
	http.Error(x, http.StatusText(http.StatusBadGateway), http.StatusBadGateway)
}
