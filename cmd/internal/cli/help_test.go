package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

const scripts = "../../reprise/testdata/script"

// walk visits every verb.
func walk(cmd *cobra.Command, visit func(*cobra.Command)) {
	visit(cmd)
	for _, child := range cmd.Commands() {
		walk(child, visit)
	}
}

func tree() *cobra.Command {
	return Command(Streams{In: strings.NewReader(""), Out: new(bytes.Buffer), Err: new(bytes.Buffer)})
}

// TestEveryFlagHasAScript holds that help lists no flag that no script uses with its verb.
func TestEveryFlagHasAScript(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(scripts, "*.txtar"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	var lines []string
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, strings.Split(string(text), "\n")...)
	}
	walk(tree(), func(cmd *cobra.Command) {
		if cmd.HasSubCommands() {
			return
		}
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			if f.Name == "help" || f.Hidden {
				return
			}
			name := `--` + regexp.QuoteMeta(f.Name) + `\b`
			if f.Shorthand != "" {
				name = `(` + name + `|-` + f.Shorthand + `\b)`
			}
			verb := strings.TrimPrefix(cmd.CommandPath(), "reprise ")
			use := regexp.MustCompile(`(reprise ` + verb + `|^!? ?` + verb + ` [A-Z]+)( .*)? ` + name)
			for _, line := range lines {
				if !strings.HasPrefix(line, "#") && use.MatchString(line) {
					return
				}
			}
			t.Errorf("no script uses reprise %s --%s", verb, f.Name)
		})
	})
}

func TestEveryVerbExplainsItself(t *testing.T) {
	walk(tree(), func(cmd *cobra.Command) {
		if cmd.HasSubCommands() || cmd.Hidden {
			return
		}
		if strings.Count(strings.TrimSpace(cmd.Example), "\n") < 1 {
			t.Errorf("%s has fewer than two examples", cmd.CommandPath())
		}
		if !strings.Contains(cmd.Long, "Exit codes:\n  0 ") {
			t.Errorf("%s does not list its exit codes", cmd.CommandPath())
		}
	})
}

// TestFewDials holds the numbers of verbs and of flags, so that a new one has to replace an old one.
func TestFewDials(t *testing.T) {
	names := map[string]bool{}
	root := tree()
	walk(root, func(cmd *cobra.Command) {
		n := 0
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			if !f.Hidden {
				names[f.Name] = true
				n++
			}
		})
		if n > 80 {
			t.Errorf("%s has %d flags, 80 are allowed", cmd.CommandPath(), n)
		}
	})
	if len(names) > 150 {
		t.Errorf("there are %d different flags, 150 are allowed", len(names))
	}
	if n := len(root.Commands()); n > 22 {
		t.Errorf("there are %d verbs, 22 are allowed", n)
	}
	t.Logf("%d verbs, %d different flags", len(root.Commands()), len(names))
}

// TestDocsNameWhatThereIs holds that every verb and every flag which a document names exists.
func TestDocsNameWhatThereIs(t *testing.T) {
	flags, verbs := map[string]bool{"--help": true}, map[string]bool{}
	root := tree()
	walk(root, func(cmd *cobra.Command) {
		cmd.Flags().VisitAll(func(f *pflag.Flag) { flags["--"+f.Name] = true })
	})
	for _, v := range root.Commands() {
		verbs[v.Name()] = true
	}
	pages, err := filepath.Glob("../../../docs/*.md")
	if err != nil || len(pages) == 0 {
		t.Fatalf("no pages: %v", err)
	}
	flag, verb := regexp.MustCompile(`--[a-z][a-z0-9-]+`), regexp.MustCompile("(?:`|\\$ )reprise ([a-z]+)")
	for _, page := range append(pages, "../../../README.md", "../../../CONTRIBUTING.md", "../../../SECURITY.md") {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for i, line := range strings.Split(string(text), "\n") {
			for _, name := range flag.FindAllString(line, -1) {
				if !flags[name] && !strings.Contains(line, "java -jar") && !(name == "--data-urlencode" && strings.Contains(line, "text=")) {
					t.Errorf("%s:%d: no verb has %s", filepath.Base(page), i+1, name)
				}
			}
			for _, m := range verb.FindAllStringSubmatch(line, -1) {
				if !verbs[m[1]] {
					t.Errorf("%s:%d: there is no reprise %s", filepath.Base(page), i+1, m[1])
				}
			}
		}
	}
}
