package cli

import (
	"testing"

	"reprise/replay/compare"
)

// What compare takes a flag of replay for that nobody set is what it is.
func TestFlagDefaults(t *testing.T) {
	flags := replayVerb(Streams{}).Flags()
	for name, value := range compare.FlagDefaults() {
		switch f := flags.Lookup(name); {
		case f == nil:
			t.Errorf("replay has no --%s", name)
		case f.DefValue != value:
			t.Errorf("--%s is %q where nobody sets it, and compare takes it for %q", name, f.DefValue, value)
		case !isSetting(name):
			t.Errorf("--%s is not in a run's settings", name)
		}
	}
}
