package cli

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"reprise/capture/yamldoc"
	"reprise/replay"
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
		if s.MaxRate, err = parseRate(o.maxRate); err != nil {
			return misuse("--max-rate: %v", err)
		}
	}
	if o.sample != "" {
		if s.Sample, err = yamldoc.ParseShare(o.sample); err != nil || s.Sample == 0 {
			return misuse("--sample: write a share above 0, as in 10%%")
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
			return misuse("--curve-scale %s: entry %d: %v", o.curveScale, i+1, err)
		}
		if e.Volume == nil || !(*e.Volume >= 0 && *e.Volume <= pace.MaxVolume) {
			return misuse("--curve-scale %s: entry %d: volume must be a factor from 0 to %v", o.curveScale, i+1, pace.MaxVolume)
		}
		s.Scales = append(s.Scales, session.Scale{From: when.from, To: when.to, Kinds: kinds, Volume: *e.Volume})
	}
	return nil
}

// parseRate reads "500/s", "30/m", "1000/h" or "500".
func parseRate(s string) (float64, error) {
	number, unit, _ := strings.Cut(s, "/")
	v, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	per := map[string]float64{"": 1, "s": 1, "m": 60, "min": 60, "h": 3600}[unit]
	if err != nil || per == 0 || !(v > 0) || math.IsInf(v, 0) {
		return 0, misuse("%q is no rate: write 500/s", s)
	}
	return v / per, nil
}

// parseStopOn reads "errors>50%/10s", several parted by commas, or "none".
func parseStopOn(list string) ([]replay.Fuse, error) {
	fuses := []replay.Fuse{}
	if list == "none" {
		return fuses, nil
	}
	for one := range strings.SplitSeq(list, ",") {
		one = strings.TrimSpace(one)
		bad := fmt.Errorf("%q is not like 'errors>50%%/10s'", one)
		rest, ok := strings.CutPrefix(one, "errors>")
		share, window, cut := strings.Cut(rest, "/")
		if !ok || !cut {
			return nil, bad
		}
		part, err := yamldoc.ParseShare(share)
		if err != nil {
			return nil, err
		}
		d, err := time.ParseDuration(window)
		if err != nil || d <= 0 {
			return nil, bad
		}
		fuses = append(fuses, replay.Fuse{Share: part, Window: d})
	}
	return fuses, nil
}
