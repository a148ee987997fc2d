package compare

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"reprise/replay/results"
)

// Meaning says why it matters that two runs were not run alike. The texts are part of the JSON.
type Meaning string

// What a difference may mean, in the order in which a person acts on them.
const (
	MeansCorpus   Meaning = "corpus"   // other messages were played: the runs cannot be compared
	MeansPlan     Meaning = "plan"     // other requests or other moments: the runs cannot be compared
	MeansTarget   Meaning = "target"   // another address, as two builds have
	MeansTool     Meaning = "tool"     // another version of reprise, whose own cost differs
	MeansMachine  Meaning = "machine"  // another kind of machine
	MeansGo       Meaning = "go"       // the same version of reprise, built with another Go
	MeansLabel    Meaning = "label"    // the user called the runs differently
	MeansEngine   Meaning = "engine"   // another way to send: the engine, the protocol
	MeansConnect  Meaning = "connect"  // opening connections, which is part of latency, was done otherwise
	MeansRoute    Meaning = "route"    // another way to the target, such as a proxy
	MeansPlaces   Meaning = "places"   // how many requests may wait for an answer, and what becomes of those beyond
	MeansTimeout  Meaning = "timeout"  // when an answer that does not come counts as a failure
	MeansPacing   Meaning = "pacing"   // how moments are waited for
	MeansRequests Meaning = "requests" // other headers, paths or signatures
	MeansEnding   Meaning = "ending"   // when a run ends early
	MeansFlag     Meaning = "flag"     // any other flag
)

// Meanings are all of them, in their order.
func Meanings() []Meaning {
	return []Meaning{
		MeansCorpus, MeansPlan, MeansTarget, MeansTool, MeansMachine, MeansGo, MeansLabel, MeansEngine, MeansConnect, MeansRoute, MeansPlaces,
		MeansTimeout, MeansPacing, MeansRequests, MeansEnding, MeansFlag,
	}
}

// RunDifference is a difference that a person can act on.
type RunDifference struct {
	Difference
	Means Meaning `json:"means"`
	// Within is "base" or "candidate" where runs of that one side differ: then Base is its first run's value, and Candidate that of its
	// run of Round, which counts from 1. It is empty between the sides.
	Within string `json:"within,omitempty"`
	Round  int    `json:"round,omitempty"`
}

// Expected says that the difference is what is compared: another target, another commit. Within a side nothing is.
func (d *RunDifference) Expected() bool {
	return d.Within == "" && (d.Means == MeansTarget || d.Means == MeansLabel)
}

// differences lists what really differed in how two runs were run, what spoils a comparison first: not a seed or a flag that made no
// other plan, and one entry for one thing that somebody changed.
func differences(b, c results.Header) []RunDifference {
	list := []RunDifference{}
	b, c = spelledOut(b, c), spelledOut(c, b)
	raw := Changed(b, c)
	samePlan := b.PlanHash != "" && b.PlanHash == c.PlanHash
	var machine bool
	for _, d := range raw {
		switch {
		case lost(b, d.Name, d.Base) || lost(c, d.Name, d.Candidate):
		case strings.HasPrefix(d.Name, "machine "):
			machine = b.Machine.OS != "" && c.Machine.OS != "" // not where a damaged header lost it
		case d.Name == "--seed", d.Name == "plan", d.Name == "--allow-raw", d.Name == "go" && b.Tool != c.Tool: // a build is made with its Go
		case d.Name == "engine" && explained(raw):
		case meaningOf(d.Name) == MeansPlan && samePlan && d.Name != "--share":
		default:
			list = append(list, RunDifference{Difference: d, Means: meaningOf(d.Name)})
		}
	}
	if machine {
		d := Difference{"machine", machineName(b.Machine), machineName(c.Machine)}
		list = append(list, RunDifference{Difference: d, Means: MeansMachine})
	}
	list = append(list, otherPlan(b, c, list)...)
	order := Meanings()
	slices.SortStableFunc(list, func(x, y RunDifference) int {
		return cmp.Compare(slices.Index(order, x.Means), slices.Index(order, y.Means))
	})
	return list
}

// FlagDefaults are what flags of replay are that nobody set, as far as they make no other plan.
func FlagDefaults() map[string]string {
	return map[string]string{
		"affinity": "connection", "connections": "64", "http2": "false", "insecure": "false", "late": "send", "max-in-flight": "512", "pacing": "precise",
		"restamp": "false", "stop-on": "errors>50%/10s", "timeout": "10s",
	}
}

