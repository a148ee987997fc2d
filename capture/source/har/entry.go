package har

import (
	"encoding/base64"
	"net/url"
	"strconv"
	"strings"
	"time"

	"reprise/capture"
	"reprise/capture/internal/http1"
	"reprise/capture/wire"
)

// entry is what is read of an entry.
type entry struct {
	Started string  `json:"startedDateTime"` // ISO 8601
	Took    float64 `json:"time"`            // ms
	Request struct {
		Method   string `json:"method"`
		URL      string `json:"url"`
		Headers  []pair `json:"headers"`
		BodySize int    `json:"bodySize"` // bytes; -1 where unknown
		Post     *post  `json:"postData"`
	} `json:"request"`
	Response struct {
		Status int `json:"status"` // 0 where there was none
	} `json:"response"`
	Timings timings `json:"timings"`

	wrong bool // it is not of this shape
	noted []capture.Problem
}

type pair struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// post is a request's body. The specification has no place for bytes that are no text; those who write them say that the text is base64.
type post struct {
	MIMEType string  `json:"mimeType"`
	Text     *string `json:"text"`
	Params   []struct {
		Name     string `json:"name"`
		Value    string `json:"value"`
		FileName string `json:"fileName"`
	} `json:"params"`
	Encoding string `json:"encoding"`
	Own      string `json:"_encoding"`
}

// timings are milliseconds, -1 where a phase does not apply; ssl is a part of connect.
type timings struct {
	Blocked float64 `json:"blocked"`
	DNS     float64 `json:"dns"`
	Connect float64 `json:"connect"`
	Send    float64 `json:"send"`
	Wait    float64 `json:"wait"`
}

// fill makes a record of an entry, or says why it is none.
func (e *entry) fill(r *capture.Record) *capture.Problem {
	if e.wrong {
		return &capture.Problem{Reason: reasonShape}
	}
	q := &e.Request
	scheme, rest, ok := strings.Cut(q.URL, "://")
	if scheme = strings.ToLower(scheme); !ok || scheme != "http" && scheme != "https" {
		return &capture.Problem{Field: "request.url", Reason: reasonNotHTTP}
	}
	r.Host, r.URL = target(rest)
	if r.Host == "" || strings.ContainsFunc(r.URL, func(c rune) bool { return c <= ' ' || c == 0x7f }) {
		return &capture.Problem{Field: "request.url", Reason: reasonURL}
	}
	if r.Method = q.Method; !wire.IsToken(r.Method) {
		return &capture.Problem{Field: "request.method", Reason: reasonMethod}
	}
	at, err := parseTime(e.Started)
	if err != nil || at.Year() < 1970 {
		return &capture.Problem{Field: "startedDateTime", Reason: reasonTime}
	}
	r.Time = at.UTC()
	if s := e.Response.Status; s >= 100 && s <= 999 {
		r.Response = capture.Response{Status: s, Latency: e.latency()}
	}
	e.headers(r)
	if p := e.body(r); p != nil {
		return p
	}
	if p := e.Request.Post; p != nil && len(r.Body) > 0 && p.MIMEType != "" && wire.IsValue(p.MIMEType) {
		if _, ok := r.Header("Content-Type"); !ok {
			r.Headers = append(r.Headers, capture.Header{Name: "Content-Type", Value: p.MIMEType})
		}
	}
	if wire.SetLength(r, strconv.Itoa(len(r.Body))) {
		e.note("request.postData", reasonLength)
	}
	return nil
}

// parseTime reads a moment, of which some write the zone without its colon.
func parseTime(text string) (t time.Time, err error) {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999Z0700"} {
		if t, err = time.Parse(layout, text); err == nil {
			return t, nil
		}
	}
	return t, err
}

