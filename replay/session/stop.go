package session

import (
	"fmt"
	"strings"
	"time"

	"reprise/capture/yamldoc"
	"reprise/replay"
)

// DefaultStopOn is replay.DefaultFuse as ParseStopOn reads it.
const DefaultStopOn = "errors>50%/10s"

// ParseStopOn reads conditions that end a run, "errors>50%/10s" or several parted by commas, for Options.StopOn; "none" is none.
func ParseStopOn(list string) ([]replay.Fuse, error) {
	fuses := []replay.Fuse{}
	if list == "none" {
		return fuses, nil
	}
	for one := range strings.SplitSeq(list, ",") {
		one = strings.TrimSpace(one)
		bad := fmt.Errorf("%q is not like 'errors>50%%/10s'", one)
		rest, ok := strings.CutPrefix(one, "errors>")
		share, window, cut := strings.Cut(rest, "/")
		if !ok || !cut {
			return nil, bad
		}
		part, err := yamldoc.ParseShare(share)
		if err != nil {
			return nil, err
		}
		d, err := time.ParseDuration(window)
		if err != nil || d <= 0 {
			return nil, bad
		}
		fuses = append(fuses, replay.Fuse{Share: part, Window: d})
	}
	return fuses, nil
}
