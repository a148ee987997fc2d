package compare

import (
	"encoding/json"

	"reprise/replay"
)

// Outcome is what became of a request, as a cell of a status matrix.
type Outcome uint8

// The outcomes, in the order of the matrix: answers, then reasons for having none.
const (
	Class2xx Outcome = iota
	Class3xx
	Class4xx
	Class5xx
	ClassOther // a status outside 200 to 599
	Connect
	Timeout
	Reset
	TLS
	BadAnswer
	Local
	Shed
	Unsent
	Unsigned
	Lost // a reason that this version does not know
	outcomes
)

// names are the texts of the JSON and of every table.
func names() [outcomes]string {
	return [outcomes]string{
		"2xx", "3xx", "4xx", "5xx", "other_status", "connect", "timeout", "reset", "tls", "invalid_response", "local",
		"shed", "unsent", "unsigned", "unknown",
	}
}

// String returns the outcome's name: "2xx", "timeout".
func (o Outcome) String() string {
	if o < outcomes {
		return names()[o]
	}
	return "unknown"
}

// OK says whether the outcome counts as an answer that a sender wants.
func (o Outcome) OK() bool { return o <= Class3xx }

func (o Outcome) answered() bool { return o <= ClassOther }

func outcomeOf(res *replay.Result) Outcome {
	switch res.Error {
	case replay.ReasonNone:
		return classOf(res.Status)
	case replay.ReasonConnect:
		return Connect
	case replay.ReasonTimeout:
		return Timeout
	case replay.ReasonReset:
		return Reset
	case replay.ReasonTLS:
		return TLS
	case replay.ReasonInvalid:
		return BadAnswer
	case replay.ReasonLocal:
		return Local
	case replay.ReasonShed:
		return Shed
	case replay.ReasonUnsent:
		return Unsent
	case replay.ReasonUnsigned:
		return Unsigned
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
	for o, n := range names() {
		if n == name {
			return Outcome(o)
		}
	}
	return Lost
}
