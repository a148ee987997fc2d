package logs

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"

	"reprise/capture"
	"reprise/capture/dialect"
)

// payloads tells what a value of a log would be as the body of a webhook.
type payloads struct{ vendors dialect.Table }

// knows says whether a vendor's dialect knows a body, by its fields.
func knows(vendors dialect.Table, body []byte, form bool) bool {
	r := capture.Record{Method: "POST", Body: body, Headers: []capture.Header{{Name: "Content-Type", Value: contentTypeOf(form)}}}
	return vendors.Detect(&r) != nil
}

// of says how a value would be a body: as it stands, in base64, or as the fields of a form or of JSON; "" for not at all. known says that it is
// what a vendor sends.
func (p payloads) of(f *found) (as string, known bool) {
	switch f.kind {
	case jsonString:
		return p.ofText(strings.TrimSpace(f.text))
	case jsonObject:
		if as := p.fieldsOf(f.raw); as != "" {
			return as, true
		}
		return shapeOf(f.raw), false
	}
	return "", false
}

func (p payloads) ofText(text string) (as string, known bool) {
	if isForm(text) {
		return EncodingRaw, knows(p.vendors, []byte(text), true)
	}
	if object := objectIn(text); object != nil {
		switch as := p.fieldsOf(object); {
		case as == EncodingForm:
			return EncodingForm, true
		case as == "" && isLine(object):
			return "", false
		default:
			return EncodingRaw, as != ""
		}
	}
	if len(text) < 16 || len(text)%4 == 1 || strings.ContainsAny(text, " {}&\"\n") {
		return "", false
	}
	b, ok := decodeBase64([]byte(text))
	if !ok {
		return "", false
	}
	if as, known = p.ofText(string(b)); as != "" {
		return EncodingBase64, known
	}
	return "", false
}

// fieldsOf says whether a vendor sends an object as JSON, or its fields as a form; "" where none does.
func (p payloads) fieldsOf(object []byte) string {
	if knows(p.vendors, object, false) {
		return EncodingJSON
	}
	var members map[string]json.RawMessage
	if json.Unmarshal(object, &members) != nil || len(members) < 2 {
		return ""
	}
	form := url.Values{}
	for name, raw := range members {
		var text string
		if json.Unmarshal(raw, &text) != nil && raw[0] != '[' {
			text = string(raw)
		}
		form.Set(name, text)
	}
	if knows(p.vendors, []byte(form.Encode()), true) {
		return EncodingForm
	}
	return ""
}

// shapeOf says how an object that no vendor knows would be a body.
func shapeOf(object []byte) string {
	var members map[string]json.RawMessage
	if json.Unmarshal(object, &members) != nil || isLine(object) {
		return ""
	}
	for _, v := range members {
		if v[0] == '{' || v[0] != '"' && v[0] != 'n' && len(members) > 1 {
			return EncodingJSON
		}
	}
	if len(members) > 1 {
		return EncodingForm
	}
	return ""
}

// isLine says whether an object is a line of a log, or what one says of a request, rather than a payload: two of its names are such as programs
// give there and vendors do not.
func isLine(object []byte) bool {
	var members map[string]json.RawMessage
	if json.Unmarshal(object, &members) != nil {
		return false
	}
	times := strings.Fields("timestamp time ts datetime asctime")
	names := strings.Fields("level lvl severity loglevel levelname logger loggername msg pid hostname caller thread threadname exception stacktrace " +
		"req request http method httpmethod path url uri requesturi headers rawbody requestbody")
	n, timed, told, people := 0, 0, 0, false
	for name, value := range members {
		switch name = plainName(name); {
		case slices.Contains(times, name):
			timed = 1
		case slices.Contains(names, name):
			n++
		case (name == "message" || name == "event") && value[0] == '"':
			told = 1
		case slices.Contains(strings.Fields("from to sender recipient msisdn phone phonenumber"), name):
			people = true
		}
	}
	if !people { // else a message may be what a person wrote
		n += told
	}
	return n+timed >= 2
}

// isForm says whether a text is a form's fields: two at least, of names as vendors have them.
func isForm(text string) bool {
	if strings.ContainsAny(text, " \n\"{}") || strings.HasPrefix(text, "/") || strings.Contains(text, "://") && strings.IndexByte(text, '=') > strings.Index(text, "://") {
		return false
	}
	pairs := 0
	for part := range strings.SplitSeq(text, "&") {
		name, value, ok := strings.Cut(part, "=")
		if !ok || name == "" {
			return false
		}
		if _, err := url.QueryUnescape(name); err != nil {
			return false
		}
		if _, err := url.QueryUnescape(value); err != nil {
			return false
		}
		pairs++
	}
	return pairs >= 2
}
