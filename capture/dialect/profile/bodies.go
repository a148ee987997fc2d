package profile

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"reprise/capture/dialect"
)

// escaper appends a value as a media type wants it.
type escaper func(b []byte, value string) []byte

func plain(b []byte, value string) []byte { return append(b, value...) }

// inString appends the content of a JSON string.
func inString(b []byte, value string) []byte {
	at := len(b)
	b = dialect.AppendJSON(b, value)
	return slices.Delete(b, at, at+1)[:len(b)-2]
}

// onOneLine appends a value as a header may have it.
func onOneLine(b []byte, value string) []byte {
	return append(b, strings.Map(func(c rune) rune {
		if c < ' ' || c == 0x7f {
			return ' '
		}
		return c
	}, value)...)
}

// inStrings appends the content of a JSON string that stands so deep in others, which hold JSON.
func inStrings(depth int) escaper {
	if depth <= 1 {
		return inString
	}
	outer := inStrings(depth - 1)
	return func(b []byte, value string) []byte { return outer(b, string(inString(nil, value))) }
}

// nesting follows a text of JSON, and what stands in its strings where that is JSON as well.
type nesting struct {
	inside, escaped bool
	first           bool     // nothing of the string came yet
	in              *nesting // of the string's content, where it is JSON
}

// next takes in the next character, as the text has it.
func (n *nesting) next(c byte) {
	switch {
	case !n.inside:
		if n.inside = c == '"'; n.inside {
			n.first, n.in = true, nil
		}
		return
	case n.escaped:
		n.escaped = false
	case c == '\\':
		n.escaped = true
		return
	case c == '"':
		n.inside = false
		return
	}
	if n.first && (c == '{' || c == '[') {
		n.in = new(nesting)
	}
	if n.first = false; n.in != nil {
		n.in.next(c)
	}
}

// depth says in how many strings the text is, at least one.
func (n *nesting) depth() int {
	if n.inside && n.in != nil && n.in.inside {
		return 1 + n.in.depth()
	}
	return 1
}

// form is the media type of forms.
const form = "application/x-www-form-urlencoded"

// parseBody reads the template of a body of that media type.
func parseBody(key, text, mediaType string) (template, error) {
	switch {
	case strings.Contains(mediaType, "json"), strings.HasPrefix(mediaType, "text/plain"): // as the topics of AWS send JSON
		return parseJSONTemplate(key, text)
	case strings.Contains(mediaType, form):
		return parseTemplate(key, text, dialect.AppendForm)
	}
	return parseTemplate(key, text, plain)
}

// part is a piece of a template: text as it stands, or a value.
type part struct {
	text  string
	name  string // "" for text
	value func(b []byte, d *dialect.Draft) []byte
	// escape is nil where the value needs none.
	escape escaper
}

// escaped appends a text as the part's place wants it.
func (p *part) escaped(b []byte, s string) []byte {
	if p.escape == nil {
		return append(b, s...)
	}
	return p.escape(b, s)
}

type template []part

func (t template) has(name string) bool {
	return slices.ContainsFunc(t, func(p part) bool { return p.name == name })
}

// append writes a body. ids writes a new id, and is nil where the draft has one.
func (t template) append(b []byte, d *dialect.Draft, ids func([]byte, *dialect.Draft) []byte) (body []byte, idAt, idLen int) {
	id := ""
	var buffer [128]byte
	for i := range t {
		p := &t[i]
		switch {
		case p.name == "":
			b = append(b, p.text...)
		case p.name == "id" && ids != nil:
			if id == "" {
				idAt = len(b)
				b = d.AppendID(b, p.escaped, func(b []byte) []byte { return ids(b, d) })
				idLen = len(b) - idAt
				id = string(b[idAt:])
				continue
			}
			b = append(b, id...)
		case p.escape == nil:
			b = p.value(b, d)
		default:
			b = p.escape(b, string(p.value(buffer[:0], d)))
		}
	}
	return b, idAt, idLen
}

// parseJSONTemplate is parseTemplate of JSON.
func parseJSONTemplate(key, text string) (template, error) {
	var at nesting
	t, err := parseTemplate(key, text, inString)
	for i := range t {
		for j := range len(t[i].text) {
			at.next(t[i].text[j])
		}
		if t[i].escape != nil {
			t[i].escape = inStrings(at.depth())
		}
		if t[i].name != "" {
			at.next('x')
		}
	}
	return t, err
}

