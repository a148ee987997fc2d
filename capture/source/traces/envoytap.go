package traces

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"reprise/capture"
	"reprise/capture/wire"
)

// envoyTap reads HttpBufferedTrace messages as JSON (https://www.envoyproxy.io/docs/envoy/latest/api-v3/data/tap/v3/http.proto).
type envoyTap struct{}

type tapTrace struct {
	Trace *struct {
		Request  tapMessage `json:"request"`
		Response tapMessage `json:"response"`
	} `json:"http_buffered_trace"`
}

type tapMessage struct {
	Headers []struct {
		Key      string `json:"key"`
		Value    string `json:"value"`
		RawValue []byte `json:"raw_value"`
	} `json:"headers"`
	Body *struct {
		Truncated bool    `json:"truncated"`
		AsBytes   []byte  `json:"as_bytes"`
		AsString  *string `json:"as_string"`
	} `json:"body"`
	Received time.Time `json:"headers_received_time"`
}

func (envoyTap) row(r *row, done func(*request)) {
	if r.object == nil {
		return
	}
	q := &request{line: r.number}
	var t tapTrace
	switch err := json.Unmarshal(r.object, &t); {
	case err != nil:
		q.bad = reasonShape
	case t.Trace == nil:
		return // of another kind of trace
	default:
		q.fill(&t.Trace.Request, &t.Trace.Response, r.at)
	}
	done(q)
}

func (envoyTap) end(func(*request)) {}

func (q *request) fill(in, out *tapMessage, seen time.Time) {
	rec := &q.record
	for _, h := range in.Headers {
		if h.Value == "" && h.RawValue != nil {
			h.Value = string(h.RawValue)
		}
		switch h.Key {
		case ":method":
			rec.Method = h.Value
		case ":path":
			rec.URL = h.Value
		case ":authority", "host":
			rec.Host = h.Value
			rec.Headers = append(rec.Headers, capture.Header{Name: "host", Value: h.Value})
		default:
			if strings.HasPrefix(h.Key, ":") {
				continue
			}
			if !headerName(h.Key) || strings.ContainsAny(h.Value, "\r\n\x00") {
				q.note(reasonHeader)
				continue
			}
			rec.Headers = append(rec.Headers, capture.Header{Name: h.Key, Value: h.Value})
		}
	}
	q.at = in.Received
	for _, h := range out.Headers {
		switch h.Key {
		case ":status":
			rec.Response.Status = statusOf(h.Value)
		case "date":
			if at, err := http.ParseTime(h.Value); err == nil && q.at.IsZero() {
				q.at = at // to the second, and when the answer began; a tap that is older than this field tells no better
			}
		}
	}
	if q.at.IsZero() {
		q.at = seen
	}
	if !in.Received.IsZero() && out.Received.After(in.Received) {
		rec.Response.Latency = out.Received.Sub(in.Received)
	}
	if in.Body == nil {
		return
	}
	if in.Body.Truncated {
		q.bad, q.field = reasonCutBody, "body"
		return
	}
	rec.Body = in.Body.AsBytes
	if in.Body.AsString != nil {
		rec.Body = []byte(*in.Body.AsString)
	}
}

func statusOf(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || n > 999 {
		return 0
	}
	return n
}

func headerName(name string) bool { return wire.IsToken(name) }
