package logs

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"regexp"
	"slices"
	"strings"

	"reprise/capture/internal/rows"
)

// The names of the well-known logs that others call by their names.
const (
	PresetNginx = "nginx"
	PresetCat   = "cat"
)

// Presets are the names of the well-known logs, as users give them.
func Presets() (names []string) {
	for _, p := range presets() {
		names = append(names, p.name)
	}
	return names
}

// Preset returns the map of a well-known log, by the name that users give. One that only says how lines are wrapped (Map.Wraps) is no map
// to read by: it is for Map.Over. Two names with a + between them are the second within the first.
func Preset(name string) (Map, bool) {
	if outer, inner, ok := strings.Cut(name, withinMark); ok {
		base, known := Preset(outer)
		m, alsoKnown := Preset(inner)
		if !known || !alsoKnown || !base.Wraps() || m.Wraps() {
			return Map{}, false
		}
		return within(m, base), true
	}
	for _, p := range presets() {
		if p.name == name {
			return p.m, true
		}
	}
	return Map{}, false
}

// Bodies says that lines may have a body.
func (m Map) Bodies() bool {
	return m.Body != "" || m.BodyBase64 != "" || strings.Contains(m.Pattern, "(?P<body>")
}

// Wraps says that the map knows how lines are wrapped, and not where a request is in them.
func (m Map) Wraps() bool {
	return m.URL == "" && m.Request == "" && m.DefaultURL == "" && !strings.Contains(m.Pattern, "(?P<url>") && !strings.Contains(m.Pattern, "(?P<request>")
}

// Over is the map with what it leaves out taken from another: a map of what an application logs, over the preset of what wraps its
// lines. Its places of unwrapping follow those of the other.
func (m Map) Over(base Map) Map {
	out := base
	for i, p := range out.places() {
		if own := *m.places()[i].place; own != "" {
			*p.place = own
		}
	}
	for _, f := range []struct{ own, to *string }{
		{&m.Format, &out.Format},
		{&m.Pattern, &out.Pattern},
		{&m.TimeFormat, &out.TimeFormat},
		{&m.TimeIs, &out.TimeIs},
		{&m.TZ, &out.TZ},
		{&m.BodyEncoding, &out.BodyEncoding},
		{&m.LatencyUnit, &out.LatencyUnit},
		{&m.NoBody, &out.NoBody},
		{&m.DefaultURL, &out.DefaultURL},
	} {
		if *f.own != "" {
			*f.to = *f.own
		}
	}
	switch {
	case m.Request != "":
		out.URL, out.Method = m.URL, m.Method
	case m.URL != "" || m.Method != "":
		out.Request = ""
	}
	if m.Time != "" && m.TimeFormat == "" {
		out.TimeFormat = ""
	}
	if m.Latency != "" && m.LatencyUnit == "" {
		out.LatencyUnit = ""
	}
	if (m.Body != "" || m.BodyBase64 != "") && m.BodyEncoding == "" {
		out.BodyEncoding = ""
	}
	if len(m.Headers.Each) > 0 || m.Headers.At != "" {
		out.Headers = m.Headers
	}
	out.HostsUnknown = out.HostsUnknown || m.HostsUnknown
	out.Unwrap = slices.Concat(base.Unwrap, m.Unwrap)
	out.Where = maps.Clone(base.Where)
	if out.Where == nil {
		out.Where = m.Where
	} else {
		maps.Copy(out.Where, m.Where)
	}
	out.Preset = ""
	return out
}

// based is the map over the preset that it names.
func (m Map) based() (Map, error) {
	if m.Preset == "" {
		return m, nil
	}
	base, ok := Preset(m.Preset)
	if !ok {
		return m, mapError("preset", errors.New("none is called that; there are "+strings.Join(Presets(), ", ")))
	}
	return m.Over(base), nil
}

// WrapOf says which preset wraps the lines of an application in an input: one that is for Map.Over, as Map.Wraps tells.
func WrapOf(start []byte) (name string, ok bool) {
	lines := firstLines(start)
	for _, p := range presets() {
		if p.m.Wraps() && (p.isOf(lines) || p.isOf(firstElements(start))) {
			return p.name, true
		}
	}
	return "", false
}

