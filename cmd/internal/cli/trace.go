package cli

import (
	"slices"

	"github.com/spf13/pflag"

	"reprise/replay"
)

// traceFlag is --trace, whose value may be left out.
type traceFlag struct{ to *replay.Tracing }

// add names the flag. Without a value it is on.
func (t traceFlag) add(f *pflag.FlagSet) {
	f.Var(t, "trace", "send a W3C traceparent with each request, `off|on|sampled`: its trace id follows from Reprise-Run and Reprise-Record, and sampled asks the target to keep the trace")
	f.Lookup("trace").NoOptDefVal = replay.TraceOn.String()
}

// Set reads the value.
func (t traceFlag) Set(s string) (err error) {
	*t.to, err = replay.ParseTracing(s)
	return err
}

// String is the value.
func (t traceFlag) String() string {
	if t.to == nil { // of a zero value, which pflag makes
		return ""
	}
	return t.to.String()
}

// Type is not shown, as the usage says what the values are.
func (t traceFlag) Type() string { return "tracing" }

// joinTrace writes --trace VALUE as --trace=VALUE: pflag takes a value that may be left out in no other form.
func joinTrace(args []string) []string {
	i := slices.Index(args, "--trace")
	if i < 0 || i+1 == len(args) || slices.Contains(args[:i], "--") {
		return args
	}
	if _, err := replay.ParseTracing(args[i+1]); err != nil {
		return args
	}
	return slices.Concat(args[:i], []string{"--trace=" + args[i+1]}, args[i+2:])
}
