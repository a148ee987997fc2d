package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// A page's figures stand between these marks, each a line of its own.
const (
	blockBegins = "<!-- figures: "
	blockEnds   = "<!-- end of figures -->"
)

// fill puts what content says of each block's name between its marks.
func fill(text string, content func(name string) (string, error)) (string, error) {
	var out strings.Builder
	name, n := "", 0
	for line := range strings.Lines(text) {
		n++
		mark := strings.TrimRight(line, "\r\n")
		switch {
		case strings.HasPrefix(mark, blockBegins):
			if name != "" {
				return "", fmt.Errorf("line %d: figures begin within those of %s", n, name)
			}
			var whole bool
			if name, whole = strings.CutSuffix(strings.TrimPrefix(mark, blockBegins), " -->"); !whole || name == "" {
				return "", fmt.Errorf("line %d: a mark that does not end with a name and -->", n)
			}
			block, err := content(name)
			if err != nil {
				return "", fmt.Errorf("line %d: %w", n, err)
			}
			out.WriteString(line + block)
		case mark == blockEnds:
			if name == "" {
				return "", fmt.Errorf("line %d: figures end that did not begin", n)
			}
			name = ""
			out.WriteString(line)
		case name == "":
			out.WriteString(line)
		}
	}
	if name != "" {
		return "", fmt.Errorf("the figures of %s do not end", name)
	}
	return out.String(), nil
}

// pages are the documents that may have figures.
func pages(root string) ([]string, error) {
	docs, err := filepath.Glob(filepath.Join(root, "docs", "*.md"))
	return append([]string{filepath.Join(root, "README.md")}, docs...), err
}

// filled returns a page as it should be, and which blocks it has.
func (all published) filled(page string) (before, after string, blocks []string, err error) {
	text, err := os.ReadFile(page)
	if err != nil {
		return "", "", nil, err
	}
	after, err = fill(string(text), func(name string) (string, error) {
		if name != summaryBlock && !slices.Contains(writers(), name) {
			return "", fmt.Errorf("no measurement is called %q", name)
		}
		blocks = append(blocks, name)
		return all.block(name), nil
	})
	if err != nil {
		err = fmt.Errorf("%s: %w", filepath.Base(page), err)
	}
	return string(text), after, blocks, err
}

// writePages writes the blocks of every page. Nothing is written where a page's marks are wrong.
func (all published) writePages(root string) error {
	list, err := pages(root)
	if err != nil {
		return err
	}
	changed := make(map[string]string)
	for _, page := range list {
		before, after, _, pageErr := all.filled(page)
		err = errors.Join(err, pageErr)
		if before != after {
			changed[page] = after
		}
	}
	if err != nil {
		return err
	}
	for page, text := range changed {
		err = errors.Join(err, os.WriteFile(page, []byte(text), 0o644))
	}
	return err
}
