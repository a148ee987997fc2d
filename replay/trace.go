package replay

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"reprise/capture/wire"
)

// Tracing says which traceparent (W3C Trace Context, level 1) each request of a run carries. The zero value is none.
type Tracing uint8

// The ways to trace.
const (
	TraceOff Tracing = iota
	// TraceOn names the request, and leaves it to the target whether it keeps the trace: the flags are 00.
	TraceOn
	// TraceSampled asks the target to keep the trace: the flags are 01.
	TraceSampled
)

// SettingTrace is the name under which a run's settings say how it was traced.
const SettingTrace = "trace"

// String is the name that ParseTracing reads.
func (t Tracing) String() string { return [...]string{"off", "on", "sampled"}[t] }

// ParseTracing reads "off", "on" or "sampled".
func ParseTracing(s string) (Tracing, error) {
	for _, t := range []Tracing{TraceOff, TraceOn, TraceSampled} {
		if t.String() == s {
			return t, nil
		}
	}
	return TraceOff, fmt.Errorf("%q is none of off, on, sampled", s)
}

// TraceParentLength is the length of a traceparent.
const TraceParentLength = len("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00")

// traceSum is what the ids of a request are taken from: the SHA-256 of "RUN SEQ.COPY", as the headers Reprise-Run and Reprise-Record
// have them. So they need not be stored, and whoever knows the two headers can tell them. Part of the run file's meaning; never change.
func traceSum(run string, seq int64, copied int) [sha256.Size]byte {
	var buffer [128]byte
	text := append(append(buffer[:0], run...), ' ')
	sum := sha256.Sum256(wire.AppendMark(text, seq, copied))
	sum[15] |= b2i(isZero(sum[:16])) // the specification has no id of zeros alone
	sum[23] |= b2i(isZero(sum[16:24]))
	return sum
}

func isZero(id []byte) bool {
	for _, b := range id {
		if b != 0 {
			return false
		}
	}
	return true
}

func b2i(b bool) byte {
	if b {
		return 1
	}
	return 0
}

// PutTraceParent writes the traceparent of a request of a run into dst, which has TraceParentLength bytes. Attempts have copy numbers of
// their own, and so ids of their own.
func (t Tracing) PutTraceParent(dst []byte, run string, seq int64, copied int) {
	sum := traceSum(run, seq, copied)
	_ = dst[:TraceParentLength]
	copy(dst, "00-")
	hex.Encode(dst[3:], sum[:16])
	dst[35] = '-'
	hex.Encode(dst[36:], sum[16:24])
	dst[52], dst[53], dst[54] = '-', '0', '0'
	if t == TraceSampled {
		dst[54] = '1'
	}
}

// TraceID is the trace id of a request of a run, in hexadecimal: what PutTraceParent wrote where the run was traced.
func TraceID(run string, seq int64, copied int) string {
	sum := traceSum(run, seq, copied)
	return hex.EncodeToString(sum[:16])
}
