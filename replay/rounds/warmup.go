package rounds

import (
	"errors"
	"time"

	"reprise/replay/results"
)

// WarmUp is how much of a run's beginning is left out. The zero value is as much as the run suggests: a tenth of it, 30 s at most.
type WarmUp struct {
	// Fixed says that Length is meant, whatever the run.
	Fixed  bool
	Length time.Duration
}

// String is auto or the duration.
func (w *WarmUp) String() string {
	if !w.Fixed {
		return "auto"
	}
	return w.Length.String()
}

// Type is what a help calls the value.
func (w *WarmUp) Type() string { return "duration" }

// Set reads auto or a duration.
func (w *WarmUp) Set(text string) error {
	if text == "auto" {
		*w = WarmUp{}
		return nil
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 {
		return errors.New("neither auto nor a duration from 0 up")
	}
	*w = WarmUp{true, d}
	return nil
}

// of is how much of a run is left out.
func (w WarmUp) of(h results.Header) time.Duration {
	switch {
	case w.Fixed:
		return w.Length
	case h.Plan == nil:
		return 0
	}
	return min(h.Plan.Duration/10, 30*time.Second)
}
