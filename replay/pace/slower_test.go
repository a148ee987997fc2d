package pace

import "testing"

func TestSlower(t *testing.T) {
	for _, tc := range []struct {
		text, want string
		ok         bool
	}{
		{"20k at 2x; rush: ramp 5m to 3x; hold 10m", "20k at 1x; rush: ramp 5m to 1.5x; hold 10m", true},
		{"10s at 200/s; 5s at volume 2;", "10s at 100/s; 5s at volume 2", true},
		{"double every 20s until", "", false},
		{"evening.yaml", "", false},
	} {
		got, ok := Slower(tc.text, 2)
		if ok != tc.ok || ok && got != tc.want {
			t.Errorf("%q: %q, %v, want %q, %v", tc.text, got, ok, tc.want, tc.ok)
		}
	}
	s, err := ParseShape("10s at 4x; 10s at 200/s; hold 1s")
	if err != nil {
		t.Fatal(err)
	}
	s.Cap = 300
	half := s.Slower(2)
	if half.Steps[0].To.Scale != 2 || half.Steps[1].To.Rate != 100 || half.Cap != 150 || s.Steps[0].To.Scale != 4 {
		t.Errorf("half of %+v is %+v", s, half)
	}
}
