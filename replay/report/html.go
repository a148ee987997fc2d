package report

import (
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"strings"
	"unicode"
)

// pages are the templates: a report, and the dashboard of a run that is going.
//
//go:embed page.html live.html history.html
var pages embed.FS

// charts is uPlot (MIT; assets/uplot/LICENSE), unchanged, and the styles that belong to it.
//
//go:embed assets/uplot/uPlot.iife.min.js
var charts string

//go:embed assets/uplot/uPlot.min.css
var chartStyle string

// script and style are the project's own. Report and dashboard are drawn by the same script.
//
//go:embed assets/view.js
var script string

//go:embed assets/view.css
var style string

// leaf is what every page is made with.
type leaf struct {
	*document
	Policy            string
	Charts, Script    template.JS
	ChartStyle, Style template.CSS
}

func newLeaf(d *document, connect string) leaf {
	return leaf{
		document: d, Policy: Policy(connect),
		Charts: template.JS(charts), Script: template.JS(script), //nolint:gosec // they are this package's own
		ChartStyle: template.CSS(chartStyle), Style: template.CSS(style), //nolint:gosec // likewise
	}
}

// Policy is the content security policy of the pages: the scripts and styles that are embedded, and nothing from
// elsewhere. connect says what scripts may connect to, such as "'self'"; empty for nothing.
func Policy(connect string) string {
	p := fmt.Sprintf("default-src 'none'; script-src %s %s; style-src %s %s; img-src data:; base-uri 'none'; form-action 'none'",
		source(charts), source(script), source(chartStyle), source(style))
	if connect != "" {
		p += "; connect-src " + connect
	}
	return p
}

// source names a text in a content security policy by its hash (CSP Level 3, section 2.3.1).
func source(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// writeHTML writes a document as one file that needs nothing else.
func writeHTML(w io.Writer, d *document) error { return writePage(w, "page.html", newLeaf(d, "")) }

// WriteLive writes the dashboard's page. It draws what the stream of events at ./events tells, see package live, and posts
// the user's orders with token. watched are the names of the figures of the platform's own.
func WriteLive(w io.Writer, title, token string, watched ...string) error {
	d := &document{Title: title}
	for _, p := range []plot{
		{Key: "rate", Title: "Planned and achieved rate", Unit: "requests/s"},
		{Key: "latency", Title: "Latency", Unit: "ms"},
		{Key: "kinds", Title: "p95 latency by kind", Unit: "ms"},
		{Key: "heat", Title: "Latency heat map", Unit: "ms"},
		{Key: "lag", Title: "Lag of the tool", Unit: "ms"},
		{Key: "status", Title: "Answers", Unit: "requests/s"},
	} {
		d.Parts = append(d.Parts, part{Title: p.Title, Plot: &p})
	}
	for i, name := range watched {
		d.Parts = append(d.Parts, part{Title: watchedTitle(name), Plot: &plot{Key: watchedKey(i), Title: watchedTitle(name)}})
	}
	return writePage(w, "live.html", struct {
		leaf
		Token string
	}{newLeaf(d, "'self'"), token})
}

func writePage(w io.Writer, name string, data any) error {
	t, err := template.New(name).Funcs(template.FuncMap{
		"draw":  func(p *plot) drawing { return p.draw() },
		"words": func(t *table, i int) bool { return i < t.Left },
	}).ParseFS(pages, name)
	if err != nil {
		return err
	}
	var b strings.Builder
	if err := t.Execute(&b, data); err != nil {
		return err
	}
	_, err = io.WriteString(w, readable(b.String()))
	return err
}

// readable has a dot in place of each control character and each that turns the direction of what follows. A file can hold any name.
func readable(page string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' && r != '\r' || unicode.Is(unicode.Bidi_Control, r) {
			return '·'
		}
		return r
	}, page)
}
