package yamldoc

import (
	"fmt"

	"go.yaml.in/yaml/v3"
)

// Texts is a list of texts, a thousand at most, of four kilobytes each. A list of one may be written as that text alone.
type Texts []string

// What aliases make of a file stays small.
const maxTexts, maxText = 1000, 4 << 10

// UnmarshalYAML reads either. Numbers are taken as they are written.
func (t *Texts) UnmarshalYAML(n *yaml.Node) error {
	*t = nil
	items := []*yaml.Node{n}
	if n.Kind == yaml.SequenceNode {
		items = n.Content
	}
	if len(items) > maxTexts {
		return &yaml.TypeError{Errors: []string{fmt.Sprintf("line %d: a list has at most %d texts", n.Line, maxTexts)}}
	}
	for _, item := range items {
		if item.Kind == yaml.AliasNode {
			item = item.Alias
		}
		switch {
		case item.Kind != yaml.ScalarNode:
			return &yaml.TypeError{Errors: []string{fmt.Sprintf("line %d: cannot unmarshal %s into yamldoc.Texts", item.Line, item.ShortTag())}}
		case item.ShortTag() == "!!null" && len(items) == 1:
			return nil
		}
		if len(item.Value) > maxText {
			return &yaml.TypeError{Errors: []string{fmt.Sprintf("line %d: a text of a list has at most %d bytes", item.Line, maxText)}}
		}
		*t = append(*t, item.Value)
	}
	return nil
}
