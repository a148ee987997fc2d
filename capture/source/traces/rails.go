package traces

import (
	"net/url"
	"regexp"
	"strings"
	"time"

	"reprise/capture"
)

const (
	// mostOpen is how many requests are open at a time: more than a process has threads, of as many processes as write to one log.
	mostOpen = 4096
	// staleAfter is for how long, by the log's own time, a request is waited for that never said that it ended.
	staleAfter = 5 * time.Minute
)

// rails reads "Started", "Parameters" and "Completed". Lines of one request have what stands before these words in common: the tags that
// config.log_tags gives, and the process.
type rails struct {
	started, completed, stamp, tag *regexp.Regexp

	open  map[string][]*railsRequest
	order []*railsRequest // all of open, the oldest first, and some that are done
	count int
}

type railsRequest struct {
	request
	key        string
	parameters bool // they have come
	done       bool
}

func newRails() *rails {
	return &rails{
		started:   regexp.MustCompile(`Started ([A-Z]+) "((?:[^"\\]|\\.)*)" for \S+ at (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d{4})`),
		completed: regexp.MustCompile(`Completed (\d{3}) .*?in (\d+(?:\.\d+)?)ms`),
		stamp:     regexp.MustCompile(`\[\d{4}-\d\d-\d\dT\d\d:\d\d:(\d\d\.\d{1,9}) #(\d+)\]`),
		tag:       regexp.MustCompile(`\[[^\[\]]+\]`),
		open:      make(map[string][]*railsRequest),
	}
}

// key is what the lines of one request have in common before their words.
func (c *rails) key(prefix string) string {
	process := ""
	if m := c.stamp.FindStringSubmatch(prefix); m != nil {
		process = m[2]
		prefix = strings.Replace(prefix, m[0], "", 1)
	}
	return process + strings.Join(c.tag.FindAllString(prefix, -1), "")
}

func (c *rails) row(r *row, done func(*request)) {
	text := r.text
	if i := strings.Index(text, "Parameters: {"); i >= 0 {
		c.parameters(r.number, c.key(text[:i]), text[i+len("Parameters: "):], done)
		return
	}
	if i := strings.Index(text, "Completed "); i >= 0 {
		if m := c.completed.FindStringSubmatch(text[i:]); m != nil {
			c.complete(c.key(text[:i]), m[1], m[2], done)
		}
		return
	}
	if i := strings.Index(text, `Started `); i >= 0 {
		if m := c.started.FindStringSubmatch(text[i:]); m != nil {
			c.start(r, text[:i], m, done)
		}
	}
}

