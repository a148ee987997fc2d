package session

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"reprise/capture"
	"reprise/capture/localtime"
	"reprise/capture/yamldoc"
	"reprise/replay/pace"
)

// ReadShape reads a shape: from a YAML file, where one is called so or the name ends in .yaml or .yml, and else the text itself as
// pace.ParseShape does. Times of factors are RFC 3339, or a wall clock's in zone. What is wrong with a file's content is a
// *yamldoc.ContentError.
func ReadShape(value string, zone *time.Location) (pace.Shape, []Factor, error) {
	if value == "-" {
		return pace.Shape{}, nil, errors.New("a shape is not read from stdin: name a file, or write the steps themselves")
	}
	if info, err := os.Stat(value); err == nil && info.IsDir() {
		return pace.Shape{}, nil, errors.New("it is a folder: name a file, or write the steps themselves")
	}
	if !isShapeFile(value) {
		shape, err := pace.ParseShape(value)
		return shape, nil, err
	}
	text, err := yamldoc.ReadFile(value)
	if err != nil {
		return pace.Shape{}, nil, err
	}
	shape, factors, err := parseShapeFile(text, zone)
	if err != nil {
		return pace.Shape{}, nil, &yamldoc.ContentError{Name: value, Err: err}
	}
	for i := range factors {
		factors[i].Name = value
	}
	return shape, factors, nil
}

// isShapeFile says whether a shape is in a file.
func isShapeFile(value string) bool {
	if strings.HasSuffix(value, ".yaml") || strings.HasSuffix(value, ".yml") {
		return true
	}
	_, err := os.Stat(value)
	return err == nil
}

// shapeFile reads the fields of a shape.
type shapeFile struct {
	shape   pace.Shape
	factors []Factor
	zone    *time.Location
}

// parseShapeFile reads a shape as a file has it.
func parseShapeFile(text []byte, zone *time.Location) (pace.Shape, []Factor, error) {
	d, err := yamldoc.Parse(text, "steps", "cap", "factors")
	if err != nil {
		return pace.Shape{}, nil, err
	}
	root, ok := d.Root()
	if !ok {
		return pace.Shape{}, nil, &yamldoc.FieldError{Line: 1, Field: "the file", Reason: "it is empty: give steps, cap or factors"}
	}
	f := shapeFile{zone: zone}
	if err := root.Each(f.field); err != nil {
		return pace.Shape{}, nil, err
	}
	if f.shape.IsZero() && len(f.factors) == 0 {
		return pace.Shape{}, nil, root.Errorf("it bends nothing: give steps, cap or factors")
	}
	return f.shape, f.factors, checkFactors(f.factors, time.Time{})
}

func (f *shapeFile) field(key string, v yamldoc.Node) error {
	switch key {
	case "steps":
		return v.Items(f.step)
	case "cap":
		rate, err := pace.ParseRate(v.OrText())
		if err == nil {
			err = pace.CheckRate(rate)
		}
		if err != nil {
			return v.Errorf("it is no rate above 0, such as 500/s")
		}
		f.shape.Cap = rate
		return nil
	case "factors":
		return v.Items(f.factor)
	}
	return v.Errorf("there is no such field, but steps, cap and factors")
}

// step reads one step: a text, or a mapping of a name and a step, or of the name itself to the step, which stands alone then.
func (f *shapeFile) step(_ int, v yamldoc.Node) error {
	if text, ok := v.Text(); ok {
		name, step, named := strings.Cut(text, ":")
		if !named {
			name, step = "", text
		}
		if named && strings.TrimSpace(name) == "" {
			return v.Errorf("its name is empty")
		}
		return f.add(name, step, v)
	}
	var name, step string
	var at yamldoc.Node
	fields, isPair := 0, false
	err := v.Each(func(key string, w yamldoc.Node) error {
		fields++
		text, ok := w.Text()
		switch {
		case !ok:
			return w.Errorf("it is no text")
		case isPair:
			return w.Errorf("it stands beside a step that is written NAME: STEP: each step is an entry of its own, and a field beside step is name")
		case key == "name":
			if name = text; text == "" {
				return w.Errorf("it is empty")
			}
		case key == "step":
			step, at = text, w
		case fields == 1: // NAME: step, as in a line of text
			name, step, at, isPair = key, text, w, true
		default:
			return w.Errorf("there is no such field, but name and step")
		}
		return nil
	})
	switch {
	case err != nil:
		return err
	case step == "":
		return v.Errorf("it has no step, such as 20k at 2x")
	}
	return f.add(name, step, at)
}

// add appends a step that was written in a value.
func (f *shapeFile) add(name, step string, v yamldoc.Node) error {
	if strings.Contains(step, ";") {
		return v.Errorf("each step is an entry of its own")
	}
	if err := f.shape.Append(name, step); err != nil {
		return v.Errorf("%v", err)
	}
	return nil
}

// maxFactors is how many factors a shape can have: each is asked about each record.
const maxFactors = 200

