package send

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"

	"reprise/replay"
)

func discard() *log.Logger { return log.New(io.Discard, "", 0) }

func TestParseTarget(t *testing.T) {
	for _, good := range []string{
		"http://127.0.0.1:9000", "https://staging.example.com", "http://[::1]:80/base/", "HTTP://LOCALHOST:1", "http://h/a%20b",
	} {
		if _, err := ParseTarget(good); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
	for _, bad := range []string{
		"", "localhost:9000", "127.0.0.1:9000", "ftp://h", "http://", "http:///x", "http:h", "http://u:secret@h/", "http://127.0.0.1@evil.example/",
		"http://h/?q=1", "http://h/?", "http://h/#f", "http://h:port/", "http://a b/", "http://h\n/", "file:///etc/passwd", "unix:/run/x",
	} {
		_, err := ParseTarget(bad)
		if err == nil {
			t.Errorf("%q was taken", bad)
		} else if strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: the error quotes the password: %v", bad, err)
		}
	}
}

func TestGuardAddresses(t *testing.T) {
	captured := func(host string) bool { return host == "10.1.2.3" || host == "prod.example" }
	for _, tc := range []struct {
		address string
		allow   []string
		ok      bool
	}{
		{"127.0.0.1", nil, true},
		{"127.9.9.9", nil, true},
		{"::1", nil, true},
		{"::ffff:127.0.0.1", nil, true},
		{"10.0.0.1", nil, true},
		{"172.16.0.1", nil, true},
		{"192.168.1.1", nil, true},
		{"fd12::1", nil, true},
		{"10.1.2.3", nil, false}, // captured from
		{"10.1.2.3", []string{"10.1.2.3"}, false},
		{"::ffff:10.1.2.3", []string{"10.1.2.3"}, false},
		{"64:ff9b::a01:203", []string{"staging.example"}, false}, // NAT64 of 10.1.2.3
		{"8.8.8.8", nil, false},
		{"8.8.8.8", []string{"staging.example"}, true},
		{"8.8.8.8", []string{"STAGING.example.:8443"}, true},
		{"8.8.8.8", []string{"8.8.8.8"}, true},
		{"8.8.8.8", []string{"example"}, false},
		{"8.8.8.8", []string{"other.example"}, false},
		{"2001:4860::1", nil, false},
		{"2001:4860::1", []string{"[2001:4860::1]:443"}, true},
		{"100.64.0.1", nil, false}, // carriers' NAT: another's machine may be there
		{"0.0.0.0", []string{"staging.example"}, false},
		{"::", []string{"staging.example"}, false},
		{"255.255.255.255", []string{"staging.example"}, false},
		{"224.0.0.1", []string{"staging.example"}, false},
		{"ff02::1", []string{"staging.example"}, false},
		{"169.254.169.254", []string{"staging.example", "169.254.169.254"}, false},
		{"::ffff:169.254.169.254", []string{"staging.example"}, false},
		{"64:ff9b::a9fe:a9fe", []string{"staging.example"}, false},
		{"2002:a9fe:a9fe::1", []string{"staging.example"}, false},
		{"fe80::1%eth0", []string{"staging.example"}, false},
		{"fd00:ec2::254", nil, false},
		{"100.100.100.200", []string{"staging.example"}, false},
		{"168.63.129.16", []string{"staging.example"}, false},
	} {
		err := Guard{Allow: tc.allow, Forbidden: captured}.check("staging.example", netip.MustParseAddr(tc.address))
		if tc.ok != (err == nil) || err != nil && !errors.Is(err, ErrRefused) {
			t.Errorf("%s allowing %v: %v, want it taken: %v", tc.address, tc.allow, err, tc.ok)
		}
	}
}

func TestGuardNames(t *testing.T) {
	g := Guard{Forbidden: func(host string) bool { return host == "prod.example" }, Allow: []string{"metadata.google.internal"}}
	for name, ok := range map[string]bool{
		"staging.example": true, "127.0.0.1": true, "::1": true, "h4x": true,
		"prod.example": false, "2130706433": false, "0x7f.1": false, "127.1": false, "0177.0.0.1": false, "1.2.3.4.": false, "a.0x7f000001": false,
		"metadata.google.internal": false, "METADATA.google.internal.": false, "metadata": false, "instance-data": false, "instance-data.ec2.internal": false,
		"metadata.example": true,
	} {
		if err := g.checkName(name); ok != (err == nil) || err != nil && !errors.Is(err, ErrRefused) {
			t.Errorf("%s: %v, want it taken: %v", name, err, ok)
		}
	}
}

