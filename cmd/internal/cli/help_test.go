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
	return command(Streams{In: strings.NewReader(""), Out: new(bytes.Buffer), Err: new(bytes.Buffer)})
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
