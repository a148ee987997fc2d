package cli

import (
	"errors"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// plainYAML says what is wrong with a file, and in which field, without the names of types and without what stands there.
// into is what was read, which knows the fields there are; it and root may be nil.
func plainYAML(into any, root *yaml.Node, err error) string {
	var t *yaml.TypeError
	if !errors.As(err, &t) || len(t.Errors) == 0 {
		return strings.TrimPrefix(err.Error(), "yaml: ")
	}
	first := t.Errors[0]
	if m := regexp.MustCompile(`^(line \d+): field (.+) not found in type (\S+)$`).FindStringSubmatch(first); m != nil {
		text := m[1] + ": there is no field " + m[2]
		if names := fieldsOf(reflect.TypeOf(into), m[3]); len(names) > 0 {
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
		return m[1] + ": " + where + "it is not " + typeNoun(m[5])
	}
	if m := regexp.MustCompile(`^(line \d+): mapping key "([^"]*)" already defined`).FindStringSubmatch(first); m != nil {
		return m[1] + ": " + m[2] + ": it is there twice"
	}
	return first
}

// fieldsOf lists the names that YAML knows of a type's fields, the type being one of those that t is made of.
func fieldsOf(t reflect.Type, name string) (names []string) {
	if t == nil {
		return nil
	}
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		return fieldsOf(t.Elem(), name)
	case reflect.Struct:
	default:
		return nil
	}
	for i := range t.NumField() {
		tag, ok := t.Field(i).Tag.Lookup("yaml")
		key, _, _ := strings.Cut(tag, ",")
		switch {
		case !ok || key == "-":
		case t.String() != name:
			if below := fieldsOf(t.Field(i).Type, name); len(below) > 0 {
				return below
			}
		case key != "":
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
				walk(child, append(slices.Clip(path), n.Content[i-1].Value))
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
			step = n.Content[i-1].Value
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

// typeNoun says what YAML a type is read from.
func typeNoun(goType string) string {
	switch {
	case strings.Contains(goType, "Duration"):
		return "a duration, such as 250ms or 5m"
	case goType == "cli.share":
		return "a share, such as 0.1 or 10%"
	case strings.HasPrefix(goType, "[]"):
		return "a list"
	case strings.HasPrefix(goType, "map["), strings.HasPrefix(goType, "cli."):
		return "a map of fields"
	case strings.HasPrefix(goType, "int"), strings.HasPrefix(goType, "uint"):
		return "a whole number"
	case strings.HasPrefix(goType, "float"):
		return "a number"
	}
	return "a text"
}
