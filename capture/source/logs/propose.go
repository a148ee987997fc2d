package logs

import (
	"cmp"
	"context"
	"errors"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"reprise/capture/dialect"
)

// ErrNoProposal says that nothing in the first lines of a log looks like a request.
var ErrNoProposal = errors.New("nothing in its first lines looks like a request: no field, also of JSON within strings, holds a body with a time")

// Proposal is a map for a log that nobody described.
type Proposal struct {
	Map Map
	// Trial is what the map found in the same lines.
	Trial Trial
}

// Propose reads the first lines of a log and works out where in them things are: by the names of fields and by what all their values look
// like. What it cannot find it leaves out. An error is ErrNoProposal, or that of reading.
//
// Payloads that vendors know are what is looked for, wherever they stand; only where none are, a body is what looks like one.
func Propose(ctx context.Context, in io.Reader, vendors dialect.Table) (*Proposal, error) {
	s, err := sampleRows(ctx, in)
	if err != nil {
		return nil, err
	}
	s.payloads = payloads{vendors}
	guesses := s.guesses()
	slices.SortStableFunc(guesses, func(a, b guess) int { return cmp.Compare(b.score, a.score) })
	if slices.ContainsFunc(guesses, func(g guess) bool { return g.known }) {
		guesses = slices.DeleteFunc(guesses, func(g guess) bool { return !g.known })
	}
	const tried, enough = 6, 0.6
	var list []*Proposal
	most := int64(0)
	for _, g := range guesses[:min(tried, len(guesses))] {
		m := g.m
		if s.format != InputJSON && s.format != InputCSV { // the first lines tell those
			m.Format = s.format
		}
		trial, err := s.try(ctx, m)
		if err != nil {
			return nil, err
		}
		list, most = append(list, &Proposal{m, *trial}), max(most, trial.Account.Kept)
	}
	for _, p := range list {
		if kept := p.Trial.Account.Kept; kept > 0 && float64(kept) >= enough*float64(most) {
			return p, nil
		}
	}
	return nil, ErrNoProposal
}

// guess is a map and how much speaks for it; 0 where it cannot be used.
type guess struct {
	m     Map
	score float64
	known bool // its bodies are payloads that vendors know
	views int  // how many requests there may be
}

// view is where a request may be: the documents from the line to the innermost.
type view []document

// all is what places point at in a view: what the innermost lacks, those around it give.
func (v view) all() document {
	var d document
	for i := len(v) - 1; i >= 0; i-- {
		for _, f := range v[i] {
			if d.get(f.place) == nil {
				d = append(d, f)
			}
		}
	}
	return d
}

const (
	// deepestUnwrap is how many places of unwrapping a proposal tries, and fewest the share of lines that must have what is unwrapped.
	deepestUnwrap = 3
	fewest        = 0.2
)

// guesses are the maps by each way to unwrap the lines.
func (s *sampled) guesses() (list []guess) {
	var views []view
	m := Map{}
	if s.format == InputText {
		if m.Pattern = s.textPattern(); m.Pattern == "" {
			return nil
		}
		re := regexp.MustCompile(m.Pattern)
		for _, row := range s.rows {
			at := re.FindSubmatch(row)
			if at == nil {
				continue
			}
			var d document
			for i, name := range re.SubexpNames() {
				if name != "" {
					d = append(d, found{place: name, name: name, kind: jsonString, text: string(at[i])})
				}
			}
			views = append(views, view{d})
		}
	} else {
		for _, d := range s.docs {
			views = append(views, view{d})
		}
	}
	list = s.spread(nil, m, views, 0)
	for i := range list { // for the lines of which it says something
		list[i].score *= min(1, float64(list[i].views)/float64(len(s.rows)))
	}
	return slices.DeleteFunc(list, func(g guess) bool { return g.score <= 0 })
}

// spread adds the map of some views, and those of what can be unwrapped in them.
func (s *sampled) spread(list []guess, m Map, views []view, depth int) []guess {
	if len(views) == 0 {
		return list
	}
	g := s.guessOf(m, views)
	list = append(list, g)
	if depth == deepestUnwrap {
		return list
	}
	for _, place := range unwrappable(views) {
		var inner []view
		for _, v := range views {
			inner = append(inner, v.within(place)...)
			if len(inner) >= mostRows {
				inner = inner[:mostRows]
				break
			}
		}
		next := m
		next.Unwrap = append(slices.Clone(m.Unwrap), place)
		list = s.spread(list, next, inner, depth+1)
	}
	return list
}

