package send

import (
	"io"
	"net"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// tlsWire is what crypto/tls takes for a connection while it runs over a socket of the loop. Nothing of it blocks: a read
// that finds nothing fails with an error that crypto/tls takes for temporary, and keeps its state; a write keeps what the
// socket does not take.
type tlsWire struct {
	net.Conn // until the handshake is done
	fd       int
	rest     []byte // written and not yet taken by the socket
	hold     bool   // what is written is kept in rest, so that many records are taken at once
	taken    int64  // bytes that the socket took
	dry      bool   // the socket had no more than was read from it
	failed   unix.Errno
}

// wrapTLS puts a wire under a TLS connection that is about to be made.
func wrapTLS(c net.Conn) net.Conn { return &tlsWire{Conn: c} }

// again is the error of a read that would block.
type again struct{}

func (again) Error() string   { return "send: nothing to read yet" }
func (again) Timeout() bool   { return true }
func (again) Temporary() bool { return true }

func (w *tlsWire) Read(b []byte) (int, error) {
	if w.Conn != nil {
		return w.Conn.Read(b)
	}
	if w.dry {
		return 0, again{}
	}
	n, errno := rawRead(w.fd, b)
	w.dry = n < len(b)
	switch {
	case errno == unix.EAGAIN || errno == unix.EINTR:
		return 0, again{}
	case errno != 0:
		return 0, os.NewSyscallError("read", errno)
	case n == 0:
		return 0, io.EOF
	}
	return n, nil
}

func (w *tlsWire) Write(b []byte) (int, error) {
	if w.Conn != nil {
		return w.Conn.Write(b)
	}
	if w.hold || len(w.rest) > 0 {
		w.rest = append(w.rest, b...)
		return len(b), nil
	}
	n, errno := rawSend(w.fd, b)
	if errno != 0 && errno != unix.EAGAIN && errno != unix.EINTR {
		w.failed = errno
		return 0, os.NewSyscallError("write", errno)
	}
	w.taken += int64(n)
	w.rest = append(w.rest[:0], b[n:]...)
	return len(b), nil
}

// flush writes what is kept; done says that nothing is left.
func (w *tlsWire) flush() (done bool, errno unix.Errno) {
	for len(w.rest) > 0 {
		n, errno := rawSend(w.fd, w.rest)
		switch errno {
		case 0:
			w.taken += int64(n)
			w.rest = w.rest[:copy(w.rest, w.rest[n:])]
		case unix.EINTR:
		case unix.EAGAIN:
			return false, 0
		default:
			return false, errno
		}
	}
	return true, 0
}

// Close and the deadlines belong to the loop once it has the socket.
func (w *tlsWire) Close() error {
	if w.Conn != nil {
		return w.Conn.Close()
	}
	return nil
}

func (w *tlsWire) SetDeadline(t time.Time) error {
	if w.Conn != nil {
		return w.Conn.SetDeadline(t)
	}
	return nil
}

func (w *tlsWire) SetReadDeadline(t time.Time) error {
	if w.Conn != nil {
		return w.Conn.SetReadDeadline(t)
	}
	return nil
}

func (w *tlsWire) SetWriteDeadline(t time.Time) error {
	if w.Conn != nil {
		return w.Conn.SetWriteDeadline(t)
	}
	return nil
}
