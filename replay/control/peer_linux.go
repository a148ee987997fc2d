package control

import (
	"net"
	"os"

	"golang.org/x/sys/unix"
)

// fromOwn says whether this user is at the other end of a unix socket.
func fromOwn(c net.Conn) bool {
	return peerIs(c, func(fd int) bool {
		peer, err := unix.GetsockoptUcred(fd, unix.SOL_SOCKET, unix.SO_PEERCRED)
		return err == nil && int64(peer.Uid) == int64(os.Geteuid())
	})
}
