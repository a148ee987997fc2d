package yamldoc

import (
	"fmt"

	"go.yaml.in/yaml/v3"
)

// Texts is a list of texts. A list of one may be written as that text alone.
type Texts []string

// UnmarshalYAML reads either. Numbers are taken as they are written.
func (t *Texts) UnmarshalYAML(n *yaml.Node) error {
	*t = nil
	items := []*yaml.Node{n}
	if n.Kind == yaml.SequenceNode {
		items = n.Content
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
		*t = append(*t, item.Value)
	}
	return nil
}
