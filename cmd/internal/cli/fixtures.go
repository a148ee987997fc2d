package cli

import (
	"github.com/spf13/cobra"

	"reprise/cmd/internal/help"
)

func fixturesVerb(s Streams) *cobra.Command {
	return help.Group("fixtures", "Make corpora for tests: out of a curve, or a small sample of a real one", synthVerb(s), sampleVerb(s), exportVerb(s), sendersVerb(s))
}
