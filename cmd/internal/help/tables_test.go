package help_test

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"reprise/cmd/internal/cli"
	"reprise/cmd/internal/help"
)

// walk visits every verb.
func walk(cmd *cobra.Command, visit func(*cobra.Command)) {
	visit(cmd)
	for _, child := range cmd.Commands() {
		walk(child, visit)
	}
}

func tree() *cobra.Command {
	return cli.Command(cli.Streams{In: strings.NewReader(""), Out: new(bytes.Buffer), Err: new(bytes.Buffer)})
}

// TestFlagsHaveAGroup holds that a long help leaves no flag over, that what comes first is short and there, and that the
// table names no flag twice and none that is gone.
func TestFlagsHaveAGroup(t *testing.T) {
	seen, verbs := map[string]bool{}, map[string]bool{}
	walk(tree(), func(cmd *cobra.Command) {
		verbs[help.Name(cmd)] = true
		cmd.InitDefaultHelpFlag()
		cmd.Flags().VisitAll(func(f *pflag.Flag) { seen[f.Name] = true })
		groups := help.GroupFlags(cmd)
		for _, g := range groups {
			if g.Title() == "Other flags" {
				for _, f := range g.Flags() {
					t.Errorf("%s --%s is in no group of flagTable", cmd.CommandPath(), f.Name)
				}
			}
		}
		most := help.UsedMost(help.Name(cmd))
		if len(groups) > 1 && (len(most) == 0 || len(most) > 10) {
			t.Errorf("%s: %d flags come first, want 1 to 10", cmd.CommandPath(), len(most))
		}
		for _, name := range most {
			if f := cmd.Flags().Lookup(name); f == nil || f.Hidden {
				t.Errorf("usedMost: %s has no --%s", cmd.CommandPath(), name)
			}
		}
	})
	in := map[string]string{}
	for _, row := range help.FlagTable() {
		for _, name := range strings.Fields(row.Names()) {
			if in[name] != "" {
				t.Errorf("--%s is in the groups %q and %q", name, in[name], row.Title())
			}
			if in[name] = row.Title(); !seen[name] {
				t.Errorf("flagTable: no verb has --%s", name)
			}
		}
	}
}

// TestVerbsHaveAGroup holds that the program's help lists each verb once.
func TestVerbsHaveAGroup(t *testing.T) {
	root, listed := tree(), map[string]int{}
	for _, row := range help.VerbTable() {
		for _, name := range strings.Fields(row.Names()) {
			listed[name]++
		}
	}
	for _, c := range root.Commands() {
		if n := listed[c.Name()]; n != 1 && !c.Hidden {
			t.Errorf("verbTable lists %s %d times", c.Name(), n)
		}
		delete(listed, c.Name())
	}
	for name := range listed {
		t.Errorf("verbTable: there is no %s", name)
	}
}

// TestHelpIsReadable holds what each help looks like: no "[=true|false]", no Go type as a value's name, no long line among
// the flags, and what may stand for an enumeration's value is listed.
func TestHelpIsReadable(t *testing.T) {
	walk(tree(), func(cmd *cobra.Command) {
		cmd.InitDefaultHelpFlag()
		for _, g := range help.GroupFlags(cmd) {
			for _, f := range g.Flags() {
				var b strings.Builder
				help.WriteFlag(&b, f)
				text := b.String()
				if strings.Contains(text, "true|false") || regexp.MustCompile(`--\S+ (int|uint|string|strings|duration|float)\b`).MatchString(text) {
					t.Errorf("%s: %s", cmd.CommandPath(), text)
				}
				for line := range strings.Lines(text) {
					if len(strings.TrimSpace(line)) > help.Width {
						t.Errorf("%s: a long line: %s", cmd.CommandPath(), line)
					}
				}
				value, _ := pflag.UnquoteUsage(f)
				if f.DefValue != "" && value == f.DefValue {
					t.Errorf("%s --%s: its default stands for all its values: %s", cmd.CommandPath(), f.Name, text)
				}
			}
		}
	})
}

// TestFlagsComeBeforeFiles holds that a long help lists the flags used most before it says how the files are written that flags name.
func TestFlagsComeBeforeFiles(t *testing.T) {
	for verb, file := range map[string]string{"replay": "The file of a key holds", "report": "--completions-map FILE names", "compare": "--completions-map FILE names", "sink": "The file of a key holds"} {
		var out bytes.Buffer
		if code := cli.Run(t.Context(), []string{verb, "--help"}, cli.Streams{In: strings.NewReader(""), Out: &out, Err: &out}); code != 0 {
			t.Fatalf("%s --help ends with %d", verb, code)
		}
		text := out.String()
		if most, files := strings.Index(text, "\nFlags used most:"), strings.Index(text, "\n"+file); most < 0 || files < most {
			t.Errorf("%s --help: the flags used most are at %d, the form of files at %d", verb, most, files)
		}
	}
}
