package session

import (
	"errors"
	"math/bits"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"reprise/capture"
	"reprise/capture/yamldoc"
	"reprise/replay/pace"
)

func TestReadShape(t *testing.T) {
	if shape, factors, err := ReadShape("20k at 2x; hold 5s", time.UTC); err != nil || len(shape.Steps) != 2 || factors != nil {
		t.Errorf("a line: %+v, %+v, %v", shape, factors, err)
	}
	name := filepath.Join(t.TempDir(), "evening")
	if err := os.WriteFile(name, []byte("steps: [5m at 2x, {name: peak, step: hold 5m}, rush: 20k at 50/s, 'calm: 5s at 1x']\ncap: 500/s\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	shape, _, err := ReadShape(name, time.UTC)
	if err != nil || len(shape.Steps) != 4 || shape.Cap != 500 || shape.Steps[1].Name != "peak" || shape.Steps[2].Name != "rush" ||
		shape.Steps[2].To.Rate != 50 || shape.Steps[3].Name != "calm" || shape.Steps[3].Text != "5s at 1x" {
		t.Errorf("a file: %+v, %v", shape, err)
	}
	if _, _, err := ReadShape("none.yaml", time.UTC); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
	for value, want := range map[string]string{t.TempDir(): "it is a folder", "-": "a shape is not read from stdin"} {
		if _, _, err := ReadShape(value, time.UTC); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}

func TestShapeTemplate(t *testing.T) {
	// A factor for a number of the platform's, which no template knows, is a comment.
	text := strings.Replace(ShapeTemplate(), "# - {recipient", "  - {recipient", 1)
	shape, factors, err := parseShapeFile([]byte(text), time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	if len(shape.Steps) != 8 || shape.Cap != 500 || len(factors) != 9 {
		t.Errorf("%d steps, cap %v, %d factors", len(shape.Steps), shape.Cap, len(factors))
	}
	forms := make(map[pace.Form]bool)
	for _, s := range shape.Steps {
		forms[s.Form] = true
	}
	names := ""
	for _, f := range factors {
		names += f.attributes()
	}
	for _, a := range []string{"hour", "weekday", "kind", "recipient", "time"} {
		if !strings.Contains(names, a) {
			t.Errorf("the template has no %s", a)
		}
	}
	if len(forms) != 3 {
		t.Errorf("the template has the forms %v", forms)
	}
}

func TestShapeFileRefused(t *testing.T) {
	for text, want := range map[string]string{
		"":                                   "line 1: the file: it is empty",
		"{}":                                 "line 1: the file: it bends nothing",
		"steps: []":                          "line 1: the file: it bends nothing",
		"- 5m at 2x":                         "line 1: the file: it is no mapping",
		"steps: 5m at 2x":                    "line 1: steps: it is no list",
		"stages: [5m at 2x]":                 "line 1: stages: there is no such field",
		"steps: [5m at 2x]\nsteps: []":       "line 2: steps: it stands there twice",
		"steps:\n- 5m at 2x\n- 5m at 0/s":    "line 3: steps.1: step 2: its rate must be above 0",
		"steps: [{name: a}]":                 "line 1: steps.0: it has no step",
		"steps: [{name: '', step: 5 at 1x}]": "line 1: steps.0.name: it is empty",
		"steps: [{name: a, step: 5 at 1x, tempo: 3}]":                                "line 1: steps.0.tempo: there is no such field",
		"steps: [{name: a, step: [5 at 1x]}]":                                        "line 1: steps.0.step: it is no text",
		"steps: [{name: step2, step: 5 at 1x}]":                                      "line 1: steps.0.step: step 1: step and a number",
		"steps: [': 5 at 1x']":                                                       "line 1: steps.0: its name is empty",
		"steps: [5 at 1x; 6 at 1x]":                                                  "line 1: steps.0: each step is an entry of its own",
		"steps: [5 at 1x, double every 5s until]":                                    "line 1: steps.1: step 2: a search is the only step",
		"steps: [[5 at 1x]]":                                                         "line 1: steps.0: it is no mapping",
		"cap: 5/s\n---\nsteps: [x]":                                                  "line 2: the file: it holds more than one document",
		"cap: 5/s\n? [steps]\n: [5 at 1x]":                                           "line 2: the file: a key is a text",
		"cap: 5/s\n'+1 888 555 0100': 2":                                             "line 2: a key that is not shown: there is no such field",
		"steps: [{name: lag, step: 5 at 1x}]":                                        "line 1: steps.0.step: step 1: that is a metric",
		"steps:\n- {rush: 5 at 1x,\n   step: 6 at 1x}":                               "line 3: steps.0.step: it stands beside a step that is written NAME: STEP",
		"steps: [{rush: 5 at 1x, name: a}]":                                          "line 1: steps.0.name: it stands beside a step",
		"steps: [{rush: 5 at 1x, calm: 6 at 1x}]":                                    "line 1: steps.0.calm: it stands beside a step",
		"steps: [{step: 5 at 1x, rush: 6 at 1x}]":                                    "line 1: steps.0.rush: there is no such field",
		"steps:\n- 5 at 1x\n- *888555\n":                                             "line 3: steps: an alias stands for nothing",
		"cap: 5/s\nsteps:\n\t- 5 at 1x\n":                                            "line 3: steps: it is indented by a tab",
		"factors: [{hour: [], volume: 2}]":                                           "line 1: factors.0.hour: the list is empty",
		"cap: 0/s":                                                                   "line 1: cap: it is no rate above 0",
		"cap: [5/s]":                                                                 "line 1: cap: it is no rate above 0",
		"cap: 1e30/s":                                                                "line 1: cap: it is no rate above 0",
		"factors: {hour: 5}":                                                         "line 1: factors: it is no list",
		"factors: [{hour: 24, volume: 2}]":                                           "line 1: factors.0.hour: an hour is from 0 to 23",
		"factors: [{hour: 9..x, volume: 2}]":                                         "line 1: factors.0.hour: an hour is from 0 to 23",
		"factors: [{hour: -1, volume: 2}]":                                           "line 1: factors.0.hour: an hour is from 0 to 23",
		"factors: [{weekday: freitag, volume: 2}]":                                   "line 1: factors.0.weekday: a weekday is monday or mon",
		"factors: [{kind: yell, volume: 2}]":                                         "line 1: factors.0.kind: it is no kind",
		"factors: [{kind: [[help]], volume: 2}]":                                     "line 1: factors.0.kind.0: it is no text",
		"factors: [{recipient: '', volume: 2}]":                                      "line 1: factors.0.recipient: it is empty",
		"factors: [{hour: 5}]":                                                       "line 1: factors.0: it has no volume",
		"factors: [{hour: 5, volume: -1}]":                                           "line 1: factors.0.volume: it is no factor",
		"factors: [{hour: 5, volume: NaN}]":                                          "line 1: factors.0.volume: it is no factor",
		"factors: [{hour: 5, volume: 1e9}]":                                          "line 1: factors.0.volume: it is no factor",
		"factors: [{volume: 2}]":                                                     "line 1: factors.0: it has no hour",
		"factors: [{hours: 5, volume: 2}]":                                           "line 1: factors.0.hours: there is no such field",
		"factors: [{from: noon, volume: 2}]":                                         "line 1: factors.0.from: it is no time",
		"factors: [{from: -5s, volume: 2}]":                                          "line 1: factors.0.from: it is before the first message",
		"factors: [{from: 9s, to: 9s, volume: 2}]":                                   "line 1: factors.0: from is not before to",
		"factors:\n- {from: 2022-11-28, to: 2022-11-27, volume: 2}":                  "line 2: factors.0: from is not before to",
		"factors:\n- {hour: 9..17, volume: 2}\n- {hour: 17, volume: 3}":              "line 3: factors.1: it overlaps the factor of line 2",
		"factors:\n- {kind: [help, info], volume: 2}\n- {kind: info, volume: 3}":     "line 3: factors.1: it overlaps the factor of line 2",
		"factors:\n- {from: 5s, volume: 2}\n- {from: 9s, volume: 3}":                 "line 3: factors.1: it overlaps the factor of line 2",
		"factors:\n- {weekday: fri..mon, volume: 2}\n- {weekday: sunday, volume: 3}": "line 3: factors.1: it overlaps the factor of line 2",
		"factors:\n- {recipient: '+18885550100', volume: 2}\n- {recipient: 8885550100, volume: 3}": "line 3: factors.1: it overlaps the factor of line 2",
	} {
		shape, factors, err := parseShapeFile([]byte(text), time.UTC)
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: %+v, %+v, %v; want %q", text, shape, factors, err, want)
		}
		if err != nil && strings.Contains(err.Error(), "888555") {
			t.Errorf("%q: the error repeats a number: %v", text, err)
		}
	}
}

func TestFactorsThatDoNotOverlap(t *testing.T) {
	for _, text := range []string{
		"[{hour: 9..17, volume: 2}, {hour: 18..8, volume: 3}]",
		"[{hour: 9, volume: 2}, {weekday: friday, volume: 3}, {hour: 9, weekday: friday, volume: 3}]",
		"[{hour: 9, weekday: mon, volume: 2}, {hour: 9, weekday: tue, volume: 2}]",
		"[{from: 5s, to: 9s, volume: 2}, {from: 9s, volume: 3}]",
		"[{to: 2022-11-28T12:00:00Z, volume: 2}, {from: 2022-11-28T12:00:00Z, volume: 3}]",
		"[{from: 5s, to: 9s, kind: help, volume: 2}, {from: 5s, to: 9s, kind: info, volume: 3}]",
	} {
		if _, _, err := parseShapeFile([]byte("factors: "+text), time.UTC); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestHoursAndDays(t *testing.T) {
	for text, want := range map[string]int{"9": 1, "9..17": 9, "22..3": 6, "0..23": 24} {
		if set, err := hours(0, text); err != nil || bits.OnesCount32(set) != want {
			t.Errorf("hour %s: %b, %v", text, set, err)
		}
	}
	for text, want := range map[string]uint8{"sun": 1, "Friday": 1 << 5, "mon..fri": 0b0111110, "sat..mon": 0b1000011} {
		if set, err := weekdays(0, text); err != nil || set != want {
			t.Errorf("weekday %s: %b, %v", text, set, err)
		}
	}
}

func TestFactors(t *testing.T) {
	newYork, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	_, list, err := parseShapeFile([]byte(`factors:
- {hour: 9, volume: 2}
- {weekday: friday, volume: 3}
- {kind: [help, info], volume: 5}
- {recipient: 8885550100, volume: 7}
- {from: 2022-11-25 10:00, to: 30m, volume: 11}
- {hour: 9, weekday: friday, kind: help, volume: 0.5}
`), newYork)
	if err != nil {
		t.Fatal(err)
	}
	if most := mostOf(list); most != 2*3*5*7*11 {
		t.Errorf("at most %v", most)
	}
	f := newFactors(list)
	at := func(text string) time.Time {
		when, err := time.ParseInLocation("2006-01-02 15:04", text, newYork)
		if err != nil {
			t.Fatal(err)
		}
		return when.UTC()
	}
	for _, tc := range []struct {
		when string
		kind capture.Kind
		to   string
		want float64
	}{
		{"2022-11-25 09:45", capture.Subscribe, "+1 (888) 555-0100", 2 * 3 * 7},
		{"2022-11-25 09:59", capture.Help, "28572", 2 * 3 * 5 * 0.5},
		{"2022-11-25 10:00", capture.Unrecognized, "28572", 3 * 11},
		{"2022-11-25 10:15", capture.Info, "28572", 3 * 5},
		{"2022-11-26 09:00", capture.Info, "18885550100", 2 * 5 * 7},
		{"2022-11-26 08:59", capture.Other, "", 1},
	} {
		r := capture.Record{Time: at(tc.when), Kind: tc.kind, Message: capture.Message{To: tc.to}}
		if got := f.of(&r); got != tc.want {
			t.Errorf("%+v: the factor is %v", tc, got)
		}
	}
	if err := f.check(); err != nil {
		t.Errorf("each factor was for some: %v", err)
	}
	f = newFactors(list)
	f.of(&capture.Record{Time: at("2022-11-25 09:45"), Kind: capture.Subscribe})
	var field *yamldoc.FieldError
	if err := f.check(); !errors.As(err, &field) || field.Line != 4 || field.Field != "factors.2" {
		t.Errorf("a factor for nothing: %v", err)
	}
}

// A clock's time and an offset are compared when the first message is known.
func TestFactorsOverlapWhenTheFirstIsKnown(t *testing.T) {
	_, list, err := parseShapeFile([]byte("factors:\n- {from: 5s, to: 9s, volume: 2}\n- {from: 2022-11-25T10:00:08Z, volume: 3}\n"), time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	for second, overlap := range map[int]bool{0: true, 58: false} {
		f := newFactors(list)
		origin := time.Date(2022, 11, 25, 10, 0, second, 0, time.UTC)
		if second > 30 {
			origin = origin.Add(-time.Minute)
		}
		f.of(&capture.Record{Time: origin})
		f.hits = []int64{1, 1}
		if err := f.check(); (err != nil) != overlap {
			t.Errorf("from %v: %v", origin, err)
		}
	}
}

func FuzzShapeFile(f *testing.F) {
	f.Add([]byte(ShapeTemplate()))
	f.Add([]byte("steps: [double every pass until]"))
	f.Add([]byte("factors: [{hour: &a [1, 2], volume: 2}, {weekday: *a, volume: 1}]"))
	f.Fuzz(func(t *testing.T, text []byte) {
		shape, factors, err := parseShapeFile(text, time.UTC)
		if err != nil {
			return
		}
		o := Options{Tempo: Tempo{Shape: shape, Factors: factors}}.filled()
		if err := o.check(); err != nil && shape.Search == nil && o.mostVolume() <= pace.MaxVolume {
			t.Fatalf("%q is read and not taken: %v", text, err)
		}
	})
}
