package yamldoc

import (
	"bytes"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// mostPlaced is how long a text can be to be read again and again for the line that is wrong, which is to take no second.
const mostPlaced = 256 << 10

var (
	// saidLine is how the package begins an error of which it knows the line.
	saidLine = regexp.MustCompile(`^line (\d+): `)
	// unplacedForm is what its reader and its parser say, and what makes values of what they found: of the line, nothing or less than there is
	// to know. What its scanner says has the line; none is the first.
	unplacedForm = regexp.MustCompile(`^(?:did not find expected (?:<|node|'-'|key|',')|found (?:undefined|duplicate|incompatible)|control|` +
		`in(?:valid|complete|put)|(?:un)?expected low|unknown anchor)`)
)

// syntaxError says what is wrong with a text that is no YAML: in which line, in which of the fields that the top can have, and what.
func syntaxError(text []byte, err error, fields []string) error {
	line, says := said(err)
	if line = max(line, 1); unplacedForm.MatchString(says) && len(text) <= mostPlaced {
		line = place(text, says, line)
	}
	switch {
	case strings.HasPrefix(says, "unknown anchor"): // the rest is its name
		says = "an alias stands for nothing, as no anchor of its name stands before it"
	case strings.HasPrefix(says, "exceeded max depth"):
		says = nestedTooDeep
	case strings.Contains(says, "token") || strings.Contains(says, "a tab character"):
		if at := tabbed(text, line); at == line || at > 0 && strings.Contains(says, "a tab") {
			line, says = at, "it is indented by a tab, and YAML takes spaces alone"
		}
	}
	return &FieldError{Line: line, Field: topField(text, line, fields), Reason: says}
}

// said takes an error of the package apart: the line that it says, 0 for none, and what, without its line.
func said(err error) (line int, says string) {
	says = strings.TrimPrefix(err.Error(), "yaml: ")
	if m := saidLine.FindStringSubmatch(says); m != nil {
		line, _ = strconv.Atoi(m[1]) // digits
		says = says[len(m[0]):]
	}
	return line, says
}

// place is the line without which a text would not be wrong in that way: what stands before it is read, or is wrong in another way. It is not
// before a line that begins what is wrong, as far as the text up to there is not wrong like this too.
func place(text []byte, says string, begins int) int {
	lines := bytes.SplitAfter(bytes.TrimSuffix(text, []byte("\n")), []byte("\n"))
	isWrong := func(n int) bool {
		err := yaml.Unmarshal(bytes.Join(lines[:n], nil), new(yaml.Node))
		if err == nil {
			return false
		}
		_, other := said(err)
		return other == says
	}
	good, bad := 0, len(lines)
	if begins < bad && !isWrong(begins) {
		good = begins
	}
	for bad-good > 1 {
		if middle := (good + bad) / 2; isWrong(middle) {
			bad = middle
		} else {
			good = middle
		}
	}
	return bad
}

// tabbed is the first line from one on that a tab indents; 0 where none does.
func tabbed(text []byte, from int) int {
	for i, line := range bytes.Split(text, []byte("\n")) {
		if indent := line[:len(line)-len(bytes.TrimLeft(line, " \t"))]; i+1 >= from && bytes.Contains(indent, []byte("\t")) {
			return i + 1
		}
	}
	return 0
}

// topField is the field of the top that a line belongs to: one of those there are, as any other text at the beginning of a line may be data.
func topField(text []byte, line int, fields []string) string {
	lines := bytes.Split(text, []byte("\n"))
	for _, l := range slices.Backward(lines[:min(line, len(lines))]) {
		name, _, isField := bytes.Cut(l, []byte(":"))
		if isField && slices.Contains(fields, string(bytes.TrimRight(name, " "))) {
			return string(bytes.TrimRight(name, " "))
		}
	}
	return theFile
}
