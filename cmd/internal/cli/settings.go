package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"go.yaml.in/yaml/v3"
)

// The bounds of a file of settings. Decoding looks at each pair of fields of a mapping, so that their number is bounded
// too: within these bounds a file is read in about a second, whatever it holds.
const (
	maxSettings = 1 << 20
	maxFields   = 5000
	maxDepth    = 100
)

// readSettings reads a file of settings whole.
func readSettings(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxSettings+1))
	if err == nil && len(text) > maxSettings {
		err = fmt.Errorf("%s is larger than 1 MiB, which no file of settings is", name)
	}
	return text, err
}

// parseYAML returns the first document of a text; its Kind is 0 where there is none.
func parseYAML(text []byte) (*yaml.Node, error) {
	root := new(yaml.Node)
	if err := yaml.Unmarshal(text, root); err != nil {
		return root, err
	}
	return root, checkSize(root, 0)
}

// checkSize refuses a document that would take long to decode.
func checkSize(n *yaml.Node, depth int) error {
	switch {
	case depth > maxDepth:
		return fmt.Errorf("line %d: it is nested more than %d levels deep", n.Line, maxDepth)
	case n.Kind == yaml.MappingNode && len(n.Content) > 2*maxFields:
		return fmt.Errorf("line %d: it has %d fields, and no more than %d can be read", n.Line, len(n.Content)/2, maxFields)
	}
	for _, child := range n.Content {
		if err := checkSize(child, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// decodeYAML decodes the first document of a text and refuses fields that into does not have. The error is for people.
func decodeYAML(text []byte, into any) (root *yaml.Node, err error) {
	if root, err = parseYAML(text); err != nil {
		return root, errors.New(shown(plainYAML(nil, nil, err)))
	}
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	if err := d.Decode(into); err != nil && !errors.Is(err, io.EOF) {
		return root, errors.New(shown(plainYAML(into, root, err)))
	}
	return root, nil
}

// severalYAML says whether more documents follow the first.
func severalYAML(text []byte) bool {
	d := yaml.NewDecoder(bytes.NewReader(text))
	_ = d.Decode(new(yaml.Node))
	return !errors.Is(d.Decode(new(yaml.Node)), io.EOF)
}
