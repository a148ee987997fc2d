// Package report writes what a run did, and what changed between two, for people and for machines: text, Markdown,
// JSON, JUnit and HTML. Begin with [WriteRun] and [WriteComparison]; the format is one of [Formats].
//
// It computes nothing but the places of points in a plot: every number is taken from package results or compare. What
// people read is made once, as a document of paragraphs, tables and plots, and text, Markdown and HTML are three ways to
// write it. An HTML report is one file that needs no network; its script draws what is in the file, and without scripts it is read as it
// is. All functions may be called at once.
package report

import (
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"reprise/replay/compare"
	"reprise/replay/results"
)

// Format is how a report is written.
type Format string

// The formats. JUnit is for comparisons alone, and CSV for histories.
const (
	Text     Format = "text"
	Markdown Format = "markdown"
	JSON     Format = "json"
	JUnit    Format = "junit"
	HTML     Format = "html"
	CSV      Format = "csv"
)

// Formats lists those that a comparison can be written in.
func Formats() []Format { return []Format{Text, Markdown, JSON, JUnit, HTML} }

// RunFormats lists those that a run can be written in.
func RunFormats() []Format { return []Format{Text, Markdown, JSON, HTML} }

// Suffix is what the names of files in a format end in: ".md".
func (f Format) Suffix() string {
	switch f {
	case Text:
		return ".txt"
	case Markdown:
		return ".md"
	case JUnit:
		return ".xml"
	}
	return "." + string(f)
}

// ParseFormat reads a format as users write it.
func ParseFormat(name string) (Format, error) {
	var names []string
	for _, f := range append(Formats(), CSV) {
		if string(f) == name {
			return f, nil
		}
		names = append(names, string(f))
	}
	return "", fmt.Errorf("no format is called %q: choose one of %s", name, strings.Join(names, ", "))
}

// FormatOf returns the format that a file's name asks for.
func FormatOf(file string) (Format, bool) {
	switch strings.ToLower(filepath.Ext(file)) {
	case ".txt":
		return Text, true
	case ".md", ".markdown":
		return Markdown, true
	case ".json":
		return JSON, true
	case ".xml":
		return JUnit, true
	case ".html", ".htm":
		return HTML, true
	case ".csv":
		return CSV, true
	}
	return "", false
}

// WriteRun writes what one run did, and why requests were slow where that was looked for; why is nil where it was not.
func WriteRun(w io.Writer, f Format, r *results.Run, why *Why) error {
	switch f {
	case Text:
		return writeText(w, runDocument(r, why))
	case Markdown:
		return writeMarkdown(w, runDocument(r, why))
	case JSON:
		return writeJSON(w, runJSON(r, why))
	case HTML:
		return writeHTML(w, runDocument(r, why))
	}
	return fmt.Errorf("report: a run has no %s format", f)
}

// WriteComparison writes what changed between two runs.
func WriteComparison(w io.Writer, f Format, c *compare.Comparison) error {
	switch f {
	case Text:
		return writeText(w, comparisonDocument(c))
	case Markdown:
		return writeComment(w, c)
	case JSON:
		return writeJSON(w, comparedJSON(c))
	case JUnit:
		return writeJUnit(w, c)
	case HTML:
		return writeHTML(w, comparisonDocument(c))
	}
	return fmt.Errorf("report: a comparison has no %s format", f)
}

// WriteVerdict writes the verdict of a comparison as text with the sentences that led to it, and no table.
func WriteVerdict(w io.Writer, c *compare.Comparison) error {
	d := comparisonDocument(c)
	d.Parts, d.More = nil, ""
	return writeText(w, d)
}

func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e.Encode(v)
}