func (c *rails) start(r *row, prefix string, m []string, done func(*request)) {
	q := &railsRequest{key: c.key(prefix)}
	q.line = r.number
	if at, err := time.Parse("2006-01-02 15:04:05 -0700", m[3]); err == nil {
		q.at = c.precise(at, prefix, r.at)
	}
	q.record.Method = m[1]
	q.record.URL = strings.NewReplacer(`\"`, `"`, `\\`, `\`).Replace(m[2])
	c.open[q.key] = append(c.open[q.key], q)
	c.order = append(c.order, q)
	c.count++
	c.expire(q.at, done)
}

// precise adds to a time, which is to the second, the fraction that the logger or the collector of the line tells of the same second.
func (c *rails) precise(at time.Time, prefix string, seen time.Time) time.Time {
	if m := c.stamp.FindStringSubmatch(prefix); m != nil {
		if f, err := time.ParseDuration(m[1] + "s"); err == nil && f.Truncate(time.Second) == time.Duration(at.Second())*time.Second {
			return at.Add(f % time.Second)
		}
	}
	if seen.Truncate(time.Second).Equal(at) {
		return seen
	}
	return at
}

// waiting are the requests of a key that can be meant by a line of parameters.
func (c *rails) waiting(key string) (with []*railsRequest) {
	for _, q := range c.open[key] {
		if !q.parameters {
			with = append(with, q)
		}
	}
	if len(with) < 2 {
		return with
	}
	var posts []*railsRequest // a GET mostly has none
	for _, q := range with {
		if q.record.Method != "GET" && q.record.Method != "HEAD" {
			posts = append(posts, q)
		}
	}
	if len(posts) == 1 {
		return posts
	}
	return with
}

func (c *rails) parameters(line int64, key, literal string, done func(*request)) {
	with := c.waiting(key)
	if len(with) == 0 {
		done(&request{line: line, bad: reasonBegin})
		return
	}
	for _, q := range with {
		q.parameters = true
		if len(with) > 1 {
			q.bad = reasonMixed
		}
	}
	if len(with) > 1 {
		return
	}
	hash, ok := parseRuby(strings.TrimSpace(literal))
	if !ok {
		with[0].bad, with[0].field = reasonParameters, "Parameters"
		return
	}
	with[0].fill(&hash)
}

// fill makes the body of the parameters: JSON where they cannot have stood in a form, else a form.
func (q *railsRequest) fill(hash *value) {
	rec := &q.record
	wrapped := withoutOthers(hash, rec.URL)
	if hash.holds("[FILTERED]") {
		q.note(reasonFiltered)
	}
	if len(hash.members) == 0 || rec.Method == "GET" || rec.Method == "HEAD" {
		return
	}
	rec.Origin = capture.Rebuilt
	if list := hash.member("_json"); list != nil && len(hash.members) == 1 { // as Rails calls what is no object
		hash, wrapped = list, true
	}
	kind := "application/x-www-form-urlencoded"
	if wrapped || !hash.stringsAlone() {
		kind = "application/json"
		rec.Body = hash.appendJSON(nil)
	} else {
		rec.Body = hash.appendForm(nil, "")
	}
	rec.Headers = []capture.Header{{Name: "Content-Type", Value: kind}}
}

// withoutOthers takes from the end of a request's parameters what was not in its body: those of the query, those that are parts of the
// path, and the copy of all others that Rails makes of JSON under the name of the controller, of which wrapped tells.
func withoutOthers(hash *value, target string) (wrapped bool) {
	u, err := url.ParseRequestURI(target)
	if err != nil {
		return false
	}
	query := u.Query()
	for len(hash.members) > 0 {
		last := &hash.members[len(hash.members)-1]
		text := last.value.text
		if last.value.kind != stringValue || !inQuery(query, last.key, text) && !inPath(u.Path, last.key, text) {
			break
		}
		hash.members = hash.members[:len(hash.members)-1]
	}
	if n := len(hash.members); n > 1 && copies(&hash.members[n-1].value, hash.members[:n-1]) {
		hash.members = hash.members[:n-1]
		return true
	}
	return false
}

func inQuery(query url.Values, key, text string) bool {
	for _, v := range query[key] {
		if v == text {
			return true
		}
	}
	return false
}

// inPath says whether a parameter is one that a route takes from the path: its name is in lower case, as such names are.
func inPath(path, key, text string) bool {
	if text == "" || key != strings.ToLower(key) {
		return false
	}
	for part := range strings.SplitSeq(path, "/") {
		if part == text {
			return true
		}
	}
	return false
}

// copies says whether a value is a hash of some of the members.
func copies(v *value, members []member) bool {
	if v.kind != hashValue {
		return false
	}
	all := value{members: members}
	for i := range v.members {
		if of := all.member(v.members[i].key); of == nil || !of.equal(&v.members[i].value) {
			return false
		}
	}
	return len(v.members) > 0
}

func (c *rails) complete(key, status, ms string, done func(*request)) {
	all := c.open[key]
	if len(all) == 0 {
		return
	}
	q := all[0]
	if len(all) == 1 {
		q.record.Response.Status = statusOf(status)
		if latency, err := time.ParseDuration(ms + "ms"); err == nil {
			q.record.Response.Latency = latency
		}
	}
	c.finish(q, done)
}

// finish hands over a request that nothing more is told of.
func (c *rails) finish(q *railsRequest, done func(*request)) {
	all := c.open[q.key]
	for i := range all {
		if all[i] == q {
			all = append(all[:i], all[i+1:]...)
			break
		}
	}
	if c.open[q.key] = all; len(all) == 0 {
		delete(c.open, q.key)
	}
	q.done = true
	c.count--
	if q.bad == "" && !q.parameters && q.record.Method != "GET" && q.record.Method != "HEAD" {
		q.bad = reasonNoBody
	}
	done(&q.request)
}

// expire hands over what has been open for too long, or is too much.
func (c *rails) expire(now time.Time, done func(*request)) {
	for len(c.order) > 0 {
		q := c.order[0]
		if !q.done {
			if c.count <= mostOpen && now.Sub(q.at) < staleAfter {
				return
			}
			c.finish(q, done)
		}
		c.order[0] = nil
		c.order = c.order[1:]
	}
}

func (c *rails) end(done func(*request)) {
	for _, q := range c.order {
		if !q.done {
			c.finish(q, done)
		}
	}
	c.order = nil
}
