package compare

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"reprise/replay/results"
)

// changedSince lists what was not the same in how two runs of a history were run; never nil. One thing that somebody changed is one entry:
// another machine has another system and other processors, and another plan follows from the flags that made it.
func changedSince(before, h results.Header) []Difference {
	list := []Difference{}
	var machine, flags bool
	plan := planFlags()
	for _, d := range Changed(before, h) {
		flag, isFlag := strings.CutPrefix(d.Name, "--")
		switch {
		case isFlag && flag == "label": // its values are labels
		case strings.HasPrefix(d.Name, "machine"):
			machine = true
		case d.Name == "go" && before.Tool != h.Tool: // a build is made with its Go
		case strings.HasPrefix(d.Name, "label"):
		default:
			flags = flags || isFlag && slices.Contains(plan, flag)
			list = append(list, d)
		}
	}
	list = slices.DeleteFunc(list, func(d Difference) bool { return d.Name == "plan" && (flags || before.Corpus != h.Corpus) })
	if machine {
		list = append(list, Difference{"machine", machineName(before.Machine), machineName(h.Machine)})
	}
	return append(list, changedLabels(before.Labels, h.Labels)...)
}

func machineName(m results.Machine) string {
	return fmt.Sprintf("%s/%s, %d CPUs", m.OS, m.Arch, m.CPUs)
}

// changedLabels lists the labels that differ, by name.
func changedLabels(before, labels map[string]string) (list []Difference) {
	names := make(map[string]bool)
	for name := range before {
		names[name] = true
	}
	for name := range labels {
		names[name] = true
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if before[name] != labels[name] {
			list = append(list, Difference{"label " + name, before[name], labels[name]})
		}
	}
	return list
}