// within are the views of what is unwrapped at a place: the object in a string, or those in an array.
func (v view) within(place string) (list []view) {
	f := v[len(v)-1].get(place)
	switch {
	case f == nil:
	case f.kind == jsonArray:
		for _, e := range elements(f.raw) {
			list = append(list, append(slices.Clone(v), e))
		}
	case f.kind == jsonString:
		if o := objectIn(f.text); o != nil {
			list = append(list, append(slices.Clone(v), jsonDocument(o)))
		}
	}
	return list
}

// unwrappable are the places in the innermost documents that hold objects as JSON in strings, or in arrays.
func unwrappable(views []view) (places []string) {
	const mostPlaces = 8
	counts := map[string]int{}
	var order []string
	for _, v := range views {
		for _, f := range v[len(v)-1] {
			if f.kind == jsonString && objectIn(f.text) != nil || f.kind == jsonArray && len(elements(f.raw)) > 0 && f.name != "headers" {
				if counts[f.place]++; counts[f.place] == 1 {
					order = append(order, f.place)
				}
			}
		}
	}
	for _, place := range order {
		if float64(counts[place]) >= fewest*float64(len(views)) && len(places) < mostPlaces {
			places = append(places, place)
		}
	}
	return places
}

// textPattern takes apart lines of text with a time at their beginning and JSON at their end, and a method and a path between them where each
// payload has these before it; "" where the lines are no such.
func (s *sampled) textPattern() string {
	const request = ` [^{]*?\b(?P<method>POST|GET|PUT) (?P<url>/[^\s{"]*)[^{]*`
	for _, pattern := range [...]struct{ time, between string }{
		{`^(?P<time>\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d\S*)`, ` .*?`},
		{`^.*?\[?(?P<time>\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[^ \]]*)`, `.*?`},
		{`^(?P<time>)`, `[^{]*`},
	} {
		const end = `(?P<json>\{.*\})\s*$`
		objects, bodies := s.match(pattern.time + pattern.between + end)
		if objects == 0 || float64(objects) < fewest*float64(len(s.rows)) {
			continue
		}
		if _, n := s.match(pattern.time + request + end); n > 0 && n == bodies {
			return pattern.time + request + end
		}
		return pattern.time + pattern.between + end
	}
	return ""
}

// match says in how many lines a pattern finds JSON, and in how many of these a payload.
func (s *sampled) match(pattern string) (objects, bodies int) {
	re := regexp.MustCompile(pattern)
	for _, row := range s.rows {
		at := re.FindSubmatch(row)
		if at == nil {
			continue
		}
		text := string(at[re.SubexpIndex("json")])
		if objectIn(text) == nil {
			continue
		}
		objects++
		if as, _ := s.payloads.ofText(text); as != "" {
			bodies++
		}
	}
	return objects, bodies
}

// guessOf finds in some views where everything is.
func (s *sampled) guessOf(m Map, views []view) guess {
	docs, inner := make([]document, len(views)), make([]document, len(views))
	for i, v := range views {
		docs[i], inner[i] = v.all(), v[len(v)-1]
	}
	c := newCandidates(docs, s.payloads)
	innermost := newCandidates(inner, s.payloads)
	c.outer = map[string]bool{}
	for _, p := range c.places {
		c.outer[p] = !slices.Contains(innermost.places, p)
	}
	body, share, known := innermost.body() // of what is further out, nothing would have to be unwrapped
	if body == "" {
		return guess{}
	}
	c.only(body, known) // the others are no requests
	m.Body, m.Where = body, c.where(body)
	if m.Where == nil && known { // nothing leaves the others out
		c.docs = c.all
		c.only(body, false)
		m.Where = c.where(body)
	}
	m.BodyEncoding = c.encoding(body)
	c.places = slices.DeleteFunc(c.places, func(p string) bool { return p == body || strings.HasPrefix(p, body+"/") })
	if m.Time = c.best(timeRole()); m.Time == "" {
		return guess{}
	}
	score := 3*share + 2
	switch request, path := c.best(requestRole()), c.best(urlRole()); {
	case request != "":
		m.Request = request
		score += 3
	case path != "":
		m.URL = path
		score += 3
		if m.Method = c.best(methodRole()); m.Method != "" {
			score++
		}
		m.Query = c.query(path)
	default:
		m.DefaultURL = "/webhook"
		m.Method = ""
	}
	if m.Status = c.best(statusRole()); m.Status != "" {
		score++
	}
	c.latency(&m)
	if c.headers(&m); m.Headers.At != "" || len(m.Headers.Each) > 0 {
		score++
	}
	if m.URL != "" {
		m.Host = c.host(m.URL)
	}
	return guess{m, score - float64(len(m.Unwrap))/2, known, len(views)}
}

func isNumber(text string) bool {
	_, err := strconv.ParseFloat(text, 64)
	return err == nil
}
