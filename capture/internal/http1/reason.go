package http1

// The reasons for which a message is not to be used. Each is a fixed phrase that says what is wrong with the framing, never what is inside.
const (
	ReasonCut            = "request is not whole"
	ReasonRequestLine    = "malformed request line"
	ReasonHeadSize       = "head is over 128 KiB"
	ReasonBodySize       = "body is over 16 MiB"
	ReasonBareLF         = "bare LF or CR in the head"
	ReasonFolded         = "folded header"
	ReasonHeaderName     = "malformed header name"
	ReasonHeaderValue    = "control character in a header"
	ReasonLength         = "malformed Content-Length"
	ReasonLengths        = "repeated Content-Length"
	ReasonLengthAndCoded = "both Transfer-Encoding and Content-Length"
	ReasonCoding         = "unsupported Transfer-Encoding"
	ReasonHosts          = "repeated Host"
	ReasonChunk          = "malformed chunk"
	ReasonTrailers       = "trailer fields dropped"
	ReasonBehind         = "bytes behind the message are dropped"
)
