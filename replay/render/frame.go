package render

import (
	"fmt"
	"net/textproto"
	"strconv"
	"strings"

	"reprise/capture"
	"reprise/replay"
)

// Header is one edit of the headers: a value to set, or, where Remove is set, a name to take away.
type Header struct {
	Name, Value string
	Remove      bool
}

// ParseHeader reads "Name: value" or, to remove, "Name:". {run} and {record} in a value stand for the run's id and for
// SEQ.COPY. Framing headers cannot be set: what is sent decides them.
func ParseHeader(s string) (Header, error) {
	name, value, ok := strings.Cut(s, ":")
	name = strings.TrimRight(name, " \t")
	switch {
	case !ok || !isToken(name):
		return Header{}, fmt.Errorf("a header is written 'Name: value', or 'Name:' to remove it")
	case isFraming(name) || strings.EqualFold(name, "Content-Length"):
		return Header{}, fmt.Errorf("header %s is decided by what is sent", name)
	case strings.ContainsAny(value, "\r\n\x00"):
		return Header{}, fmt.Errorf("the value of header %s holds a line break", name)
	}
	value = textproto.TrimString(value)
	return Header{Name: name, Value: value, Remove: value == ""}, nil
}

func isToken(name string) bool {
	for i := range len(name) {
		c := name[i]
		if c <= ' ' || c >= 0x7f || strings.IndexByte(`"(),/:;<=>?@[\]{}`, c) >= 0 {
			return false
		}
	}
	return name != ""
}

func (h Header) apply(w *capture.Record, run, record string) {
	if h.Remove {
		w.DropHeader(h.Name)
		return
	}
	value := strings.NewReplacer("{run}", run, "{record}", record).Replace(h.Value)
	w.SetHeader(h.Name, value)
	if strings.EqualFold(h.Name, "Host") {
		w.Host = value
	}
}

// frame takes what belongs to the recorded connection off the record and gives it the run's path and host.
func (r *Renderer) frame(w *capture.Record, q *replay.Request) {
	if coding, ok := w.Header("Transfer-Encoding"); ok {
		q.Chunked = strings.Contains(strings.ToLower(coding), "chunked")
	}
	r.dropConnection(w)
	w.URL = r.base + requestPath(w.URL)
	switch {
	case r.o.Host != "":
		w.Host = r.o.Host
	case w.Host == "":
		w.Host = r.o.Target.Host
	}
	if _, ok := w.Header("Host"); ok {
		w.SetHeader("Host", w.Host)
	}
}

// dropConnection removes the headers that are about one connection (RFC 9110, section 7.6.1), those that Connection
// names among them, and Expect, which would have the request wait for the target.
func (r *Renderer) dropConnection(w *capture.Record) {
	if named, ok := w.Header("Connection"); ok {
		for name := range strings.SplitSeq(named, ",") {
			if name = strings.TrimSpace(name); !strings.EqualFold(name, "close") && name != "" {
				w.DropHeader(name)
			}
		}
	}
	kept := w.Headers[:0]
	for _, h := range w.Headers {
		if !isFraming(h.Name) {
			kept = append(kept, h)
		}
	}
	w.Headers = kept
}

func isFraming(name string) bool {
	switch strings.ToLower(name) {
	case "connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade", "expect", "http2-settings":
		return true
	}
	return false
}

// requestPath is the path and query of a request target, also where it was sent in absolute form (RFC 9112, section 3.2.2).
func requestPath(target string) string {
	if strings.HasPrefix(target, "/") {
		return target
	}
	if _, rest, ok := strings.Cut(target, "://"); ok {
		if i := strings.IndexAny(rest, "/?"); i >= 0 {
			target = rest[i:]
		} else {
			target = ""
		}
	}
	if !strings.HasPrefix(target, "/") {
		return "/" + target
	}
	return target
}

// setLength makes Content-Length true where there was one, and leaves none beside chunked framing.
func setLength(w *capture.Record, q *replay.Request) {
	if q.Chunked {
		w.DropHeader("Content-Length")
		return
	}
	if _, ok := w.Header("Content-Length"); ok {
		w.SetHeader("Content-Length", strconv.Itoa(len(w.Body)))
	}
}
