package audit

import (
	"bytes"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"reprise/capture"
)

// PlainHeaders say which values of headers may stay as they are. Those of times and of hosts have rules of their own.
type PlainHeaders struct {
	// Words are what programs say of themselves: a value may stay that is made of them, of versions and of fewer than seven
	// digits in a row. They are in lower case.
	Words []string
	// Names are headers that may keep whatever they say: those that a policy keeps.
	Names []string
	// Listed, where set, says whether a name of a header is documented: it tells of nobody, whatever digits it has.
	Listed func(name string) bool
}

// headerRule are PlainHeaders made ready.
type headerRule struct {
	words map[string]struct{}
	names map[string]struct{} // in lower case
}

func newHeaderRule(o *PlainHeaders) *headerRule {
	if o == nil {
		return nil
	}
	p := &headerRule{words: make(map[string]struct{}, len(o.Words)), names: make(map[string]struct{}, len(o.Names))}
	for _, w := range o.Words {
		p.words[w] = struct{}{}
	}
	for _, n := range o.Names {
		p.names[strings.ToLower(n)] = struct{}{}
	}
	return p
}

// fate says why a header's value may stay.
type fate uint8

const (
	gone fate = iota // nothing stays
	leak
	plain    // programs say it of themselves
	byPolicy // the policy keeps it
)

// fate says it of a value of a header of that name.
func (p *headerRule) fate(name, value string) fate {
	name = strings.ToLower(name)
	if _, ok := p.names[name]; ok {
		return byPolicy
	}
	for _, layout := range [...]string{time.RFC3339Nano, "Mon, 02 Jan 2006 15:04:05 GMT"} { // RFC 9110's IMF-fixdate
		if _, err := time.Parse(layout, value); err == nil { // when the request was sent
			return plain
		}
	}
	digits, letters := 0, false
	for i := 0; i <= len(value); {
		start := i
		for i < len(value) && value[i]-'0' < 10 {
			i++
		}
		digits = max(digits, i-start)
		start = i
		for i < len(value) && (value[i]|0x20-'a' < 26 || value[i] >= 0x80) {
			i++
		}
		if word := value[start:i]; word != "" {
			letters = true
			if _, ok := p.words[strings.ToLower(word)]; !ok && !strings.EqualFold(word, "v") {
				return leak
			}
		}
		if i == len(value) || value[i]-'0' >= 10 {
			i++
		}
	}
	if digits >= minPhone && (letters || !strings.HasSuffix(name, "timestamp")) && name != "content-length" {
		return leak
	}
	return plain
}

// seenHeader is a header that was met, and what becomes of it.
type seenHeader struct {
	name, value string
	fate        fate
}

// headerValues compares the values of a record's headers with those of its counterpart's of the same names.
func (s *scanner) headerValues(in, out *capture.Record) {
	if s.plain == nil {
		return
	}
	at := 0
	for i := range out.Headers {
		h := &out.Headers[i]
		was := at
		for was < len(in.Headers) && !capture.SameName(in.Headers[was].Name, h.Name) {
			was++
		}
		if was == len(in.Headers) {
			continue // it has come anew
		}
		at = was + 1
		if h.Value == "" || !capture.SameName(in.Headers[was].Value, h.Value) || capture.SameName(h.Name, "Host") {
			continue
		}
		s.headerStayed(h)
	}
}

// headerStayed counts or reports a header whose value stayed.
func (s *scanner) headerStayed(h *capture.Header) {
	s.raw = append(s.raw[:0], h.Value...)
	known := &s.headers[(s.keys.hash(s.raw)+uint64(len(h.Name)))%uint64(len(s.headers))]
	if known.name != h.Name || known.value != h.Value {
		*known = seenHeader{strings.Clone(h.Name), strings.Clone(h.Value), s.plain.fate(h.Name, h.Value)}
	}
	switch known.fate {
	case plain:
		s.report.Stays.Headers++
	case byPolicy:
		s.report.Stays.Policy++
	case leak:
		s.tell(Headers, field{name: "header", header: h.Name}, 1)
	}
}

