package cause

import "testing"

// TestHoursFollowEachOther: of hours that are slow here and there a stretch is taken, not each by itself.
func TestHoursFollowEachOther(t *testing.T) {
	var b tally
	for code := range 24 {
		b.count[code], b.sum[code] = 100, -10
	}
	for code, sum := range map[int]float32{2: 40, 9: 60, 10: 70, 11: 60, 17: 50} {
		b.sum[code] = sum
	}
	c := b.best(shapeOf(RecordedHour, 24), 2400)
	for code := range 24 {
		if got, want := c.codes.has(uint8(code)), code >= 9 && code <= 11; got != want {
			t.Errorf("hour %d is in the rule: %v, want %v", code, got, want)
		}
	}
}
