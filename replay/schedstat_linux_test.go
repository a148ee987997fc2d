package replay

import (
	"testing"
	"time"
)

func TestSteal(t *testing.T) {
	for _, tc := range []struct {
		name, stat string
		want       time.Duration
	}{
		{"a virtual machine", "cpu  82179 762 19440 62705 338 0 343 68 0 0\ncpu0 1 1 1 1 1 1 1 9 0 0\n", 680 * time.Millisecond},
		{"an old kernel", "cpu  82179 762 19440 62705 338 0 343\n", 0},
		{"another line", "intr 1 2 3 4 5 6 7 8 9\n", 0},
		{"nothing", "", 0},
	} {
		if got := stealOf([]byte(tc.stat)); got != tc.want {
			t.Errorf("%s: %v, want %v", tc.name, got, tc.want)
		}
	}
	if cpuSteal() < 0 {
		t.Error("a negative time was stolen")
	}
}
