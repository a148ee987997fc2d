package render

import (
	"strings"

	"reprise/capture"
)

// role is what a header is to the framing of its message.
type role uint8

const (
	roleNone       role = iota
	roleHost            // which is sent once
	roleLength          // Content-Length
	roleTransfer        // Transfer-Encoding
	roleConnection      // which names further headers of the connection
	roleHop             // of the recorded connection: not sent
	roleInvalid         // no name that a header can have: not sent
)

// roleOf knows the headers that are about one connection (RFC 9110, section 7.6.1), Proxy-Authorization, which is a proxy's alone, and
// Expect, which would have the request wait for the target.
func roleOf(name string) role {
	switch len(name) {
	case 2, 6, 7, 10, 14, 16, 17, 19, 4:
		var lower [19]byte
		for i := range len(name) {
			lower[i] = name[i]
			if 'A' <= name[i] && name[i] <= 'Z' {
				lower[i] += 'a' - 'A'
			}
		}
		switch string(lower[:len(name)]) {
		case "host":
			return roleHost
		case "content-length":
			return roleLength
		case "transfer-encoding":
			return roleTransfer
		case "connection":
			return roleConnection
		case "keep-alive", "proxy-connection", "te", "trailer", "upgrade", "expect", "http2-settings", "proxy-authorization":
			return roleHop
		}
	}
	if !isToken(name) {
		return roleInvalid
	}
	return roleNone
}

// roles remembers what the last record's headers were: the next one's are mostly the same.
type roles struct {
	last  []rolled
	edits []edit
}

type rolled struct {
	name   string
	role   role
	edited bool // an edit names it
}

// of says what header i of a record is.
func (r *roles) of(i int, name string) *rolled {
	for len(r.last) <= i {
		r.last = append(r.last, rolled{role: roleInvalid})
	}
	l := &r.last[i]
	if l.name != name {
		l.name, l.role, l.edited = name, roleOf(name), false
		for k := range r.edits {
			l.edited = l.edited || sameName(name, r.edits[k].name)
		}
	}
	return l
}

// framed is a record that is ready to be written: capture.Record's fields, and how the body is framed.
type framed struct {
	capture.Record
	chunked bool
	// host and length are where Host and Content-Length probably are.
	host, length int
	// bad is set where bytes were left out or escaped, since nothing could be sent with them.
	bad bool
}

// frame takes what belongs to the recorded connection off the headers, in place, and leaves one Host, which is host. edited
// says that an edit names a header that is left.
func (w *framed) frame(roles *roles, host string) (edited bool) {
	w.chunked = false
	hs, kept := w.Headers, 0
	hosts, lengths, named := 0, 0, false
	for i := range hs {
		l := roles.of(i, hs[i].Name)
		switch l.role {
		case roleNone:
		case roleHost:
			if hs[i].Value, hosts = host, hosts+1; hosts > 1 {
				continue
			}
			w.host = kept
		case roleLength:
			if lengths++; lengths > 1 {
				continue
			}
			w.length = kept
		case roleTransfer:
			if w.chunked || !strings.Contains(strings.ToLower(hs[i].Value), "chunked") {
				continue
			}
			hs[i].Value, w.chunked = "chunked", true
		case roleConnection:
			if !namesHeaders(hs[i].Value) {
				continue
			}
			named = true
		case roleInvalid:
			w.bad = true
			continue
		default:
			continue
		}
		edited = edited || l.edited
		if kept != i {
			hs[kept] = hs[i]
		}
		kept++
	}
	w.Host, w.Headers = host, hs[:kept]
	if named {
		w.dropNamed()
	}
	return edited
}

// namesHeaders says whether a Connection header names more than what to do with the connection.
func namesHeaders(value string) bool {
	return value != "" && !strings.EqualFold(value, "keep-alive") && !strings.EqualFold(value, "close")
}

// dropNamed removes the headers that Connection names, and Connection.
func (w *framed) dropNamed() {
	var names []string
	for _, h := range w.Headers {
		if !sameName(h.Name, "Connection") {
			continue
		}
		for name := range strings.SplitSeq(h.Value, ",") {
			if name = strings.TrimSpace(name); name != "" && !strings.EqualFold(name, "close") {
				names = append(names, name)
			}
		}
	}
	w.Headers = dropHeader(w.Headers, "Connection")
	for _, name := range names {
		w.Headers = dropHeader(w.Headers, name)
	}
}

// measure makes Content-Length true, or leaves none beside chunked framing. Where the body's framing is told by no header
// that was recorded, one is added.
func (w *framed) measure(text *arena) {
	if w.chunked {
		w.Headers = dropHeader(w.Headers, "Content-Length")
		if find(w.Headers, "Transfer-Encoding", 0) < 0 {
			w.Headers = append(w.Headers, capture.Header{Name: "Transfer-Encoding", Value: "chunked"})
		}
		return
	}
	if i := find(w.Headers, "Content-Length", w.length); i >= 0 {
		n, value := len(w.Body), w.Headers[i].Value
		if !allDigits(value) || len(value) > 18 || len(value) > 1 && value[0] == '0' || number(value) != n {
			w.Headers[i].Value = text.number(n)
		}
		return
	}
	if len(w.Body) > 0 || w.Method == "POST" || w.Method == "PUT" || w.Method == "PATCH" {
		w.Headers = append(w.Headers, capture.Header{Name: "Content-Length", Value: text.number(len(w.Body))})
	}
}

func allDigits[T string | []byte](b T) bool {
	for i := range len(b) {
		if b[i] < '0' || b[i] > '9' {
			return false
		}
	}
	return len(b) > 0
}

// number reads digits.
func number(s string) (n int) {
	for i := range len(s) {
		n = 10*n + int(s[i]-'0')
	}
	return n
}

// find returns the index of the first header of that name, and -1 where there is none. It looks at one place first.
func find(hs []capture.Header, name string, first int) int {
	if first < len(hs) && sameName(hs[first].Name, name) {
		return first
	}
	for i := range hs {
		if sameName(hs[i].Name, name) {
			return i
		}
	}
	return -1
}

// checkMethod puts a method in place of one with which no request can be sent.
func (w *framed) checkMethod() {
	switch w.Method {
	case "POST", "GET", "PUT":
		return
	}
	if isToken(w.Method) {
		return
	}
	w.bad = w.bad || w.Method != ""
	if w.Method = "GET"; len(w.Body) > 0 {
		w.Method = "POST"
	}
}
