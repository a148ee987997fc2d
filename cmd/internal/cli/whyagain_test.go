package cli

import (
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"reprise/replay"
	"reprise/replay/results"
)

// A run file is made by somebody: what it says of its settings decides what is sent when, and nothing else.
func TestForgedSettingsAreNotFollowed(t *testing.T) {
	run := results.Run{Header: results.Header{Settings: map[string]string{
		"time-scale": "2", "allow-host": "[203.0.113.9]", "target": "http://203.0.113.9", "output": "[x.rpr]", "force": "true", "control": "x.sock",
		"annotate": "http://203.0.113.9@/etc/hostname", "watch": "[prometheus=http://203.0.113.9,query=up]", "resume": "x.rpr", "metrics": ":1",
		"cacert": "/etc/hostname", "key": "/etc/hostname", "proxy-auth": "@/etc/hostname", "allow-raw": "true", "completions": "[/etc/hostname]",
	}}}
	var o whyTest
	o.add(&cobra.Command{})
	if err := o.asItWas(&run); err != nil {
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
	delete(run.Header.Settings, "allow-raw") // the command for people is for a raw corpus, too
	if got := again(&run, "").Flags; len(got) != 1 || got["--time-scale"] != "2" {
		t.Errorf("the command has %v", got)
	}
}

// A seed that somebody gave is kept, as what is sent when follows from it; one that was drawn is not.
func TestSeedIsPlayedAgain(t *testing.T) {
	for seed, want := range map[string]string{"7": "7", "": "", "3823111964309132266": "", "$(id)": "", "-1": ""} {
		run := results.Run{Header: results.Header{Settings: map[string]string{"time-scale": "2", "seed": seed}}, Footer: &results.Footer{Outcome: replay.Outcome{Stats: replay.Stats{MaxInFlight: 64}}}}
		got := again(&run, "")
		if got.Flags["--seed"] != want || got.Slots != 64 {
			t.Errorf("seed %q: %v, %d slots", seed, got.Flags, got.Slots)
		}
	}
}

// A search needs conditions of its own and is a run of its own: what is played again, and tested, is the selection at one tempo.
func TestSearchIsPlayedAgainAtOneTempo(t *testing.T) {
	for name, c := range map[string]struct {
		found *results.Capacity
		want  string
	}{
		"found":       {&results.Capacity{Tempo: 4, Interval: [2]float64{4, 4.125}}, "4.125"},
		"first broke": {&results.Capacity{Interval: [2]float64{0, 0.5}}, "0.5"},
		"unbroken":    {&results.Capacity{Tempo: 1024, Interval: [2]float64{1024, 0}}, "1024"},
		"the tool":    {&results.Capacity{Tempo: 2, Interval: [2]float64{2, 0}, Steps: []results.CapacityStep{{TimeScale: 2, Held: true}, {TimeScale: 8}, {TimeScale: 4}}}, "4"},
		"stopped":     {&results.Capacity{}, "2"},
		"cut":         {nil, "2"},
	} {
		run := results.Run{
			Header:  results.Header{Settings: map[string]string{"time-scale": "2", "shape": "double every 20s until", "stop-on": "p99>500ms/5s", "skip-kinds": "[help]"}},
			Summary: results.Summary{Capacity: c.found},
		}
		if got := again(&run, "").Flags; len(got) != 2 || got["--time-scale"] != c.want || got["--skip-kinds"] != "help" {
			t.Errorf("%s: the command has %v", name, got)
		}
		var o whyTest
		o.add(&cobra.Command{})
		if err := o.asItWas(&run); err != nil {
			t.Fatal(err)
		}
		for flag, want := range map[string]string{"time-scale": c.want, "shape": "", "skip-kinds": "[help]"} {
			if got := o.runs.replay.flags.Lookup(flag).Value.String(); got != want {
				t.Errorf("%s: the test sets --%s to %q, want %q", name, flag, got, want)
			}
		}
		if o.runs.replay.flags.Changed("stop-on") || run.Header.Settings["shape"] == "" {
			t.Errorf("%s: the conditions are set, or the header was changed", name)
		}
	}
}
