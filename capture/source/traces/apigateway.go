package traces

import (
	"net/url"
	"regexp"
	"strings"

	"reprise/capture"
	"reprise/capture/internal/rows"
)

// gateway reads the execution log of an API gateway with data tracing: "(request id) Method request headers: {…}" and so on. A line
// without an id goes on the one before it, since a body may have line ends.
type gateway struct {
	id    *regexp.Regexp
	open  map[string]*gatewayRequest
	order []*gatewayRequest // all of open, the oldest first, and some that are done
	last  *gatewayRequest   // whose line the next may go on
}

type gatewayRequest struct {
	request
	id, path         string
	begun            bool // a line tells that more than its end is in the log
	query, variables string
	headers          string
	body             strings.Builder
	hasBody, inBody  bool
	done             bool
}

func newGateway() *gateway {
	return &gateway{
		id:   regexp.MustCompile(`^\(([0-9a-zA-Z-]{8,64})\) `),
		open: make(map[string]*gatewayRequest),
	}
}

// mark is what the gateway writes behind a text that it has cut.
const mark = "[TRUNCATED]"

func (c *gateway) row(r *row, done func(*request)) {
	m := c.id.FindStringSubmatch(r.text)
	if m == nil {
		if c.last != nil && c.last.inBody && c.last.body.Len() < rows.MaxRow {
			c.last.body.WriteString("\n" + r.text)
		}
		return
	}
	q := c.open[m[1]]
	if q == nil {
		q = &gatewayRequest{id: m[1]}
		q.line, q.at = r.number, r.at
		c.open[m[1]] = q
		c.order = append(c.order, q)
	}
	if c.last = q; !r.at.IsZero() && r.at.Before(q.at) { // collectors do not sort
		q.at = r.at
	}
	q.inBody = false
	name, value, _ := strings.Cut(r.text[len(m[0]):], ": ")
	switch name = strings.TrimSuffix(name, ":"); name {
	case "HTTP Method":
		method, path, _ := strings.Cut(value, ", Resource Path: ")
		q.record.Method, q.path, q.begun = method, strings.TrimSpace(path), true
	case "Method request path":
		q.variables = value
	case "Method request query string":
		q.query = value
	case "Method request headers":
		q.headers, q.begun = value, true
	case "Method request body before transformations":
		q.hasBody, q.inBody, q.begun = true, true, true
		q.body.Reset()
		q.body.WriteString(value)
	case "Method completed with status":
		q.record.Response.Status = statusOf(strings.TrimSpace(value))
		if latency := r.at.Sub(q.at); latency > 0 {
			q.record.Response.Latency = latency
		}
		c.finish(q, done)
	}
	for len(c.order) > 0 && (c.order[0].done || len(c.open) > mostOpen || r.at.Sub(c.order[0].at) > staleAfter) {
		if !c.order[0].done {
			c.finish(c.order[0], done)
		}
		c.order[0] = nil
		c.order = c.order[1:]
	}
}

func (c *gateway) end(done func(*request)) {
	for _, q := range c.order {
		if q.done {
			continue
		}
		if q.inBody { // nobody knows how much of it would have come
			q.bad, q.field = reasonCutBody, "body"
		}
		c.finish(q, done)
	}
	c.order = nil
}

// finish makes what the lines told a request.
func (c *gateway) finish(q *gatewayRequest, done func(*request)) {
	delete(c.open, q.id)
	q.done = true
	if c.last == q {
		c.last = nil
	}
	rec := &q.record
	body := q.body.String()
	switch {
	case q.bad != "":
	case !q.begun || rec.Method == "":
		q.bad = reasonBegin
	case !q.hasBody:
		q.bad, q.field = reasonNoBody, "body"
	case strings.HasSuffix(strings.TrimSpace(body), mark):
		q.bad, q.field = reasonCutBody, "body"
	default:
		rec.Body = []byte(body)
		q.fillHeaders()
		q.fillURL()
	}
	done(&q.request)
}

func (q *gatewayRequest) fillHeaders() {
	for _, pair := range pairs(q.headers) {
		name, value := pair[0], pair[1]
		masked := value != "" && strings.Trim(value, "*") == ""
		if masked || strings.HasSuffix(value, mark) || !headerName(name) || strings.ContainsAny(value, "\r\n\x00") {
			q.note(reasonHeader)
			continue
		}
		if strings.EqualFold(name, "Host") {
			q.record.Host = value
		}
		q.record.Headers = append(q.record.Headers, capture.Header{Name: name, Value: value})
	}
}

// fillURL puts the path's variables into the resource's path, and the query behind it.
func (q *gatewayRequest) fillURL() {
	path := q.path
	for _, v := range pairs(q.variables) {
		escaped := (&url.URL{Path: v[1]}).EscapedPath()
		path = strings.ReplaceAll(strings.ReplaceAll(path, "{"+v[0]+"+}", escaped), "{"+v[0]+"}", escaped)
	}
	var query strings.Builder
	for _, v := range pairs(q.query) {
		if query.Len() > 0 {
			query.WriteByte('&')
		}
		query.WriteString(url.QueryEscape(v[0]) + "=" + url.QueryEscape(v[1]))
	}
	if q.record.URL = path; query.Len() > 0 {
		q.record.URL += "?" + query.String()
		q.note(reasonQuery)
	}
}

// pairs reads "{a=b, c=d}". What follows a comma and has no name before a sign of equality belongs to the value before it.
func pairs(text string) (list [][2]string) {
	text = strings.TrimSpace(text)
	text = strings.TrimSuffix(strings.TrimPrefix(text, "{"), "}")
	for part := range strings.SplitSeq(text, ", ") {
		name, value, ok := strings.Cut(part, "=")
		if ok && name != "" && !strings.ContainsAny(name, " ;\"") {
			list = append(list, [2]string{name, value})
		} else if n := len(list); n > 0 {
			list[n-1][1] += ", " + part
		}
	}
	return list
}
