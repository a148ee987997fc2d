package anonymize

import (
	"net"
	"net/netip"
	"strconv"
	"strings"

	"reprise/capture"
)

// The hosts that stand for real ones; example.com is reserved by RFC 2606.
const (
	linkHost = "example.com"
	hookHost = "hooks.example.com"
)

// link returns a URL under example.com with as many path segments. Ids in it are replaced as they are elsewhere, so that
// a media URL still names its message; routes stay, other words become generated words. Query and fragment go. The record's
// own URL becomes its new one.
func (a *Anonymizer) link(old string) string {
	if own, ok := a.ownURL(old); ok {
		return own
	}
	scheme, rest, ok := strings.Cut(old, "://")
	if !ok || !isScheme(scheme) {
		scheme, rest = "https", strings.TrimLeft(old, "/")
	}
	rest, _, _ = strings.Cut(rest, "#")
	rest, _, _ = strings.Cut(rest, "?")
	_, path, hasPath := strings.Cut(rest, "/")
	var b strings.Builder
	b.WriteString(strings.ToLower(scheme) + "://" + linkHost)
	if !hasPath {
		return b.String()
	}
	for segment := range strings.SplitSeq(path, "/") {
		b.WriteByte('/')
		b.WriteString(a.segment(segment))
	}
	return b.String()
}

func isScheme(s string) bool {
	switch strings.ToLower(s) {
	case "http", "https", "ftp", "s3", "gs", "rtsp":
		return true
	}
	return false
}

// segment returns what a segment of a link's path becomes.
func (a *Anonymizer) segment(old string) string {
	stem, ext := old, ""
	if at := strings.LastIndexByte(old, '.'); at > 0 && isExtension(strings.ToLower(old[at+1:])) {
		stem, ext = old[:at], strings.ToLower(old[at:])
	}
	switch {
	case stem == "" || a.router.route(stem):
		return stem + ext
	case isToken(stem):
		return a.account(stem) + ext
	}
	seed := a.keys.link.seed("segment", stem, "")
	for range attempts {
		word := a.texts.Word(seed)
		if !sharesRun(word, stem) && !strings.EqualFold(word, stem) {
			return word + ext
		}
		seed[0]++
	}
	return a.keys.reshape(stem) + ext
}

// isToken says whether a segment is made as ids are: letters, digits and joints, with a digit among at least eight.
func isToken(s string) bool {
	digit := false
	for i := range len(s) {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			digit = true
		case c|0x20 >= 'a' && c|0x20 <= 'z', c == '-', c == '_':
		default:
			return false
		}
	}
	return digit && len(s) >= 16
}

func isExtension(s string) bool {
	switch s {
	case "jpg", "jpeg", "png", "gif", "webp", "heic", "mp4", "mov", "3gp", "mp3", "amr", "wav", "ogg", "pdf", "vcf", "txt",
		"html", "json", "smil", "xml", "ics", "bin":
		return true
	}
	return false
}

// hosts replaces the names of the machines that the record was sent to.
func (a *Anonymizer) hosts(r *capture.Record) {
	host := r.Host
	if r.Host = safeHost(host); r.Host == host && host != "" {
		a.keptHost(host)
	}
	scheme, authority, rest, ok := cutAbsolute(r.URL)
	if !ok {
		return
	}
	if !isScheme(scheme) && !strings.EqualFold(scheme, "ws") && !strings.EqualFold(scheme, "wss") {
		scheme = "http" // another may be anyone's name
	}
	r.URL = scheme + "://" + safeHost(authority) + rest
}

// cutAbsolute cuts a target in absolute form, of whatever scheme. A fragment right behind the authority belongs to it.
func cutAbsolute(url string) (scheme, authority, rest string, ok bool) {
	scheme, rest, ok = strings.Cut(url, "://")
	if !ok || strings.ContainsAny(scheme, "/?#") {
		return "", "", url, false
	}
	end := strings.IndexAny(rest, "/?")
	if end < 0 {
		end = len(rest)
	}
	return scheme, rest[:end], rest[end:], true
}

// safeHost returns a host name that is nobody's: one that is reserved or local stays, any other becomes hooks.example.com.
// A port stays that is one; a zone goes.
func safeHost(host string) string {
	if host == "" {
		return ""
	}
	name, port, err := net.SplitHostPort(host)
	if err != nil {
		name, port = host, ""
	}
	bare, _, _ := strings.Cut(strings.Trim(name, "[]"), "%")
	if !isSafeHost(strings.ToLower(bare)) {
		bare = hookHost
	}
	switch {
	case isPort(port):
		return net.JoinHostPort(bare, port)
	case strings.HasPrefix(host, "[") && strings.Contains(bare, ":"):
		return "[" + bare + "]"
	}
	return bare
}

// isPort says whether a text is a port, and so nobody's number.
func isPort(s string) bool {
	n, err := strconv.ParseUint(s, 10, 16)
	return err == nil && n > 0 && len(s) <= 5
}

func isSafeHost(name string) bool {
	if ip, err := netip.ParseAddr(name); err == nil {
		return ip.IsLoopback()
	}
	for _, reserved := range [...]string{"localhost", "example.com", "example.net", "example.org"} {
		if name == reserved {
			return true
		}
	}
	return name == hookHost
}
