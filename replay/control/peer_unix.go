//go:build linux || darwin

package control

import (
	"net"
	"syscall"
)

// peerIs asks about the other end of a connection.
func peerIs(c net.Conn, is func(fd int) bool) (yes bool) {
	s, ok := c.(syscall.Conn)
	if !ok {
		return false
	}
	raw, err := s.SyscallConn()
	if err != nil {
		return false
	}
	err = raw.Control(func(fd uintptr) { yes = is(int(fd)) })
	return yes && err == nil
}
