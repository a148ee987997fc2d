package logs

import (
	"bytes"
	"slices"
)

// The names of the well-known logs.
const (
	PresetNginx = "nginx"
	PresetCat   = "cat"
)

// Presets are the names of the well-known logs, as users give them.
func Presets() []string { return []string{PresetNginx, PresetCat} }

// PresetOf says of which well-known log an input is, by its first whole line: of one whose map finds every field there.
func PresetOf(start []byte) (name string, ok bool) {
	line, _, whole := bytes.Cut(bytes.TrimSpace(bytes.TrimPrefix(start, []byte("\ufeff"))), []byte{'\n'})
	if !whole && len(start) > maxSniffed {
		return "", false
	}
	for _, name := range Presets() {
		m, _ := Preset(name)
		p := newPlan(m)
		if p.open(bytes.TrimSpace(line)) != nil {
			continue
		}
		missed := slices.ContainsFunc([]int{p.timeSlot, p.methodSlot, p.urlSlot, p.hostSlot, p.bodySlot, p.statusSlot, p.latencySlot}, func(slot int) bool {
			return slot != noSlot && p.at(slot).kind == missing
		})
		if !missed {
			return name, true
		}
	}
	return "", false
}

// maxSniffed is how long a first line may be, in bytes, of which the end is not known.
const maxSniffed = 32 << 10

// Preset returns the map of a well-known log, by the name that users give.
func Preset(name string) (Map, bool) {
	switch name {
	case PresetNginx:
		return nginxMap(), true
	case PresetCat:
		return catMap(), true
	}
	return Map{}, false
}

// catMap reads the lines that reprise cat prints of a corpus.
func catMap() Map {
	return Map{
		Time: "/time", Method: "/method", URL: "/url", Host: "/host", Headers: Headers{At: "/headers"}, Body: "/body", BodyBase64: "/body_base64",
		Status: "/response/status", Latency: "/response/latency_ns", LatencyUnit: "ns", Rebuilt: "/rebuilt", Synthetic: "/synthetic",
	}
}