// spelledOut is a header with the flags that were not set and were in the other run: to give a flag its default is no difference.
func spelledOut(h, other results.Header) results.Header {
	if h.Rebuilt != "" {
		return h
	}
	h.Settings = maps.Clone(h.Settings)
	for flag, value := range FlagDefaults() {
		_, set := h.Settings[flag]
		if _, otherSet := other.Settings[flag]; otherSet && !set && h.Settings != nil {
			h.Settings[flag] = value
		}
	}
	return h
}

// lost says whether an empty value is one that is not known: it was lost with a damaged header, or it is of what every run has.
func lost(h results.Header, name, value string) bool {
	set := strings.HasPrefix(name, "--") || strings.HasPrefix(name, "label ")
	return value == "" && (h.Rebuilt != "" || !set)
}

// explained says whether a flag or the target's scheme tells why the engine is another one.
func explained(raw []Difference) bool {
	return slices.ContainsFunc(raw, func(d Difference) bool {
		base, _, _ := strings.Cut(d.Base, ":")
		candidate, _, _ := strings.Cut(d.Candidate, ":")
		return d.Name == "--http2" || d.Name == "--proxy" || d.Name == "target" && base != candidate
	})
}

// otherPlan is the entry for plans that differ where nothing in the list tells why: a seed that was asked for, or else what a file said.
func otherPlan(b, c results.Header, list []RunDifference) []RunDifference {
	told := slices.ContainsFunc(list, func(d RunDifference) bool { return d.Means == MeansPlan || d.Means == MeansCorpus })
	if told || b.PlanHash == "" || c.PlanHash == "" || b.PlanHash == c.PlanHash {
		return nil
	}
	d := Difference{"plan", b.PlanHash, c.PlanHash}
	if x, y := b.Settings["seed"], c.Settings["seed"]; x != y && (ChosenSeed(x) || ChosenSeed(y)) {
		d = Difference{"--seed", x, y}
	}
	return []RunDifference{{Difference: d, Means: MeansPlan}}
}

// ChosenSeed says whether a seed looks like one that a person gave: nearly all that are drawn have more digits.
func ChosenSeed(seed string) bool { return seed != "" && len(seed) <= 15 }

// meaningOf says what a name of Changed means.
func meaningOf(name string) Meaning {
	flag, isFlag := strings.CutPrefix(name, "--")
	switch {
	case strings.HasPrefix(name, "label ") || flag == "label":
		return MeansLabel
	case !isFlag && slices.Contains(Meanings(), Meaning(name)): // corpus, plan, target, tool, machine, go, engine
		return Meaning(name)
	case slices.Contains(planFlags(), flag):
		return MeansPlan
	}
	switch flag, _, _ = strings.Cut(flag, " "); flag { // "header X-Tenant"
	case "senders", "recipients", "share", "tz":
		return MeansPlan
	case "http2":
		return MeansEngine
	case "connections", "affinity":
		return MeansConnect
	case "proxy", "insecure", "cert":
		return MeansRoute
	case "max-in-flight", "late":
		return MeansPlaces
	case "timeout":
		return MeansTimeout
	case "pacing":
		return MeansPacing
	case "header", "host", "path-rewrite", "restamp", "sign", "signed", "sign-profile", "sign-url", "trace", "dialect":
		return MeansRequests
	case "stop-on":
		return MeansEnding
	}
	return MeansFlag
}

// within lists how the run of a round was run otherwise than the first one of its side.
func within(side string, round int, first, h results.Header) []RunDifference {
	list := differences(first, h)
	for i := range list {
		list[i].Within, list[i].Round = side, round
	}
	return list
}

// differences are those of a round: of the first between its sides, of a later one within each.
func (s *Rounds) differences(base, candidate results.Header) []RunDifference {
	if len(s.base) == 0 {
		return differences(base, candidate)
	}
	n := len(s.base) + 1
	return append(within("base", n, s.base[0].side.Header, base), within("candidate", n, s.cand[0].side.Header, candidate)...)
}

// known is the header of a baseline's first run. What a baseline does not know that was written before it was kept is as in the run that
// it judges, so that it is no difference.
func (p *Profile) known(candidate results.Header) results.Header {
	h := p.header()
	if p.Settings == nil {
		h.Engine, h.Settings, h.Labels = candidate.Engine, candidate.Settings, candidate.Labels
	}
	return h
}

// between lists how a baseline's runs were run otherwise than its first.
func (p *Profile) between() (list []RunDifference) {
	for i := range p.Runs {
		for _, d := range p.Runs[i].Differs {
			list = append(list, RunDifference{Difference: d, Means: meaningOf(d.Name), Within: "base", Round: i + 1})
		}
	}
	return list
}