// hosts compares the names of the machines that a record and its counterpart were sent to.
func (s *scanner) hosts(in, out *capture.Record) {
	if s.routes == nil {
		return
	}
	s.host("host", in.Host, out.Host)
	if before, after := authority(in.URL), authority(out.URL); after != "" {
		s.host("url host", before, after)
	}
	if header, ok := out.Header("Host"); ok {
		before, _ := in.Header("Host")
		s.host("header Host", before, header)
	}
}

// authority is what an absolute URL names between scheme and path.
func authority(url string) string {
	scheme := strings.Index(url, "://")
	if scheme < 0 || strings.ContainsAny(url[:scheme], "/?#") {
		return ""
	}
	rest := url[scheme+len("://"):]
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		rest = rest[:i]
	}
	return rest
}

// host reports each part of a host's name that stayed and may be someone's.
func (s *scanner) host(name, in, out string) {
	known := &s.hostSeen[len(name)%len(s.hostSeen)]
	if known.name != in || known.value != out {
		*known = seenHeader{strings.Clone(in), strings.Clone(out), s.hostFate(in, out)}
	}
	switch known.fate {
	case plain:
		s.report.Stays.Hosts++
	case leak:
		s.tell(Hosts, field{name: name}, 1)
	}
}

// hostFate says what an output's host has of its counterpart's.
func (s *scanner) hostFate(in, out string) fate {
	if out == "" {
		return gone
	}
	s.raw = append(s.raw[:0], in...)
	before := bytes.Clone(s.folder.fold(s.raw))
	s.raw = append(s.raw[:0], out...)
	after := bytes.Clone(s.folder.fold(s.raw))
	for _, label := range labels(after) {
		if isThisMachine(label) || s.isNobodys(label) {
			continue
		}
		for _, was := range labels(before) {
			if bytes.Equal(label, was) {
				return leak
			}
		}
	}
	if bytes.Equal(before, after) {
		return plain
	}
	return gone
}

// labels are the parts of an authority: of its user, of its host's name, and its address.
func labels(authority []byte) (list [][]byte) {
	if i := bytes.LastIndexByte(authority, '@'); i >= 0 {
		list = append(list, bytes.FieldsFunc(authority[:i], func(r rune) bool { return r == ':' || r == '.' })...)
		authority = authority[i+1:]
	}
	if i := bytes.LastIndexByte(authority, ':'); i >= 0 && bytes.IndexByte(authority[i:], ']') < 0 &&
		(bytes.IndexByte(authority[:i], ':') < 0 || authority[0] == '[') { // else it is of an address without brackets
		if port := authority[i+1:]; len(port) > 0 && !isPort(port) { // a port names nobody
			list = append(list, port)
		}
		authority = authority[:i]
	}
	authority = bytes.Trim(authority, "[]")
	if i := bytes.IndexByte(authority, '%'); i >= 0 {
		list = append(list, authority[i+1:])
		authority = authority[:i]
	}
	if _, err := netip.ParseAddr(string(authority)); err == nil {
		return append(list, authority)
	}
	return append(list, bytes.FieldsFunc(authority, func(r rune) bool { return r == '.' })...)
}

// isPort says whether a text is the number of a port.
func isPort(s []byte) bool {
	n, err := strconv.ParseUint(string(s), 10, 16)
	return err == nil && n > 0 && len(s) <= 5
}

// isThisMachine says whether an address reaches nobody else.
func isThisMachine(address []byte) bool {
	ip, err := netip.ParseAddr(string(address))
	return err == nil && ip.IsLoopback()
}

// isNobodys says whether a host's label is a route's word, or one of the names that are reserved.
func (s *scanner) isNobodys(label []byte) bool {
	if s.routes.isRoute(label) {
		return true
	}
	for _, w := range nobodysHosts() {
		if string(label) == w {
			return true
		}
	}
	return false
}
