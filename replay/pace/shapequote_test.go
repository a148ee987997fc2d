package pace

import (
	"strings"
	"testing"
)

func TestParseShapeHints(t *testing.T) {
	for text, wants := range map[string][]string{
		"10s at 2x, 10s at 3x":    {"write ; between steps", `(in "10s at 2x, 10s at 3x")`},
		"2x at volume 2":          {"a step has one tempo", `(in "2x at volume 2")`},
		"5m at 2x; 5m at secretx": {"step 2: ", `(in "5m at …")`},
		"5m at 2x; go to 3x":      {"step 2: ", `(in "… to 3x")`},
		"415 555 0123 at 2x":      {"step 1: it is not like"},
		"anything else":           {"step 1: it is not like"},
	} {
		_, err := ParseShape(text)
		for _, want := range wants {
			if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "anything") || strings.Contains(err.Error(), "555") {
				t.Errorf("%q: %v, want %q", text, err, want)
			}
		}
	}
}
