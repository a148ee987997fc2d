package yamldoc

import (
	"errors"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// explain says what is wrong with a file, and in which field, without the names of types and without what stands there. into is
// what was read, which knows the fields there are; it and root may be nil.
func explain(into any, root *yaml.Node, err error) string {
	var t *yaml.TypeError
	if !errors.As(err, &t) || len(t.Errors) == 0 {
		says, isPackages := strings.CutPrefix(err.Error(), "yaml: ")
		if isPackages && strings.ContainsAny(says, "'`\"") { // it quotes what stands there
			return "a value cannot be read as its tag says"
		}
		return says
	}
	first := t.Errors[0]
	if m := regexp.MustCompile(`^(line \d+): field (.+) not found in type (\S+)$`).FindStringSubmatch(first); m != nil {
		text := m[1] + ": there is no field " + shown(m[2])
		if names := fieldsOf(typeNamed(reflect.TypeOf(into), m[3])); len(names) > 0 {
			text += ", but " + strings.Join(names, ", ")
		}
		return text
	}
	if m := regexp.MustCompile("(?s)^(line (\\d+)): cannot unmarshal (!!\\S+)(?: `(.*)`)? into (.+)$").FindStringSubmatch(first); m != nil {
		line, _ := strconv.Atoi(m[2]) // digits
		where := ""
		if path := valueAt(root, line, m[3], m[4]); len(path) > 0 {
			where = strings.Join(path, ".") + ": "
		}
		return m[1] + ": " + where + "it is not " + nounOf(m[5], typeNamed(reflect.TypeOf(into), m[5]))
	}
	if m := regexp.MustCompile(`^(line \d+): mapping key "([^"]*)" already defined`).FindStringSubmatch(first); m != nil {
		return m[1] + ": " + shown(m[2]) + ": it is there twice"
	}
	return first
}

// typeNamed finds a type by its name among those that t is made of; nil where there is none.
func typeNamed(t reflect.Type, name string) reflect.Type {
	return typeAmong(t, name, make(map[reflect.Type]bool))
}

// typeAmong is typeNamed, without the types that were looked at: a type may be made of itself.
func typeAmong(t reflect.Type, name string, seen map[reflect.Type]bool) reflect.Type {
	if t == nil || t.String() == name {
		return t
	}
	if seen[t] {
		return nil
	}
	seen[t] = true
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		return typeAmong(t.Elem(), name, seen)
	case reflect.Struct:
		for i := range t.NumField() {
			if tag := t.Field(i).Tag.Get("yaml"); tag == "" || tag == "-" {
				continue
			}
			if found := typeAmong(t.Field(i).Type, name, seen); found != nil {
				return found
			}
		}
	}
	return nil
}

// topFields lists the names of the fields of what a document is read into; none where it is no struct.
func topFields(into any) []string {
	t := reflect.TypeOf(into)
	if t != nil && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return fieldsOf(t)
}

// fieldsOf lists the names that YAML knows of a type's fields.
func fieldsOf(t reflect.Type) (names []string) {
	if t == nil || t.Kind() != reflect.Struct {
		return nil
	}
	for i := range t.NumField() {
		if key, _, _ := strings.Cut(t.Field(i).Tag.Get("yaml"), ","); key != "" && key != "-" {
			names = append(names, key)
		}
	}
	return names
}

// valueAt returns the path of the field that has a value, of which an error shows the beginning; where several in its line may be
// meant, it is the path that they have in common, if any.
func valueAt(root *yaml.Node, line int, tag, start string) []string {
	var found [][]string
	var walk func(n *yaml.Node, path []string)
	walk = func(n *yaml.Node, path []string) {
		for i, child := range n.Content {
			switch {
			case n.Kind == yaml.MappingNode && i%2 == 0:
				continue
			case n.Kind == yaml.MappingNode:
				walk(child, append(slices.Clip(path), shown(n.Content[i-1].Value)))
			case n.Kind == yaml.SequenceNode:
				walk(child, append(slices.Clip(path), strconv.Itoa(i)))
			default:
				walk(child, path)
			}
		}
		if n.Line == line && n.ShortTag() == tag && len(path) > 0 && (start == "" || strings.HasPrefix(n.Value, strings.TrimSuffix(start, "..."))) {
			found = append(found, path)
		}
	}
	if root != nil {
		walk(root, nil)
	}
	if len(found) == 1 {
		return found[0]
	}
	return fieldAt(root, line)
}

// fieldAt returns the path of the field that begins in a line, as far as only one does.
func fieldAt(n *yaml.Node, line int) (path []string) {
	if n == nil {
		return nil
	}
	var found []string
	for i, child := range n.Content {
		step := ""
		switch {
		case n.Kind == yaml.MappingNode && i%2 == 0:
			continue
		case n.Kind == yaml.MappingNode:
			step = shown(n.Content[i-1].Value)
		case n.Kind == yaml.SequenceNode:
			step = strconv.Itoa(i)
		}
		here := n.Kind == yaml.MappingNode && n.Content[i-1].Line == line || n.Kind == yaml.SequenceNode && child.Line == line
		below := fieldAt(child, line)
		if !here && len(below) == 0 {
			continue
		}
		if found != nil {
			return nil // several
		}
		if found = below; step != "" {
			found = append([]string{step}, below...)
		}
	}
	return found
}

// nounOf says what YAML a type is read from; t is nil where only its name is known.
func nounOf(name string, t reflect.Type) string {
	switch {
	case strings.Contains(name, "Duration"):
		return "a duration, such as 250ms or 5m"
	case t == reflect.TypeFor[Share]():
		return "a share, such as 0.1 or 10%"
	case t == reflect.TypeFor[Texts]():
		return "a text, or a list of texts"
	case strings.HasPrefix(name, "[]"):
		return "a list"
	case strings.HasPrefix(name, "map["), t != nil && t.Kind() == reflect.Struct:
		return "a map of fields"
	case strings.HasPrefix(name, "int"), strings.HasPrefix(name, "uint"):
		return "a whole number"
	case strings.HasPrefix(name, "float"):
		return "a number"
	}
	return "a text"
}
