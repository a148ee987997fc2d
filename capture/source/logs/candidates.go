package logs

import (
	"slices"
	"strings"
)

// candidates are the first documents of a log, and the places in them.
type candidates struct {
	all    []document
	docs   []document      // those that look like requests
	places []string        // in the order in which they come
	outer  map[string]bool // those that the innermost documents do not have

	payloads payloads
}

func newCandidates(docs []document, p payloads) *candidates {
	c := &candidates{all: docs, docs: docs, payloads: p}
	seen := map[string]bool{}
	for _, d := range docs {
		for _, f := range d {
			if !seen[f.place] {
				seen[f.place] = true
				c.places = append(c.places, f.place)
			}
		}
	}
	return c
}

// only leaves the documents that have a body at a place, of a known vendor where known says so.
func (c *candidates) only(place string, known bool) {
	var with []document
	for _, d := range c.docs {
		if f := d.get(place); f != nil && f.kind != jsonNull {
			if _, of := c.payloads.of(f); of || !known {
				with = append(with, d)
			}
		}
	}
	if len(with) > 0 {
		c.docs = with
	}
}

// lack says whether there are documents that have nothing at a place.
func (c *candidates) lack(place string) bool {
	return slices.ContainsFunc(c.all, func(d document) bool { return d.get(place) == nil })
}

// mostOdd is the share of lines of which a place may have a value that is none of its role.
const mostOdd = 0.1

// best is the place that a role has; "" where there is none. Of several it is that whose name comes first in the role's, and then the one
// that is least deep.
func (c *candidates) best(r role) string {
	best, least := "", 0
	for _, place := range c.places {
		have, odd, name := 0, 0, ""
		for _, d := range c.docs {
			f := d.get(place)
			if f == nil || f.kind == jsonNull {
				continue
			}
			if name = f.name; r.like(f) {
				have++
			} else {
				odd++
			}
		}
		rank := slices.Index(r.names, name)
		if rank < 0 {
			rank = len(r.names)
		}
		if have == 0 || r.named && rank == len(r.names) || float64(odd) > mostOdd*float64(have+odd) || isAnswers(place) && !r.ofAnswers(name) {
			continue
		}
		missing := len(c.docs) - have - odd
		if cost := 1 + 100*missing*10/len(c.docs) + 10*rank + max(0, strings.Count(place, "/")-1) + c.further(place); best == "" || cost < least {
			best, least = place, cost
		}
	}
	return best
}

// further is what it costs a place to stand in what wraps the requests: what is told there is mostly about the wrapping, such as its time.
func (c *candidates) further(place string) int {
	const cost = 30
	if c.outer[place] {
		return cost
	}
	return 0
}

// isAnswers says whether a place is about the answer to a request.
func isAnswers(place string) bool {
	lower := strings.ToLower(place)
	return strings.Contains(lower, "resp_") || strings.Contains(lower, "response/") || strings.Contains(lower, "/response") || strings.Contains(lower, "/res/")
}

// ofAnswers says whether a name of the role may stand in what is about the answer.
func (r *role) ofAnswers(name string) bool {
	return strings.Contains(name, "status") || strings.Contains(name, "code") || strings.Contains(name, "time") || strings.Contains(name, "duration") || strings.Contains(name, "latency")
}

// body finds the place of the body. known says that payloads of vendors stand there, and share is that of the lines that have one: a place
// that many lines have is no better than one that has payloads.
func (c *candidates) body() (place string, share float64, known bool) {
	least := 0
	for _, p := range c.places {
		n := c.bodies(p)
		rank := slices.Index(bodyNames(), n.name)
		parsed := n.as[EncodingForm] + n.as[EncodingJSON]
		have := n.known
		if have == 0 {
			have = n.have()
		}
		switch {
		case have == 0 || n.known == 0 && n.odd > have || isAnswers(p) || strings.Contains(n.name, "header") || n.name == "query" || n.name == "querystring":
			continue
		case rank < 0 && parsed > 0 && n.known == 0: // any object may be what an application logs
			continue
		case rank < 0:
			rank = len(bodyNames())
		}
		cost := 1 + 1000*(len(c.docs)-have)/len(c.docs) + 20*rank + 5*strings.Count(p, "/")
		if parsed > 0 && n.as[EncodingRaw] == 0 {
			cost += 100 // what was sent is better than what was made of it
		}
		if better := n.known > 0; place == "" || better && !known || better == known && cost < least {
			place, least, share, known = p, cost, float64(have)/float64(len(c.docs)), better
		}
	}
	return place, share, known
}

// bodies counts what the values of a place would be as bodies.
type bodies struct {
	name       string
	as         map[string]int // by Encoding constant
	text       int            // of the raw ones those that are JSON
	known, odd int
}

func (b *bodies) have() int {
	return b.as[EncodingRaw] + b.as[EncodingBase64] + b.as[EncodingForm] + b.as[EncodingJSON]
}

