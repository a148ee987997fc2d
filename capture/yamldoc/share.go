package yamldoc

import (
	"fmt"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Share is a part of a whole, written 0.1 or 10%. It may be any number: its limits depend on what it is a share of.
type Share float64

// UnmarshalYAML reads either.
func (s *Share) UnmarshalYAML(n *yaml.Node) error {
	var err error
	if text, percent := strings.CutSuffix(n.Value, "%"); percent && n.Kind == yaml.ScalarNode {
		var v float64
		v, err = strconv.ParseFloat(strings.TrimSpace(text), 64)
		*s = Share(v / 100)
	} else {
		err = n.Decode((*float64)(s))
	}
	if err != nil { // as the package says it of other types
		err = &yaml.TypeError{Errors: []string{fmt.Sprintf("line %d: cannot unmarshal %s `%s` into yamldoc.Share", n.Line, n.ShortTag(), n.Value)}}
	}
	return err
}

// ParseShare reads a share between 0 and 1 as people write it: "0.5%" or "0.005".
func ParseShare(s string) (float64, error) {
	number, percent := strings.CutSuffix(strings.TrimSpace(s), "%")
	v, err := strconv.ParseFloat(number, 64)
	if err != nil {
		return 0, fmt.Errorf("%q is no share: write 0.5%% or 0.005", s)
	}
	if percent {
		v /= 100
	}
	if !percent && v > 1 && v <= 100 {
		return 0, fmt.Errorf("%q is more than all: write %s%% or %s", s, number, strconv.FormatFloat(v/100, 'g', -1, 64))
	}
	if !(v >= 0 && v <= 1) {
		return 0, fmt.Errorf("%q is not between 0%% and 100%%", s)
	}
	return v, nil
}
