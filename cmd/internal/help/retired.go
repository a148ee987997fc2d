package help

import (
	"errors"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"reprise/cmd/internal/exit"
)

// retired is a flag or a verb that there was, and what there is in its place.
type retired struct {
	// verbs are those that had the flag; flag is "" for a verb itself.
	verbs []string
	flag  string
	now   string
}

// retirements are all spellings that fail with the name of the new one.
func retirements() []retired {
	plays := []string{"replay", "compare"}
	return []retired{
		{[]string{"calibrate"}, "", "reprise compare --baseline GOOD.rpr,... -o baseline.json (or CORPUS.rpz --baseline URL --rounds 5)"},
		{[]string{"compare"}, "profile", "--baseline FILE"},
		{[]string{"sink"}, "profile", "--behaviour FILE"},
		{plays, "timeout-connect", "--timeout connect=DURATION"},
		{plays, "timeout-write", "--timeout write=DURATION"},
		{plays, "timeout-first-byte", "--timeout first-byte=DURATION"},
		{plays, "timeout-body", "--timeout body=DURATION"},
		{plays, "abort-on", "--stop-on"},
		{plays, "curve-scale", "--shape FILE with factors: [{kind: help, volume: 3}] (reprise template shape)"},
		{plays, "serialize-senders", "--per-sender serial"},
		{[]string{"anonymize"}, "print-policy", "reprise template policy"},
		{[]string{"fixtures synth"}, "print-spec", "reprise template spec"},
		{[]string{"vendors learn"}, "name", "--vendor NAME"},
		{plays, "print-grafana", "reprise template grafana"},
		{[]string{"capture logs"}, "print-log-format", "reprise template log-format PRESET"},
	}
}

// Retired is the error for a command line that begins with a verb that was removed.
func Retired(args []string) error {
	for _, r := range retirements() {
		if r.flag == "" && len(args) > 0 && slices.Contains(r.verbs, args[0]) {
			return exit.Misuse("%s was removed: use %s", args[0], r.now)
		}
	}
	return nil
}

// flagError is the error for a flag that a verb does not take, or whose value cannot be read.
func flagError(cmd *cobra.Command, err error) error {
	verb := Name(cmd)
	var unknown *pflag.NotExistError
	if errors.As(err, &unknown) {
		for _, r := range retirements() {
			if r.flag == unknown.GetSpecifiedName() && r.flag != "" && slices.Contains(r.verbs, verb) {
				return exit.Misuse("%s: --%s was removed: use %s", verb, r.flag, r.now)
			}
		}
	}
	return exit.Misuse("%s: %v", verb, err)
}
