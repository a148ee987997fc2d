package send

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"syscall"

	"reprise/replay"
)

// reason says why a request that got so far has no whole answer.
// No text of err is kept: it may quote what the target sent.
func reason(err error, p *progress) replay.Reason {
	connected := p.connected.Load()
	var handshake *handshakeError
	var way *ProxyError
	switch {
	case isLocal(err):
		return replay.ReasonLocal
	case errors.As(err, &way) && !isTimeout(err):
		return replay.ReasonProxy
	case errors.As(err, &handshake), !connected && p.greeted.Load():
		return replay.ReasonTLS
	case !connected && unsendable(err):
		return replay.ReasonLocal
	case !connected && isTimeout(err):
		return replay.ReasonConnectTimeout
	case !connected:
		return replay.ReasonConnect
	case p.bodyLate.Load():
		return replay.ReasonBodyTimeout
	case errors.Is(err, errTooLong):
		return replay.ReasonTooLarge
	case isTimeout(err) && !p.wrote.Load() && p.firstByte.Load() == 0:
		return replay.ReasonWriteTimeout
	case isTimeout(err):
		return replay.ReasonTimeout
	case isBroken(err):
		return replay.ReasonReset
	}
	return replay.ReasonInvalid
}

// isLocal says that this machine could not: out of ports, descriptors, buffers or memory.
func isLocal(err error) bool {
	for _, own := range []syscall.Errno{syscall.EADDRNOTAVAIL, syscall.EMFILE, syscall.ENFILE, syscall.ENOBUFS, syscall.ENOMEM} {
		if errors.Is(err, own) {
			return true
		}
	}
	return false
}

// unsendable says that net/http would not even connect for such a request: its method, a header or its URL cannot be sent.
func unsendable(err error) bool {
	var op *net.OpError
	var dns *net.DNSError
	text := err.Error()
	return !errors.As(err, &op) && !errors.As(err, &dns) && (strings.HasPrefix(text, "net/http: invalid") || strings.HasPrefix(text, "http: invalid"))
}

// isTimeout is also true of a request that was cut off because the run ended and its grace was over.
func isTimeout(err error) bool {
	var timeout net.Error
	return errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) || errors.Is(err, os.ErrDeadlineExceeded) ||
		errors.As(err, &timeout) && timeout.Timeout()
}

// isBroken says that the connection ended before the answer did. net/http has no error value for two of its cases.
func isBroken(err error) bool {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) ||
		errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNABORTED) {
		return true
	}
	if stream := (streamError{}); errors.As(err, &stream) {
		return stream.Cause != nil && stream.Cause.Error() == "received from peer" // else the target sent what is no HTTP/2
	}
	text := err.Error()
	return strings.Contains(text, "server closed idle connection") || strings.Contains(text, "server closed connection") ||
		strings.Contains(text, "server sent GOAWAY")
}

// streamError is net/http's error for an HTTP/2 stream that was reset. It fills in a struct with fields of these names.
type streamError struct {
	StreamID, Code uint32
	Cause          error
}

func (streamError) Error() string { return "send: the stream was reset" }
