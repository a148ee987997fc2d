package compare

import (
	"encoding/json"

	"reprise/replay"
)

// Outcome is what became of a request, as a cell of a status matrix.
type Outcome uint8

// The outcomes, in the order of the matrix: answers, then one for each of replay.Reasons, then Lost.
const (
	Class2xx Outcome = iota
	Class3xx
	Class4xx
	Class5xx
	ClassOther // a status outside 200 to 599
	firstReason
	// Lost is a reason that this version does not know, or no status and no reason.
	Lost     = firstReason + Outcome(replay.ReasonCount)
	outcomes = Lost + 1
)

// String returns the outcome's name in the JSON and in every table: "2xx", "timeout".
func (o Outcome) String() string {
	switch {
	case o < firstReason:
		return [firstReason]string{"2xx", "3xx", "4xx", "5xx", "other_status"}[o]
	case o < Lost:
		return string(o.Reason())
	}
	return "unknown"
}

// Reason is why there is no answer; replay.ReasonNone where there is one, or where the reason is not known.
func (o Outcome) Reason() replay.Reason {
	if o < firstReason || o >= Lost {
		return replay.ReasonNone
	}
	return replay.Reasons()[o-firstReason]
}

// OK says whether the outcome counts as an answer that a sender wants.
func (o Outcome) OK() bool { return o <= Class3xx }

func (o Outcome) answered() bool { return o <= ClassOther }

func outcomeOf(res *replay.Result) Outcome {
	if res.Error == replay.ReasonNone {
		return classOf(res.Status)
	}
	for i, r := range replay.Reasons() {
		if r == res.Error {
			return firstReason + Outcome(i)
		}
	}
	return Lost
}

func classOf(status int) Outcome {
	switch {
	case status >= 200 && status < 600:
		return Outcome(status/100 - 2)
	case status > 0:
		return ClassOther
	}
	return Lost
}

// Matrix counts joined pairs by the outcome of the base's half and of the candidate's.
type Matrix [outcomes][outcomes]int64

// Cell is one entry of a matrix that is not zero.
type Cell struct {
	Base      string `json:"base"`
	Candidate string `json:"candidate"`
	Pairs     int64  `json:"pairs"`
}

// Cells lists what is not zero, by rows; never nil.
func (m *Matrix) Cells() []Cell {
	list := []Cell{}
	for b := range m {
		for c, n := range m[b] {
			if n > 0 {
				list = append(list, Cell{Base: Outcome(b).String(), Candidate: Outcome(c).String(), Pairs: n})
			}
		}
	}
	return list
}

// Pairs is the number of pairs in the matrix.
func (m *Matrix) Pairs() (n int64) {
	for b := range m {
		for _, k := range m[b] {
			n += k
		}
	}
	return n
}

// Changed is the number of pairs off the diagonal.
func (m *Matrix) Changed() int64 {
	n := m.Pairs()
	for o := range m {
		n -= m[o][o]
	}
	return n
}

// MarshalJSON writes the cells that are not zero.
func (m Matrix) MarshalJSON() ([]byte, error) { return json.Marshal(m.Cells()) }

// UnmarshalJSON is the inverse of MarshalJSON. Cells with unknown names count as "unknown".
func (m *Matrix) UnmarshalJSON(text []byte) error {
	var list []Cell
	if err := json.Unmarshal(text, &list); err != nil {
		return err
	}
	*m = Matrix{}
	for _, c := range list {
		m[parseOutcome(c.Base)][parseOutcome(c.Candidate)] += c.Pairs
	}
	return nil
}

func parseOutcome(name string) Outcome {
	for o := range outcomes {
		if o.String() == name {
			return o
		}
	}
	return Lost
}
