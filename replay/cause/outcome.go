package cause

import (
	"math"
	"slices"
	"time"
)

// outcome is one measure of the requests that have it.
type outcome struct {
	measure Measure
	class   uint8   // of failures: its code in Table.Failure
	rows    []int32 // in order of time
	// score is what groups are compared by: the logarithm of a time, or 1 for a failure.
	score []float32
	// floor is the least effect that is told: a length of time, or a share.
	floor float64
	// value is what the measure is in µs, of times.
	value func(row int32) Micros
	// paired says that scores are differences from another run.
	paired bool
}

// What is too little to be told: a part of the median, and a length of time.
const (
	floorPart = 0.15
	floorTime = Micros(1000)
	// floorShare is the least difference of shares that failed.
	floorShare = 0.005
)

// outcomes are what can be judged of a run, in the order in which it is judged.
func outcomes(t *Table) []outcome {
	var out []outcome
	out = append(out, failing(t)...)
	out = append(out, never(t)...)
	if o, ok := times(t, ServiceTime, serviceOf(t), serviceOf(t)); ok {
		out = append(out, o)
	}
	if o, ok := completions(t); ok {
		out = append(out, o)
	}
	if o, ok := times(t, Lag, lagOf(t), lagOf(t)); ok {
		out = append(out, o)
	}
	return out
}

func lagOf(t *Table) func(int32) Micros { return func(row int32) Micros { return t.Lag[row] } }

// serviceOf is the service time of good answers: how fast a refusal comes is not what is asked.
func serviceOf(t *Table) func(int32) Micros {
	good := 0
	for i, f := range t.Failure {
		if f == 0 && t.Service[i] != NoMicros {
			good++
		}
	}
	all := good < fewest*2
	return func(row int32) Micros {
		if all || t.Failure[row] == 0 {
			return t.Service[row]
		}
		return NoMicros
	}
}

// completions judges what came after the answer, so that a slow answer is told once.
func completions(t *Table) (outcome, bool) {
	if t.Completion == nil {
		return outcome{}, false
	}
	after := func(row int32) Micros {
		c := t.Completion[row]
		if c == NoMicros || t.Service[row] == NoMicros {
			return NoMicros
		}
		before := uint64(t.Lag[row]) + uint64(t.Service[row])
		if uint64(c) <= before {
			return 0
		}
		return c - Micros(before)
	}
	return times(t, CompletionTime, after, func(row int32) Micros { return t.Completion[row] })
}

// times scores lengths of time by their logarithm. What is added before keeps differences that are too small to be told from weighing.
func times(t *Table, m Measure, judged, told func(int32) Micros) (outcome, bool) {
	o := outcome{measure: m, value: told, rows: make([]int32, 0, t.Len())}
	values := make([]Micros, 0, t.Len())
	for i := range int32(t.Len()) {
		if v := judged(i); v != NoMicros {
			o.rows = append(o.rows, i)
			values = append(values, v)
		}
	}
	if len(values) < 2*fewest {
		return o, false
	}
	sorted := slices.Clone(values)
	slices.Sort(sorted)
	median := quantile(sorted, 0.5)
	o.floor = max(float64(floorTime), floorPart*float64(median))
	if float64(sorted[len(sorted)-1-len(sorted)/1000])-float64(sorted[0]) < o.floor {
		return o, false // there is nothing to tell apart
	}
	o.score = make([]float32, len(values))
	for i, v := range values {
		o.score[i] = float32(math.Log(float64(v) + o.floor))
	}
	return o, true
}

// failing has an outcome a class of failure that is neither rare nor everything.
func failing(t *Table) []outcome {
	counts := make([]int, len(t.Failures)+1)
	for _, f := range t.Failure {
		counts[f]++
	}
	var out []outcome
	for class := 1; class < len(counts); class++ {
		if counts[class] < fewest || t.Len()-counts[class] < fewest {
			continue
		}
		o := shares(t, Failing, func(row int32) (bool, bool) { return t.Failure[row] == uint8(class), true })
		o.class = uint8(class)
		out = append(out, o)
	}
	return out
}

// never judges whether answered requests were never completed.
func never(t *Table) []outcome {
	if t.Never == nil {
		return nil
	}
	o := shares(t, NeverCompleted, func(row int32) (bool, bool) { return t.Never[row], t.Failure[row] == 0 })
	var lost float32
	for _, s := range o.score {
		lost += s
	}
	if lost < fewest || float32(len(o.rows))-lost < fewest {
		return nil
	}
	return []outcome{o}
}

// shares scores 1 for what happened and 0 for the rest.
func shares(t *Table, m Measure, of func(int32) (happened, counts bool)) outcome {
	o := outcome{measure: m, floor: floorShare, rows: make([]int32, 0, t.Len()), score: make([]float32, 0, t.Len())}
	for i := range int32(t.Len()) {
		happened, counts := of(i)
		if !counts {
			continue
		}
		o.rows = append(o.rows, i)
		var s float32
		if happened {
			s = 1
		}
		o.score = append(o.score, s)
	}
	return o
}

// isTime says that the outcome is a length of time.
func (o *outcome) isTime() bool { return o.value != nil }

// quantile is the value below which a part of sorted values is.
func quantile(sorted []Micros, part float64) Micros {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[min(int(part*float64(len(sorted))), len(sorted)-1)]
}

// quantilesOf sorts values and takes their quantiles.
func quantilesOf(values []Micros) Quantiles {
	slices.Sort(values)
	at := func(p float64) time.Duration { return quantile(values, p).Duration() }
	return Quantiles{P50: at(0.5), P90: at(0.9), P99: at(0.99)}
}

// failsAs is the failure that nearly all rows have in common, "" for none, and whether nearly all were answered.
func (t *Table) failsAs() (class string, answered bool) {
	counts := make([]int, len(t.Failures)+1)
	answers := 0
	for i, f := range t.Failure {
		counts[f]++
		if t.Status[i] > 0 {
			answers++
		}
	}
	nearlyAll := func(n int) bool { return n*50 >= t.Len()*49 }
	for i, n := range counts[1:] {
		if nearlyAll(n) {
			class = t.Failures[i]
		}
	}
	return class, nearlyAll(answers)
}
