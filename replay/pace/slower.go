package pace

import (
	"slices"
	"strconv"
	"strings"
)

// Slower is the shape with its time-scales, rates and cap divided by a number. Volumes stay, as the time-scale under them is divided already.
func (s Shape) Slower(by float64) Shape {
	s.Steps = slices.Clone(s.Steps)
	for i := range s.Steps {
		step := &s.Steps[i]
		step.To.Scale, step.To.Rate, step.Solved = step.To.Scale/by, step.To.Rate/by, step.Solved/by
	}
	s.Cap /= by
	return s
}

// Slower writes a shape of one line with its time-scales and rates divided by a number; false where the text is none, or is a search.
func Slower(text string, by float64) (string, bool) {
	s, err := ParseShape(text)
	if err != nil || s.Search != nil {
		return "", false
	}
	steps := make([]string, 0, len(s.Steps))
	for _, step := range s.Steps {
		words := strings.Fields(step.Text)
		switch last, number := len(words)-1, func(v float64) string { return strconv.FormatFloat(v/by, 'f', -1, 64) }; {
		case step.To.Scale > 0:
			words[last] = number(step.To.Scale) + "x"
		case step.To.Rate > 0:
			words[last] = number(step.To.Rate) + "/s"
		}
		one := strings.Join(words, " ")
		if step.Name != "" {
			one = step.Name + ": " + one
		}
		steps = append(steps, one)
	}
	slow := strings.Join(steps, "; ")
	_, err = ParseShape(slow)
	return slow, err == nil
}
