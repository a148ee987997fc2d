package cli

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"reprise/capture"
	"reprise/capture/yamldoc"
	"reprise/replay"
	"reprise/replay/pace"
	"reprise/replay/results"
	"reprise/replay/send"
)

// stretchScale is one entry of --curve-scale, as it is checked before the corpus is read.
type stretchScale struct {
	when   window
	kinds  []uint8
	volume float64
}

// scaleEntry is one entry of --curve-scale, as it is written.
type scaleEntry struct {
	From   string   `yaml:"from"`
	To     string   `yaml:"to"`
	Kinds  []string `yaml:"kinds"`
	Volume *float64 `yaml:"volume"`
}

// parseTempo checks the flags that say when and how often.
func (o *replayOptions) parseTempo() (err error) {
	if o.maxRate != "" {
		if o.perSecond, err = parseRate(o.maxRate); err != nil {
			return misuse("--max-rate: %v", err)
		}
	}
	o.share = 1
	if o.sample != "" {
		if o.share, err = yamldoc.ParseShare(o.sample); err != nil || o.share == 0 {
			return misuse("--sample: write a share above 0, as in 10%%")
		}
	}
	if o.loop < 1 {
		return misuse("--loop must be at least 1")
	}
	if o.ramp < 0 {
		return misuse("--ramp must not be negative")
	}
	return o.parseScales()
}

func (o *replayOptions) parseScales() error {
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
		s := stretchScale{when: when, volume: *e.Volume}
		for _, k := range kinds {
			s.kinds = append(s.kinds, uint8(k))
		}
		o.stretches = append(o.stretches, s)
	}
	return nil
}

// scales places the entries of --curve-scale on a schedule that begins with a record of a known time.
func (o *replayOptions) scales(origin time.Time) (list []pace.Scale) {
	for _, s := range o.stretches {
		p := pace.Scale{Kinds: s.kinds, Volume: s.volume}
		if !s.when.from.IsZero() {
			p.From = max(s.when.from.Sub(origin), 0)
		}
		if !s.when.to.IsZero() {
			if p.To = s.when.to.Sub(origin); p.To <= 0 {
				continue // it ends before the first record
			}
		}
		list = append(list, p)
	}
	return list
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

// sampled says whether a record's sender is among the share of senders that are played; who is follows from the seed.
func (o *replayOptions) sampled(r *capture.Record) bool {
	if o.share >= 1 {
		return true
	}
	who := replay.Person(r)
	if who == 0 {
		who = uint64(r.Seq) | 1<<63
	}
	return float64(scramble(who^scramble(o.paceSeed))>>11)/(1<<53) < o.share
}

// scramble is SplitMix64's finalizer (Steele et al. 2014).
func scramble(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// parseEngine checks the flags that say how requests are sent and judged.
func (o *replayOptions) parseEngine() (err error) {
	switch o.pacing {
	case "precise":
		o.pace = send.Precise
	case "eco":
		o.pace = send.Eco
	default:
		return misuse("--pacing: %q is neither precise nor eco", o.pacing)
	}
	switch o.affinity {
	case "connection":
		o.stick = send.AffinityNone
	case "sender":
		o.stick = send.AffinitySender
	default:
		return misuse("--affinity: %q is neither connection nor sender", o.affinity)
	}
	if !slices.Contains([]string{"recorded", "none", "vendor"}, o.retries) {
		return misuse("--retries: %q is none of recorded, none, vendor", o.retries)
	}
	for flag, value := range map[string]time.Duration{
		"--timeout-connect": o.timeouts.Connect, "--timeout-write": o.timeouts.Write,
		"--timeout-first-byte": o.timeouts.FirstByte, "--timeout-body": o.timeouts.Body,
	} {
		if value < 0 {
			return misuse("%s is negative", flag)
		}
	}
	if o.expect != "" {
		if o.targets, err = results.ParseExpect(o.expect); err != nil {
			return misuse("--expect: %v", err)
		}
	}
	return nil
}
