package outputs_test

import (
	"bytes"
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"reprise/cmd/internal/cli"
	"reprise/cmd/internal/exit"
	"reprise/cmd/internal/help"
	"reprise/cmd/internal/outputs"
)

// outputsOf are the flags by which each verb says what it writes. A flag that is missing here or at its verb fails the test.
func outputsOf() map[string]string {
	return map[string]string{
		"demo": "output", "capture pcap": "output", "capture logs": "output", "capture proxy": "output", "anonymize": "ledger output report", "keygen": "certificate output",
		"replay": "control output", "compare": "keep-runs learn-noise output", "report": "output", "history": "output", "why": "keep-runs output", "cat": "output",
		"merge": "output", "repair": "output", "fixtures synth": "output", "fixtures sample": "output", "fixtures export": "output",
		"fixtures senders": "output", "sink": "completions log tls-ca-out",
	}
}

// walk visits every verb.
func walk(cmd *cobra.Command, visit func(*cobra.Command)) {
	visit(cmd)
	for _, child := range cmd.Commands() {
		walk(child, visit)
	}
}

// eachVerb visits the verbs that do something, by their names.
func eachVerb(visit func(name string, cmd *cobra.Command)) {
	walk(cli.Command(cli.Streams{In: strings.NewReader(""), Out: new(bytes.Buffer), Err: new(bytes.Buffer)}), func(cmd *cobra.Command) {
		if !cmd.HasSubCommands() && cmd.HasParent() {
			visit(help.Name(cmd), cmd)
		}
	})
}

// TestEveryOutputIsDeclared holds that Check sees whatever a verb writes: by the list above, and by what the flags'
// help says.
func TestEveryOutputIsDeclared(t *testing.T) {
	names := regexp.MustCompile("`[^`]*(FILE|FOLDER|DIR|PATH|SOCKET)[^`]*`")
	says := regexp.MustCompile(`\b(writes?|keep|makes?|remember|create|record|save|dump|append|listen)\b`)
	reads := []string{"retries"}
	eachVerb(func(verb string, cmd *cobra.Command) {
		var have []string
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			switch outputs.KindOf(f) {
			case "":
				if names.MatchString(f.Usage) && says.MatchString(f.Usage) && !readsAlone(f) && !slices.Contains(reads, f.Name) {
					t.Errorf("%s --%s: does it write (%s)? Then declare it by outputs.Declare; else say so without these words", verb, f.Name, f.Usage)
				}
			default:
				have = append(have, f.Name)
			}
		})
		if got, want := strings.Join(have, " "), outputsOf()[verb]; got != want {
			t.Errorf("%s declares the outputs %q; want %q", verb, got, want)
		}
	})
}

// readsAlone knows flags whose help has a word of writing and that are read all the same.
func readsAlone(f *pflag.Flag) bool {
	return slices.Contains([]string{"inbound", "resume", "key-file", "completions-map", "spec", "completions", "behaviour"}, f.Name)
}

