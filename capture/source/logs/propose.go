package logs

import (
	"cmp"
	"context"
	"errors"
	"io"
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

// guesses are the maps by each way to take the lines apart and to unwrap them.
func (s *sampled) guesses() (list []guess) {
	if s.format == InputText {
		for _, pattern := range s.textPatterns() {
			list = s.spread(list, Map{Pattern: pattern}, s.matched(pattern), 0)
		}
	} else {
		var views []view
		for _, d := range s.docs {
			views = append(views, view{d})
		}
		list = s.spread(nil, Map{}, views, 0)
	}
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
	if m.Where == nil && c.lack(body) {
		m.NoBody = NoBodySkip
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
