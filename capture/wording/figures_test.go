package wording

import (
	"math"
	"testing"
	"time"
)

func TestFigures(t *testing.T) {
	for _, tc := range []struct{ got, want string }{
		{Duration(0), "0"},
		{Duration(999), "999 ns"},
		{Duration(524799), "525 µs"},
		{Duration(-1500 * time.Microsecond), "-1.50 ms"},
		{Duration(35100 * time.Microsecond), "35.1 ms"},
		{Duration(60650 * time.Millisecond), "1m0.7s"},
		{Duration(601400 * time.Millisecond), "10m1s"},
		{Compact(2 * time.Hour), "2h"},
		{Compact(10 * time.Minute), "10m"},
		{Compact(70*time.Minute + 5*time.Second), "1h10m5s"},
		{Compact(1500 * time.Millisecond), "1.5s"},
		{Percent(0.031), "3.10 %"},
		{Digits(9.996), "10.0"},
		{Plain(0.78125, 4), "0.7812"},
		{Plain(2, 4), "2"},
		{Plain(999.9, 4), "999.9"},
		{Plain(999.96, 4), "1,000"},
		{Plain(999.7, 3), "1,000"},
		{Plain(20000, 4), "20,000"},
		{Plain(-12345.6, 3), "-12,346"},
		{Plain(1e18, 3), "1e+18"},
		{Plain(math.Inf(1), 3), "+Inf"},
	} {
		if tc.got != tc.want {
			t.Errorf("got %q, want %q", tc.got, tc.want)
		}
	}
}