// parseTemplate reads a template. An error names the key.
func parseTemplate(key, text string, escape escaper) (t template, err error) {
	for text != "" {
		before, rest, found := strings.Cut(text, "${")
		if before != "" {
			t = append(t, part{text: before})
		}
		if !found {
			break
		}
		name, after, closed := strings.Cut(rest, "}")
		if !closed {
			return nil, &Error{Field: key, Reason: "${ without its }"}
		}
		p, ok := valueNamed(name)
		if !ok {
			return nil, &Error{Field: key, Reason: fmt.Sprintf("${%s} is nothing that a template knows", name)}
		}
		if p.escape != nil {
			p.escape = escape
		}
		t, text = append(t, p), after
	}
	return t, nil
}

// maxRandom bounds a random value.
const maxRandom = 256

// valueNamed returns the value of that name. Its escape is set, to anything, where it may hold what has to be escaped.
func valueNamed(name string) (p part, ok bool) {
	stem, option, hasOption := strings.Cut(name, ":")
	p.name = stem
	if !hasOption {
		value := texts()[stem]
		if value != nil {
			p.value, p.escape = func(b []byte, d *dialect.Draft) []byte { return append(b, value(d)...) }, plain
			return p, true
		}
		switch stem {
		case "uuid":
			p.value = func(b []byte, d *dialect.Draft) []byte { return dialect.AppendUUID(b, d.Random) }
		case "event":
			p.value = func(b []byte, d *dialect.Draft) []byte {
				if d.Event == "" {
					d.Event = string(dialect.AppendUUID(nil, d.Random))
				}
				return append(b, d.Event...)
			}
		default:
			return part{}, false
		}
		return p, true
	}
	switch stem {
	case "hex", "digits", "upper":
		n, err := strconv.Atoi(option)
		alphabet := map[string]string{"hex": dialect.LowerHex, "digits": "0123456789", "upper": "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"}[stem]
		p.value = func(b []byte, d *dialect.Draft) []byte { return dialect.AppendRandom(b, d.Random, alphabet, n) }
		return p, err == nil && n > 0 && n <= maxRandom
	case "sent", "now":
		write := timeWriter(option)
		p.value, p.escape = func(b []byte, d *dialect.Draft) []byte {
			if stem == "now" && !d.Now.IsZero() {
				return write(b, d.Now)
			}
			return write(b, d.At)
		}, plain
		return p, option != ""
	}
	return part{}, false
}

func timeWriter(layout string) func([]byte, time.Time) []byte {
	switch layout {
	case "rfc3339":
		return func(b []byte, t time.Time) []byte { return t.UTC().AppendFormat(b, time.RFC3339) }
	case "unix":
		return func(b []byte, t time.Time) []byte { return strconv.AppendInt(b, t.Unix(), 10) }
	case "unix_ms":
		return func(b []byte, t time.Time) []byte { return strconv.AppendInt(b, t.UnixMilli(), 10) }
	}
	return func(b []byte, t time.Time) []byte { return t.UTC().AppendFormat(b, layout) }
}

// texts are the values that are texts of a draft.
func texts() map[string]func(*dialect.Draft) string {
	return map[string]func(*dialect.Draft) string{
		"id":   func(d *dialect.Draft) string { return d.ID },
		"from": func(d *dialect.Draft) string { return d.From }, "to": func(d *dialect.Draft) string { return d.To },
		"text": func(d *dialect.Draft) string { return d.Text }, "state": func(d *dialect.Draft) string { return d.State },
		"account": func(d *dialect.Draft) string { return d.Account }, "profile": func(d *dialect.Draft) string { return d.Profile },
		"url":  func(d *dialect.Draft) string { return d.URL },
		"city": func(d *dialect.Draft) string { return d.City }, "region": func(d *dialect.Draft) string { return d.Region },
		"zip":      func(d *dialect.Draft) string { return d.Zip },
		"parts":    func(d *dialect.Draft) string { return strconv.Itoa(d.Size.Parts) },
		"units":    func(d *dialect.Draft) string { return strconv.Itoa(d.Size.Units) },
		"encoding": func(d *dialect.Draft) string { return d.Size.Encoding.String() },
		"word": func(d *dialect.Draft) string {
			word, _, _ := strings.Cut(strings.TrimSpace(d.Text), " ")
			return strings.ToUpper(word)
		},
		"last":  func(d *dialect.Draft) string { return strconv.FormatBool(d.Last) },
		"tries": func(d *dialect.Draft) string { return strconv.Itoa(d.Tries) },
	}
}
