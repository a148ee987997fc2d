// Package yamldoc reads files of settings in YAML. It is strict: a field that does not exist or that is there twice is an error.
// It is bounded: any file is read in about a second. Its errors are sentences for the file's author, which say the line and the
// field and never what stands there. The functions may be called from any goroutine; a Document and its Nodes are only read.
package yamldoc

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
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
// fields or one whose key is no text, or if another document follows.
func Parse(text []byte) (Document, error) {
	d := Document{text: text, root: new(yaml.Node)}
	if err := yaml.Unmarshal(text, d.root); err != nil {
		return d, errors.New(oneLine(explain(nil, nil, err)))
	}
	if err := checkSize(d.root, 0); err != nil {
		return d, err
	}
	return d, d.checkAlone()
}

// checkSize refuses a document that would take long to decode, and keys that no field has.
func checkSize(n *yaml.Node, depth int) error {
	switch {
	case depth > maxDepth:
		return fmt.Errorf("line %d: it is nested more than %d levels deep", n.Line, maxDepth)
	case n.Kind == yaml.MappingNode && len(n.Content) > 2*maxFields:
		return fmt.Errorf("line %d: it has %d fields, and no more than %d can be read", n.Line, len(n.Content)/2, maxFields)
	}
	for i, child := range n.Content {
		if n.Kind == yaml.MappingNode && i%2 == 0 && child.Kind != yaml.ScalarNode {
			return fmt.Errorf("line %d: a key is a text, and no list, mapping or alias", child.Line)
		}
		if err := checkSize(child, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// Decode parses the document of a text into a value, by the value's yaml tags, and refuses fields that the value does not
// have. What the text does not mention stays as it was. The document is returned for its lines.
func Decode(text []byte, into any) (Document, error) {
	d, err := Parse(text)
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
		return errors.New("it holds more than one document")
	}
	return fmt.Errorf("line %d: it holds more than one document", next.Line)
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
