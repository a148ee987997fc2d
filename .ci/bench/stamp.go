package main

import (
	"crypto/tls"
	"io"
	"net"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// oobSize holds one control message with a timespec.
const oobSize = 64

// stampOfControl returns the kernel's receive stamp in the control messages of a recvmsg, 0 where there is none.
func stampOfControl(oob []byte) int64 {
	for len(oob) >= unix.SizeofCmsghdr {
		h := (*unix.Cmsghdr)(unsafe.Pointer(&oob[0]))
		if h.Len < unix.SizeofCmsghdr || h.Len > uint64(len(oob)) {
			return 0
		}
		if h.Level == unix.SOL_SOCKET && h.Type == unix.SO_TIMESTAMPNS && h.Len >= unix.SizeofCmsghdr+16 {
			ts := (*unix.Timespec)(unsafe.Pointer(&oob[unix.SizeofCmsghdr]))
			return ts.Nano()
		}
		oob = oob[min(uint64(len(oob)), (h.Len+7)&^7):]
	}
	return 0
}

// stampedListener hands out connections that remember when the kernel got what was read last.
type stampedListener struct{ *net.TCPListener }

func (l stampedListener) Accept() (net.Conn, error) {
	c, err := l.AcceptTCP()
	if err != nil {
		return nil, err
	}
	raw, err := c.SyscallConn()
	if err != nil {
		return nil, err
	}
	var optErr error
	if err := raw.Control(func(fd uintptr) {
		optErr = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1)
	}); err != nil {
		return nil, err
	}
	return &stampedConn{TCPConn: c, raw: raw}, optErr
}

type stampedConn struct {
	*net.TCPConn
	raw  syscall.RawConn
	last atomic.Int64 // ns, 0 before the first read
	oob  [oobSize]byte
}

// Read is one recvmsg; one goroutine at a time, as the servers do.
func (c *stampedConn) Read(p []byte) (int, error) {
	var n, oobn int
	var got error
	err := c.raw.Read(func(fd uintptr) bool {
		n, oobn, _, _, got = unix.Recvmsg(int(fd), p, c.oob[:], 0)
		return got != unix.EAGAIN
	})
	switch {
	case err != nil:
		return 0, err
	case got != nil:
		return 0, got
	case n == 0 && len(p) > 0:
		return 0, io.EOF
	}
	if at := stampOfControl(c.oob[:oobn]); at != 0 {
		c.last.Store(at)
	}
	return n, nil
}

// stampOf is when the kernel got what was last read from a connection; now, where it keeps no stamps.
func stampOf(c net.Conn) int64 {
	if t, ok := c.(*tls.Conn); ok {
		c = t.NetConn()
	}
	if s, ok := c.(*stampedConn); ok {
		if at := s.last.Load(); at != 0 {
			return at
		}
	}
	return time.Now().UnixNano()
}
