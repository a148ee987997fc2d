package yamldoc

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Node is a value of a document, for files whose fields depend on one another. An alias is what it stands for.
type Node struct {
	path string
	node *yaml.Node
}

// Root returns the document's value; false where it is empty.
func (d Document) Root() (Node, bool) {
	if d.root == nil || len(d.root.Content) == 0 {
		return Node{}, false
	}
	return Node{"", d.root.Content[0]}, true
}

// Text returns what stands in the file; false, and "", for a list or a mapping.
func (n Node) Text() (text string, ok bool) {
	if v := n.resolved(); v.Kind == yaml.ScalarNode {
		return v.Value, true
	}
	return "", false
}

// Is says whether the value is that text.
func (n Node) Is(text string) bool {
	v, ok := n.Text()
	return ok && v == text
}

func (n Node) resolved() *yaml.Node {
	if n.node.Kind == yaml.AliasNode {
		return n.node.Alias
	}
	return n.node
}

// Each calls f for every field of a mapping, in the file's order, and stops at the first error. What is no mapping is an error, as
// is a field that is there twice.
func (n Node) Each(f func(key string, v Node) error) error {
	m := n.resolved()
	if m.Kind != yaml.MappingNode {
		return n.Errorf("it is no mapping")
	}
	seen := make([]string, 0, len(m.Content)/2)
	for i := 0; i+1 < len(m.Content); i += 2 {
		key := m.Content[i].Value
		field := n.field(key, m.Content[i+1])
		if slices.Contains(seen, key) {
			return Node{field.path, m.Content[i]}.Errorf("it stands there twice")
		}
		seen = append(seen, key)
		if err := f(key, field); err != nil {
			return err
		}
	}
	return nil
}

// field is the value of a field.
func (n Node) field(key string, v *yaml.Node) Node {
	return Node{strings.TrimPrefix(n.path+"."+shown(key), "."), v}
}

// item is a value of a list.
func (n Node) item(i int, v *yaml.Node) Node {
	return Node{strings.TrimPrefix(fmt.Sprintf("%s.%d", n.path, i), "."), v}
}

// OrText is the value's text, "" where it is a list or a mapping.
func (n Node) OrText() string {
	text, _ := n.Text()
	return text
}

// Line is the line in which the value begins, from 1.
func (n Node) Line() int { return n.node.Line }

// Items calls f for every value of a list, in order and counted from 0, and stops at the first error. What is no list is an error, as is
// one of more than a thousand values.
func (n Node) Items(f func(i int, v Node) error) error {
	list := n.resolved()
	switch {
	case list.Kind != yaml.SequenceNode:
		return n.Errorf("it is no list")
	case len(list.Content) > maxTexts:
		return n.Errorf("a list has at most %d values here", maxTexts)
	}
	for i, item := range list.Content {
		if err := f(i, n.item(i, item)); err != nil {
			return err
		}
	}
	return nil
}

// Errorf returns a *FieldError about the value.
func (n Node) Errorf(format string, args ...any) error {
	path := n.path
	if path == "" {
		path = theFile
	}
	return &FieldError{Line: n.node.Line, Field: oneLine(path), Reason: fmt.Sprintf(format, args...)}
}

// theFile is what stands in an error for a field where it is about none.
const theFile = "the file"

// FieldError says what is wrong with a field, and in which line it is.
type FieldError struct {
	Line          int
	Field, Reason string
}

// Error says line, field and reason.
func (e *FieldError) Error() string { return fmt.Sprintf("line %d: %s: %s", e.Line, e.Field, e.Reason) }
