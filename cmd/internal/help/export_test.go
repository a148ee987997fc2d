package help

import (
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// What the tests of this package see of it: they hold its tables against the tree of verbs, which is in a package above.

const Width = helpWidth

func FlagTable() []flagRow                        { return flagTable() }
func VerbTable() []flagRow                        { return verbTable() }
func UsedMost(verb string) []string               { return usedMost(verb) }
func GroupFlags(cmd *cobra.Command) []flagGroup   { return groupFlags(cmd) }
func WriteFlag(b *strings.Builder, f *pflag.Flag) { writeFlag(b, f) }
func Retirements() []retired                      { return retirements() }
func (r flagRow) Title() string                   { return r.title }
func (r flagRow) Names() string                   { return r.names }
func (g flagGroup) Title() string                 { return g.title }
func (g flagGroup) Flags() []*pflag.Flag          { return g.flags }
func (r retired) Verbs() []string                 { return r.verbs }
func (r retired) Flag() string                    { return r.flag }
func (r retired) Now() string                     { return r.now }
