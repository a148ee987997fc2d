package anonymize

import (
	"slices"
	"strings"

	"reprise/capture"
	"reprise/capture/dialect"
	"reprise/capture/payload"
)

// What a rule may say of the segments of a path that look like something.
const pathRule = "path:"

// maxPaths bounds how many paths are remembered for speed.
const maxPaths = 1 << 12

// route is what is known of a path that was met.
type route struct {
	path     string // what it became
	kept     []string
	replaced int64
	form     string   // what it looks like, with {id} for what is no route
	named    []string // patterns of the policy that it matches
	shared   []string // patterns that would each keep one of its segments that were replaced
	records  int64    // that have it, since it was last told of
}

// pathOf returns what becomes of a path, which may be of an absolute URL, and counts what stays.
func (a *Anonymizer) pathOf(path string) string {
	name := path
	if a.rules[a.cur.vendor].paths() { // then its paths are not those of others
		name += "\x00" + a.cur.vendor
	}
	known, ok := a.paths[name]
	if !ok {
		known = a.newPath(path)
		if len(a.paths) >= maxPaths {
			a.tellPaths()
			clear(a.paths)
		}
		a.paths[strings.Clone(name)] = known
	}
	known.records++
	for _, pattern := range known.shared {
		a.report.shared.add(pattern, a.cur.person.tag)
	}
	return known.path
}

// tellPaths puts what was counted by path into the report.
func (a *Anonymizer) tellPaths() {
	for _, known := range a.paths {
		for _, segment := range known.kept {
			countNames(a.report.Kept.Segments, segment, known.records)
		}
		if known.records > 0 {
			countNames(a.report.forms, known.form, known.records)
		}
		a.report.Segments += known.replaced * known.records
		for _, pattern := range known.named {
			a.report.paths[pattern] = true
		}
		known.records = 0
	}
}

// keptSegments is how many segments of a path may stay: what is behind them is checked as one.
const keptSegments = 63

// newPath replaces the segments that are no routes.
func (a *Anonymizer) newPath(path string) *route {
	var segments []string
	payload.EditPath(path, func(_ int, raw, _ string) (string, bool) {
		segments = append(segments, raw)
		return "", false
	})
	keep := make([]bool, len(segments))
	made := &route{named: a.router.named(segments, keep)}
	pattern := make([]string, len(segments))
	var shared []int
	made.path = payload.EditPath(path, func(i int, raw, decoded string) (string, bool) {
		pattern[i] = raw
		switch {
		case isStructure(raw):
			return "", false
		case i < keptSegments && (keep[i] || a.router.route(raw)):
			made.kept = append(made.kept, raw)
			return "", false
		}
		if sort := a.ruled(decoded); sort != "" {
			made.kept = append(made.kept, "("+sort+")")
			pattern[i] = "{id}"
			return "", false
		}
		value := a.newSegment(decoded, i > 1 && segments[i-1] == "" && strings.HasSuffix(segments[i-2], ":"))
		if value == decoded {
			return "", false // marks alone
		}
		pattern[i] = "{id}"
		if raw == decoded && mayBeRoute(raw) {
			shared = append(shared, i)
		}
		made.replaced++
		return value, true
	})
	made.form = "/" + strings.Join(pattern, "/")
	for _, i := range shared {
		one := slices.Clone(pattern)
		one[i] = segments[i]
		made.shared = append(made.shared, "/"+strings.Join(one, "/"))
	}
	return made
}

// isStructure says whether a segment has no letter and no digit that could tell anything.
func isStructure(raw string) bool { return raw == "" || raw == "." || raw == ".." }

// mayBeRoute says whether a segment looks like a word that a policy could name: short words with at most two digits each. What is
// longer, or has more digits, may be a secret or somebody's number and is not printed, whoever shares it.
func mayBeRoute(s string) bool {
	letters, digits := 0, 0
	for i := range len(s) {
		switch c := s[i]; {
		case c == '-' || c == '_' || c == '.':
			letters, digits = 0, 0
		case c >= '0' && c <= '9':
			digits++
		case c|0x20 >= 'a' && c|0x20 <= 'z':
			letters++
		default:
			return false
		}
		if letters > 12 || digits > 2 {
			return false
		}
	}
	return len(s) <= 32
}

// ruled returns the rule of the record's vendor that keeps segments that look like this one, or "".
func (a *Anonymizer) ruled(decoded string) string {
	if !a.rules[a.cur.vendor].paths() {
		return ""
	}
	sort := payload.PathSort(decoded)
	if sort == "" {
		return ""
	}
	if action, ok := a.rule(dialect.Field{Part: payload.InPath, Name: sort}); !ok || action != Keep {
		return ""
	}
	return pathRule + sort
}

