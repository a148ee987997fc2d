package report

import (
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// writeText writes a document for a terminal: no colours, columns aligned, details and plots left out. What a file says of
// itself cannot steer the terminal.
func writeText(w io.Writer, d *document) error {
	b := new(strings.Builder)
	b.WriteString(printable(strings.ToUpper(d.Verdict)+"  "+d.Title) + "\n")
	for _, l := range d.Lead {
		b.WriteString(printable(l) + "\n")
	}
	if d.More != "" {
		b.WriteString(printable(d.More) + "\n")
	}
	for _, p := range d.Parts {
		if p.Plot != nil || p.Detail || p.Brief {
			continue
		}
		p.write(b)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// write writes a part below what is there.
func (p *part) write(b *strings.Builder) {
	b.WriteString("\n" + printable(p.Title) + "\n")
	for _, n := range p.Notes {
		b.WriteString("  " + printable(n) + "\n")
	}
	if p.Forest != nil {
		p.Forest.write(b)
	}
	if p.Table != nil {
		p.Table.write(b)
	}
	for _, n := range p.After {
		b.WriteString("  " + printable(n) + "\n")
	}
	if p.Command != "" {
		b.WriteString("    " + printable(p.Command) + "\n")
	}
}

// printable has a dot in place of each character that does something else than to stand there, line breaks too.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '·'
		}
		return r
	}, s)
}

// write aligns words to the left and numbers to the right.
func (t *table) write(b *strings.Builder) {
	widths := make([]int, len(t.Head))
	for _, row := range append([][]string{t.Head}, t.Rows...) {
		for i, c := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(c))
		}
	}
	for _, row := range append([][]string{t.Head}, t.Rows...) {
		var line strings.Builder
		for i, c := range row {
			pad := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(c))
			if i < t.Left {
				line.WriteString("  " + c + pad)
			} else {
				line.WriteString("  " + pad + c)
			}
		}
		b.WriteString(strings.TrimRight(printable(line.String()), " ") + "\n")
	}
}
