package cli

import (
	"context"

	"reprise/capture/yamldoc"
	"reprise/cmd/internal/exit"
	"reprise/replay/pace"
	"reprise/replay/session"
)

// scaleEntry is one entry of --curve-scale, as it is written.
type scaleEntry struct {
	From   string   `yaml:"from"`
	To     string   `yaml:"to"`
	Kinds  []string `yaml:"kinds"`
	Volume *float64 `yaml:"volume"`
}

// parseTempo checks the flags that say when and how often.
func (o *replayOptions) parseTempo(_ context.Context, s *session.Options) (err error) {
	s.Tempo = session.Tempo{TimeScale: o.timeScale, Volume: o.volume, Limit: o.limit, Ramp: o.ramp, Loops: o.loop}
	if o.maxRate != "" {
		if s.MaxRate, err = pace.ParseRate(o.maxRate); err != nil {
			return exit.Misuse("--max-rate: %v", err)
		}
	}
	if o.sample != "" {
		if s.Sample, err = yamldoc.ParseShare(o.sample); err != nil || s.Sample == 0 {
			return exit.Misuse("--sample: write a share above 0, as in 10%%")
		}
	}
	if o.curveScale == "" {
		return nil
	}
	var list []scaleEntry
	if err := readYAML("--curve-scale", o.curveScale, &list); err != nil {
		return err
	}
	for i, e := range list {
		kinds, err := parseKinds("--curve-scale "+o.curveScale, e.Kinds)
		if err != nil {
			return err
		}
		w := windowFlags{from: e.From, to: e.To, zone: o.window.zone}
		when, err := w.parse()
		if err != nil {
			return exit.Misuse("--curve-scale %s: entry %d: %v", o.curveScale, i+1, err)
		}
		if e.Volume == nil || !(*e.Volume >= 0 && *e.Volume <= pace.MaxVolume) {
			return exit.Misuse("--curve-scale %s: entry %d: volume must be a factor from 0 to %v", o.curveScale, i+1, pace.MaxVolume)
		}
		s.Scales = append(s.Scales, session.Scale{From: when.from, To: when.to, Kinds: kinds, Volume: *e.Volume})
	}
	return nil
}
