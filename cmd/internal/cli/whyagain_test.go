package cli

import (
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"reprise/replay/results"
)

// A run file is made by somebody: what it says of its settings decides what is sent when, and nothing else.
func TestForgedSettingsAreNotFollowed(t *testing.T) {
	h := results.Header{Settings: map[string]string{
		"time-scale": "2", "allow-host": "[203.0.113.9]", "target": "http://203.0.113.9", "output": "[x.rpr]", "force": "true", "control": "x.sock",
		"annotate": "http://203.0.113.9@/etc/hostname", "watch": "[prometheus=http://203.0.113.9,query=up]", "resume": "x.rpr", "metrics": ":1",
		"cacert": "/etc/hostname", "key": "/etc/hostname", "proxy-auth": "@/etc/hostname", "allow-raw": "true", "completions": "[/etc/hostname]",
	}}
	var o whyTest
	o.add(&cobra.Command{})
	if err := o.asItWas(&h); err != nil {
		t.Fatal(err)
	}
	o.runs.replay.flags.VisitAll(func(f *pflag.Flag) {
		if f.Changed || f.Value.String() != f.DefValue && f.Name != "time-scale" {
			t.Errorf("--%s is %s", f.Name, f.Value)
		}
	})
	if got := o.runs.replay.flags.Lookup("time-scale").Value.String(); got != "2" {
		t.Errorf("--time-scale is %s", got)
	}
	delete(h.Settings, "allow-raw") // the command for people is for a raw corpus, too
	if got := again(&h, "").Flags; len(got) != 1 || got["--time-scale"] != "2" {
		t.Errorf("the command has %v", got)
	}
}