// target parts what stands behind a URL's scheme into the authority, without a user's name, and the path and query as written.
func target(rest string) (host, path string) {
	rest, _, _ = strings.Cut(rest, "#")
	i := strings.IndexAny(rest, "/?")
	if i < 0 {
		i = len(rest)
	}
	host, path = rest[:i], rest[i:]
	host = host[strings.LastIndexByte(host, '@')+1:]
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	return host, path
}

// latency is the time to the answer's first byte, as far as the phases tell it.
func (e *entry) latency() time.Duration {
	ms := 0.0
	for _, phase := range []float64{e.Timings.Blocked, e.Timings.DNS, e.Timings.Connect, e.Timings.Send, e.Timings.Wait} {
		ms += max(0, phase)
	}
	if ms == 0 {
		ms = e.Took
	}
	const day = 24 * 60 * 60 * 1000
	return time.Duration(min(max(0, ms), day) * float64(time.Millisecond))
}

// headers fills in those that can be sent. Of HTTP/2 the pseudo-headers are the request line; one of several lines is several headers.
func (e *entry) headers(r *capture.Record) {
	named := false
	for _, h := range e.Request.Headers {
		if strings.HasPrefix(h.Name, ":") {
			switch h.Name {
			case ":authority":
				r.Host = h.Value
			case ":path":
				if strings.HasPrefix(h.Value, "/") && !strings.ContainsAny(h.Value, " \r\n") {
					r.URL = h.Value
				}
			}
			continue
		}
		for value := range strings.SplitSeq(h.Value, "\n") {
			value = strings.Trim(value, " \t\r")
			if !wire.IsToken(h.Name) || !wire.IsValue(value) {
				e.note("request.headers", reasonHeader)
				continue
			}
			if strings.EqualFold(h.Name, "Host") && !named {
				r.Host, named = value, true
			}
			r.Headers = append(r.Headers, capture.Header{Name: h.Name, Value: value})
		}
	}
	if !named {
		r.Headers = append([]capture.Header{{Name: "Host", Value: r.Host}}, r.Headers...)
	}
}

// body fills it in.
func (e *entry) body(r *capture.Record) *capture.Problem {
	p, size := e.Request.Post, e.Request.BodySize
	switch {
	case p == nil, len(p.Params) == 0 && (p.Text == nil || *p.Text == ""): // Chromium's archives have an empty text for bytes
		if size > 0 {
			return &capture.Problem{Field: "request.postData", Reason: reasonNoBody}
		}
		return nil
	case p.Text == nil || *p.Text == "" && len(p.Params) > 0:
		return e.fromParams(r)
	}
	r.Body = []byte(*p.Text)
	if strings.EqualFold(p.Encoding, "base64") || strings.EqualFold(p.Own, "base64") {
		var err error
		if r.Body, err = base64.StdEncoding.DecodeString(*p.Text); err != nil {
			return &capture.Problem{Field: "request.postData.text", Reason: reasonBase64}
		}
	}
	if len(r.Body) > http1.MaxBody {
		return &capture.Problem{Field: "request.postData.text", Reason: reasonBodySize}
	}
	if size > 0 && size != len(r.Body) {
		e.note("request.bodySize", reasonSize)
	}
	return nil
}

// fromParams puts a form together that the archive has in parts alone.
func (e *entry) fromParams(r *capture.Record) *capture.Problem {
	p := e.Request.Post
	if strings.HasPrefix(strings.ToLower(strings.TrimSpace(p.MIMEType)), "multipart/") {
		return &capture.Problem{Field: "request.postData", Reason: reasonMultipart}
	}
	for i, param := range p.Params {
		if i > 0 {
			r.Body = append(r.Body, '&')
		}
		r.Body = append(r.Body, url.QueryEscape(param.Name)...)
		r.Body = append(append(r.Body, '='), url.QueryEscape(param.Value)...)
	}
	e.note("request.postData", reasonParams)
	return nil
}

func (e *entry) note(field, reason string) {
	e.noted = append(e.noted, capture.Problem{Field: field, Reason: reason})
}
