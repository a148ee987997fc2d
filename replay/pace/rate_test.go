package pace

import "testing"

func TestParseRate(t *testing.T) {
	for text, want := range map[string]float64{"500/s": 500, "30/m": 0.5, "7200/h": 2, "500": 500, "60/min": 1} {
		if got, err := ParseRate(text); err != nil || got != want {
			t.Errorf("%q is %v, %v; want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "fast", "0/s", "-1/s", "inf/s", "NaN", "5/day"} {
		if got, err := ParseRate(text); err == nil {
			t.Errorf("%q is %v", text, got)
		}
	}
}
