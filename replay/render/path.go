package render

import (
	"errors"
	"net/url"
	"strings"
)

// Rewrite puts To in place of From at the beginning of a path.
type Rewrite struct{ From, To string }

// ParsePathRewrite reads "/from=/to". To may be empty or /, which takes From away.
func ParsePathRewrite(s string) (Rewrite, error) {
	from, to, ok := strings.Cut(s, "=")
	switch {
	case !ok || !strings.HasPrefix(from, "/") || to != "" && !strings.HasPrefix(to, "/"):
		return Rewrite{}, errors.New("a rewrite of paths is written /from=/to")
	case strings.ContainsAny(to, "?#") || escaped(to) != to:
		return Rewrite{}, errors.New("the new path of a rewrite is a path: no query, and no white space")
	case strings.ContainsAny(from, "?#"):
		return Rewrite{}, errors.New("what a rewrite replaces is the beginning of a path, not of a query")
	}
	return Rewrite{From: from, To: to}, nil
}

// rewritePath applies the first rewrite that fits. Paths are taken in whole segments: /a fits /a, /a/b and /a?c, not /ab.
func rewritePath(target string, rewrites []Rewrite) string {
	path, query := target, ""
	if i := strings.IndexByte(target, '?'); i >= 0 {
		path, query = target[:i], target[i:]
	}
	for _, rw := range rewrites {
		rest, ok := strings.CutPrefix(path, strings.TrimSuffix(rw.From, "/"))
		if !ok || rest != "" && rest[0] != '/' {
			continue
		}
		switch to := strings.TrimSuffix(rw.To, "/"); {
		case to == "" && rest == "":
			return "/" + query
		case rest == "" && strings.HasSuffix(rw.To, "/"):
			return rw.To + query
		default:
			return to + rest + query
		}
	}
	return target
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

// escaped is a target with white space and control characters escaped: with them it would end the request line, or be
// taken for its end. All else stays as it is.
func escaped(target string) string {
	clean := true
	for i := range len(target) {
		clean = clean && target[i] > ' ' && target[i] != 0x7f
	}
	if clean {
		return target
	}
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(target) {
		if c := target[i]; c > ' ' && c != 0x7f {
			b.WriteByte(c)
		} else {
			b.Write([]byte{'%', hex[c>>4], hex[c&15]})
		}
	}
	return b.String()
}

// Paths says where records are sent.
type Paths struct{ targets targets }

// NewPaths returns the paths that a Renderer with such options sends to; a nil target has no base path.
func NewPaths(target *url.URL, rewrites []Rewrite) *Paths {
	p := &Paths{targets{rewrites: rewrites}}
	if target != nil {
		p.targets.base = basePath(target)
	}
	return p
}

// Of returns the path and query that a recorded target becomes. It is for one goroutine.
func (p *Paths) Of(target string) string {
	sent, _ := p.targets.of(target)
	return sent
}

// basePath is what is put before the path of every record.
func basePath(target *url.URL) string { return strings.TrimRight(target.EscapedPath(), "/") }

// targets turns the targets of records into those that are sent. The last one is remembered, and some without a query: webhooks have few URLs.
type targets struct {
	base     string
	rewrites []Rewrite
	last     sentTarget
	paths    [128]sentTarget // at places that their ends say, or beside them
}

// sentTarget is what a recorded target became. bad says that bytes of it had to be escaped.
type sentTarget struct {
	from, to string
	bad      bool
}

// of returns the target that is sent for a recorded one. bad says that bytes of it had to be escaped.
func (t *targets) of(url string) (to string, bad bool) {
	if m := metTarget(t, url); m != nil {
		return m.to, m.bad
	}
	plain := t.base + rewritePath(requestPath(url), t.rewrites)
	t.last = sentTarget{from: url, to: escaped(plain)}
	t.last.bad = t.last.to != plain
	if strings.IndexByte(url, '?') < 0 {
		m := t.last
		m.from = strings.Clone(url)
		if m.to == url {
			m.to = m.from
		}
		place := placeOf(url) & 127
		t.paths[place^1], t.paths[place] = t.paths[place], m
	}
	return t.last.to, t.last.bad
}

// metTarget returns what is remembered of a target; nil where that is nothing.
func metTarget[T string | []byte](t *targets, url T) *sentTarget {
	if t.last.to != "" && string(url) == t.last.from {
		return &t.last
	}
	place := placeOf(url) & 127
	for _, at := range [...]uint32{place, place ^ 1} {
		if m := &t.paths[at]; m.to != "" && string(url) == m.from {
			return m
		}
	}
	return nil
}

// placeOf is a hash of the end of a text, which comes soon again.
func placeOf[T string | []byte](text T) uint32 {
	h := uint32(len(text))
	for i := max(0, len(text)-6); i < len(text); i++ {
		h = (h ^ uint32(text[i])) * 16777619
	}
	return h ^ h>>15
}
