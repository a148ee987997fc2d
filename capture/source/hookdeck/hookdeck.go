// Package hookdeck knows the requests that Hookdeck, a gateway for webhooks, keeps: as its API lists requests and events, and as they are exported. It
// is no vendor of messages: the requests are those of the vendors that sent them to it, with their headers and paths.
package hookdeck

import (
	"bytes"
	"cmp"
	"encoding/json"
	"strings"
	"time"

	"reprise/capture"
	"reprise/capture/dialect"
	"reprise/capture/payload"
)

// Export is what its rows hold.
func Export() dialect.VendorExport {
	return dialect.VendorExport{Export: &dialect.Export{
		Name: "hookdeck", Title: "requests that Hookdeck keeps", Docs: "https://hookdeck.com/docs/api#requests",
		Pages: []string{"models"}, Marks: []string{"id", "data.path", "data.query"},
		Requests: requests,
	}}
}

// row is a request, or an event, which is a request on its way to one destination.
type row struct {
	Ingested string `json:"ingested_at"`
	Created  string `json:"created_at"`
	Status   int    `json:"response_status"`
	Data     *struct {
		Method  string          `json:"method"`
		Path    string          `json:"path"`
		Query   string          `json:"query"`
		Headers json.RawMessage `json:"headers"`
		Body    json.RawMessage `json:"body"`
		Large   bool            `json:"is_large_payload"`
	} `json:"data"`
	Attempts json.RawMessage `json:"attempts"` // a number, or a list where they were put into their event
}

// attempt is one delivery of an event.
type attempt struct {
	Requested string  `json:"requested_at"`
	Created   string  `json:"created_at"`
	Status    int     `json:"response_status"`
	Latency   float64 `json:"response_latency"` // milliseconds
}

func requests(object []byte, each func(*capture.Record) error) error {
	var in row
	switch err := json.Unmarshal(object, &in); {
	case err != nil:
		return &payload.FieldError{Field: "data", Reason: "not a request"}
	case in.Data == nil:
		return &payload.FieldError{Field: "data", Reason: payload.ReasonMissing}
	case in.Data.Large:
		return &payload.FieldError{Field: "data.body", Reason: "the body is not in the export"}
	}
	r := capture.Record{Method: strings.ToUpper(in.Data.Method), URL: target(in.Data.Path, in.Data.Query)}
	var ok bool
	if r.Headers, ok = dialect.ParseHeaders(text(in.Data.Headers)); !ok {
		return &payload.FieldError{Field: "data.headers", Reason: "not headers"}
	}
	if strings.ContainsFunc(r.URL, func(c rune) bool { return c <= ' ' || c == 0x7f }) {
		return &payload.FieldError{Field: "data.path", Reason: "not a path"}
	}
	if r.Host, _ = r.Header("Host"); r.Host == "" {
		r.Host, _ = r.Header("X-Forwarded-Host")
	}
	parsed := false
	if r.Body, parsed, ok = body(&r, in.Data.Body); !ok {
		return &payload.FieldError{Field: "data.body", Reason: "a form whose values are no texts"}
	}
	if r.Method == "" {
		if r.Method = "POST"; len(r.Body) == 0 {
			r.Method = "GET"
		}
	}
	_, measured := r.Header("Content-Length")
	if dialect.Framed(&r) || parsed && !measured {
		r.Origin = capture.Rebuilt
	}
	var attempts []attempt
	if json.Unmarshal(in.Attempts, &attempts) != nil || len(attempts) == 0 {
		attempts = []attempt{{Requested: cmp.Or(in.Ingested, in.Created), Status: in.Status}}
	}
	for _, a := range attempts {
		if r.Time, _, ok = dialect.ParseTime(cmp.Or(a.Requested, a.Created)); !ok {
			return &payload.FieldError{Field: "ingested_at", Reason: "not a time"}
		}
		r.Response = capture.Response{}
		if 100 <= a.Status && a.Status <= 999 {
			r.Response.Status = a.Status
			r.Response.Latency = time.Duration(max(0, min(a.Latency, 1e9)) * float64(time.Millisecond))
		}
		if err := each(&r); err != nil {
			return err
		}
	}
	return nil
}

// target puts path and query together.
func target(path, query string) string {
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	if query = strings.TrimPrefix(query, "?"); query != "" {
		path += "?" + query
	}
	return path
}

// text is a string of JSON, or the JSON as it stands.
func text(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return s
	}
	return string(raw)
}

// body is what was sent: as it was where it is kept as a text, else written again of what it was parsed to, in its order.
func body(r *capture.Record, raw json.RawMessage) (b []byte, parsed, ok bool) {
	var s string
	switch {
	case len(raw) == 0 || string(raw) == "null":
		return nil, false, true
	case json.Unmarshal(raw, &s) == nil:
		return []byte(s), false, true
	}
	if mediaType, _ := r.Header("Content-Type"); strings.Contains(strings.ToLower(mediaType), "x-www-form-urlencoded") && raw[0] == '{' {
		fields, ok := dialect.ParseMembers(raw)
		for i, f := range fields {
			if i > 0 {
				b = append(b, '&')
			}
			b = dialect.AppendForm(append(dialect.AppendForm(b, f.Name), '='), f.Value)
		}
		return b, true, ok
	}
	var compact bytes.Buffer
	if json.Compact(&compact, raw) != nil {
		return nil, true, false
	}
	return compact.Bytes(), true, true
}
