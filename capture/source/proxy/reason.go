package proxy

// The reasons for which a request that was passed on is not recorded, beside those of package http1.
const (
	reasonFull    = "not recorded: requests came faster than they were written"
	reasonUpgrade = "the connection became another protocol's (101)"
	reasonConnect = "CONNECT is not passed on"
	reasonEarly   = "answered before its body had come"
	reasonRefused = "refused: it is no request of HTTP"
	reasonLeft    = "the connection ended before it was passed on"
)

// What is noted of requests that are recorded.
const (
	noteHeaders  = "headers are sorted, and their case is not known"
	noteNoAnswer = "the upstream did not answer"
	noteGone     = "the client did not wait for the answer"
)
