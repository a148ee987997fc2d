package replay

import "fmt"

// Late is what becomes of a request that is due when every in-flight slot is taken.
type Late uint8

// The policies.
const (
	LateSend Late = iota // it waits, and the wait counts as lag
	LateDrop             // it is shed
)

// ParseLate reads "send" or "drop".
func ParseLate(s string) (Late, error) {
	switch s {
	case "send":
		return LateSend, nil
	case "drop":
		return LateDrop, nil
	}
	return 0, fmt.Errorf("%q is neither send nor drop", s)
}
