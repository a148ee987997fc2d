package logs

import (
	"bytes"
	"regexp"
	"strings"
)

// within is the map of a well-known log whose lines another preset wraps, as in "docker+combined".
func within(m, base Map) Map {
	if base.Format == InputText && m.Format == InputText { // one pattern for both
		prefix, _, _ := strings.Cut(base.Pattern, "(?P<message>")
		out := m
		out.Pattern = strings.Replace(prefix, "(?P<time>", "(?:", 1) + strings.TrimPrefix(m.Pattern, "^")
		return out
	}
	out := m.Over(base)
	if m.Format == InputText { // which is that of what is unwrapped
		out.Format = base.Format
		out.Time, out.TimeFormat = "", m.TimeFormat
	}
	return out
}

// PresetWithin says of which well-known logs an input is of which one wraps the lines of the other: "docker+combined" of what a server
// writes that Docker keeps.
func PresetWithin(start []byte) (name string, ok bool) {
	outer, ok := WrapOf(start)
	if !ok {
		return "", false
	}
	m, _ := Preset(outer)
	lines := m.inner(start)
	for _, p := range presets() {
		if !p.m.Wraps() && p.name != PresetCat && p.isOf(lines) {
			return outer + withinMark + p.name, true
		}
	}
	return "", false
}

// withinMark parts the names of two presets of which the first wraps the lines of the second.
const withinMark = "+"

// inner are the first lines that the map unwraps.
func (m Map) inner(start []byte) (lines [][]byte) {
	if m.Format == InputText {
		re := regexp.MustCompile(m.Pattern)
		for _, line := range firstLines(start) {
			if at := re.FindSubmatch(line); at != nil {
				lines = append(lines, at[re.SubexpIndex("message")])
			}
		}
		return lines
	}
	var docs []document
	for _, line := range append(firstLines(start), firstElements(start)...) {
		docs = append(docs, jsonDocument(line))
	}
	for _, place := range m.Unwrap {
		var next []document
		for _, d := range docs {
			switch f := d.get(place); {
			case f == nil:
			case f.kind == jsonArray:
				next = append(next, elements(f.raw)...)
			case f.kind == jsonObject:
				lines = append(lines, f.raw)
			default:
				lines = append(lines, bytes.TrimSpace([]byte(f.text)))
			}
		}
		docs = next
	}
	return lines
}
