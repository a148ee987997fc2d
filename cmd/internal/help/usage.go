package help

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// Columns of a help page: where a line ends, and where the descriptions of flags begin at the latest.
const (
	helpWidth  = 100
	helpIndent = 32
)

// usage returns what follows a verb's description in its help: how it is called, examples, verbs below it, flags in groups.
func usage(cmd *cobra.Command) string {
	var b strings.Builder
	line := cmd.UseLine()
	switch {
	case !cmd.HasAvailableSubCommands():
	case len(argumentWords(cmd.Use)) > 0: // it does something itself
		line += "\n  " + cmd.CommandPath() + " VERB"
	default:
		line = cmd.CommandPath() + " VERB"
	}
	fmt.Fprintf(&b, "Usage:\n  %s\n", line)
	if cmd.HasExample() {
		fmt.Fprintf(&b, "\nExamples:\n%s\n", cmd.Example)
	}
	writeVerbs(&b, cmd)
	for _, g := range groupFlags(cmd) {
		fmt.Fprintf(&b, "\n%s:\n", g.title)
		for _, f := range g.flags {
			writeFlag(&b, f)
		}
	}
	if files := strings.TrimSpace(cmd.Annotations[filesNote]); files != "" {
		b.WriteString("\n" + files + "\n")
	}
	if cmd.HasAvailableSubCommands() {
		fmt.Fprintf(&b, "\n%s VERB --help tells more of a verb.\n", cmd.CommandPath())
	}
	return b.String()
}

// writeVerbs prints the verbs below a command: those of the program in groups, in the order in which a corpus meets them.
func writeVerbs(b *strings.Builder, cmd *cobra.Command) {
	if !cmd.HasAvailableSubCommands() {
		return
	}
	rows := verbTable()
	if cmd.HasParent() {
		rows = []flagRow{{title: "Verbs"}}
		for _, c := range cmd.Commands() {
			rows[0].names += " " + c.Name()
		}
	}
	for _, row := range rows {
		fmt.Fprintf(b, "\n%s:\n", row.title)
		for _, name := range strings.Fields(row.names) {
			if c, _, err := cmd.Find([]string{name}); err == nil && c.IsAvailableCommand() {
				fmt.Fprintf(b, "  %-*s  %s\n", cmd.NamePadding(), name, c.Short)
			}
		}
	}
}

// flagGroup is some of a verb's flags under one title.
type flagGroup struct {
	title string
	flags []*pflag.Flag
}

// groupFlags puts the flags of a verb into groups: of a verb with few flags into one, in alphabetical order.
func groupFlags(cmd *cobra.Command) []flagGroup {
	var all []*pflag.Flag
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			all = append(all, f)
		}
	})
	if len(all) <= fewFlags {
		return []flagGroup{{"Flags", all}}
	}
	most := flagGroup{title: "Flags used most"}
	used := map[string]bool{}
	for _, name := range usedMost(Name(cmd)) {
		if f := cmd.Flags().Lookup(name); f != nil {
			most.flags = append(most.flags, f)
			used[name] = true
		}
	}
	groups := []flagGroup{most}
	for _, row := range flagTable() {
		g := flagGroup{title: row.title}
		for _, name := range strings.Fields(row.names) {
			if f := cmd.Flags().Lookup(name); f != nil && !used[name] && !f.Hidden {
				g.flags = append(g.flags, f)
				used[name] = true
			}
		}
		groups = append(groups, g)
	}
	other := flagGroup{title: "Other flags"}
	for _, f := range all {
		if !used[f.Name] {
			other.flags = append(other.flags, f)
		}
	}
	groups = append(groups, other)
	filled := groups[:0]
	for _, g := range groups {
		if len(g.flags) > 0 {
			filled = append(filled, g)
		}
	}
	return filled
}

// writeFlag prints one flag: its names, what it takes, and what it does, wrapped.
func writeFlag(b *strings.Builder, f *pflag.Flag) {
	value, does := pflag.UnquoteUsage(f)
	if strings.Contains(value, "|") { // the values of an enumeration are said once, behind the flag
		does = strings.Replace(does, ", "+value, "", 1)
	}
	name := "      --" + f.Name
	if f.Shorthand != "" {
		name = "  -" + f.Shorthand + ", --" + f.Name
	}
	if f.Value.Type() != "bool" {
		name += " " + metavariable(value)
	}
	if d := f.DefValue; d != "" && d != "0" && d != "false" && d != "[]" && d != "0s" {
		does += " (default " + d + ")"
	}
	column := len(name)
	b.WriteString(name)
	if column+2 > helpIndent {
		b.WriteString("\n")
		column = 0
	}
	for i, word := range strings.Fields(does) {
		switch {
		case i == 0 || column+1+len(word) > helpWidth:
			if i > 0 {
				b.WriteString("\n")
				column = 0
			}
			b.WriteString(strings.Repeat(" ", helpIndent-column))
			column = helpIndent
		default:
			b.WriteString(" ")
			column++
		}
		b.WriteString(word)
		column += len(word)
	}
	b.WriteString("\n")
}

// metavariable names a flag's value where its description does not: a Go type is no word for a reader.
func metavariable(value string) string {
	switch value {
	case "int", "uint", "float":
		return "N"
	case "string", "strings", "stringArray":
		return "TEXT"
	case "duration":
		return "DURATION"
	}
	return value
}
