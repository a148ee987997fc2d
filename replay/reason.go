package replay

// Reason says why a request has no answer. The texts are part of the run file and of the summary's JSON.
type Reason string

// The reasons. One that is added here is added to Reasons and Class, too.
const (
	ReasonNone    Reason = ""
	ReasonConnect Reason = "connect" // no connection: refused, unreachable, name not found
	// ReasonTimeout: no first byte of an answer in time, or not the whole of it within the time for all.
	ReasonTimeout        Reason = "timeout"
	ReasonConnectTimeout Reason = "timeout_connect"
	ReasonWriteTimeout   Reason = "timeout_write" // the target did not take the request
	ReasonBodyTimeout    Reason = "timeout_body"  // the answer began and did not end
	ReasonReset          Reason = "reset"         // the connection broke after the request was sent
	ReasonTLS            Reason = "tls"
	ReasonProxy          Reason = "proxy" // the proxy could not be reached, or did not open the way to the target
	ReasonInvalid        Reason = "invalid_response"
	ReasonTooLarge       Reason = "response_too_large"
	ReasonShed           Reason = "shed"   // not sent: beyond the in-flight cap under the drop policy
	ReasonUnsent         Reason = "unsent" // not sent: the run ended before its turn
	ReasonLocal          Reason = "local"  // this machine's own limit: ports, file descriptors
	// ReasonUnsigned: not sent, as it could not be signed though that was asked for. It counts as failed.
	ReasonUnsigned Reason = "unsigned"
)

// ReasonCount is the number of reasons that Reasons lists.
const ReasonCount = 14

// Reasons returns every reason but ReasonNone, in the order in which tables show them.
func Reasons() [ReasonCount]Reason {
	return [...]Reason{
		ReasonConnect, ReasonConnectTimeout, ReasonTimeout, ReasonWriteTimeout, ReasonBodyTimeout, ReasonReset, ReasonTLS,
		ReasonProxy, ReasonInvalid, ReasonTooLarge, ReasonLocal, ReasonShed, ReasonUnsent, ReasonUnsigned,
	}
}

// Class groups reasons by how far a request got.
type Class uint8

// The classes.
const (
	ClassUnknown  Class = iota // a reason that this version does not know
	ClassAnswered              // no reason: there is an answer
	ClassWithheld              // not sent, and the tally counts it apart from failures: shed, unsent
	ClassOwn                   // this side could not send it: local limits, no signature
	ClassConnect               // no connection to the target, or in time
	ClassProxy                 // no way through the proxy
	ClassTLS                   // a connection, but no TLS session
	ClassTimeout               // sent, but no whole answer in time
	ClassBroken                // sent, but the answer was cut off, too large or no HTTP
)

// Class returns the class of a reason.
func (r Reason) Class() Class {
	switch r {
	case ReasonNone:
		return ClassAnswered
	case ReasonShed, ReasonUnsent:
		return ClassWithheld
	case ReasonLocal, ReasonUnsigned:
		return ClassOwn
	case ReasonConnect, ReasonConnectTimeout:
		return ClassConnect
	case ReasonProxy:
		return ClassProxy
	case ReasonTLS:
		return ClassTLS
	case ReasonTimeout, ReasonWriteTimeout, ReasonBodyTimeout:
		return ClassTimeout
	case ReasonReset, ReasonInvalid, ReasonTooLarge:
		return ClassBroken
	}
	return ClassUnknown
}

// Attempted says whether a request with this reason was sent, or was tried to be sent.
func (r Reason) Attempted() bool { return r.Class() != ClassWithheld && r != ReasonUnsigned }

// Attempted says whether the request was sent, or was tried to be sent.
func (r *Result) Attempted() bool { return r.Error == ReasonNone || r.Error.Attempted() }