// firstElements are the first objects of an array, of an object over several lines, or of objects one behind another.
func firstElements(start []byte) (objects [][]byte) {
	text := bytes.TrimLeft(bytes.TrimPrefix(start, []byte("\ufeff")), "[ \t\r\n")
	for len(objects) < mostLooked && len(text) > 0 && text[0] == '{' {
		c := rows.Cutter{}
		n := c.End(text)
		if n == 0 {
			break
		}
		objects = append(objects, text[:n])
		text = bytes.TrimLeft(text[n:], ", \t\r\n")
	}
	return objects
}

// PresetOf says of which well-known log an input is, by its first lines: of one that has what no other log has.
func PresetOf(start []byte) (name string, ok bool) {
	lines := firstLines(start)
	for _, p := range presets() {
		if !p.m.Wraps() && p.isOf(lines) {
			return p.name, true
		}
	}
	return "", false
}

// firstLines are the first whole lines of an input, comments left out; one that is not whole is among them where it is alone and short.
func firstLines(start []byte) (lines [][]byte) {
	rest := bytes.TrimPrefix(start, []byte("\ufeff"))
	for len(rest) > 0 && len(lines) < mostLooked {
		line, behind, whole := bytes.Cut(rest, []byte{'\n'})
		if rest = behind; !whole && (len(lines) > 0 || len(start) > maxSniffed) {
			break
		}
		if line = bytes.TrimSpace(line); len(line) > 0 && line[0] != '#' {
			lines = append(lines, line)
		}
	}
	return lines
}

// isOf says whether the first lines are of such a log: of JSON one of them at least, among those of the program's other lines, and of text half of
// them, since any text may once look like another.
func (p *preset) isOf(lines [][]byte) bool {
	if p.m.Format != InputText {
		return slices.ContainsFunc(lines, p.told)
	}
	re, n := regexp.MustCompile(p.m.Pattern), 0
	likely := p.likely == ""
	for _, line := range lines {
		if re.Match(line) {
			n++
			likely = likely || regexp.MustCompile(p.likely).Match(line)
		}
	}
	return n > 0 && 2*n >= len(lines) && likely
}

// told says whether a line has all that tells such a log.
func (p *preset) told(line []byte) bool {
	t := newTree()
	var slots []int
	for _, place := range p.tells {
		slots = append(slots, t.add(place))
	}
	s := scanner{found: make([]span, t.slots)}
	if len(slots) == 0 || !s.scan(line, t.root) {
		return false
	}
	return !slices.ContainsFunc(slots, func(slot int) bool { return s.found[slot].kind == missing })
}

// maxSniffed is how long a first line may be, in bytes, of which the end is not known.
const maxSniffed = 32 << 10

// catMap reads the lines that reprise cat prints of a corpus.
func catMap() Map {
	return Map{
		Time: "/time", Method: "/method", URL: "/url", Host: "/host", Headers: Headers{At: "/headers"}, Body: "/body", BodyBase64: "/body_base64",
		Status: "/response/status", Latency: "/response/latency_ns", LatencyUnit: "ns", Rebuilt: "/rebuilt", Synthetic: "/synthetic",
		HostsUnknown: true,
	}
}

// Printed says whether an input is what reprise cat prints of a corpus, by the names of its first object, which may stand in several lines
// or in an array.
func Printed(start []byte) bool {
	d := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(start, []byte("\ufeff"))))
	first, err := d.Token()
	if first == json.Delim('[') {
		first, err = d.Token()
	}
	if err != nil || first != json.Delim('{') {
		return false
	}
	offset, kind := false, false
	for d.More() && !(offset && kind) {
		name, err := d.Token()
		if err != nil {
			return false
		}
		offset, kind = offset || name == "offset_ns", kind || name == "kind"
		if d.Decode(new(json.RawMessage)) != nil {
			break // the value that start cuts off
		}
	}
	return offset && kind
}