// TestFilesAreMadeInOnePlace holds that no verb makes a file but by the functions that Check stands before.
func TestFilesAreMadeInOnePlace(t *testing.T) {
	makes := regexp.MustCompile(`\b(os\.(Create|WriteFile|OpenFile|Rename|MkdirTemp|CreateTemp|Mkdir|MkdirAll)|output\.(Create|Write|Direct|CreateFolder)|corpus\.(Create|Begin|Transfer)|results\.Create|export\.(Export|File)|anonymize\.OpenLedger)\(`)
	may := map[string][]string{
		"outputs/outputs.go": {"output.Direct", "output.Write"}, "outputs/corpus.go": {"corpus.Transfer"}, "cli/export.go": {"export.File"},
		"demo/demo.go": {"os.Mkdir", "os.WriteFile"}, "demo/sink.go": {"os.Create"}, // the recording and the sink's log, in the folder that it made
		"inputs/waiting.go": {"os.OpenFile"}, // of a pipe, which it writes nothing to
	}
	made := map[string]bool{}
	files, err := filepath.Glob("../*/*.go")
	if err != nil || len(files) < 30 {
		t.Fatalf("%d files: %v", len(files), err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range makes.FindAllSubmatch(text, -1) {
			name, call := strings.TrimPrefix(filepath.ToSlash(file), "../"), string(m[1])
			made[name+" "+call] = true
			if !slices.Contains(may[name], call) {
				t.Errorf("%s calls %s: write through outputs.Transfer or outputs.Write, whose names Check has seen", name, call)
			}
		}
	}
	for name, calls := range may {
		for _, call := range calls {
			if !made[name+" "+call] {
				t.Errorf("%s does not call %s: take it off the list", name, call)
			}
		}
	}
}

// TestEveryOutputIsChecked runs every verb with each of its outputs set to what must be refused: nothing is read, made or
// changed, whatever else is wrong with the command line.
func TestEveryOutputIsChecked(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	for _, name := range []string{"in", "other"} {
		if err := os.WriteFile(name, []byte("what was there: "+name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir("folder", 0o700); err != nil {
		t.Fatal(err)
	}
	linked := os.Symlink("in", "link") == nil && os.Link("in", "hard") == nil
	special := []string{"folder"}
	if linked {
		special = append(special, "link", os.DevNull)
	}
	before := snapshot(t, dir)
	eachVerb(func(verb string, cmd *cobra.Command) {
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			kind := outputs.KindOf(f)
			if kind == "" {
				return
			}
			refused := func(value, words string, more ...string) {
				t.Helper()
				for _, force := range []bool{false, true} {
					args := append(strings.Fields(verb), more...)
					args = append(args, "--"+f.Name, value)
					if force && cmd.Flags().Lookup("force") != nil {
						args = append(args, "--force")
					}
					var out, errs bytes.Buffer
					code := cli.Run(context.Background(), args, cli.Streams{In: strings.NewReader(""), Out: &out, Err: &errs})
					if exit.Code(code) != exit.Misused || !strings.Contains(errs.String(), words) || strings.Contains(errs.String(), "with --force") {
						t.Errorf("%v: exit code %d, want 2 and %q:\n%s", args, code, words, &errs)
					}
				}
			}
			argument := argumentFor(cmd)
			refused("x.partial", ".partial", argument...)
			refused("sub/x.rpz.3.partial", ".partial", argument...)
			if len(argument) > 0 {
				refused("in", "which is read", argument...)
				refused("./folder/../in", "which is read", argument...)
				if linked {
					refused("hard", "which is read", argument...)
					refused("link", "which is read", argument...)
				}
			}
			if kind == outputs.Whole || kind == outputs.Growing {
				for _, s := range special {
					refused(s, "only a regular file", argumentNamed(cmd, "other")...)
				}
			}
			cmd.Flags().VisitAll(func(g *pflag.Flag) {
				if g.Name != f.Name && outputs.KindOf(g) != "" {
					refused("new", "one file", append(argument, "--"+g.Name, "./new")...)
				}
			})
		})
	})
	if after := snapshot(t, dir); !slices.Equal(before, after) {
		t.Errorf("the folder was changed:\n%v\n%v", before, after)
	}
}

// argumentFor gives a verb the file in as an input, if it takes arguments.
func argumentFor(cmd *cobra.Command) []string { return argumentNamed(cmd, "in") }

func argumentNamed(cmd *cobra.Command, name string) []string {
	for n := 1; n <= 2; n++ {
		args := slices.Repeat([]string{name}, n)
		if cmd.Args == nil || cmd.Args(cmd, args) == nil {
			return args
		}
	}
	return nil
}

// snapshot lists a folder with what its files hold.
func snapshot(t *testing.T, dir string) (all []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			all = append(all, path)
			return err
		}
		text, err := os.ReadFile(path)
		all = append(all, path+" "+d.Type().String()+" "+string(text))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}
