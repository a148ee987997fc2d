package cli

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"reprise/fixtures/synth"
)

// curveSpec is one of several kinds of curve, as YAML.
type curveSpec struct {
	Name     string        `yaml:"name"`
	CSV      string        `yaml:"csv"`
	Constant *constantSpec `yaml:"constant"`
	Ramp     *rampSpec     `yaml:"ramp"`
	Diurnal  *diurnalSpec  `yaml:"diurnal"`
	// TZ is the time zone of times that do not say theirs, those of peaks included, and of a diurnal curve's days.
	TZ string `yaml:"tz"`
	// Start is when a constant, a ramp or a diurnal curve begins.
	Start string `yaml:"start"`

	flag   string // that said it; "" where the spec did
	tzFlag bool   // that --tz said the zone
}

type constantSpec struct {
	Rate string        `yaml:"rate"`
	For  time.Duration `yaml:"for"`
}

type rampSpec struct {
	From string        `yaml:"from"`
	To   string        `yaml:"to"`
	For  time.Duration `yaml:"for"`
}

type diurnalSpec struct {
	Mean      string             `yaml:"mean"`
	Peak      string             `yaml:"peak"`
	Amplitude float64            `yaml:"amplitude"`
	Week      map[string]float64 `yaml:"week"`
	Days      int                `yaml:"days"`
}

// isCurveFile says whether --curve names a file and not a curve that ships with the program.
func isCurveFile(name string) bool {
	return strings.HasSuffix(strings.ToLower(name), ".csv") || strings.ContainsAny(name, `/\`)
}

// name is what the curve is called where it is told of.
func (c *curveSpec) name() string {
	switch {
	case c.Name != "":
		return c.Name
	case c.CSV != "":
		return c.CSV
	case c.Constant != nil:
		return "constant"
	case c.Ramp != nil:
		return "ramp"
	}
	return "diurnal"
}

// curve makes the curve. An error is a *synth.OptionError below "curve".
func (c *curveSpec) curve() (synth.Curve, error) {
	given := 0
	for _, is := range []bool{c.Name != "", c.CSV != "", c.Constant != nil, c.Ramp != nil, c.Diurnal != nil} {
		if is {
			given++
		}
	}
	if given != 1 {
		return synth.Curve{}, &synth.OptionError{Field: "curve", Reason: "give one of name, csv, constant, ramp, diurnal"}
	}
	zone, err := time.LoadLocation(c.TZ)
	if err != nil {
		return synth.Curve{}, &synth.OptionError{Field: "curve.tz", Reason: noZone(c.TZ)}
	}
	start := synth.ShapeStart()
	if c.Start != "" {
		if c.Name != "" || c.CSV != "" {
			return synth.Curve{}, &synth.OptionError{Field: "curve.start", Reason: "this curve has its own times"}
		}
		if start, err = parseTime(c.Start, zone); err != nil {
			return synth.Curve{}, &synth.OptionError{Field: "curve.start", Reason: err.Error()}
		}
	} else if c.Diurnal != nil { // the midnight of that date, wherever the days are
		y, m, d := start.Date()
		start = time.Date(y, m, d, 0, 0, 0, 0, zone)
	}
	return c.make(start, zone)
}

func (c *curveSpec) make(start time.Time, zone *time.Location) (curve synth.Curve, err error) {
	field := "curve"
	switch {
	case c.Name != "":
		curve, err = synth.CurveNamed(c.Name)
		field = "curve.name"
	case c.CSV != "":
		curve, err = readCurveFile(c.CSV, zone)
		field = "curve.csv"
	case c.Constant != nil:
		field = "curve.constant"
		var r float64
		if r, err = rate("rate", c.Constant.Rate); err == nil {
			curve, err = synth.Constant(start, r, c.Constant.For)
		}
	case c.Ramp != nil:
		field = "curve.ramp"
		from, e1 := rate("from", c.Ramp.From)
		to, e2 := rate("to", c.Ramp.To)
		if err = errors.Join(e1, e2); err == nil {
			curve, err = synth.Ramp(start, from, to, c.Ramp.For)
		}
	case c.Diurnal != nil:
		field = "curve.diurnal"
		curve, err = c.Diurnal.curve(start, zone)
	}
	if err == nil {
		return curve, nil
	}
	var o *synth.OptionError
	if errors.As(err, &o) {
		return curve, &synth.OptionError{Field: field + "." + o.Field, Reason: o.Reason}
	}
	return curve, &synth.OptionError{Field: field, Reason: err.Error()}
}

func readCurveFile(name string, zone *time.Location) (synth.Curve, error) {
	f, err := os.Open(name)
	if err != nil {
		return synth.Curve{}, err
	}
	defer f.Close()
	c, err := synth.ReadCurve(f, zone)
	if err != nil {
		return c, fmt.Errorf("%s: %w", name, err)
	}
	return c, nil
}

func (d *diurnalSpec) curve(start time.Time, zone *time.Location) (synth.Curve, error) {
	mean, err := rate("mean", d.Mean)
	if err != nil {
		return synth.Curve{}, err
	}
	day := synth.Day{Mean: mean, Amplitude: d.Amplitude, Days: d.Days, Zone: zone, Week: map[time.Weekday]float64{}}
	if day.Peak, err = clockTime(d.Peak); err != nil {
		return synth.Curve{}, err
	}
	for _, name := range slices.Sorted(maps.Keys(d.Week)) {
		weekday, ok := weekdayNamed(name)
		if !ok {
			return synth.Curve{}, &synth.OptionError{Field: "week." + name, Reason: "no day is called that: write monday or mon"}
		}
		if _, twice := day.Week[weekday]; twice {
			return synth.Curve{}, &synth.OptionError{Field: "week." + name, Reason: "the day is there twice"}
		}
		day.Week[weekday] = d.Week[name]
	}
	return synth.Diurnal(start, day)
}

// clockTime reads a time of day, "20:30".
func clockTime(s string) (time.Duration, error) {
	t, err := time.Parse("15:04", s)
	if err != nil {
		return 0, &synth.OptionError{Field: "peak", Reason: `it is no time of day, such as "20:00"`}
	}
	return time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute, nil
}

func weekdayNamed(name string) (time.Weekday, bool) {
	for d := range time.Weekday(7) {
		if full := d.String(); strings.EqualFold(name, full) || strings.EqualFold(name, full[:3]) {
			return d, true
		}
	}
	return 0, false
}

// rate reads messages by second, minute or hour: "50/s", "3000/m", "1e6/h", "50". It may be 0.
func rate(field, s string) (float64, error) {
	number, _, _ := strings.Cut(s, "/")
	if n, err := strconv.ParseFloat(strings.TrimSpace(number), 64); err == nil && n == 0 {
		return 0, nil
	}
	n, err := parseRate(s)
	if err != nil {
		return 0, &synth.OptionError{Field: field, Reason: "it is no rate, such as 50/s, 3000/m or 100000/h"}
	}
	return n, nil
}
