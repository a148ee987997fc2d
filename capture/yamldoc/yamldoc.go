// Package yamldoc reads files of settings in YAML. It is strict: a field that does not exist or that is there twice is an error.
// It is bounded: any file is read in about a second. Its errors are sentences for the file's author, which say the line and the
// field and never what stands there. The functions may be called from any goroutine; a Document and its Nodes are only read.
package yamldoc

import (
	"bytes"
	"errors"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v3"
)

// The bounds of a file of settings. Decoding compares each pair of fields of a mapping, so that their number is bounded too.
const (
	maxBytes  = 1 << 20
	maxFields = 5000
	maxDepth  = 100
)

// SizeError says that a file is larger than one of settings may be.
type SizeError struct{ Name string }

// Error implements error.
func (e *SizeError) Error() string {
	return e.Name + " is larger than 1 MiB, which no file of settings is"
}

// ReadFile reads a file of settings whole. A file of more than 1 MiB is a *SizeError.
func ReadFile(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxBytes+1))
	if err == nil && len(text) > maxBytes {
		err = &SizeError{Name: name}
	}
	return text, err
}

// ContentError says what is wrong with what stands in a file of settings, which can be read.
type ContentError struct {
	// Name is the file's.
	Name string
	// Err names the line and the field, and never the value.
	Err error
}

// Error implements error.
func (e *ContentError) Error() string { return e.Name + ": " + e.Err.Error() }

// Unwrap returns the cause.
func (e *ContentError) Unwrap() error { return e.Err }

// Load reads a file of settings into a value, as ReadFile and Decode do. What is wrong with its content is a *ContentError.
func Load(name string, into any) (Document, error) {
	text, err := ReadFile(name)
	if err != nil {
		return Document{}, err
	}
	d, err := Decode(text, into)
	if err != nil {
		err = &ContentError{name, err}
	}
	return d, err
}

// Document is the one document of a text. The zero value is an empty one.
type Document struct {
	text []byte
	root *yaml.Node // of kind 0 where the text has no document
}

// Parse reads the document of a text. It is an error if that is nested more than 100 levels deep, has a mapping of more than 5000
// fields or one whose key is no text, or if another document follows. What is wrong is a *FieldError; fields are the names that there are at
// the top, by one of which it can say where a text is no YAML.
func Parse(text []byte, fields ...string) (Document, error) {
	d := Document{text: text, root: new(yaml.Node)}
	if err := yaml.Unmarshal(text, d.root); err != nil {
		return d, syntaxError(text, err, fields)
	}
	if err := check(d.root, nil); err != nil {
		return d, err
	}
	return d, d.checkAlone()
}

const nestedTooDeep = "it is nested more than 100 levels deep"

// check refuses a document that would take long to decode or has no end, and keys that no field has. above are the values that one stands in.
func check(v *yaml.Node, above []*yaml.Node) error {
	const named = 3 // the document, its top and a field of it
	above = append(above, v)
	switch {
	case len(above) > maxDepth+1:
		return nodeOf(above[:named]).Errorf(nestedTooDeep)
	case v.Kind == yaml.MappingNode && len(v.Content) > 2*maxFields:
		return nodeOf(above).Errorf("it has %d fields, and no more than %d can be read", len(v.Content)/2, maxFields)
	case v.Kind == yaml.AliasNode && slices.Contains(above, v.Alias):
		return nodeOf(above).Errorf("it stands within what it is an alias of")
	}
	for i, child := range v.Content {
		if v.Kind == yaml.MappingNode && i%2 == 0 && child.Kind != yaml.ScalarNode {
			return Node{nodeOf(above).path, child}.Errorf("a key is a text, and no list, mapping or alias")
		}
		if err := check(child, above); err != nil {
			return err
		}
	}
	return nil
}

// nodeOf is the last of values of which each stands in the one before it.
func nodeOf(chain []*yaml.Node) Node {
	n := Node{"", chain[0]}
	for _, below := range chain[1:] {
		switch i := slices.Index(n.node.Content, below); {
		case n.node.Kind == yaml.MappingNode && i%2 == 1:
			n = n.field(n.node.Content[i-1].Value, below)
		case n.node.Kind == yaml.SequenceNode:
			n = n.item(i, below)
		default:
			n.node = below
		}
	}
	return n
}

// Decode parses the document of a text into a value, by the value's yaml tags, and refuses fields that the value does not
// have. What the text does not mention stays as it was. The document is returned for its lines.
func Decode(text []byte, into any) (Document, error) {
	d, err := Parse(text, topFields(into)...)
	if err != nil {
		return d, err
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(into); err != nil && !errors.Is(err, io.EOF) {
		return d, errors.New(oneLine(explain(into, d.root, err)))
	}
	return d, nil
}

// checkAlone refuses a text in which more documents follow.
func (d Document) checkAlone() error {
	if !bytes.Contains(d.text, []byte("---")) && !bytes.Contains(d.text, []byte("...")) {
		return nil // one of them stands between documents (YAML 1.2, section 9.2)
	}
	decoder := yaml.NewDecoder(bytes.NewReader(d.text))
	_ = decoder.Decode(new(yaml.Node))
	var next yaml.Node
	err := decoder.Decode(&next)
	switch {
	case errors.Is(err, io.EOF):
		return nil
	case err != nil || next.Line == 0:
		next.Line = d.secondBegins()
	}
	return Node{"", &next}.Errorf("it holds more than one document")
}

// secondBegins is the line that ends the first document.
func (d Document) secondBegins() int {
	first := 1
	if root, ok := d.Root(); ok {
		first = root.Line()
	}
	for i, line := range bytes.Split(d.text, []byte("\n")) {
		if i >= first && (bytes.HasPrefix(line, []byte("---")) || bytes.HasPrefix(line, []byte("..."))) {
			return i + 1
		}
	}
	return first
}

// Line returns the line of the field with that path, or of as much of the path as there is; 0 where there is nothing. A step of
// the path is a field's name, or an element's index in a list.
func (d Document) Line(path ...string) (line int) {
	if d.root == nil {
		return 0
	}
	n := d.root
	if n.Kind == yaml.DocumentNode && len(n.Content) > 0 {
		n = n.Content[0]
	}
	for _, step := range path {
		at, child := childOf(n, step)
		if child == nil {
			return line
		}
		line, n = at, child
	}
	return line
}

// childOf returns a field of a mapping or an element of a list, and its line; nil where there is none.
func childOf(n *yaml.Node, step string) (line int, child *yaml.Node) {
	switch n.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			if n.Content[i].Value == step {
				return n.Content[i].Line, n.Content[i+1]
			}
		}
	case yaml.SequenceNode:
		if i, err := strconv.Atoi(step); err == nil && i >= 0 && i < len(n.Content) {
			return n.Content[i].Line, n.Content[i]
		}
	}
	return 0, nil
}

// shown is a key as errors say it. One that may be somebody's number or address is not repeated.
func shown(key string) string {
	if key == "" {
		return "a key that is empty"
	}
	digits := 0
	for _, c := range key {
		if unicode.IsDigit(c) {
			digits++
		}
	}
	if digits >= 7 || strings.Contains(key, "@") {
		return "a key that is not shown"
	}
	return key
}

// oneLine is a text as it is printed within a line.
func oneLine(s string) string {
	return strings.NewReplacer("\n", `\n`, "\t", `\t`, "\r", `\r`).Replace(s)
}

// Encode writes a value as YAML, by the value's yaml tags.
func Encode(v any) ([]byte, error) { return yaml.Marshal(v) }
