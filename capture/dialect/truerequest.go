package dialect

import (
	"bytes"
	"encoding/json"
	"net/url"
	"strconv"
	"strings"

	"reprise/capture"
	"reprise/capture/payload"
)

// SetTarget sets the host and the target of a request of which an export has the URL. An error names field.
func SetTarget(r *capture.Record, text, field string) error {
	if text == "" {
		return &payload.FieldError{Field: field, Reason: payload.ReasonMissing}
	}
	scheme, rest, found := strings.Cut(text, "://")
	i := strings.IndexAny(rest, "/?#")
	if i < 0 {
		i = len(rest)
	}
	host, target := rest[:i], rest[i:]
	host = host[strings.LastIndexByte(host, '@')+1:]
	target, _, _ = strings.Cut(target, "#")
	if !strings.HasPrefix(target, "/") {
		target = "/" + target
	}
	if !found || host == "" || !strings.EqualFold(scheme, "https") && !strings.EqualFold(scheme, "http") || !isVisible(host) || !isVisible(target) {
		return &payload.FieldError{Field: field, Reason: "not a URL"}
	}
	r.Host, r.URL = host, target
	return nil
}

// isVisible says whether a text can stand in a request line.
func isVisible(s string) bool {
	return !strings.ContainsFunc(s, func(c rune) bool { return c <= ' ' || c == 0x7f })
}

// ParseHeaders reads headers as exports have them: a form, an object or an array of pairs of JSON, or lines. ok is false for anything else.
func ParseHeaders(text string) (headers []capture.Header, ok bool) {
	text = strings.TrimSpace(text)
	switch {
	case text == "" || text == "null":
		return nil, true
	case text[0] == '{' || text[0] == '[':
		return jsonHeaders([]byte(text))
	case strings.Contains(text, ": ") && !strings.Contains(text, "="), strings.Contains(text, "\n"):
		for line := range strings.Lines(text) {
			if line = strings.TrimSpace(line); line == "" {
				continue
			}
			name, value, found := strings.Cut(line, ":")
			if !found || !addHeader(&headers, name, value) {
				return nil, false
			}
		}
		return headers, true
	}
	for item := range strings.SplitSeq(text, "&") {
		name, value, _ := strings.Cut(item, "=")
		name, err1 := url.QueryUnescape(name)
		value, err2 := url.QueryUnescape(value)
		if err1 != nil || err2 != nil || !addHeader(&headers, name, value) {
			return nil, false
		}
	}
	return headers, true
}

// jsonHeaders reads {"Name": "value"}, {"Name": ["value"]}, [["Name", "value"]] and [{"name": "Name", "value": "value"}], in their order.
func jsonHeaders(text []byte) (headers []capture.Header, ok bool) {
	if text[0] == '[' {
		var list []json.RawMessage
		if json.Unmarshal(text, &list) != nil {
			return nil, false
		}
		for _, raw := range list {
			var pair []string
			var named struct{ Name, Value string }
			switch {
			case json.Unmarshal(raw, &pair) == nil && len(pair) == 2:
				named.Name, named.Value = pair[0], pair[1]
			case json.Unmarshal(raw, &named) != nil:
				return nil, false
			}
			if !addHeader(&headers, named.Name, named.Value) {
				return nil, false
			}
		}
		return headers, true
	}
	members, ok := ParseMembers(text)
	for _, m := range members {
		ok = ok && addHeader(&headers, m.Name, m.Value)
	}
	return headers, ok
}

// ParseMembers returns the members of an object of JSON in their order: texts, numbers and truths, and each of an array of them. ok is false where there is
// something else.
func ParseMembers(object []byte) (members []capture.Header, ok bool) {
	d := json.NewDecoder(bytes.NewReader(object))
	d.UseNumber()
	if start, err := d.Token(); err != nil || start != json.Delim('{') {
		return nil, false
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, false
		}
		var value any
		if d.Decode(&value) != nil {
			return nil, false
		}
		values, several := value.([]any)
		if !several {
			values = []any{value}
		}
		for _, v := range values {
			text := ""
			switch v := v.(type) {
			case string:
				text = v
			case json.Number:
				text = v.String()
			case bool:
				text = strconv.FormatBool(v)
			case nil:
			default:
				return nil, false
			}
			members = append(members, capture.Header{Name: name.(string), Value: text})
		}
	}
	return members, true
}

// addHeader appends a header, if it is one.
func addHeader(headers *[]capture.Header, name, value string) bool {
	name, value = strings.TrimSpace(name), strings.TrimSpace(value)
	if name == "" || strings.ContainsFunc(name, func(c rune) bool { return c <= ' ' || c == ':' || c >= 0x7f }) || strings.ContainsAny(value, "\r\n\x00") {
		return false
	}
	*headers = append(*headers, capture.Header{Name: name, Value: value})
	return true
}

// Framed gives a request that has no Host, or a body of unknown length, these headers, as no request goes without them. It says whether the
// headers tell of another body than the record has: then its bytes are not those that were sent.
func Framed(r *capture.Record) (differs bool) {
	if _, ok := r.Header("Host"); !ok && r.Host != "" {
		r.Headers = append([]capture.Header{{Name: "Host", Value: r.Host}}, r.Headers...)
	}
	length := strconv.Itoa(len(r.Body))
	told, ok := r.Header("Content-Length")
	_, chunked := r.Header("Transfer-Encoding")
	switch {
	case !ok && !chunked && len(r.Body) > 0:
		r.Headers = append(r.Headers, capture.Header{Name: "Content-Length", Value: length})
	case ok && told != length:
		r.SetHeader("Content-Length", length)
		return true
	}
	return false
}