func (c *candidates) bodies(place string) bodies {
	n := bodies{as: map[string]int{}}
	for _, d := range c.docs {
		f := d.get(place)
		if f == nil || f.kind == jsonNull || f.kind == jsonString && (f.text == "" || f.text == "-") {
			continue
		}
		n.name = f.name
		as, known := c.payloads.of(f)
		if as == "" {
			n.odd++
			continue
		}
		n.as[as]++
		if known {
			n.known++
		}
		if as == EncodingRaw && !isForm(strings.TrimSpace(f.text)) {
			n.text++
		}
	}
	return n
}

// encoding is how the bodies at a place are encoded, "" for as they stand.
func (c *candidates) encoding(place string) string {
	n := c.bodies(place)
	form, json, raw := n.as[EncodingForm], n.as[EncodingJSON], n.as[EncodingRaw]
	switch {
	case form > 0 && json+n.text > 0, json > 0 && raw > n.text:
		return EncodingParsed
	case form > 0:
		return EncodingForm
	case json > 0:
		return EncodingJSON
	case n.as[EncodingBase64] > raw:
		return EncodingBase64
	}
	return ""
}

// query is the place of a query beside a URL that never has one.
func (c *candidates) query(path string) string {
	for _, d := range c.docs {
		if f := d.get(path); f != nil && strings.Contains(f.text, "?") {
			return ""
		}
	}
	return c.best(role{names: strings.Fields("query querystring rawquery rawquerystring queryparams args"), named: true, like: func(f *found) bool {
		return f.kind == jsonString && (f.text == "" || f.text == "-" || strings.Contains(f.text, "="))
	}})
}

func (c *candidates) latency(m *Map) {
	place := c.best(latencyRole())
	if place == "" || place == m.Time {
		return
	}
	m.Latency = place
	whole, texts := true, true
	name := ""
	for _, d := range c.docs {
		if f := d.get(place); f != nil {
			name = f.name
			whole = whole && !strings.Contains(f.text, ".")
			texts = texts && f.kind == jsonString && !isNumber(f.text)
		}
	}
	if texts { // such as 1.5ms
		return
	}
	for _, u := range latencyUnits() {
		if strings.HasSuffix(name, u.end) {
			m.LatencyUnit = u.unit
			return
		}
	}
	if whole { // a fraction is mostly one of seconds
		m.LatencyUnit = "ms"
	}
}

// host is the place of a host beside the URL, where that has none.
func (c *candidates) host(path string) string {
	in := ""
	for _, d := range c.docs {
		if f := d.get(path); f != nil {
			if in = f.in; strings.Contains(f.text, "://") {
				return ""
			}
		}
	}
	return c.best(role{names: strings.Fields("httphost host authority vhost servername domainname domain"), named: true, like: func(f *found) bool {
		return f.kind == jsonString && f.in == in && strings.Contains(f.text, ".") && !strings.ContainsAny(f.text, " /@")
	}})
}

// headers finds where all headers are, or some of them each at its own place.
func (c *candidates) headers(m *Map) {
	m.Headers.At = c.best(role{names: strings.Fields("headers requestheaders reqheaders httpheaders header"), named: true, like: func(f *found) bool {
		lower := strings.ToLower(string(f.raw) + f.text)
		return f.kind != jsonNumber && (strings.Contains(lower, "content-type") || strings.Contains(lower, "user-agent") || strings.Contains(lower, "host") || lower == "{}" || lower == "[]")
	}})
	if m.Headers.At != "" {
		return
	}
	for _, h := range nginxHeaders() {
		names := []string{plainName(h.field()), plainName(h.variable()), "http" + plainName(h.variable())}
		if h.name == "Transfer-Encoding" || h.name == "Accept" {
			continue
		}
		place := c.best(role{names: names, named: true, like: func(f *found) bool {
			return (f.kind == jsonString || f.kind == jsonNumber) && fieldValue(f.text)
		}})
		if place != "" && place != m.Time {
			m.Headers.Each = append(m.Headers.Each, HeaderAt{h.name, place})
		}
	}
}

// where finds a field that all requests have one value of, and no other line has. It must be a word of the program: short, and without
// digits. What stands in the body is none: what a vendor sends of another kind is a request, too.
func (c *candidates) where(body string) map[string]string {
	if len(c.docs) < 2 || len(c.docs) == len(c.all) {
		return nil
	}
	const longest = 40
	names := strings.Fields("msg message event eventname eventtype type kind topic logger action direction level")
	best, value, least := "", "", len(names)
	for _, f := range c.docs[0] {
		rank := slices.Index(names, f.name)
		if rank < 0 || rank >= least || f.kind != jsonString || f.text == "" || len(f.text) > longest || strings.ContainsAny(f.text, "0123456789/") ||
			f.place == body || strings.HasPrefix(f.place, body+"/") {
			continue
		}
		if n := with(c.docs, f); n == len(c.docs) && with(c.all, f) == n {
			best, value, least = f.place, f.text, rank
		}
	}
	if best == "" {
		return nil
	}
	return map[string]string{best: value}
}

// with is how many documents have a value where it stands.
func with(docs []document, f found) (n int) {
	for _, d := range docs {
		if g := d.get(f.place); g != nil && g.text == f.text {
			n++
		}
	}
	return n
}
