package cli

import (
	"bytes"
	"cmp"
	"errors"
	"io"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"reprise/capture"
	"reprise/fixtures"
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

	file    string     // "" where there is none
	root    *yaml.Node // of the file: it knows the lines
	mixFile string     // that replaced the mix
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
	Newcomers  float64 `yaml:"newcomers"`
	Exponent   float64 `yaml:"exponent"`
	OptedIn    float64 `yaml:"opted_in"`
	Recipients int     `yaml:"recipients"`
}

type retrySpec struct {
	Share float64 `yaml:"share"`
	Most  int     `yaml:"most"`
}

type receiptSpec struct {
	Share  float64 `yaml:"share"`
	Failed float64 `yaml:"failed"`
}

// builtInSpec is the spec of the command without flags.
func builtInSpec() *synthSpec {
	p := fixtures.DefaultPeople()
	return &synthSpec{
		Version: 1, Seed: 1, Curve: curveSpec{Name: fixtures.BFCM2022().Name}, Keywords: fixtures.DefaultKeywords(),
		People: peopleSpec{p.Newcomers, p.Exponent, p.OptedIn, p.Recipients},
	}
}

// readSpec returns what is built in, changed by what a file says; "" is no file.
func readSpec(name string) (*synthSpec, error) {
	if name == "" {
		return builtInSpec(), nil
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, misuse("--spec: %v", err)
	}
	return parseSpec(name, text)
}

func parseSpec(name string, text []byte) (*synthSpec, error) {
	spec := builtInSpec()
	spec.Version, spec.Curve, spec.file, spec.root = 0, curveSpec{}, name, new(yaml.Node)
	if err := yaml.Unmarshal(text, spec.root); err != nil {
		return nil, misuse("--spec %s: %s", name, plainYAML(nil, err))
	}
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	if err := d.Decode(spec); err != nil && !errors.Is(err, io.EOF) {
		return nil, misuse("--spec %s: %s", name, plainYAML(spec.root, err))
	}
	if err := d.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return nil, misuse("--spec %s: it holds more than one document", name)
	}
	if spec.Version != 1 {
		return nil, misuse("--spec %s: it needs the line version: 1", name)
	}
	if spec.Curve == (curveSpec{}) {
		spec.Curve.Name = fixtures.BFCM2022().Name
	}
	return spec, nil
}

// plainYAML says what is wrong with a file, and in which field, without the names of types and without what stands there.
func plainYAML(root *yaml.Node, err error) string {
	var t *yaml.TypeError
	if !errors.As(err, &t) || len(t.Errors) == 0 {
		return strings.TrimPrefix(err.Error(), "yaml: ")
	}
	first := t.Errors[0]
	if m := regexp.MustCompile(`^(line \d+): field (\S+) not found in type`).FindStringSubmatch(first); m != nil {
		return m[1] + ": there is no field " + m[2]
	}
	if m := regexp.MustCompile(`^(line (\d+)): cannot unmarshal .* into (\S+)$`).FindStringSubmatch(first); m != nil {
		line, _ := strconv.Atoi(m[2]) // digits
		where := ""
		if path := fieldAt(root, line); len(path) > 0 {
			where = strings.Join(path, ".") + ": "
		}
		return m[1] + ": " + where + "it is not " + typeNoun(m[3])
	}
	return first
}

// fieldAt returns the path of the field that begins in a line, as far as only one does.
func fieldAt(n *yaml.Node, line int) (path []string) {
	if n == nil {
		return nil
	}
	var found []string
	for i, child := range n.Content {
		step := ""
		switch {
		case n.Kind == yaml.MappingNode && i%2 == 0:
			continue
		case n.Kind == yaml.MappingNode:
			step = n.Content[i-1].Value
		case n.Kind == yaml.SequenceNode:
			step = strconv.Itoa(i)
		}
		here := n.Kind == yaml.MappingNode && n.Content[i-1].Line == line || n.Kind == yaml.SequenceNode && child.Line == line
		below := fieldAt(child, line)
		if !here && len(below) == 0 {
			continue
		}
		if found != nil {
			return nil // several
		}
		if found = below; step != "" {
			found = append([]string{step}, below...)
		}
	}
	return found
}

