package main

import (
	"encoding/pem"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/rogpeppe/go-internal/testscript"
)

// tlsTarget is what a tlssink has seen.
type tlsTarget struct {
	requests atomic.Int64
	protocol atomic.Value
}

// startTLS runs an HTTPS receiver inside the test: tlssink NAME [h2]. NAME becomes a variable with its URL; NAME.pem holds
// its certificate.
func startTLS(ts *testscript.TestScript, _ bool, args []string) {
	seen := new(tlsTarget)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if n, err := io.Copy(io.Discard, r.Body); err == nil && n > 0 {
			seen.requests.Add(1)
			seen.protocol.Store(r.Proto)
		}
	}))
	server.EnableHTTP2 = len(args) > 1 && args[1] == "h2"
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	ts.Defer(server.Close)
	ts.Setenv(args[0], server.URL)
	sinks.Store(ts.Getenv("WORK")+args[0], seen)
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	ts.Check(os.WriteFile(ts.MkAbs(args[0]+".pem"), block, 0o600))
}

// receivedTLS checks how many requests a tlssink has received: received NAME WANT.
func receivedTLS(ts *testscript.TestScript, _ bool, args []string) {
	c, _ := sinks.Load(ts.Getenv("WORK") + args[0])
	if got := c.(*tlsTarget).requests.Load(); strconv.FormatInt(got, 10) != args[1] {
		ts.Fatalf("%d requests; want %s", got, args[1])
	}
}

// protocolTLS checks what a tlssink was last spoken to in: protocol NAME HTTP/2.0.
func protocolTLS(ts *testscript.TestScript, _ bool, args []string) {
	c, _ := sinks.Load(ts.Getenv("WORK") + args[0])
	if got, _ := c.(*tlsTarget).protocol.Load().(string); got != args[1] {
		ts.Fatalf("spoken to in %q; want %s", got, args[1])
	}
}

// startStalling runs a target that reads and never ends its answer: stalltarget NAME [BEGINNING], with Go's escapes.
func startStalling(ts *testscript.TestScript, _ bool, args []string) {
	beginning := ""
	if len(args) > 1 {
		var err error
		beginning, err = strconv.Unquote(`"` + args[1] + `"`)
		ts.Check(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	ts.Setenv(args[0], "http://"+l.Addr().String())
	var serving sync.WaitGroup
	ts.Defer(func() {
		l.Close()
		serving.Wait()
	})
	serving.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			serving.Go(func() { stall(c, beginning) })
		}
	})
}

// stall answers what comes with a beginning until the other side leaves.
func stall(c net.Conn, beginning string) {
	defer c.Close()
	buffer := make([]byte, 1<<16)
	for {
		if _, err := c.Read(buffer); err != nil {
			return
		}
		_, _ = io.WriteString(c, beginning)
		beginning = ""
	}
}

// otherScheme sets a variable to a URL with another scheme: scheme NAME SCHEME URL.
func otherScheme(ts *testscript.TestScript, _ bool, args []string) {
	_, rest, _ := strings.Cut(args[2], "://")
	ts.Setenv(args[0], args[1]+"://"+rest)
}

// startAnswering runs a target with fixed answers: answering NAME STATUS [HEADER]. Every second request gets 200 with no header.
func startAnswering(ts *testscript.TestScript, _ bool, args []string) {
	status, err := strconv.Atoi(args[1])
	ts.Check(err)
	var n atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		if n.Add(1)%2 == 0 {
			return
		}
		if len(args) > 2 {
			name, value, _ := strings.Cut(args[2], ": ")
			w.Header().Set(name, value)
		}
		w.WriteHeader(status)
	}))
	ts.Defer(server.Close)
	ts.Setenv(args[0], server.URL)
}
