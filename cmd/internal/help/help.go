// Package help lays out the verbs of a command line: the page of each, its flags in groups, and what is said of a command line that
// fits none: an argument too many, a flag that was removed. The tables of which flag and which verb stands where are here too.
package help

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"reprise/cmd/internal/exit"
)

// Page describes a verb: every one has two examples and its exit codes in its help.
type Page struct {
	Use, Short, Long string
	// Files says how the files are written that flags name: it stands behind the flags.
	Files    string
	Examples [2]string
	Codes    []exit.Code // those beside the ones of every verb
	Unmet    string      // what exit.Unmet means, where that is not what it means to most
}

// filesNote is under which a command keeps Page.Files.
const filesNote = "files"

// Verb makes a command of a page.
func Verb(p Page, args cobra.PositionalArgs, run func(cmd *cobra.Command, args []string) error) *cobra.Command {
	return &cobra.Command{
		Use: p.Use, Short: p.Short, Args: args, RunE: run, Annotations: map[string]string{filesNote: p.Files},
		Long:                  p.Long + "\n\nExit codes:\n" + exit.Describe(p.Codes, p.Unmet),
		Example:               "  " + p.Examples[0] + "\n  " + p.Examples[1],
		DisableFlagsInUseLine: true,
	}
}

// Group makes a command that only holds others.
func Group(use, short string, verbs ...*cobra.Command) *cobra.Command {
	g := &cobra.Command{Use: use, Short: short, Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error {
		_ = cmd.Help()
		return exit.Misuse("name one of its verbs")
	}}
	g.AddCommand(verbs...)
	return g
}

// Name is a verb's name as it is typed, without the program's.
func Name(cmd *cobra.Command) string { return strings.TrimPrefix(cmd.CommandPath(), "reprise ") }

// LayOut gives a program whose verbs are all there its help and its errors: each verb is named in front of its own, and arguments
// and flags that do not fit are misuse. Before a verb begins, before is asked, whose error is the verb's.
func LayOut(root *cobra.Command, before func(verb *cobra.Command, args []string) error) {
	root.SetUsageFunc(func(cmd *cobra.Command) error {
		_, err := io.WriteString(cmd.OutOrStderr(), usage(cmd))
		return err
	})
	root.SetFlagErrorFunc(flagError)
	wrap(root, before)
}

// wrap lays out a command and those below it.
func wrap(cmd *cobra.Command, before func(verb *cobra.Command, args []string) error) {
	decimal(cmd.Flags())
	if args := cmd.Args; args != nil {
		cmd.Args = func(c *cobra.Command, a []string) error {
			if err := args(c, a); err != nil {
				return argumentError(c, a)
			}
			return nil
		}
	}
	if run := cmd.RunE; run != nil && cmd.HasParent() {
		cmd.RunE = func(c *cobra.Command, a []string) error {
			err := checkValues(c.Flags())
			if err == nil {
				err = before(c, a)
			}
			if err == nil {
				err = run(c, a)
			}
			if err != nil {
				return fmt.Errorf("%s: %w", Name(cmd), err)
			}
			return nil
		}
	}
	for _, child := range cmd.Commands() {
		wrap(child, before)
	}
}
