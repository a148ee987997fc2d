package wire

import (
	"slices"
	"strings"

	"reprise/capture"
)

// Roles remembers what the last record's headers were: the next one's are mostly the same. It is for one goroutine.
type Roles struct {
	// Watch are names of headers to look out for: Frame says whether one of them is left.
	Watch []string

	last []known
}

type known struct {
	name    string
	role    Role
	watched bool
}

// of says what header i of a record is.
func (r *Roles) of(i int, name string) *known {
	for len(r.last) <= i {
		r.last = append(r.last, known{role: RoleInvalid})
	}
	l := &r.last[i]
	if l.name != name {
		l.name, l.role, l.watched = name, RoleOf(name), false
		for _, other := range r.Watch {
			l.watched = l.watched || capture.SameName(name, other)
		}
	}
	return l
}

// Request is a record on its way to being a request: capture.Record's fields, and how the body is framed. It goes through
// Frame, CheckMethod and Measure, in that order, then Append writes it. What happens in between is the caller's.
type Request struct {
	capture.Record
	Chunked bool
	// KeepConnection keeps a Connection header that only says keep-alive or close, for whoever writes a recording down. Who
	// sends decides that anew.
	KeepConnection bool
	// Bad is set where bytes were left out or escaped, since nothing could be sent with them.
	Bad bool

	host, length int // where Host and Content-Length probably are
}

// HostOf is the host that Fill addresses a record to: that which was recorded, or which its header says.
func HostOf(r *capture.Record) string {
	if r.Host != "" {
		return r.Host
	}
	host, _ := r.Header("Host")
	return host
}

// Fill makes w the request that a record is, ready for Append: without what belongs to the recorded connection, for the host
// that was recorded, with a method that can be sent and a true length. It shares the record's body. Who makes many uses Frame
// and what follows it, which need no memory of their own.
func (w *Request) Fill(r *capture.Record) {
	w.Record, w.Bad = *r, false
	w.Headers = slices.Clone(r.Headers)
	w.Frame(new(Roles), HostOf(r))
	w.CheckMethod()
	w.Measure(new(Arena))
}

// Frame takes what belongs to the recorded connection off the headers, in place, and leaves one Host, which is host. watched
// says that roles watches a header that is left.
func (w *Request) Frame(roles *Roles, host string) (watched bool) {
	w.Chunked = false
	hs, kept := w.Headers, 0
	hosts, lengths, named := 0, 0, false
	for i := range hs {
		l := roles.of(i, hs[i].Name)
		switch l.role {
		case RoleNone:
		case RoleHost:
			if hs[i].Value, hosts = host, hosts+1; hosts > 1 {
				continue
			}
			w.host = kept
		case RoleLength:
			if lengths++; lengths > 1 {
				continue
			}
			w.length = kept
		case RoleTransfer:
			if w.Chunked || !strings.Contains(strings.ToLower(hs[i].Value), "chunked") {
				continue
			}
			hs[i].Value, w.Chunked = "chunked", true
		case RoleConnection:
			if namesHeaders(hs[i].Value) {
				named = true
			} else if !w.KeepConnection || hs[i].Value == "" {
				continue
			}
		case RoleInvalid:
			w.Bad = true
			continue
		default:
			continue
		}
		watched = watched || l.watched
		if kept != i {
			hs[kept] = hs[i]
		}
		kept++
	}
	w.Host, w.Headers = host, hs[:kept]
	if named {
		w.dropNamed()
	}
	return watched
}

// namesHeaders says whether a Connection header names more than what to do with the connection.
func namesHeaders(value string) bool {
	return value != "" && !strings.EqualFold(value, "keep-alive") && !strings.EqualFold(value, "close")
}

// dropNamed removes the headers that Connection names, and Connection.
func (w *Request) dropNamed() {
	var names []string
	for _, h := range w.Headers {
		if !capture.SameName(h.Name, "Connection") {
			continue
		}
		for name := range strings.SplitSeq(h.Value, ",") {
			if name = strings.TrimSpace(name); name != "" && !strings.EqualFold(name, "close") {
				names = append(names, name)
			}
		}
	}
	w.Headers = slices.DeleteFunc(w.Headers, func(h capture.Header) bool { return capture.SameName(h.Name, "Connection") && namesHeaders(h.Value) })
	for _, name := range names {
		w.Headers = Drop(w.Headers, name)
	}
}

// Measure makes Content-Length true, or leaves none beside chunked framing. Where the body's framing is told by no header
// that was recorded, one is added.
func (w *Request) Measure(text *Arena) {
	if w.Chunked {
		w.Headers = Drop(w.Headers, "Content-Length")
		if Find(w.Headers, "Transfer-Encoding", 0) < 0 {
			w.Headers = append(w.Headers, capture.Header{Name: "Transfer-Encoding", Value: "chunked"})
		}
		return
	}
	if i := Find(w.Headers, "Content-Length", w.length); i >= 0 {
		n, value := len(w.Body), w.Headers[i].Value
		if !allDigits(value) || len(value) > 18 || len(value) > 1 && value[0] == '0' || number(value) != n {
			w.Headers[i].Value = text.Number(n)
		}
		return
	}
	if len(w.Body) > 0 || WantsLength(w.Method) {
		w.Headers = append(w.Headers, capture.Header{Name: "Content-Length", Value: text.Number(len(w.Body))})
	}
}

// WantsLength says whether a request without a body says so (RFC 9110, section 8.6).
func WantsLength(method string) bool { return method == "POST" || method == "PUT" || method == "PATCH" }

func allDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// number reads digits.
func number(s string) (n int) {
	for i := range len(s) {
		n = 10*n + int(s[i]-'0')
	}
	return n
}

// CheckMethod puts a method in place of one with which no request can be sent.
func (w *Request) CheckMethod() {
	switch w.Method {
	case "POST", "GET", "PUT":
		return
	}
	if IsToken(w.Method) {
		return
	}
	w.Bad = w.Bad || w.Method != ""
	if w.Method = "GET"; len(w.Body) > 0 {
		w.Method = "POST"
	}
}
