package compare

import (
	"fmt"

	"reprise/replay/results"
)

// changedSince lists what was not the same in how two runs of a history were run, as a comparison does; never nil.
func changedSince(before, h results.Header) []Difference {
	list := []Difference{}
	for _, d := range differences(before, h) {
		list = append(list, d.Difference)
	}
	return list
}

func machineName(m results.Machine) string {
	return fmt.Sprintf("%s/%s, %d CPUs", m.OS, m.Arch, m.CPUs)
}
