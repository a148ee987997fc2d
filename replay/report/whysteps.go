package report

import (
	"cmp"
	"slices"
	"strconv"

	"reprise/capture/wording"
	"reprise/replay/cause"
)

// mostlyIn is the part of a finding's requests from which on a step, or two, are where they were.
const mostlyIn = 0.8

// whereInSteps says in which steps of a shaped run the slow requests of a finding were: "all were in step 3 (rush)", "91 % were in step 2 and 8.0 % in step 3";
// "" where the run has no steps.
func whereInSteps(f *cause.Finding) string {
	list := slices.Clone(f.Steps)
	if len(list) == 0 {
		return ""
	}
	slices.SortStableFunc(list, func(a, b cause.StepShare) int { return cmp.Compare(b.Requests, a.Requests) })
	first := calledStep(list[0].Number, list[0].Called)
	if len(list) == 1 {
		return "all were in " + first
	}
	text := share(list[0].Share) + " were in " + first
	switch {
	case list[0].Share >= mostlyIn:
	case list[0].Share+list[1].Share >= mostlyIn:
		text += " and " + share(list[1].Share) + " in " + calledStep(list[1].Number, list[1].Called)
	default:
		text += ", the others in " + wording.Count(len(list)-1, "more step")
	}
	return text
}

// calledStep is a step by its number and its name.
func calledStep(number int, name string) string {
	text := "step " + strconv.Itoa(number)
	if name != "" {
		text += " (" + name + ")"
	}
	return text
}

// worse says what became of requests that a measure is about.
func (m measured) worse() string {
	switch m.extreme {
	case "":
		return m.verb
	case "slowest":
		return "were slow"
	}
	return "were late"
}

// stepJSON is a step in which slow requests of a finding were.
type stepJSON struct {
	Step     int     `json:"step"`
	Called   string  `json:"called,omitempty"`
	Requests int64   `json:"requests"`
	Share    float64 `json:"share"`
}

func stepsJSON(f *cause.Finding) (out []stepJSON) {
	for _, s := range f.Steps {
		out = append(out, stepJSON{s.Number, s.Called, s.Requests, s.Share})
	}
	return out
}
