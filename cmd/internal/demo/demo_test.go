package demo

import (
	"testing"
	"time"
)

func TestShort(t *testing.T) {
	for text, want := range map[string]string{"5m": "5m", "1h": "1h", "90s": "1m30s", "10s": "10s", "1h30m": "1h30m", "1h0m5s": "1h0m5s", "250ms": "250ms"} {
		d, err := time.ParseDuration(text)
		if got := short(d); err != nil || got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}
