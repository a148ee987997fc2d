package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"net/netip"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"

	"golang.org/x/sys/unix"
)

// canned is the whole response of the receiver.
const canned = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 38\r\n\r\n" + answer

// receiver is one thread over one epoll: what it keeps of a request is when the kernel got its last byte, so
// that how busy the receiver is does not show.
type receiver struct {
	epoll, listener int
	conns           map[int]*peer
	arrivals        []arrival
	events          [256]unix.EpollEvent
	oob             [oobSize]byte
	bad             int // requests that were none
	answer          []byte
}

// peer is a connection and the bytes of its request so far.
type peer struct {
	in []byte
	n  int
}

// receiverRole serves plain HTTP/1.1 until its stdin ends, then writes when each request came to -log.
func receiverRole(_ context.Context, args []string, out io.Writer) error {
	f := flag.NewFlagSet("receiver", flag.ContinueOnError)
	listen := f.String("listen", "127.0.0.1:0", "address to listen on")
	log := f.String("log", "arrivals", "keep when each request came in this `file`")
	collect := f.Bool("gc", false, "collect garbage: for a run of minutes, whose memory is watched")
	if err := f.Parse(args); err != nil {
		return err
	}
	if !*collect {
		debug.SetGCPercent(-1)
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	r := &receiver{conns: make(map[int]*peer), arrivals: touched(1 << 20), answer: []byte(canned)}
	addr, err := r.listen(*listen)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", *listen, err)
	}
	fmt.Fprintln(out, addr)
	if err := r.serve(); err != nil {
		return err
	}
	fmt.Fprintf(out, "{\"served\":%d,\"bad\":%d}\n", len(r.arrivals), r.bad)
	return writeArrivals(*log, r.arrivals)
}

// touched makes room for so many arrivals, all of it in memory already: what arrives later makes the process no larger.
func touched(n int) []arrival {
	all := make([]arrival, n)
	for i := range all {
		all[i].copy = -1
	}
	return all[:0]
}

func (r *receiver) listen(where string) (netip.AddrPort, error) {
	addr, err := netip.ParseAddrPort(where)
	if err != nil {
		return addr, err
	}
	if r.epoll, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC); err != nil {
		return addr, err
	}
	if r.listener, err = unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0); err != nil {
		return addr, err
	}
	for _, o := range []int{unix.SO_REUSEADDR, unix.SO_TIMESTAMPNS} { // connections inherit the stamps
		if err := unix.SetsockoptInt(r.listener, unix.SOL_SOCKET, o, 1); err != nil {
			return addr, err
		}
	}
	if err := unix.Bind(r.listener, &unix.SockaddrInet4{Addr: addr.Addr().As4(), Port: int(addr.Port())}); err != nil {
		return addr, err
	}
	if err := unix.Listen(r.listener, 4096); err != nil {
		return addr, err
	}
	name, err := unix.Getsockname(r.listener)
	if err != nil {
		return addr, err
	}
	for _, fd := range []int{r.listener, int(os.Stdin.Fd())} {
		if err := r.watch(fd); err != nil {
			return addr, err
		}
	}
	return netip.AddrPortFrom(addr.Addr(), uint16(name.(*unix.SockaddrInet4).Port)), nil
}

func (r *receiver) watch(fd int) error {
	return unix.EpollCtl(r.epoll, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(fd)})
}

// serve until stdin ends.
func (r *receiver) serve() error {
	for {
		n, err := unix.EpollWait(r.epoll, r.events[:], -1)
		if err != nil && err != unix.EINTR {
			return err
		}
		for _, e := range r.events[:max(n, 0)] {
			switch fd := int(e.Fd); fd {
			case int(os.Stdin.Fd()):
				return nil
			case r.listener:
				r.accept()
			default:
				r.read(fd)
			}
		}
	}
}

func (r *receiver) accept() {
	for {
		fd, _, err := unix.Accept4(r.listener, unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC)
		if err != nil {
			return
		}
		_ = unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1)
		_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1)
		if r.watch(fd) != nil {
			_ = unix.Close(fd)
			continue
		}
		r.conns[fd] = &peer{in: make([]byte, 64<<10)}
	}
}

// read takes what a connection has and answers each request that is whole.
func (r *receiver) read(fd int) {
	p := r.conns[fd]
	n, oobn, _, _, err := unix.Recvmsg(fd, p.in[p.n:], r.oob[:], 0)
	if err == unix.EAGAIN {
		return
	}
	if err != nil || n == 0 {
		r.drop(fd)
		return
	}
	at := stampOfControl(r.oob[:oobn])
	p.n += n
	for {
		size, a := parseRequest(p.in[:p.n])
		switch {
		case size < 0 || size == 0 && p.n == len(p.in):
			r.bad++
			r.drop(fd)
			return
		case size == 0:
			return
		}
		a.at = at
		r.arrivals = append(r.arrivals, a)
		p.n = copy(p.in, p.in[size:p.n])
		if _, err := unix.Write(fd, r.answer); err != nil {
			r.drop(fd)
			return
		}
	}
}

func (r *receiver) drop(fd int) {
	delete(r.conns, fd)
	_ = unix.Close(fd)
}

// parseRequest returns the length of the request that b begins with, 0 if it is not whole, -1 if this receiver
// cannot read it (chunked bodies), and what its Reprise-Record says.
func parseRequest(b []byte) (int, arrival) {
	a := arrival{seq: -1}
	head := bytes.Index(b, []byte("\r\n\r\n"))
	if head < 0 {
		return 0, a
	}
	length := 0
	for rest, line := b[:head], []byte(nil); len(rest) > 0; {
		line, rest, _ = bytes.Cut(rest, []byte("\r\n"))
		name, value, _ := bytes.Cut(line, []byte(":"))
		value = bytes.TrimSpace(value)
		switch {
		case len(name) == 14 && bytes.EqualFold(name, []byte("content-length")):
			n, err := strconv.Atoi(string(value))
			if err != nil || n < 0 {
				return -1, a
			}
			length = n
		case len(name) == 17 && bytes.EqualFold(name, []byte("transfer-encoding")):
			return -1, a
		case len(name) == 14 && bytes.EqualFold(name, []byte("reprise-record")):
			seq, n, _ := bytes.Cut(value, []byte("."))
			a.seq, _ = strconv.ParseInt(string(seq), 10, 64)
			a.copy, _ = strconv.ParseInt(string(n), 10, 64)
		}
	}
	if len(b) < head+4+length {
		return 0, a
	}
	return head + 4 + length, a
}
