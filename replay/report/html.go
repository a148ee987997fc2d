package report

import (
	_ "embed" // the template
	"html/template"
	"io"
)

// page is the template of every HTML report. Its content security policy allows no script and nothing from elsewhere.
//
//go:embed page.html
var page string

// writeHTML writes a document as one file that needs nothing else.
func writeHTML(w io.Writer, d *document) error {
	t, err := template.New("page").Funcs(template.FuncMap{
		"draw":  func(p *plot) drawing { return p.draw() },
		"words": func(t *table, i int) bool { return i < t.Left },
	}).Parse(page)
	if err != nil {
		return err
	}
	return t.Execute(w, d)
}
