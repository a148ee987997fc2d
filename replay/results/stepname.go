package results

import (
	"encoding/json"
	"strconv"
)

// Called is how conditions and tables call a step: by its name, or else by its number, as in "step5".
func (s *Step) Called() string {
	if s.Name != "" {
		return s.Name
	}
	return "step" + strconv.Itoa(s.Number)
}

// MarshalJSON gives a step without a name the one that conditions know it by.
func (s Step) MarshalJSON() ([]byte, error) {
	type plain Step
	s.Name = s.Called()
	return json.Marshal(plain(s))
}
