package profile

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"reprise/capture/dialect"
	"reprise/capture/yamldoc"
)

// Synth says how a synthetic corpus's requests are written. The bodies are templates in which ${NAME} stands for a value, escaped as
// MediaType wants it:
//
//	id            the message's id, as ID writes it
//	from to       numbers: the person's and the platform's; in receipts of the platform's message, too
//	text          the text
//	state         what became of the message, one of States
//	account profile url   the platform's account, its profile, the URL that is called
//	city region zip       where the person is
//	parts units encoding  of the text: segments, characters, GSM-7 or UCS-2
//	tries         deliveries before this one
//	uuid hex:N digits:N upper:N   random
//	sent:LAYOUT now:LAYOUT        times: of the message and of the request; rfc3339, unix, unix_ms, or a layout of Go's package time
type Synth struct {
	// Weight is the vendor's part of the default mix; 0 means that only who asks for it gets it.
	Weight float64 `yaml:"weight,omitempty"`
	// MediaType is the Content-Type: application/json where nothing is said.
	MediaType string `yaml:"media_type,omitempty"`
	// Bare says that numbers are written without their plus.
	Bare bool `yaml:"bare,omitempty"`
	// ID is a template of ids; "${uuid}" where nothing is said.
	ID string `yaml:"id,omitempty"`
	// Message and Receipt are the bodies. Without Receipt there are none.
	Message string `yaml:"message,omitempty"`
	Receipt string `yaml:"receipt,omitempty"`
	// Delivered and Failed are what becomes of a message that arrives and of one that does not, in the order of the receipts.
	Delivered yamldoc.Texts `yaml:"delivered,omitempty"`
	Failed    yamldoc.Texts `yaml:"failed,omitempty"`
}

// orderOfProfiles puts vendors out of profiles behind all that are built in.
const orderOfProfiles = 1000

// maxWeight bounds a vendor's part of the mix.
const maxWeight = 1e6

func (p *Profile) addMaker(v *dialect.Vendor) error {
	y := p.Synth
	if y == nil {
		return nil
	}
	m := &dialect.Maker{
		Order: orderOfProfiles, Weight: y.Weight, MediaType: y.MediaType, Bare: y.Bare,
		States: [2][]string{y.Delivered, y.Failed}, Account: dialect.UUIDAccount,
	}
	if !(y.Weight >= 0 && y.Weight <= maxWeight) { // also what is no number
		return &Error{Field: "synth.weight", Reason: "a weight is from 0 to a million"}
	}
	if m.MediaType == "" {
		m.MediaType = "application/json"
	}
	escape := escapeFor(m.MediaType)
	ids, err := parseTemplate("synth.id", or(y.ID, "${uuid}"), plain)
	if err != nil {
		return err
	}
	if ids.has("id") {
		return &Error{Field: "synth.id", Reason: "${id} stands in its own template"}
	}
	m.ID = func(b []byte, d *dialect.Draft) []byte {
		b, _, _ = ids.append(b, d, nil)
		return b
	}
	message, err := parseTemplate("synth.message", y.Message, escape)
	switch {
	case err != nil:
		return err
	case len(message) == 0 || !message.has("id"):
		return &Error{Field: "synth.message", Reason: "a message has an ${id}"}
	}
	m.Message = func(b []byte, d *dialect.Draft) (body []byte, idAt, idLen int) { return message.append(b, d, m.ID) }
	if receipts := len(y.Delivered)+len(y.Failed) > 0; receipts != (y.Receipt != "") {
		return &Error{Field: "synth.receipt", Reason: "receipts need a template, and delivered or failed their states"}
	}
	if y.Receipt != "" {
		receipt, err := parseTemplate("synth.receipt", y.Receipt, escape)
		if err != nil {
			return err
		}
		m.Receipt = func(b []byte, d *dialect.Draft) []byte {
			b, _, _ = receipt.append(b, d, nil)
			return b
		}
	}
	if len(y.Delivered) == 0 || len(y.Failed) == 0 {
		v.Lacks["Maker.States"] = "the profile names none"
	}
	v.Maker = m
	return nil
}

func or(text, none string) string {
	if text == "" {
		return none
	}
	return text
}

// escaper appends a value as a media type wants it.
type escaper func(b []byte, value string) []byte

func plain(b []byte, value string) []byte { return append(b, value...) }

// inString appends the content of a JSON string.
func inString(b []byte, value string) []byte {
	at := len(b)
	b = dialect.AppendJSON(b, value)
	return slices.Delete(b, at, at+1)[:len(b)-2]
}

func escapeFor(mediaType string) escaper {
	switch {
	case strings.Contains(mediaType, "json"), strings.HasPrefix(mediaType, "text/plain"): // as the topics of AWS send JSON
		return inString
	case strings.Contains(mediaType, "x-www-form-urlencoded"):
		return dialect.AppendForm
	}
	return plain
}

// part is a piece of a template: text as it stands, or a value.
type part struct {
	text  string
	name  string // "" for text
	value func(b []byte, d *dialect.Draft) []byte
	// escape is nil where the value needs none.
	escape escaper
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
				b = ids(b, d)
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
		if stem == "uuid" {
			p.value = func(b []byte, d *dialect.Draft) []byte { return dialect.AppendUUID(b, d.Random) }
			return p, true
		}
		return part{}, false
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
		"tries":    func(d *dialect.Draft) string { return strconv.Itoa(d.Tries) },
	}
}
