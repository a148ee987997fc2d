package send

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// TimeLimits are how long a request may take in all, and its parts. They are written and read as one text, "10s,connect=2s".
type TimeLimits struct {
	// All is for the whole; 0 where it was not said.
	All time.Duration
	Timeouts
}

// String writes them as Set reads them.
func (t *TimeLimits) String() string {
	text := t.All.String()
	for _, part := range t.parts() {
		if *part.d > 0 {
			text += "," + part.name + "=" + part.d.String()
		}
	}
	return text
}

// Type names the kind of value, for the flags of a command line.
func (t *TimeLimits) Type() string { return "duration" }

// timeoutPart is a part by its name.
type timeoutPart struct {
	name string
	d    *time.Duration
}

func (t *TimeLimits) parts() []timeoutPart {
	return []timeoutPart{{"connect", &t.Connect}, {"write", &t.Write}, {"first-byte", &t.FirstByte}, {"body", &t.Body}}
}

// Set reads "10s", "connect=2s" or both and more, parted by commas.
func (t *TimeLimits) Set(text string) error {
	for one := range strings.SplitSeq(text, ",") {
		name, value, ok := strings.Cut(strings.TrimSpace(one), "=")
		into := &t.All
		if !ok {
			value = name
		} else if i := slices.IndexFunc(t.parts(), func(p timeoutPart) bool { return p.name == name }); i >= 0 {
			into = t.parts()[i].d
		} else {
			return fmt.Errorf("%q is no part: the parts are connect, write, first-byte and body", name)
		}
		d, err := time.ParseDuration(value)
		if err != nil || d <= 0 {
			return fmt.Errorf("%q is no duration above 0: write 10s,connect=2s", value)
		}
		*into = d
	}
	return nil
}
