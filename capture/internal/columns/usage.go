package columns

import (
	"bytes"
	"strings"

	"reprise/capture/payload"
)

// Usage is what one column of a block takes of it.
type Usage struct {
	// Name says what the column has: "time", "template", "header x-request-id", "message from", "path", the key of a form's value or of
	// one in JSON as "body To", and what the block's own plan takes as "plan". It is empty for nothing that an Encoder writes. A key that
	// may be data, as it has not the looks of a name, is not in it.
	Name string
	Rows int
	// Stored is its bytes in the file.
	Stored int
}

// Usage lists what the columns of the block under way take, in the order of the file, those of one name together. A header whose name may
// be data, as it has more digits than names have, is shown only where public, which may be nil, says of its name in lower case that it is
// nobody's.
func (d *Decoder) Usage(public func(header string) bool) (list []Usage) {
	at := make(map[string]int)
	add := func(u Usage) {
		i, known := at[u.Name]
		if !known {
			i = len(list)
			at[u.Name] = i
			list = append(list, Usage{Name: u.Name})
		}
		list[i].Rows += u.Rows
		list[i].Stored += u.Stored
	}
	from := 0
	for i, name := range [rowColumns]string{"template", "time", "kind", "origin", "status", "latency"} {
		to := d.rowSections[i]
		add(Usage{name, len(d.templateOf), d.stored(from, to)})
		from = to
	}
	names := d.columnNames(public)
	for i := range d.columns {
		c := &d.columns[i]
		add(Usage{names[i], c.rows, d.stored(c.from, c.to)})
	}
	add(Usage{"plan", len(d.columns), d.stored(d.sections.Len()-1, d.sections.Len())})
	return list
}

// stored is how many bytes some sections take in the file.
func (d *Decoder) stored(from, to int) (n int) {
	for i := from; i < to; i++ {
		n += d.sections.Stored(i)
	}
	return n
}

// columnNames says for each column what it has, by the first template that has it.
func (d *Decoder) columnNames(public func(string) bool) []string {
	names := make([]string, len(d.columns))
	for i := range d.templates {
		t := &d.templates[i]
		for k, p := range t.parts {
			for j := range p {
				if c := p[j].column; c >= 0 && names[c] == "" {
					names[c] = t.nameOf(k, p, j, public)
				}
			}
		}
	}
	return names
}

// nameOf says what the j-th piece of a part has.
func (t *shape) nameOf(k int, p part, j int, public func(string) bool) string {
	n := len(t.names)
	switch {
	case k == partBody:
		return strings.TrimSuffix("body "+keyBefore(p, j), " ")
	case k == partURL && j == 0:
		return "path"
	case k == partURL:
		return "query " + keyBefore(p, j)
	case k < partHeaders+n:
		name := []byte(strings.ToLower(t.names[k-partHeaders]))
		if !payload.NameLike(name) && (public == nil || !public(string(name))) {
			return "header of a name that is not shown"
		}
		return "header " + string(name)
	}
	return "message " + [partMessage]string{"id", "from", "to", "text"}[k-partHeaders-n]
}

// hiddenKey stands for a key that may be data: somebody's number, or a text.
const hiddenKey = "of a key that is not shown"

// keyBefore is the key of a form's value, or of one in JSON, that stands in the text before it. An item of an array has the key of the
// array, and its text says no more than that. What a text says is what somebody wrote into the file: a key that may be data is a value of
// its own where an Encoder wrote it, and is looked for all the same.
func keyBefore(p part, j int) string {
	for i := j - 1; i >= 0; i-- {
		text := p[i].text
		if p[i].column >= 0 {
			continue
		}
		if key, ok := bytes.CutSuffix(text, []byte("=")); ok {
			key = key[bytes.LastIndexAny(key, "&?")+1:]
			return shownKey(payload.AppendDecodedForm(nil, key))
		}
		if end := bytes.LastIndex(text, []byte(`":`)); end >= 0 {
			start := bytes.LastIndexByte(text[:end], '"')
			key, inner := bytes.CutSuffix(text[start+1:end], []byte(`\`)) // JSON in a string
			if inner != (start > 0 && text[start-1] == '\\') {            // the quote is one of the key's own
				return hiddenKey
			}
			return shownKey(key)
		}
	}
	return ""
}

// shownKey is a key, where it looks like a name.
func shownKey(key []byte) string {
	if !payload.NameLike(key) {
		return hiddenKey
	}
	return string(key)
}
