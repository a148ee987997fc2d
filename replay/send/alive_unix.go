//go:build unix

package send

import (
	"errors"
	"net"
	"syscall"
)

// alive says whether a connection that nothing was sent on yet is still open: the other side has neither closed it nor
// said anything. It looks without reading.
func alive(c net.Conn) bool {
	secure := false
	for {
		t, ok := c.(interface{ NetConn() net.Conn })
		if !ok {
			return quiet(c, secure)
		}
		c, secure = t.NetConn(), true
	}
}

// quiet peeks at a socket; after a TLS handshake there may be session tickets to read.
func quiet(c net.Conn, mayTalk bool) bool {
	s, ok := c.(syscall.Conn)
	if !ok {
		return true
	}
	raw, err := s.SyscallConn()
	if err != nil {
		return false
	}
	open := false
	err = raw.Read(func(fd uintptr) bool {
		var b [1]byte
		n, _, err := syscall.Recvfrom(int(fd), b[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		open = errors.Is(err, syscall.EAGAIN) || mayTalk && n > 0
		return true
	})
	return err == nil && open
}
