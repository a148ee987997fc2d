package dialect

import (
	"slices"
	"strconv"

	"reprise/capture"
	"reprise/capture/sms"
)

// Endpoint is where requests that a Maker writes go to.
type Endpoint struct {
	// Host is the Host header, Path that of messages and StatusPath that of receipts.
	Host, Path, StatusPath string
}

// exampleHost is set aside for documentation (RFC 2606).
const exampleHost = "hooks.example.com"

// ExampleEndpoint is where the requests of a vendor go to of which nobody knows where they went.
func (v *Vendor) ExampleEndpoint() Endpoint {
	e := Endpoint{Host: exampleHost, Path: "/webhooks/" + v.Name}
	if e.StatusPath = e.Path; v.Maker.OwnStatusPath {
		e.StatusPath += "/status"
	}
	return e
}

// Compose makes r the request of the message that d says, as the vendor sends it but for a signature. The vendor has a Maker. It spells the numbers
// of d as the vendor does, sets its ID to the message's, and reuses the slices of r. Time, answer and message are the caller's to set.
func (v *Vendor) Compose(r *capture.Record, d *Draft, to *Endpoint) {
	v.Maker.Spell(d)
	d.URL = "https://" + to.Host + to.Path
	if d.Size.Parts == 0 {
		d.Size = sms.Measure(d.Text)
	}
	body, idAt, idLen := v.Maker.Message(r.Body[:0], d)
	id := string(body[idAt : idAt+idLen])
	if d.Known != nil {
		id = d.Known.ID
	}
	d.ID = id // some vendors' headers have it
	v.post(r, d, to.Host, to.Path, body)
}

// ComposeReceipt is Compose for the receipt of a message that the platform sent: d has its ID and State.
func (v *Vendor) ComposeReceipt(r *capture.Record, d *Draft, to *Endpoint) {
	m := v.Maker
	m.Spell(d)
	d.URL = "https://" + to.Host + to.StatusPath
	d.Failed = d.Failed || isLast(m.States[1], d.State)
	d.Last = d.Failed || isLast(m.States[0], d.State)
	body := m.Receipt(r.Body[:0], d)
	if !m.InQuery {
		v.post(r, d, to.Host, to.StatusPath, body)
		return
	}
	url := to.StatusPath + "?" + string(body)
	*r = capture.Record{Method: "GET", URL: url, Host: to.Host, Vendor: v.Name, Headers: v.tail(v.head(r, to.Host), d), Body: body[:0]}
}

// isLast says whether no other state follows one.
func isLast(states []string, state string) bool {
	return len(states) > 0 && states[len(states)-1] == state
}

// Spell writes the numbers as the vendor does.
func (m *Maker) Spell(d *Draft) {
	if m.Bare {
		d.From, d.To = bare(d.From), bare(d.To)
	}
}

func bare(number string) string {
	if number != "" && number[0] == '+' {
		return number[1:]
	}
	return number
}

// post puts the headers around a body.
func (v *Vendor) post(r *capture.Record, d *Draft, host, path string, body []byte) {
	headers := append(v.head(r, host),
		capture.Header{Name: "Content-Length", Value: strconv.Itoa(len(body))},
		capture.Header{Name: "Content-Type", Value: v.Maker.MediaType},
	)
	*r = capture.Record{Method: "POST", URL: path, Host: host, Vendor: v.Name, Headers: v.tail(headers, d), Body: body}
}

// head are the headers before those of a body.
func (v *Vendor) head(r *capture.Record, host string) []capture.Header {
	headers := append(r.Headers[:0], capture.Header{Name: "Host", Value: host})
	if len(v.Agents) > 0 {
		headers = append(headers, capture.Header{Name: "User-Agent", Value: v.Agents[0]})
	}
	return headers
}

// tail adds those behind.
func (v *Vendor) tail(headers []capture.Header, d *Draft) []capture.Header {
	if v.Maker.Headers != nil {
		headers = v.Maker.Headers(headers, d)
	}
	token := v.Retries.Token
	if token != "" && !slices.ContainsFunc(headers, func(h capture.Header) bool { return capture.SameName(h.Name, token) }) {
		headers = append(headers, capture.Header{Name: token, Value: string(AppendUUID(nil, d.Random))})
	}
	return append(headers, capture.Header{Name: "Accept", Value: "*/*"})
}
