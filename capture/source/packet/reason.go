package packet

// Reasons that say what to do about a recording of which nothing could be kept.
const (
	ReasonTLS     = "connection is encrypted (TLS)"
	ReasonHTTP2   = "connection speaks HTTP/2"
	ReasonNotHTTP = "connection does not speak HTTP/1"
	ReasonHole    = "bytes are missing from the recording"
)

// The reasons under which the account counts what could not be used. Each is a fixed phrase: it says what was
// wrong with the framing, never what was inside.
const (
	// Of files.
	reasonTruncated   = "the file ends inside a packet"
	reasonUnreadable  = "the input cannot be read any further"
	reasonBadHeader   = "damaged packet header: passed on to the next packet"
	reasonBadLength   = "damaged packet length: the packet was read by its original length"
	reasonBadTime     = "damaged packet time: the time of the packet before stands in"
	reasonBadBlock    = "damaged packet block"
	reasonBadEnd      = "damaged end of a packet block: the packet was read by its beginning"
	reasonBadBegin    = "damaged packet block length: the packet was read by the length at its end"
	reasonBigPacket   = "packet is over 1 MiB"
	reasonNoTime      = "packet without a time"
	reasonLinkType    = "link type is not supported"
	reasonHeaders     = "damaged packet headers"
	reasonFragment    = "fragments of an IP packet without the rest of it"
	reasonOverlap     = "fragments of an IP packet overlap"
	reasonMemory      = "connection given up: memory limit"
	reasonConnections = "connection given up: too many connections"

	// Of connections.
	reasonTLS     = ReasonTLS
	reasonHTTP2   = ReasonHTTP2
	reasonNotHTTP = ReasonNotHTTP

	reasonOther  = "bytes sent again are not the same: the first ones count"
	reasonUrgent = "urgent byte: it is no part of the stream"

	// Of requests.
	reasonHole = ReasonHole
	reasonJunk = "bytes between requests are no request"
)
