package logs

import (
	"cmp"
	"context"
	"errors"
	"io"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
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
func Propose(ctx context.Context, in io.Reader) (*Proposal, error) {
	s, err := sampleRows(ctx, in)
	if err != nil {
		return nil, err
	}
	guesses := s.guesses()
	slices.SortStableFunc(guesses, func(a, b guess) int { return cmp.Compare(b.score, a.score) })
	const tried, enough = 6, 0.6
	var list []*Proposal
	most := int64(0)
	for _, g := range guesses[:min(tried, len(guesses))] {
		m := g.m
		if s.format != InputJSON && s.format != InputCSV { // the first lines tell those
			m.Format = s.format
		}
		trial, err := s.try(ctx, m, g.views)
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
	views int // how many requests there may be
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
		if m.Pattern = textPattern(s.rows); m.Pattern == "" {
			return nil
		}
		re := regexp.MustCompile(m.Pattern)
		for _, row := range s.rows {
			at := re.FindSubmatch(row)
			if at == nil {
				continue
			}
			d := document{{place: "time", name: "time", kind: jsonString, text: string(at[re.SubexpIndex("time")])}}
			views = append(views, view{d, jsonDocument(at[re.SubexpIndex("json")])})
		}
		m.Unwrap = []string{"json"}
	} else {
		for _, d := range s.docs {
			views = append(views, view{d})
		}
	}
	list = spread(nil, m, views, 0)
	for i := range list { // for the lines of which it says something
		list[i].score *= min(1, float64(list[i].views)/float64(len(s.rows)))
	}
	return slices.DeleteFunc(list, func(g guess) bool { return g.score <= 0 })
}

// spread adds the map of some views, and those of what can be unwrapped in them.
func spread(list []guess, m Map, views []view, depth int) []guess {
	if len(views) == 0 {
		return list
	}
	g := guessOf(m, views)
	list = append(list, g)
	if depth == deepestUnwrap {
		return list
	}
	for _, place := range unwrappable(views) {
		var inner []view
		for _, v := range views {
			f := v[len(v)-1].get(place)
			switch {
			case f == nil:
			case f.kind == jsonArray:
				for _, e := range elements(f.raw) {
					inner = append(inner, append(slices.Clone(v), e))
				}
			case f.kind == jsonString:
				if o := objectIn(f.text); o != nil {
					inner = append(inner, append(slices.Clone(v), jsonDocument(o)))
				}
			}
			if len(inner) >= 2*mostRows {
				break
			}
		}
		next := m
		next.Unwrap = append(slices.Clone(m.Unwrap), place)
		list = spread(list, next, inner, depth+1)
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

// textPattern takes apart lines of text with a time at their beginning and JSON at their end; "" where the lines are no such.
func textPattern(rows [][]byte) string {
	for _, pattern := range [...]string{
		`^(?P<time>\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d\S*) .*?(?P<json>\{.*\})\s*$`,
		`^.*?\[?(?P<time>\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[^ \]]*).*?(?P<json>\{.*\})\s*$`,
		`^(?P<time>)[^{]*(?P<json>\{.*\})\s*$`,
	} {
		re := regexp.MustCompile(pattern)
		n := 0
		for _, row := range rows {
			if at := re.FindSubmatch(row); at != nil && objectIn(string(at[re.SubexpIndex("json")])) != nil {
				n++
			}
		}
		if n > 0 && float64(n) >= fewest*float64(len(rows)) {
			return pattern
		}
	}
	return ""
}

// guessOf finds in some views where everything is.
func guessOf(m Map, views []view) guess {
	docs, inner := make([]document, len(views)), make([]document, len(views))
	for i, v := range views {
		docs[i], inner[i] = v.all(), v[len(v)-1]
	}
	c := newCandidates(docs)
	innermost := newCandidates(inner)
	c.outer = map[string]bool{}
	for _, p := range c.places {
		c.outer[p] = !slices.Contains(innermost.places, p)
	}
	body, share := innermost.body(&m) // of what is further out, nothing would have to be unwrapped
	if body == "" {
		return guess{}
	}
	c.only(body) // the others are no requests
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
	m.Where = c.where()
	return guess{m, score - float64(len(m.Unwrap))/2, len(views)}
}

// looks says what a text that may be a body looks like: EncodingRaw, EncodingBase64, or "" for neither.
func looks(text string) string {
	text = strings.TrimSpace(text)
	switch {
	case isForm(text), objectIn(text) != nil:
		return EncodingRaw
	case len(text) >= 16 && len(text)%4 != 1 && !strings.ContainsAny(text, " {}&\"\n"):
		b, ok := decodeBase64([]byte(text))
		if inner := string(b); ok && (isForm(inner) || objectIn(inner) != nil) {
			return EncodingBase64
		}
	}
	return ""
}

// isForm says whether a text is a form's fields: two at least, of names as vendors have them.
func isForm(text string) bool {
	if strings.ContainsAny(text, " \n\"{}") || strings.HasPrefix(text, "/") || strings.Contains(text, "://") && strings.IndexByte(text, '=') > strings.Index(text, "://") {
		return false
	}
	pairs := 0
	for part := range strings.SplitSeq(text, "&") {
		name, value, ok := strings.Cut(part, "=")
		if !ok || name == "" {
			return false
		}
		if _, err := url.QueryUnescape(name); err != nil {
			return false
		}
		if _, err := url.QueryUnescape(value); err != nil {
			return false
		}
		pairs++
	}
	return pairs >= 2
}

func isNumber(text string) bool {
	_, err := strconv.ParseFloat(text, 64)
	return err == nil
}
