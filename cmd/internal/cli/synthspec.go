package cli

import (
	"cmp"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"reprise/capture"
	"reprise/capture/yamldoc"
	"reprise/fixtures/synth"
	"reprise/replay/render"
)

// synthSpec is what fixtures synth makes, as YAML. What a file does not say stays what is built in.
type synthSpec struct {
	Version  int                `yaml:"version"`
	Seed     uint64             `yaml:"seed"`
	Curve    curveSpec          `yaml:"curve"`
	Messages int64              `yaml:"messages"`
	Peaks    []peakSpec         `yaml:"peaks"`
	Bursts   burstSpec          `yaml:"bursts"`
	Mix      map[string]float64 `yaml:"mix"`
	Vendors  map[string]float64 `yaml:"vendors"`
	People   peopleSpec         `yaml:"people"`
	Keywords []string           `yaml:"keywords"`
	Retries  retrySpec          `yaml:"retries"`
	Receipts receiptSpec        `yaml:"receipts"`

	file    string           // "" where there is none
	doc     yamldoc.Document // the file: it knows the lines
	mixFile string           // that replaced the mix
}

type peakSpec struct {
	At       string        `yaml:"at"`
	TZ       string        `yaml:"tz"`
	Messages int64         `yaml:"messages"`
	Rise     time.Duration `yaml:"rise"`
	Decay    time.Duration `yaml:"decay"`
}

type burstSpec struct {
	Size     float64       `yaml:"size"`
	Duration time.Duration `yaml:"duration"`
	Index    float64       `yaml:"index"`
	Window   time.Duration `yaml:"window"`
}

type peopleSpec struct {
	Newcomers  yamldoc.Share `yaml:"newcomers"`
	Exponent   float64       `yaml:"exponent"`
	OptedIn    yamldoc.Share `yaml:"opted_in"`
	Recipients int           `yaml:"recipients"`
}

type retrySpec struct {
	Share yamldoc.Share `yaml:"share"`
	Most  int           `yaml:"most"`
}

type receiptSpec struct {
	Share  yamldoc.Share `yaml:"share"`
	Failed yamldoc.Share `yaml:"failed"`
}

// builtInSpec is the spec of the command without flags.
func builtInSpec() *synthSpec {
	p := synth.DefaultPeople()
	return &synthSpec{
		Version: 1, Seed: 1, Curve: curveSpec{Name: synth.BFCM2022().Name}, Keywords: synth.DefaultKeywords(),
		People: peopleSpec{yamldoc.Share(p.Newcomers), p.Exponent, yamldoc.Share(p.OptedIn), p.Recipients},
	}
}

// readSpec returns what is built in, changed by what a file says; "" is no file. The curve's file stands beside the spec.
func readSpec(name string) (*synthSpec, error) {
	if name == "" {
		return builtInSpec(), nil
	}
	text, err := yamldoc.ReadFile(name)
	if err != nil {
		return nil, misuse("--spec: %v", err)
	}
	spec, err := parseSpec(name, text)
	// What is piped in has no folder of its own.
	if info, e := os.Stat(name); err == nil && e == nil && info.Mode().IsRegular() {
		if file := spec.Curve.CSV; file != "" && !filepath.IsAbs(file) {
			spec.Curve.CSV = filepath.Join(filepath.Dir(name), file)
		}
	}
	return spec, err
}

func parseSpec(name string, text []byte) (*synthSpec, error) {
	spec := builtInSpec()
	spec.Curve, spec.file = curveSpec{}, name
	var err error
	if spec.doc, err = yamldoc.Decode(text, spec); err != nil {
		return nil, misuse("--spec %s: %v", name, err)
	}
	if spec.doc.Several() {
		return nil, misuse("--spec %s: it holds more than one document", name)
	}
	if spec.Version != 1 {
		return nil, misuse("--spec %s: it is of version %d, and this program reads version 1", name, spec.Version)
	}
	if spec.Curve == (curveSpec{}) {
		spec.Curve.Name = synth.BFCM2022().Name
	}
	return spec, nil
}

