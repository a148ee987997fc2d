package compare

import (
	"maps"
	"slices"
	"strconv"

	"reprise/replay/results"
)

// Difference is one thing that was not the same in how the two were run. An empty value was not set or is not known.
type Difference struct {
	// Name is "target", "tool", "engine", "machine os" and so on, "label commit" or a flag: "--time-scale".
	Name      string `json:"name"`
	Base      string `json:"base"`
	Candidate string `json:"candidate"`
}

// Changed lists the differences of how two runs were run, by their headers: what people change on purpose first, then
// labels and settings by name.
func Changed(b, c results.Header) []Difference {
	list := []Difference{
		{"target", b.Target, c.Target},
		{"tool", b.Tool, c.Tool},
		{"engine", b.Engine, c.Engine},
		{"corpus", b.Corpus, c.Corpus},
		{"plan", b.PlanHash, c.PlanHash},
		{"machine os", b.Machine.OS, c.Machine.OS},
		{"machine architecture", b.Machine.Arch, c.Machine.Arch},
		{"machine cpus", strconv.Itoa(b.Machine.CPUs), strconv.Itoa(c.Machine.CPUs)},
		{"go", b.Machine.Go, c.Machine.Go},
	}
	for _, key := range keysOf(b.Labels, c.Labels) {
		list = append(list, Difference{"label " + key, b.Labels[key], c.Labels[key]})
	}
	for _, name := range keysOf(b.Settings, c.Settings) {
		list = append(list, Difference{"--" + name, b.Settings[name], c.Settings[name]})
	}
	return slices.DeleteFunc(list, func(d Difference) bool { return d.Base == d.Candidate })
}

// keysOf are the keys of either map, in order.
func keysOf(a, b map[string]string) []string {
	all := make(map[string]string)
	maps.Copy(all, a)
	maps.Copy(all, b)
	return slices.Sorted(maps.Keys(all))
}
