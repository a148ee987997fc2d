package send

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"reprise/replay"
)

// socket is an open connection, with the TLS session in it.
type socket struct {
	fd   int
	gen  int32     // tells it from an earlier one with its number
	tls  *tls.Conn // nil in clear
	wire *tlsWire
}

// conn is one connection of a loop over HTTP/1.1.
type conn struct {
	socket
	slot int // whose turn it serves, under affinity

	// Of the request on its way; nil if there is none.
	q       *replay.Request
	out     []byte // what goes onto the wire for it
	room    []byte // out, where that is not the request's own bytes
	res     replay.Result
	answer  response
	written int
	phase   phase
	since   time.Duration // when the phase began
	used    bool          // it has answered before
	fresh   bool          // it was just opened for a request that waits
	writing bool          // the socket is watched for room
}

// phase is what a request waits for.
type phase uint8

const (
	toWrite phase = iota
	toAnswer
	toEnd
)

// adopt takes the socket of an open connection away from the runtime.
func adopt(c net.Conn) (*conn, error) {
	secure, _ := c.(*tls.Conn)
	var wire *tlsWire
	plain := c
	for t := secure; t != nil; { // a session with the target may be inside one with a proxy
		under := t.NetConn()
		if t, _ = under.(*tls.Conn); t == nil {
			wire = under.(*tlsWire)
			plain = wire.Conn
		}
	}
	raw, err := plain.(syscall.Conn).SyscallConn()
	if err != nil {
		return nil, err
	}
	fd := -1
	var dupErr error
	err = raw.Control(func(old uintptr) { fd, dupErr = unix.FcntlInt(old, unix.F_DUPFD_CLOEXEC, 0) })
	if err = errors.Join(err, dupErr); err != nil {
		plain.Close()
		return nil, fmt.Errorf("take over a connection: %w", err)
	}
	if err := unix.SetNonblock(fd, true); err != nil {
		unix.Close(fd)
		plain.Close()
		return nil, err
	}
	own := &conn{socket: socket{fd: fd, tls: secure, wire: wire}}
	if wire != nil {
		wire.fd, wire.Conn = fd, nil
	}
	return own, plain.Close()
}

// start writes a request, or its beginning. ok is false where the connection was dead before a byte was taken.
func (c *conn) start(q *replay.Request, sent time.Duration, o *Options, via *route) (ok bool, reason replay.Reason) {
	c.q, c.written, c.phase, c.since = q, 0, toWrite, sent
	c.res = replay.Result{Sent: sent, NewConnection: c.fresh}
	c.fresh = false
	if c.out = q.Wire; via != nil && via.absolute != "" {
		if c.room, reason = absolute(via, c.room[:0], q); reason != "" {
			return true, reason
		}
		c.out = c.room
	}
	c.answer.wants = o.Answers != nil
	c.answer.begin(len(q.Wire) > 5 && string(q.Wire[:5]) == "HEAD ", o.MaxBody)
	if reason := c.write(); reason != "" {
		return c.written > 0, reason
	}
	return true, ""
}

// absolute is a request as a proxy reads it.
func absolute(via *route, room []byte, q *replay.Request) ([]byte, replay.Reason) {
	out, err := via.absoluteForm(room, q.Wire, &q.Parts)
	if err != nil {
		return nil, replay.ReasonLocal
	}
	return out, ""
}

// write goes on writing.
func (c *conn) write() replay.Reason {
	if c.tls != nil {
		return c.writeTLS()
	}
	for c.written < len(c.out) {
		n, errno := rawSend(c.fd, c.out[c.written:])
		switch errno {
		case 0:
			c.written += n
		case unix.EINTR:
		case unix.EAGAIN:
			return ""
		default:
			return errnoReason(errno)
		}
	}
	return ""
}

// heldSize is the longest request of which all TLS records are written at once.
const heldSize = 64 << 10

// writeTLS encrypts the request at once, and leaves what the socket does not take to the wire.
func (c *conn) writeTLS() replay.Reason {
	if c.written == 0 {
		c.wire.hold = len(c.out) <= heldSize
		_, err := c.tls.Write(c.out)
		c.wire.hold = false
		if err != nil {
			if c.wire.failed != 0 {
				return errnoReason(c.wire.failed)
			}
			return replay.ReasonTLS
		}
		c.written = 1 // more than nothing
	}
	done, errno := c.wire.flush()
	switch {
	case errno != 0:
		return errnoReason(errno)
	case done:
		c.written = len(c.out)
	}
	return ""
}

func (c *conn) sent() bool { return c.q != nil && c.written == len(c.out) }

// errnoReason says what a socket's error is to a request on its way.
func errnoReason(errno unix.Errno) replay.Reason {
	switch errno {
	case unix.ENOBUFS, unix.ENOMEM:
		return replay.ReasonLocal
	case unix.ETIMEDOUT:
		return replay.ReasonTimeout
	}
	return replay.ReasonReset
}

// read reads what has come into a buffer that it shares with others. more says that there may be more; gone that the
// other side has ended the connection.
func (c *socket) read(buffer []byte) (b []byte, more, gone bool, reason replay.Reason) {
	if c.tls != nil {
		return c.readTLS(buffer)
	}
	n, errno := rawRead(c.fd, buffer)
	switch {
	case errno == unix.EAGAIN:
		return nil, false, false, ""
	case errno == unix.EINTR:
		return nil, true, false, ""
	case errno != 0:
		return nil, false, true, errnoReason(errno)
	case n == 0:
		return nil, false, true, ""
	}
	return buffer[:n], n == len(buffer), false, ""
}

// look has the next read ask the socket, of which an event told.
func (c *socket) look() {
	if c.wire != nil {
		c.wire.dry = false
	}
}

func (c *socket) readTLS(buffer []byte) (b []byte, more, gone bool, reason replay.Reason) {
	n, err := c.tls.Read(buffer)
	switch {
	case err == nil:
		return buffer[:n], true, false, ""
	case errors.Is(err, again{}):
		return nil, false, false, ""
	case errors.Is(err, io.EOF):
		return nil, false, true, ""
	}
	var errno unix.Errno
	if errors.As(err, &errno) {
		return nil, false, true, errnoReason(errno)
	}
	return nil, false, true, replay.ReasonTLS
}
