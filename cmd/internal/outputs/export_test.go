package outputs

import "github.com/spf13/pflag"

// KindOf is what Declare said of a flag.
func KindOf(f *pflag.Flag) Kind { return kindOf(f) }
