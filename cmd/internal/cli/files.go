package cli

import (
	"fmt"
	"os"
	"strings"

	"reprise/capture"
	"reprise/capture/sms"
	"reprise/capture/yamldoc"
	"reprise/cmd/internal/exit"
)

// readYAML decodes a file of settings and refuses keys that it does not know.
func readYAML(flag, name string, into any) error {
	text, err := yamldoc.ReadFile(name)
	if err != nil {
		return exit.Misuse("%s: %v", flag, err)
	}
	if _, err := yamldoc.Decode(text, into); err != nil {
		return exit.Misuse("%s %s: %v", flag, name, err)
	}
	return nil
}

// readKeywords joins --keywords and --keywords-file into kind → words.
func readKeywords(words []string, file string) (map[capture.Kind][]string, error) {
	out := make(map[capture.Kind][]string)
	if len(words) > 0 {
		out[capture.CustomKeyword] = words
	}
	if file == "" {
		return out, nil
	}
	var byName map[string][]string
	if err := readYAML("--keywords-file", file, &byName); err != nil {
		return nil, err
	}
	more, err := sms.ParseKeywords(byName)
	if err != nil {
		return nil, exit.Misuse("--keywords-file %s: %v", file, err)
	}
	for kind, list := range more {
		out[kind] = append(out[kind], list...)
	}
	return out, nil
}

// readLines reads a list, one entry a line; blank lines and lines that begin with # are left out.
func readLines(flag, name string) ([]string, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, exit.Misuse("%s: %v", flag, err)
	}
	var out []string
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			out = append(out, line)
		}
	}
	if len(out) == 0 {
		return nil, exit.Misuse("%s: %s lists nothing", flag, name)
	}
	return out, nil
}

// parseKinds reads a list of kinds.
func parseKinds(flag string, names []string) ([]capture.Kind, error) {
	var out []capture.Kind
	for _, n := range names {
		k, err := capture.ParseKind(strings.TrimSpace(n))
		if err != nil {
			return nil, exit.Misuse("%s: %v; the kinds are %s", flag, err, kindList())
		}
		out = append(out, k)
	}
	return out, nil
}

func kindList() string {
	var names []string
	for _, k := range capture.Kinds() {
		names = append(names, k.String())
	}
	return strings.Join(names, " ")
}

// plural is a count with its noun.
func plural(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
