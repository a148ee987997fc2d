package results

import (
	"cmp"
	"encoding/json"
	"math"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"reprise/capture/frame"
)

const (
	// playedSteps is the name of the extension. Part of the file format.
	playedSteps = "steps"
	// The longest name and text of a step that a reader keeps.
	longestStepName = 200
	longestStepText = 1000
	// mostUnsent bounds what a step says that it did not send: nobody plans as much.
	mostUnsent = 1 << 40
)

// PlayedStep is what a run tells of a step that no plan knew before: one of a search. What is told later of a number takes the place of what
// was told before.
type PlayedStep struct {
	// Number counts from 1, in the order in which steps are played, and is that of their requests: see replay.Result.Step.
	Number int    `json:"step"`
	Name   string `json:"name,omitempty"`
	Text   string `json:"text"`
	// Start is when it began, since the run's start.
	Start time.Duration `json:"start_ns"`
	// TimeScale and Volume are those at its beginning and at its end.
	TimeScale [2]float64 `json:"time_scale"`
	Volume    [2]float64 `json:"volume"`
	// Broke is the condition of --stop-on that ended it, empty where it held or goes on.
	Broke string `json:"broke,omitempty"`
	// Unsent are the requests by kind that were not sent as it was ended.
	Unsent map[string]int64 `json:"unsent,omitempty"`
	// Planned is how long it was to be; 0 where nothing tells, as in files of before.
	Planned time.Duration `json:"planned_duration_ns,omitempty"`
}

// PlayStep tells of a step of the run that is summed up.
func (a *Accumulator) PlayStep(p PlayedStep) {
	if !p.sound() {
		return
	}
	list := a.steps.played
	i, known := slices.BinarySearchFunc(list, p.Number, func(q PlayedStep, n int) int { return cmp.Compare(q.Number, n) })
	if known {
		list[i] = p
		return
	}
	a.steps.played = slices.Insert(list, i, p)
}

// leftOut counts what steps did not send that were ended early: a run of so long has no place for it, but for that of a last step that it would
// hold to its end. Over is the time that the rest was planned for: where the last step was cut, a schedule has read ahead of what was sent.
func (a *Accumulator) leftOut(planned time.Duration) (n int64, over time.Duration) {
	list := a.steps.played
	if last := len(list) - 1; last >= 0 && len(list[last].Unsent) > 0 {
		if list[last].Planned > 0 && list[last].Start+list[last].Planned <= planned {
			list = list[:last]
		} else {
			planned = min(planned, a.lastPlan)
		}
	}
	for i := range list {
		for _, unsent := range list[i].Unsent {
			n += unsent
		}
	}
	return n, planned
}

// Played returns the steps that were told of so far, those that no plan knew. They are not to be changed.
func (a *Accumulator) Played() []PlayedStep { return a.steps.played }

// sound says whether a step can be told of, and cuts what is longer than anybody reads.
func (p *PlayedStep) sound() bool {
	p.Name, p.Text, p.Broke = cut(p.Name, longestStepName), cut(p.Text, longestStepText), cut(p.Broke, longestStepText)
	for _, f := range []float64{p.TimeScale[0], p.TimeScale[1], p.Volume[0], p.Volume[1]} {
		if math.IsNaN(f) || math.IsInf(f, 0) { // which JSON cannot say
			return false
		}
	}
	for _, n := range p.Unsent { // of a kind that is not known nobody asks
		if n < 0 || n > mostUnsent {
			return false
		}
	}
	return p.Number >= 1 && p.Number <= MaxSteps && p.Start.Abs() <= longestMoment && p.Planned >= 0 && p.Planned <= longestMoment
}

// cut bounds a text.
func cut(s string, most int) string {
	if len(s) <= most {
		return s
	}
	for most > 0 && !utf8.RuneStart(s[most]) {
		most--
	}
	return s[:most]
}

// PlayStep writes what is told of a step. It may be called at any time between rows.
func (w *Writer) PlayStep(p PlayedStep) error {
	if w.err != nil || !p.sound() {
		return w.err
	}
	text, err := json.Marshal(p)
	if err != nil {
		return err
	}
	w.flush()
	w.block(&frame.Head{Type: frame.Extension}, append(frame.AppendName(nil, playedSteps), text...))
	return w.err
}

// PlayStep tells of a step that no plan knew: when it begins, and again when it has ended otherwise than it was told to.
func (f *File) PlayStep(p PlayedStep) error {
	f.Accumulator.PlayStep(p)
	if f.writer == nil {
		return nil
	}
	return f.writer.PlayStep(p)
}

// parsePlayed takes in a block's payload; false where it is none.
func (r *Reader) parsePlayed(payload []byte) bool {
	var p PlayedStep
	if err := json.Unmarshal(payload, &p); err != nil || !p.sound() {
		return false
	}
	i, known := slices.BinarySearchFunc(r.played, p.Number, func(q PlayedStep, n int) int { return cmp.Compare(q.Number, n) })
	if known {
		r.played[i] = p
	} else {
		r.played = slices.Insert(r.played, i, p)
	}
	return true
}

// Played returns the steps that no plan knew before, by number, so far as the file tells; asked after the last row.
func (r *Reader) Played() []PlayedStep { return r.played }

// Search says whether the run searches for the highest tempo that holds, so far as the file tells; such a run is not gone on with.
func (r *Reader) Search() bool {
	return len(r.played) > 0 || r.capacity != nil || strings.Contains(r.header.Settings["shape"], "double every")
}
