package report

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"unicode"
)

// maxMarkdown keeps a report below the 65,536 characters of a pull-request comment (GitHub's limit).
const maxMarkdown = 60_000

// writeMarkdown writes a document as GitHub Flavored Markdown: the verdict first, details folded. Where it would be too
// long for a comment, the parts that do not fit are named instead.
func writeMarkdown(w io.Writer, d *document) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "## %s: %s\n\n", escapeMarkdown(d.Verdict), escapeMarkdown(d.Title))
	for _, l := range d.Lead {
		fmt.Fprintf(&b, "- %s\n", escapeMarkdown(l))
	}
	var left []string
	for _, p := range d.Parts {
		if p.Plot != nil {
			continue
		}
		p.cut()
		text := p.markdown()
		if b.Len()+len(text) > maxMarkdown {
			left = append(left, p.Title)
			continue
		}
		b.WriteString(text)
	}
	if len(left) > 0 {
		fmt.Fprintf(&b, "\nLeft out, too long for a comment: %s.\n", escapeMarkdown(strings.Join(left, ", ")))
	}
	_, err := w.Write(b.Bytes())
	return err
}

func (p part) markdown() string {
	var b strings.Builder
	if p.Detail {
		fmt.Fprintf(&b, "\n<details><summary>%s</summary>\n\n", escapeMarkdown(p.Title))
	} else {
		fmt.Fprintf(&b, "\n### %s\n\n", escapeMarkdown(p.Title))
	}
	for _, n := range p.Notes {
		b.WriteString(escapeMarkdown(n) + "\n\n")
	}
	if t := p.Table; t != nil {
		row := func(c []string) {
			for _, cell := range c {
				b.WriteString("| " + escapeMarkdown(cell) + " ")
			}
			b.WriteString("|\n")
		}
		row(t.Head)
		for i := range t.Head {
			if i < t.Left {
				b.WriteString("|---")
			} else {
				b.WriteString("|--:")
			}
		}
		b.WriteString("|\n")
		for _, r := range t.Rows {
			row(r)
		}
	}
	for _, n := range p.After {
		b.WriteString("\n" + escapeMarkdown(n) + "\n")
	}
	if p.Command != "" {
		b.WriteString("\n```sh\n" + strings.ReplaceAll(printable(p.Command), "```", "'''") + "\n```\n")
	}
	if p.Detail {
		b.WriteString("\n</details>\n")
	}
	return b.String()
}

// escapeMarkdown makes text mean nothing but itself, also inside a table.
func escapeMarkdown(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case !unicode.IsPrint(r):
			b.WriteByte(' ')
			continue
		case strings.ContainsRune("\\`*_[]<>|~", r):
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}