// factor reads one factor.
func (f *shapeFile) factor(i int, v yamldoc.Node) error {
	if i == maxFactors {
		return v.Errorf("a shape has at most %d factors", maxFactors)
	}
	one := Factor{Zone: f.zone, Line: v.Line(), Volume: -1}
	err := v.Each(func(key string, w yamldoc.Node) error {
		switch key {
		case "hour":
			return eachText(w, func(text string) (err error) { one.Hours, err = hours(one.Hours, text); return err })
		case "weekday":
			return eachText(w, func(text string) (err error) { one.Weekdays, err = weekdays(one.Weekdays, text); return err })
		case "kind":
			return eachText(w, func(text string) error {
				kind, err := capture.ParseKind(text)
				if err != nil {
					return fmt.Errorf("it is no kind; the kinds are %s", strings.Join(capture.KindNames(), " "))
				}
				one.Kinds = append(one.Kinds, kind)
				return nil
			})
		case "recipient":
			return eachText(w, func(text string) error {
				if text == "" {
					return errors.New("it is empty")
				}
				one.Recipients = append(one.Recipients, canonical(text))
				return nil
			})
		case "from":
			return f.bound(w, &one.From)
		case "to":
			return f.bound(w, &one.To)
		case "volume":
			volume, err := strconv.ParseFloat(w.OrText(), 64)
			if one.Volume = volume; err != nil || !(volume >= 0 && volume <= pace.MaxVolume) {
				return w.Errorf("it is no factor from 0 to %v", pace.MaxVolume)
			}
			return nil
		}
		return w.Errorf("there is no such field, but hour, weekday, kind, recipient, from, to and volume")
	})
	if err == nil && one.Volume == -1 {
		err = v.Errorf("it has no volume")
	}
	f.factors = append(f.factors, one)
	return err
}

// eachText calls do for a text, or each of a list of texts.
func eachText(v yamldoc.Node, do func(text string) error) error {
	one := func(_ int, w yamldoc.Node) error {
		text, ok := w.Text()
		if !ok {
			return w.Errorf("it is no text")
		}
		if err := do(strings.TrimSpace(text)); err != nil {
			return w.Errorf("%v", err)
		}
		return nil
	}
	if _, single := v.Text(); single {
		return one(0, v)
	}
	none := true
	err := v.Items(func(i int, w yamldoc.Node) error { none = false; return one(i, w) })
	if err == nil && none {
		err = v.Errorf("the list is empty")
	}
	return err
}

// bound reads a moment of the recording.
func (f *shapeFile) bound(v yamldoc.Node, into *Bound) error {
	text := strings.TrimSpace(v.OrText())
	into.Set = true
	if d, err := time.ParseDuration(text); err == nil {
		if into.After = d; d < 0 {
			return v.Errorf("it is before the first message that is played")
		}
		return nil
	}
	at, _, err := localtime.Parse(text, f.zone)
	switch {
	case errors.Is(err, localtime.ErrNoSuchTime):
		return v.Errorf("%v", err)
	case err != nil:
		return v.Errorf("it is no time: write 2022-11-28T12:00:00Z, 2022-11-28 12:00, or an offset since the first message such as 90s")
	}
	into.At = at
	return nil
}

// hours adds an hour, or a range of them with both its ends, to a set: "9" or "9..17" or, over midnight, "22..3".
func hours(set uint32, text string) (uint32, error) {
	first, last, ranged := strings.Cut(text, "..")
	if !ranged {
		last = first
	}
	from, err := strconv.ParseUint(strings.TrimSpace(first), 10, 8)
	to, err2 := strconv.ParseUint(strings.TrimSpace(last), 10, 8)
	if err != nil || err2 != nil || from > 23 || to > 23 {
		return set, errors.New("an hour is from 0 to 23, and hours are written 9..17")
	}
	for h := from; ; h = (h + 1) % 24 {
		if set |= 1 << h; h == to {
			return set, nil
		}
	}
}

// weekdays adds a day, or a range of them with both its ends, to a set: "friday" or "mon..fri" or "sat..mon".
func weekdays(set uint8, text string) (uint8, error) {
	first, last, ranged := strings.Cut(text, "..")
	if !ranged {
		last = first
	}
	from, ok := weekday(first)
	to, ok2 := weekday(last)
	if !ok || !ok2 {
		return set, errors.New("a weekday is monday or mon, and weekdays are written mon..fri")
	}
	for d := from; ; d = (d + 1) % 7 {
		if set |= 1 << d; d == to {
			return set, nil
		}
	}
}

// weekday reads a day by its name or the first three letters.
func weekday(text string) (time.Weekday, bool) {
	text = strings.ToLower(strings.TrimSpace(text))
	for d := time.Sunday; d <= time.Saturday; d++ {
		if name := strings.ToLower(d.String()); text == name || text == name[:3] {
			return d, true
		}
	}
	return 0, false
}
