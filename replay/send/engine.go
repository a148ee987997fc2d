// Package send holds the engines that send requests over HTTP: they are given rendered requests and their moments, send
// them then, and report what came back. They compute neither deadlines nor content.
//
// There are two behind one interface. On Linux, Epoll: own sockets on locked threads, precise to microseconds and as cheap as
// the kernel allows, over HTTP/1.1 and HTTP/2, in clear and under TLS. Everywhere else, Portable: net/http's Transport. Both
// reach a target through a proxy where they are given one. Both send nothing that was not asked for: no redirect is followed, no
// proxy is read from the environment, no header is added, and no request is sent twice but where nothing of it was taken.
package send

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/url"
	"runtime"
	"time"

	"reprise/replay"
)

// Engine is a replay.Player for one target.
type Engine interface {
	replay.Player
	// Warm opens connections for the requests to come and returns how many stand. It fails only where none does.
	Warm(ctx context.Context) (int, error)
	// Close closes every connection that is not in use.
	Close()
	// Name is what a run file calls the engine.
	Name() string
	Stats() Stats
}

// Stats says what an engine has done.
type Stats struct {
	// Opened is the number of connections opened, those before the start among them; Reconnected how many requests found
	// their connection closed by the target before they were written; Peak the most that were open at once.
	Opened, Reconnected, Peak int
}

// Options shape an engine. The zero value works.
type Options struct {
	// Connections is how many Warm opens; 0 means 64.
	Connections int
	// MaxInFlight is how many are kept open at most; 0 means 512. The lanes bound how many are on their way.
	MaxInFlight int
	// Timeout bounds a request from its sending to the last byte of its answer; 0 means 10 s.
	Timeout  time.Duration
	Timeouts Timeouts
	// MaxBody bounds an answer's body. 0 means 32 MiB.
	MaxBody int64
	// Answers, where set, is given the body of each whole answer of 1 to AnswerBytes bytes, with its CRC-32C. It is called
	// by many goroutines at once, and the body is valid until it returns.
	Answers func(hash uint32, body []byte)
	// RootCAs, where set, replaces the system's certificate authorities. Insecure asks for no certificate at all.
	RootCAs  *x509.CertPool
	Insecure bool
	// Certificate, where set, is shown to a target that asks for a client certificate.
	Certificate *tls.Certificate
	// Proxy, where set, is how the target is reached. The guard's rules are held by the target's name then, as the proxy looks it up,
	// and the proxy is held to those for a target.
	Proxy *Proxy
	// Guard is asked about every address before it is connected to.
	Guard Guard
	// HTTP2 speaks HTTP/2, over TLS or, to an http target, from the first byte.
	HTTP2 bool
	// Pacing is how deadlines are waited for.
	Pacing Pacing
	// Affinity says which connection a request goes over.
	Affinity Affinity
	// Lanes is the number of threads that send. 0 means one, and one more for every four processors beyond four: a thread
	// sends some 100,000 requests a second.
	Lanes int
	// Processors, where set, gives each of those threads a processor of its own while it sends. Without it they share GOMAXPROCS
	// with the rest of the process, and moments are kept less well where that is small.
	Processors *Processors
	// Portable asks for the engine that is the same on every system.
	Portable bool

	// verdict is how long a target may take to say that it does not take a certificate; 0 means verdictTime.
	verdict time.Duration
}

// AnswerBytes is the longest body that Options.Answers is given.
const AnswerBytes = 16 << 10

// Timeouts bound the parts of a request; 0 leaves a part to Options.Timeout.
type Timeouts struct {
	// Connect bounds the opening of a connection, TLS included. Write runs until the target has taken the request,
	// FirstByte from there to the first byte of the answer, Body from there to its last.
	Connect, Write, FirstByte, Body time.Duration
}

// Pacing is how deadlines are waited for.
type Pacing uint8

// The ways to wait.
const (
	// Precise polls for the last 40 µs before each deadline, and answers are read meanwhile: up to 4 % of a core for each 1,000/s,
	// and all of one from 25,000/s on.
	Precise Pacing = iota
	// Eco sleeps, and is some 30 to 50 µs later. Where other work has the processors, both are as late as it makes any thread.
	Eco
)

// ParsePacing reads "precise" or "eco".
func ParsePacing(s string) (Pacing, error) {
	switch s {
	case "precise":
		return Precise, nil
	case "eco":
		return Eco, nil
	}
	return 0, fmt.Errorf("%q is neither precise nor eco", s)
}

// Affinity says which connection a request goes over. Its zero value uses connections in turn.
type Affinity uint8

// AffinitySender keeps each person's requests on one of Connections connections; they wait for one another.
const AffinitySender Affinity = 1

// ParseAffinity reads "connection" or "sender".
func ParseAffinity(s string) (Affinity, error) {
	switch s {
	case "connection":
		return 0, nil
	case "sender":
		return AffinitySender, nil
	}
	return 0, fmt.Errorf("%q is neither connection nor sender", s)
}

// New returns an engine for a target as ParseTarget returns it. Only the target's scheme, host and port are used; the
// path to ask for is in each request.
func New(target *url.URL, o Options) (Engine, error) {
	if target.Scheme != "http" && target.Scheme != "https" || target.Host == "" {
		return nil, errTarget
	}
	o = o.filled()
	if !o.Portable {
		if e := newEpoll(target, o); e != nil {
			return e, nil
		}
	}
	return newPortable(target, o), nil
}

func (o Options) filled() Options {
	if o.Connections <= 0 {
		o.Connections = 64
	}
	if o.MaxInFlight <= 0 {
		o.MaxInFlight = 512
	}
	if o.Timeout <= 0 {
		o.Timeout = 10 * time.Second
	}
	if o.verdict <= 0 {
		o.verdict = min(max(o.Timeout/5, verdictTime), 5*verdictTime) // who may take long to answer may take long to look at a certificate
	}
	if o.MaxBody <= 0 {
		o.MaxBody = 32 << 20
	}
	if o.Lanes <= 0 {
		o.Lanes = 1 + max(runtime.NumCPU()-4, 0)/4
	}
	return o
}

// LoadCAs returns a pool of the certificates in a PEM file's content.
func LoadCAs(pem []byte) (*x509.CertPool, error) {
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("no PEM certificate in it")
	}
	return pool, nil
}

func (o *Options) tls(host string) *tls.Config {
	protocol := "http/1.1"
	if o.HTTP2 {
		protocol = "h2"
	}
	return &tls.Config{
		ServerName: host, RootCAs: o.RootCAs, InsecureSkipVerify: o.Insecure, //nolint:gosec // Insecure asks for it
		NextProtos: []string{protocol}, MinVersion: tls.VersionTLS12,
	}
}