// typeNoun says what YAML a type is read from.
func typeNoun(goType string) string {
	switch {
	case strings.Contains(goType, "Duration"):
		return "a duration, such as 250ms or 5m"
	case strings.HasPrefix(goType, "[]"):
		return "a list"
	case strings.HasPrefix(goType, "map["), strings.HasPrefix(goType, "cli."):
		return "a map of fields"
	case strings.HasPrefix(goType, "int"), strings.HasPrefix(goType, "uint"):
		return "a whole number"
	case strings.HasPrefix(goType, "float"):
		return "a number"
	}
	return "a text"
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
func (s *synthSpec) options() (fixtures.Options, error) {
	o := fixtures.Options{
		Messages: s.Messages, Seed: s.Seed, Vendors: s.Vendors, Keywords: s.Keywords,
		Bursts:   fixtures.Bursts(s.Bursts),
		Retries:  fixtures.Retries{Share: s.Retries.Share, Most: s.Retries.Most, Schedule: render.RetrySchedule},
		Receipts: fixtures.Receipts(s.Receipts),
	}
	p := fixtures.People(s.People)
	o.People = &p
	var err error
	if o.Curve, err = s.Curve.curve(); err != nil {
		return o, s.explain(err)
	}
	if s.Mix != nil {
		if o.Mix, err = fixtures.ParseMix(s.Mix); err != nil {
			return o, s.explain(err)
		}
	}
	for i, peak := range s.Peaks {
		at, err := zonedTime(peak.At, cmp.Or(peak.TZ, s.Curve.TZ))
		if err != nil {
			return o, s.explain(&fixtures.OptionError{Field: "peaks." + strconv.Itoa(i) + "." + err.Field, Reason: err.Reason})
		}
		o.Peaks = append(o.Peaks, fixtures.Peak{At: at, Messages: peak.Messages, Rise: peak.Rise, Decay: peak.Decay})
	}
	return o, nil
}

// zonedTime reads a time; an error names the field at or tz.
func zonedTime(text, zone string) (time.Time, *fixtures.OptionError) {
	location, err := time.LoadLocation(zone) // "" is UTC
	if err != nil {
		return time.Time{}, &fixtures.OptionError{Field: "tz", Reason: noZone(zone)}
	}
	if text == "" {
		return time.Time{}, &fixtures.OptionError{Field: "at", Reason: "it is missing"}
	}
	at, err := parseTime(text, location)
	if err != nil {
		return at, &fixtures.OptionError{Field: "at", Reason: err.Error()}
	}
	return at, nil
}

// explain says where an option that cannot be used was given: in which line of which file, or by which flag.
func (s *synthSpec) explain(err error) error {
	var o *fixtures.OptionError
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
	if line := lineOf(s.root, strings.Split(o.Field, ".")); line > 0 {
		return misuse("--spec %s: line %d: %v", s.file, line, err)
	}
	return misuse("--spec %s: %v", s.file, err)
}

// lineOf finds the line of a field, or of as much of its path as there is; 0 where there is none.
func lineOf(n *yaml.Node, path []string) (line int) {
	if n == nil {
		return 0
	}
	if n.Kind == yaml.DocumentNode && len(n.Content) > 0 {
		n = n.Content[0]
	}
next:
	for _, step := range path {
		switch n.Kind {
		case yaml.MappingNode:
			for i := 0; i+1 < len(n.Content); i += 2 {
				if n.Content[i].Value == step {
					line, n = n.Content[i].Line, n.Content[i+1]
					continue next
				}
			}
		case yaml.SequenceNode:
			if i, err := strconv.Atoi(step); err == nil && i < len(n.Content) {
				n = n.Content[i]
				line = n.Line
				continue next
			}
		}
		return line
	}
	return line
}

// mixOrDefault is the mix that is in force.
func (s *synthSpec) mixOrDefault() map[string]float64 {
	if s.Mix != nil {
		return s.Mix
	}
	mix := make(map[string]float64)
	for kind, w := range fixtures.DefaultMix() {
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
