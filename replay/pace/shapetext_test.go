package pace

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestParseShape(t *testing.T) {
	for text, want := range map[string][]Step{
		"20k at 2x": {{Text: "20k at 2x", Messages: 20_000, To: Tempo{Scale: 2}}},
		" 500  at\tvolume 1.5 ;hold 10m;": {
			{Text: "500 at volume 1.5", Messages: 500, To: Tempo{Volume: 1.5}},
			{Text: "hold 10m", Form: Hold, Length: 10 * time.Minute},
		},
		"warm: 1h30m at 200/s; peak-2: ramp 5m to 4x; ramp 1s to volume 3; ramp 90s to 12000/m": {
			{Name: "warm", Text: "1h30m at 200/s", Length: 90 * time.Minute, To: Tempo{Rate: 200}},
			{Name: "peak-2", Text: "ramp 5m to 4x", Form: Ramp, Length: 5 * time.Minute, To: Tempo{Scale: 4}},
			{Text: "ramp 1s to volume 3", Form: Ramp, Length: time.Second, To: Tempo{Volume: 3}},
			{Text: "ramp 90s to 12000/m", Form: Ramp, Length: 90 * time.Second, To: Tempo{Rate: 200}},
		},
	} {
		got, err := ParseShape(text)
		if err != nil || !reflect.DeepEqual(got, Shape{Steps: want}) {
			t.Errorf("ParseShape(%q) = %+v, %v; want %+v", text, got, err, want)
		}
	}
}

func TestParseShapeSearch(t *testing.T) {
	for text, want := range map[string]time.Duration{"double every 20s until": 20 * time.Second, "double every pass until": 0} {
		got, err := ParseShape(text)
		if err != nil || got.Search == nil || got.Search.Every != want || len(got.Steps) != 0 {
			t.Errorf("ParseShape(%q) = %+v, %v", text, got, err)
		}
	}
}

func TestParseShapeRefused(t *testing.T) {
	for text, want := range map[string]string{
		"":                                    "step 1: it is empty",
		"5m at 2x;;hold 5m":                   "step 2: it is empty",
		"5m at 0x":                            "step 1: its tempo must be a number above 0",
		"5m at -1x":                           "step 1: its tempo must be a number above 0",
		"5m at NaNx":                          "step 1: its tempo must be a number above 0",
		"5m at Infx":                          "step 1: its tempo must be a number above 0",
		"5m at 1e400x":                        "step 1: its tempo must be a number above 0",
		"5m at 1e12x":                         "step 1: its time-scale is not between",
		"5m at 1x; 5m at 0/s":                 "step 2: its rate must be above 0",
		"5m at NaN/s":                         "step 1: its rate must be above 0",
		"5m at 1e30/s":                        "step 1: its rate is not between",
		"5m at 5/fortnight":                   "step 1: its rate must be above 0",
		"5m at volume 0":                      "step 1: its tempo must be a number above 0",
		"5m at volume 20000":                  "step 1: its volume is not above 0 and at most 10000",
		"5m at 2":                             "step 1: its tempo is not like",
		"5m at 5/":                            "step 1: its tempo is not like",
		"5m at volume":                        "step 1: its tempo is not like",
		"5m at 2x 3x":                         "step 1: its tempo is not like",
		"5m at fastx":                         "step 1: its tempo is not like",
		"0 at 2x":                             "step 1: a step sends at least 1 message",
		"99999999999999999999 at 2x":          "step 1: a step sends at most",
		"9999999999k at 2x":                   "step 1: a step sends at most",
		"1.5k at 2x":                          "step 1: its length is no duration",
		"-5m at 2x":                           "step 1: its length must be above 0",
		"0s at 2x":                            "step 1: its length must be above 0",
		"9999h at 2x":                         "step 1: it is longer than 720h0m0s",
		"hold":                                "step 1: it is not like",
		"hold 500":                            "step 1: its length is no duration",
		"ramp to 2x":                          "step 1: it is not like",
		"ramp 500 to 2x":                      "step 1: its length is no duration",
		"go faster":                           "step 1: it is not like",
		"double every 20s":                    "step 1: a search is written",
		"double every 0s until":               "step 1: its length must be above 0",
		"5m at 2x; double every pass until":   "step 2: a search is the only step",
		"double every pass until; 5m at 2x":   "step 2: a search is the only step",
		"step3: 5m at 2x":                     "step 1: step and a number",
		"a b: 5m at 2x":                       "step 1: a name is made of letters",
		": 5m at 2x":                          "step 1: a name is made of letters",
		"a: 5m at 2x; A: 5m at 3x":            "step 2: step 1 has the same name",
		strings.Repeat("n", 65) + ": hold 5s": "step 1: a name has at most 64 characters",
		strings.Repeat("hold 1s;", 257):       "step 257: a shape has at most 256 steps",
	} {
		got, err := ParseShape(text)
		var wrong *StepError
		if err == nil || !errors.As(err, &wrong) || !strings.HasPrefix(err.Error(), want) || !reflect.DeepEqual(got, Shape{}) {
			t.Errorf("ParseShape(%.40q) = %+v, %v; want an error that begins with %q", text, got, err, want)
		}
	}
}

// What a person mistypes may hold a number or a secret: no error repeats it.
func TestParseShapeErrorsRepeatNothing(t *testing.T) {
	for _, text := range []string{"+14155550123 at 2x", "14155550123", "5m at s3cr3t", "s3 cr3t: hold 5m", "5m at 14155550123/d", "hold s3cr3t"} {
		if _, err := ParseShape(text); err == nil || strings.Contains(err.Error(), "1415") || strings.Contains(err.Error(), "cr3t") {
			t.Errorf("ParseShape(%q): %v", text, err)
		}
	}
}

func FuzzParseShape(f *testing.F) {
	f.Add("20k at 2x; peak: 5m at volume 2; ramp 5m to 200/s; hold 10m")
	f.Add("double every pass until")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := ParseShape(text)
		if err != nil {
			return
		}
		var again Shape
		for _, step := range s.Steps {
			if err := again.Append(step.Name, step.Text); err != nil {
				t.Fatalf("%q: its step %q is not read again: %v", text, step.Text, err)
			}
		}
		if len(s.Steps) > MaxSteps || s.Search == nil && (len(s.Steps) == 0 || !reflect.DeepEqual(again, s)) {
			t.Fatalf("%q: %+v, and again %+v", text, s, again)
		}
	})
}
