package pace

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// ParseRate reads a rate as people write it, "500/s", "30/m", "1000/h" or "500", and returns it in requests a second.
func ParseRate(s string) (float64, error) {
	number, unit, _ := strings.Cut(s, "/")
	v, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	per := map[string]float64{"": 1, "s": 1, "m": 60, "min": 60, "h": 3600}[unit]
	if err != nil || per == 0 || !(v > 0) || math.IsInf(v, 0) {
		return 0, fmt.Errorf("%q is no rate: write 500/s", s)
	}
	return v / per, nil
}

// CheckRate refuses a rate in requests a second that no schedule can be held to.
func CheckRate(rate float64) error {
	if !(rate >= MinMaxRate && rate <= MaxMaxRate) {
		return fmt.Errorf("it is not between %v/s and %v/s", MinMaxRate, float64(MaxMaxRate))
	}
	return nil
}