// readMix replaces the mix by that of a file.
func (s *synthSpec) readMix(file string) error {
	s.Mix, s.mixFile = nil, file
	if err := readYAML("--mix", file, &s.Mix); err != nil {
		return err
	}
	if s.Mix == nil {
		s.Mix = map[string]float64{}
	}
	return nil
}

// options turns the spec into the library's.
func (s *synthSpec) options() (synth.Options, error) {
	o := synth.Options{
		Messages: s.Messages, Seed: s.Seed, Vendors: s.Vendors, Keywords: s.Keywords,
		Bursts:   synth.Bursts(s.Bursts),
		Retries:  synth.Retries{Share: float64(s.Retries.Share), Most: s.Retries.Most, Schedule: render.RetrySchedule},
		Receipts: synth.Receipts{Share: float64(s.Receipts.Share), Failed: float64(s.Receipts.Failed)},
	}
	p := s.People
	o.People = &synth.People{Newcomers: float64(p.Newcomers), Exponent: p.Exponent, OptedIn: float64(p.OptedIn), Recipients: p.Recipients}
	var err error
	if o.Curve, err = s.Curve.curve(); err != nil {
		return o, s.explain(err)
	}
	if s.Mix != nil {
		if o.Mix, err = synth.ParseMix(s.Mix); err != nil {
			return o, s.explain(err)
		}
	}
	for i, peak := range s.Peaks {
		at, err := zonedTime(peak.At, cmp.Or(peak.TZ, s.Curve.TZ))
		if err != nil {
			return o, s.explain(&synth.OptionError{Field: "peaks." + strconv.Itoa(i) + "." + err.Field, Reason: err.Reason})
		}
		o.Peaks = append(o.Peaks, synth.Peak{At: at, Messages: peak.Messages, Rise: peak.Rise, Decay: peak.Decay})
	}
	return o, nil
}

// zonedTime reads a time; an error names the field at or tz.
func zonedTime(text, zone string) (time.Time, *synth.OptionError) {
	location, err := time.LoadLocation(zone) // "" is UTC
	if err != nil {
		return time.Time{}, &synth.OptionError{Field: "tz", Reason: noZone(zone)}
	}
	if text == "" {
		return time.Time{}, &synth.OptionError{Field: "at", Reason: "it is missing"}
	}
	at, err := parseTime(text, location)
	if err != nil {
		return at, &synth.OptionError{Field: "at", Reason: err.Error()}
	}
	return at, nil
}

// explain says where an option that cannot be used was given: in which line of which file, or by which flag.
func (s *synthSpec) explain(err error) error {
	var o *synth.OptionError
	if !errors.As(err, &o) {
		return err
	}
	top, _, _ := strings.Cut(o.Field, ".")
	switch {
	case top == "mix" && s.mixFile != "":
		return misuse("--mix %s: %v", s.mixFile, err)
	case o.Field == "curve.tz" && s.Curve.tzFlag:
		return misuse("--tz: %s", o.Reason)
	case top == "curve" && s.Curve.flag != "":
		return misuse("%s: %s", s.Curve.flag, o.Reason)
	case s.file == "":
		return misuse("%v", err)
	}
	if line := s.doc.Line(strings.Split(o.Field, ".")...); line > 0 {
		return misuse("--spec %s: line %d: %v", s.file, line, err)
	}
	return misuse("--spec %s: %v", s.file, err)
}

// mixOrDefault is the mix that is in force.
func (s *synthSpec) mixOrDefault() map[string]float64 {
	if s.Mix != nil {
		return s.Mix
	}
	mix := make(map[string]float64)
	for kind, w := range synth.DefaultMix() {
		mix[kind.String()] = w
	}
	return mix
}

// kindNames lists the kinds that can be made up, as people read them.
func kindNames(mix map[string]float64) (names []string) {
	for _, k := range capture.Kinds() {
		if _, ok := mix[k.String()]; ok {
			names = append(names, k.String())
		}
	}
	return names
}
