package session_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"reprise/capture"
	"reprise/capture/localtime"
	"reprise/capture/yamldoc"
	"reprise/replay/session"
)

func TestReadScales(t *testing.T) {
	zone, err := localtime.Zone("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "scales.yaml")
	for _, tc := range []struct{ text, wrong string }{
		{"- {from: 2022-11-25 10:00, kinds: [help], volume: 3}\n- volume: 0\n", ""},
		{"- {from: noon, volume: 2}\n", "entry 1: from: \"noon\" is no time"},
		{"- volume: 1\n- {from: 2022-11-26, to: 2022-11-25, volume: 2}\n", "entry 2: from is not before to"},
		{"- kinds: [help]\n", "entry 1: volume must be a factor from 0 to"},
		{"- {kinds: [greeting], volume: 2}\n", "entry 1: no kind is called \"greeting\"; the kinds are"},
		{"- {size: 2}\n", "there is no field size"},
	} {
		if err := os.WriteFile(file, []byte(tc.text), 0o600); err != nil {
			t.Fatal(err)
		}
		scales, err := session.ReadScales(file, zone)
		if tc.wrong != "" {
			if !errors.As(err, new(*yamldoc.ContentError)) || !strings.Contains(err.Error(), tc.wrong) {
				t.Errorf("%q: %v", tc.text, err)
			}
			continue
		}
		if err != nil || len(scales) != 2 || !scales[0].From.Equal(time.Date(2022, 11, 25, 15, 0, 0, 0, time.UTC)) || scales[0].Kinds[0] != capture.Help || scales[0].Volume != 3 {
			t.Errorf("%q: %+v, %v", tc.text, scales, err)
		}
	}
}