func TestCheckTarget(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	here := "http://" + l.Addr().String() + "/base"
	gone := listen(t, say(ok200)).addr
	closed := "http://" + nobody
	defer l.Close()
	for _, tc := range []struct {
		name, target string
		forbidden    func(string) bool
		want         error
	}{
		{"it is there", here, nil, nil},
		{"and over TLS only its port is asked", strings.Replace(gone, "http:", "https:", 1), nil, nil},
		{"nobody listens", closed, nil, ErrUnreachable},
		{"no such name", "http://no-such-host.invalid/", nil, ErrUnreachable},
		{"captured from its name", "http://localhost/", func(h string) bool { return h == "localhost" }, ErrRefused},
		{"captured from its address", here, func(h string) bool { return h == "127.0.0.1" }, ErrRefused},
		{"metadata", "http://169.254.169.254/latest/", nil, ErrRefused},
		{"a public address", "http://192.0.2.1/", nil, ErrRefused},
		{"an address in disguise", "http://2852039166/", nil, ErrRefused},
	} {
		u, err := ParseTarget(tc.target)
		if err != nil {
			t.Fatal(err)
		}
		err = CheckTarget(t.Context(), u, Options{Guard: Guard{Forbidden: tc.forbidden}})
		if tc.target == closed && err != nil {
			t.Errorf("%s: refused before it was spoken to: %v", tc.name, err)
		}
		if err == nil {
			err = Probe(t.Context(), u, Options{Guard: Guard{Forbidden: tc.forbidden}})
		}
		if !errors.Is(err, tc.want) {
			t.Errorf("%s: %v, want %v", tc.name, err, tc.want)
		}
	}
	u, _ := ParseTarget(here)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := Probe(ctx, u, Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// A name whose address is another one when it is dialled (DNS rebinding) is caught by the dialer, as is every name that
// nobody checked before.
func TestDialerChecksTheAddress(t *testing.T) {
	w := listen(t, say(ok200))
	var calls atomic.Int64 // connections are opened by many goroutines
	rebinding := func(string) bool {
		return calls.Add(1) > 2 // name and address pass the check, then the address is the forbidden one
	}
	u, err := ParseTarget(w.addr)
	if err != nil {
		t.Fatal(err)
	}
	e, err := New(u, Options{Guard: Guard{Forbidden: rebinding}})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	for range 2 {
		rebinding("")
	}
	if _, err := e.Warm(t.Context()); !errors.Is(err, ErrRefused) {
		t.Errorf("warm: %v", err)
	}
	if w.conns.Load() != 0 {
		t.Errorf("%d connections were made", w.conns.Load())
	}
}

func TestWarmUnreachable(t *testing.T) {
	if _, err := engine(t, "http://"+nobody, Options{}).Warm(t.Context()); !errors.Is(err, ErrUnreachable) {
		t.Errorf("%v", err)
	}
}

// A guard that keeps requests on this machine looks at the address that is connected to, at every connection and in every engine.
func TestLocalIsAnAddress(t *testing.T) {
	w := listen(t, say(ok200))
	never := listen(t, say(ok200))
	port := func(addr string) string { return addr[strings.LastIndexByte(addr, ':'):] }
	// leads is what a name leads to, the first time that it is looked up and from then on.
	leads := func(first, then string) func(context.Context, string) ([]netip.Addr, error) {
		var n atomic.Int64
		return func(context.Context, string) ([]netip.Addr, error) {
			if n.Add(1) == 1 {
				return []netip.Addr{netip.MustParseAddr(first)}, nil
			}
			return []netip.Addr{netip.MustParseAddr(then)}, nil
		}
	}
	for _, tc := range []struct {
		name, host, first, then string
		check                   error // what CheckTarget says
		warm                    error
	}{
		{"this machine", "localhost", "127.0.0.1", "127.0.0.1", nil, nil},
		{"this machine by another name", "receiver.test", "127.0.0.1", "127.0.0.1", nil, nil},
		{"localhost is a private address", "localhost", "10.99.0.77", "10.99.0.77", ErrElsewhere, ErrRefused},
		{"localhost is a public address", "localhost", "198.51.100.7", "198.51.100.7", ErrElsewhere, ErrRefused},
		{"NAT64 of loopback", "localhost", "64:ff9b::7f00:1", "64:ff9b::7f00:1", ErrElsewhere, ErrRefused},
		{"6to4 of loopback", "localhost", "2002:7f00:1::", "2002:7f00:1::", ErrElsewhere, ErrRefused},
		{"it moves when it was checked", "localhost", "127.0.0.1", "192.0.2.1", ErrElsewhere, ErrRefused},
	} {
		at := port(w.addr)
		if tc.warm != nil {
			at = port(never.addr)
		}
		u, err := ParseTarget("http://" + tc.host + at)
		if err != nil {
			t.Fatal(err)
		}
		guard := func(first string) Guard {
			return Guard{Local: "it is raw", Allow: []string{tc.host, tc.then}, Lookup: leads(first, tc.then)}
		}
		g := guard(tc.first)
		err = CheckTarget(t.Context(), u, Options{Guard: g})
		if err == nil {
			err = Probe(t.Context(), u, Options{Guard: g})
		}
		if !errors.Is(err, tc.check) {
			t.Errorf("%s: check: %v, want %v", tc.name, err, tc.check)
		}
		for engine, o := range map[string]Options{"epoll": {}, "portable": {Portable: true}, "h2": {HTTP2: true}, "portable h2": {HTTP2: true, Portable: true}} {
			o.Guard, o.Connections, o.Timeout = guard(tc.then), 2, patience
			e, err := New(u, o)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := e.Warm(t.Context()); !errors.Is(err, tc.warm) {
				t.Errorf("%s, %s: warm: %v, want %v", tc.name, engine, err, tc.warm)
			}
			if tc.warm != nil {
				if res := play(t.Context(), t, e, post("a")); res[0].Error != replay.ReasonConnect {
					t.Errorf("%s, %s: %q, status %d", tc.name, engine, res[0].Error, res[0].Status)
				}
			}
			e.Close()
		}
	}
	if n := never.conns.Load(); n != 0 {
		t.Errorf("%d connections were made to where none may be", n)
	}
}
