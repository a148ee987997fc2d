package compare

import (
	"maps"
	"slices"
	"strconv"

	"reprise/replay/results"
)

// Difference is one thing that was not the same in how the two were run. An empty value was not set or is not known.
type Difference struct {
	// Name is "target", "tool", "engine", "machine os" and so on, or a flag: "--time-scale".
	Name      string `json:"name"`
	Base      string `json:"base"`
	Candidate string `json:"candidate"`
}

// Changed lists the differences of how two runs were run, by their headers: what people change on purpose first, then settings by name.
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
	names := maps.Clone(b.Settings)
	if names == nil {
		names = make(map[string]string)
	}
	maps.Copy(names, c.Settings)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		list = append(list, Difference{"--" + name, b.Settings[name], c.Settings[name]})
	}
	return slices.DeleteFunc(list, func(d Difference) bool { return d.Base == d.Candidate })
}
