package session

import (
	"fmt"
	"time"

	"reprise/capture"
	"reprise/capture/localtime"
	"reprise/capture/yamldoc"
	"reprise/replay/pace"
)

// scaleEntry is a Scale as it is written.
type scaleEntry struct {
	From   string   `yaml:"from"`
	To     string   `yaml:"to"`
	Kinds  []string `yaml:"kinds"`
	Volume *float64 `yaml:"volume"`
}

// ReadScales reads a YAML file of factors on the volume by recorded time or kind, a list of {from, to, kinds, volume}. Times are RFC 3339, or
// a wall clock's in zone. What is wrong with the content is a *yamldoc.ContentError.
func ReadScales(name string, zone *time.Location) ([]Scale, error) {
	var list []scaleEntry
	if _, err := yamldoc.Load(name, &list); err != nil {
		return nil, err
	}
	var scales []Scale
	for i, e := range list {
		s, err := e.scale(zone)
		if err != nil {
			return nil, &yamldoc.ContentError{Name: name, Err: fmt.Errorf("entry %d: %w", i+1, err)}
		}
		scales = append(scales, s)
	}
	return scales, nil
}

func (e *scaleEntry) scale(zone *time.Location) (s Scale, err error) {
	if s.Kinds, err = capture.ParseKinds(e.Kinds); err != nil {
		return s, err
	}
	if s.From, s.To, err = localtime.Window(e.From, e.To, zone); err != nil {
		return s, err
	}
	if e.Volume == nil || !(*e.Volume >= 0 && *e.Volume <= pace.MaxVolume) {
		return s, fmt.Errorf("volume must be a factor from 0 to %v", pace.MaxVolume)
	}
	s.Volume = *e.Volume
	return s, nil
}
