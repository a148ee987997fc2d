package audit

import (
	"strings"

	"reprise/capture"
)

// Stays counts what an output has of its input by design: it is the traffic itself, or the same for everyone. Nobody should
// say that nothing of the input is in the output without saying this.
type Stays struct {
	Times       int64 `json:"times"`             // records whose time is the recorded one
	Keywords    int64 `json:"keyword_texts"`     // texts that are a keyword and nothing else
	Reactions   int64 `json:"reaction_frames"`   // texts that quote another: the words around the quote
	Routes      int64 `json:"route_segments"`    // segments of paths made of listed words
	PolicyPaths int64 `json:"policy_segments"`   // segments of paths that the policy names
	Hosts       int64 `json:"reserved_hosts"`    // host names that can be nobody's
	Headers     int64 `json:"header_values"`     // what programs say of themselves
	Policy      int64 `json:"policy_headers"`    // header values that the policy keeps
	Fields      int64 `json:"enumerated_fields"` // enumerations, versions and the vendors' times
	Answers     int64 `json:"recorded_answers"`  // status and latency
	// PolicyFields counts, by field, the records that have a value which the policy keeps.
	PolicyFields map[string]int64 `json:"policy_fields,omitempty"`
}

// add adds what another counted.
func (s *Stays) add(o *Stays) {
	s.Times += o.Times
	s.Keywords += o.Keywords
	s.Reactions += o.Reactions
	s.Routes += o.Routes
	s.PolicyPaths += o.PolicyPaths
	s.Hosts += o.Hosts
	s.Headers += o.Headers
	s.Policy += o.Policy
	s.Fields += o.Fields
	s.Answers += o.Answers
	for name, n := range o.PolicyFields {
		if s.PolicyFields == nil {
			s.PolicyFields = make(map[string]int64)
		}
		s.PolicyFields[name] += n
	}
}

// stays counts what a record has of its counterpart by design, but for what the checks count.
func (s *scanner) stays(in, out *capture.Record) {
	t := &s.report.Stays
	if out.Time.Equal(in.Time) {
		t.Times++
	}
	switch {
	case out.Message.Text == "":
	case in.Kind.IsKeyword() && out.Message.Text == in.Message.Text:
		t.Keywords++
	case in.Kind == capture.Reaction:
		t.Reactions++
	}
	if out.Response != (capture.Response{}) && out.Response == in.Response {
		t.Answers++
	}
	if s.o.Kept != nil {
		s.o.Kept(out, func(name string) {
			if t.PolicyFields == nil {
				t.PolicyFields = make(map[string]int64)
			}
			t.PolicyFields[strings.Clone(name)]++
		})
	}
}