// paths says whether a rule is of the parts of paths.
func (r *rules) paths() bool { return r != nil && r.path }

// eachPathNumber calls f for every telephone number that newSegment finds in the path of a URL, in order.
func eachPathNumber(url string, f func(number string)) {
	path, _, _ := strings.Cut(url, "?")
	if !mayHoldNumber(path) {
		return
	}
	payload.EditPath(path, func(_ int, _, decoded string) (string, bool) {
		for part := range partsOf(decoded) {
			eachNumber(part, f)
		}
		return "", false
	})
}

// mayHoldNumber is a quick test: a number has seven digits, which may be escaped.
func mayHoldNumber(path string) bool {
	digits := 0
	for i := range len(path) {
		switch c := path[i]; {
		case c == '%':
			return true
		case c >= '0' && c <= '9':
			digits++
		}
	}
	return digits >= 7
}

// location is where a record was sent to.
type location struct {
	host, path, query string // as recorded
	newPath           string
	record            *capture.Record
	inQuery           bool // the query is being rewritten for a link that has it
}

// locate replaces the path of a record, and remembers where it was sent to.
func (a *Anonymizer) locate(r *capture.Record) {
	path, query, hasQuery := strings.Cut(r.URL, "?")
	own := &a.cur.own
	*own = location{host: hostOf(r.Host), path: path, query: query, record: r}
	if _, authority, tail, ok := cutAbsolute(path); ok {
		own.host, own.path = hostOf(authority), "/"+strings.TrimPrefix(tail, "/")
	}
	changed := a.pathOf(path)
	own.newPath = changed
	if own.path != path {
		_, own.newPath, _ = strings.Cut(changed, "://")
		_, own.newPath, _ = strings.Cut(own.newPath, "/")
		own.newPath = "/" + own.newPath
	}
	if changed == path {
		return
	}
	if r.URL = changed; hasQuery {
		r.URL += "?" + query
	}
}

// ownURL returns what a URL becomes that is the record's own, or of the same host: with or without the port, the query, and the s
// of https.
func (a *Anonymizer) ownURL(old string) (string, bool) {
	scheme, rest, ok := strings.Cut(old, "://")
	if scheme = strings.ToLower(scheme); !ok || scheme != "http" && scheme != "https" {
		return "", false
	}
	rest, _, _ = strings.Cut(rest, "#")
	rest, query, hasQuery := strings.Cut(rest, "?")
	authority, tail, hasPath := strings.Cut(rest, "/")
	if at := strings.LastIndexByte(authority, '@'); at >= 0 {
		authority = authority[at+1:]
	}
	own := &a.cur.own
	path := "/" + tail
	samePath := path == own.path || !hasPath && own.path == ""
	if own.record == nil || hostOf(authority) != own.host && (!samePath || tail == "") {
		return "", false
	}
	made := scheme + "://" + safeHost(authority)
	switch {
	case samePath && hasPath:
		made += own.newPath
	case hasPath:
		made += a.otherPath(path)
	}
	if hasQuery && samePath && query == own.query && !own.inQuery {
		if query := a.ownQuery(); query != "" {
			made += "?" + query
		}
	}
	return made, true
}

// otherPath is pathOf for a path that is not the record's own: it is not counted. A number in it may be nobody's whom a record
// names, and is not made anyone's.
func (a *Anonymizer) otherPath(path string) string {
	numbers := false
	if eachPathNumber(path, func(string) { numbers = true }); numbers {
		return payload.EditPath(path, func(_ int, _, decoded string) (string, bool) {
			value := a.segment(decoded)
			return value, value != decoded
		})
	}
	return a.newPath(path).path
}

// ownQuery returns what the record's query becomes. The report counts it when the query itself is rewritten.
func (a *Anonymizer) ownQuery() string {
	own := &a.cur.own
	d, ok := a.table.Named(a.cur.vendor)
	if !ok {
		return ""
	}
	own.inQuery = true
	report := a.report
	a.report = newReport()
	defer func() { a.report, own.inQuery = report, false }()
	alone := *own.record
	alone.URL, alone.Headers = "?"+own.query, nil
	err := d.Rewrite(&alone, func(f dialect.Field) (string, dialect.Op) {
		if f.Part != payload.InQuery {
			return "", dialect.Leave
		}
		return a.field(f)
	})
	if err != nil {
		return ""
	}
	return strings.TrimPrefix(alone.URL, "?")
}

// hostOf returns the name of a host in lower case, without its port.
func hostOf(authority string) string {
	name := strings.ToLower(authority)
	if colon := strings.LastIndexByte(name, ':'); colon >= 0 && strings.Trim(name[colon+1:], "0123456789") == "" && !strings.HasSuffix(name, "]") {
		name = name[:colon]
	}
	return strings.TrimSuffix(name, ".")
}
